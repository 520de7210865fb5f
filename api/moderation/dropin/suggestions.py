"""The scores that a site says a comment should have had: a decision on it, and kept to learn from.

They are in the log, as `comment.suggested`: names of attributes and numbers, no words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from api.moderation import comments, dropin
from api.moderation.access import Caller
from api.moderation.dropin import CORAL, Check, feedback
from api.moderation.services import Services
from api.store.database import in_session
from api.store.dropin import DropinCheck
from api.store.tables import Comment, Decision

EVENT = "comment.suggested"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a site says of a comment, by attribute; a span is where it begins and ends, and a score.

    `action` is what that comes to, and `reason` why it is rejected; without an action it is kept
    and decides nothing.
    """

    scores: Mapping[str, float]
    spans: Mapping[str, Sequence[tuple[int, int, float]]]
    action: str | None = None
    reason: str | None = None


def take(services: Services, caller: Caller, check: Check, suggestion: Suggestion) -> None:
    """Keep what a site says of a comment, and decide so; one that is not there comes in with it."""
    known = _find(services, caller, check, suggestion.action)
    public_id = known or _take_in(services, caller, check)
    action, reason = suggestion.action, suggestion.reason
    choice = None if action is None else feedback.choose(services, caller, action, reason)

    def act(session: Session) -> None:
        _record(session, services, caller, public_id, suggestion)
        if choice is not None:
            feedback.say(session, services, caller, public_id, choice)

    services.database.write(in_session(act))


def _find(services: Services, caller: Caller, check: Check, action: str | None) -> str | None:
    """The comment of this text that is meant: that of the same token, or else of the same wording.

    Of several, the newest on which that would be news. A token alone says too little: some sites
    send the same with every comment. Coral asks by a door of its own and tells by this one.
    """
    wanted = (
        select(Comment.public_id)
        .join(DropinCheck, DropinCheck.comment_id == Comment.id)
        .outerjoin(
            Decision,
            (Decision.comment_id == Comment.id) & (Decision.version == Comment.decision_version),
        )
        .where(
            DropinCheck.site_id == caller.site_id,
            DropinCheck.door.in_((check.door, CORAL)),
            DropinCheck.fingerprint == check.fingerprint,
        )
    )
    # With no token `==` would ask for those without one.
    named = case((DropinCheck.token == (check.token or ""), 0), else_=1)
    news = case((or_(Decision.action.is_(None), Decision.action != action), 0), else_=1)
    with services.database.reading() as session:
        return session.scalar(wanted.order_by(named, news, Comment.id.desc()).limit(1))


def _take_in(services: Services, caller: Caller, check: Check) -> str:
    [kept] = dropin.keep(services, caller, [check])
    return kept.state.comment.public_id


def _record(
    session: Session, services: Services, caller: Caller, public_id: str, suggestion: Suggestion
) -> None:
    said = {"scores": dict(suggestion.scores), "spans": dict(suggestion.spans)}
    kept = {name: value for name, value in said.items() if value}
    comment = comments.load(session, caller, public_id, lock=True).comment
    connection = session.connection()
    comments.record(connection, services, caller, comment, comment.status, EVENT, **kept)
