"""What a site says of a comment by a foreign protocol becomes a decision on it."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from api.moderation import comments, hearing, policies, review, standing
from api.moderation.access import Caller
from api.moderation.comments import State
from api.moderation.dropin import telling
from api.moderation.hearing import Choice
from api.moderation.services import Services
from api.store.database import in_session
from api.store.dropin import DropinCheck
from api.store.tables import Comment


@dataclass(frozen=True, slots=True)
class Told:
    """A comment after a site has spoken; `before` is what the machine had said of it.

    `new` is False where the same was in force already.
    """

    state: State
    before: str
    new: bool


def find(
    services: Services,
    caller: Caller,
    door: str,
    *,
    fingerprint: str,
    public_id: str | None = None,
) -> str | None:
    """The comment of the site that came by this door: that of this id, or else the newest alike."""
    here = DropinCheck.site_id == caller.site_id, DropinCheck.door == door
    wanted = select(Comment.public_id).join(DropinCheck, DropinCheck.comment_id == Comment.id)
    newest = wanted.where(*here).order_by(DropinCheck.comment_id.desc()).limit(1)
    with services.database.reading() as session:
        if public_id is not None:
            known = wanted.where(*here, Comment.site_id == caller.site_id)
            found = session.scalar(known.where(Comment.public_id == public_id))
            if found is not None:
                return found
        return session.scalar(newest.where(DropinCheck.fingerprint == fingerprint))


def decide(
    services: Services,
    caller: Caller,
    public_id: str,
    action: str,
    reason: str | None = None,
    also: Callable[[Session, State], None] | None = None,
) -> Told:
    """Approve or reject a comment in the site's name: the last word, whoever else has a say.

    The reason code is left out where the site has no such reason. `also` may write more, where
    the decision is new. Raises NotFoundError.
    """
    choice = choose(services, caller, action, reason)

    def act(session: Session) -> Told:
        told = say(session, services, caller, public_id, choice)
        if told.new and also is not None:
            also(session, told.state)
        return told

    return services.database.write(in_session(act))


def choose(services: Services, caller: Caller, action: str, reason: str | None) -> Choice:
    """The decision to approve or reject, with the reason code if the site has such a reason."""
    rules = policies.find(services, caller.site_id).document.review
    known = {one.code for one in rules.reasons}
    return Choice(action, reason if reason in known or not rules.only_these_reasons else None)


def say(
    session: Session, services: Services, caller: Caller, public_id: str, choice: Choice
) -> Told:
    """Decide in the site's name, in a transaction that is under way."""
    state = comments.load(session, caller, public_id, lock=True)
    before = state.verdict.action
    _note(session, state.comment, choice.action)
    if hearing.is_in_force(state.decision, choice):
        return Told(state, before, new=False)
    review.settle(session, services, caller, state, choice, services.now())
    return Told(state, before, new=True)


def _note(session: Session, comment: Comment, action: str) -> None:
    """The site knows what it has said itself: its callback need not be told."""
    result = telling.RESULTS[standing.STATUS[action]]
    heard = DropinCheck.comment_id == comment.id, DropinCheck.callback.is_not(None)
    session.execute(update(DropinCheck).where(*heard).values(told=result))
