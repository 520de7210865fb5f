"""Second looks: two people on one wording, neither told what the other said.

Where `two_must_agree` asks for it, a decision is an opinion until a second person says the same.
Where `recheck` draws it, a colleague is asked about a decision in force. Either is about the
comment at one version: whatever changes the comment ends it, and undoing that brings it back.
"""

from enum import Enum, auto

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api.moderation import comments
from api.moderation.access import Caller
from api.moderation.comments import State
from api.moderation.policy.document import Review
from api.moderation.services import Services
from api.store.review import SecondLook
from api.store.tables import Comment, Decision

AGREE, RECHECK = "agree", "recheck"
"""What a second look is for: to put a decision in force, or to look at it again."""

FINAL = ("approve", "reject")
"""What two people can agree about; to escalate is to ask for a second look anyway."""


Said = tuple[str, str | None, str | None]
"""What somebody says of a comment: action, reason and note."""


class Step(Enum):
    """What somebody's word about a comment comes to."""

    DECIDE = auto()
    """It is in force at once."""
    SETTLE = auto()
    """It is in force, being the word of a second or third person."""
    HOLD_UP = auto()
    """It is a first opinion, and a second person is asked."""
    ANSWER = auto()
    """It is a second opinion, and is kept beside the first."""
    NOTHING = auto()
    """It has been said already."""


def find(session: Session, comment: Comment) -> SecondLook | None:
    """The second look at the comment as it is at present, if there is one."""
    return _find_at(session, comment, comment.version)


def is_open(look: SecondLook) -> bool:
    """Whether a second person is still to be heard."""
    return look.second_at is None


def is_disputed(look: SecondLook) -> bool:
    """Whether two people disagree."""
    return look.second_at is not None and look.first_action != look.second_action


def weigh(look: SecondLook | None, actor: str, action: str, rules: Review) -> Step:
    """What it comes to if somebody says this of a comment at which there is such a look."""
    if action not in FINAL:
        return Step.DECIDE
    if look is not None and is_open(look) and look.first_actor != actor:
        agrees = look.kind == AGREE and look.first_action == action
        return Step.SETTLE if agrees else Step.ANSWER
    if look is not None and not is_open(look):
        own = {look.first_actor: look.first_action, look.second_actor: look.second_action}
        if is_disputed(look):
            return Step.NOTHING if own.get(actor) == action else Step.SETTLE
        if look.second_actor == actor and look.second_action == action:
            return Step.NOTHING
    return Step.HOLD_UP if action in rules.two_must_agree else Step.DECIDE


def is_said(look: SecondLook, actor: str, said: Said) -> bool:
    """Whether somebody's open opinion is this already."""
    if look.kind != AGREE or look.first_actor != actor or not is_open(look):
        return False
    return (look.first_action, look.first_reason, look.first_note) == said


def find_fellow(look: SecondLook, actor: str, action: str) -> str | None:
    """Who else of the two has said the same."""
    said = {look.first_actor: look.first_action, look.second_actor: look.second_action}
    return next((one for one, their in said.items() if their == action and one != actor), None)


def keep(
    session: Session,
    services: Services,
    caller: Caller,
    comment: Comment,
    step: Step,
    look: SecondLook | None,
    said: Said,
) -> None:
    """Keep the caller's opinion: as the second of an open look, or as a first one."""
    if step is Step.ANSWER and look is not None:
        answer(session, services, caller, look, said)
    else:
        # In the place of another one of theirs.
        forget_open(session, comment.id, comment.version)
        _add(session, services, comment, AGREE, caller.actor, said)


def answer(
    session: Session, services: Services, caller: Caller, look: SecondLook, said: Said
) -> None:
    """Keep the caller's opinion as the second of an open look."""
    look.second_actor, look.second_at = caller.actor, services.now()
    look.second_action, look.second_reason, look.second_note = said
    session.flush()


def draw(session: Session, services: Services, state: State, rules: Review) -> bool:
    """Have a colleague asked about the decision in force, with the chance that the site wants."""
    made = state.decision
    if made is None or made.action not in FINAL or services.chance() >= rules.recheck:
        return False
    said = made.action, made.reason, made.note
    _add(session, services, state.comment, RECHECK, made.actor, said)
    return True


def withdraw(session: Session, look: SecondLook | None, actor: str) -> bool:
    """Take back what somebody said in a look at the present version; whether there was anything.

    A first opinion is gone; without a second one the look is open again.
    """
    if look is None:
        return False
    if look.second_actor == actor:
        _reopen(look)
        session.flush()
        return True
    if is_open(look) and look.kind == AGREE and look.first_actor == actor:
        forget_open(session, look.comment_id, look.version)
        return True
    return False


def restore(session: Session, comment: Comment, undone: Decision, actor: str) -> None:
    """Bring back the look that was under way when a decision was made that is undone now.

    Where that was an agreement it is open again, unless who undoes it is the first of the two.
    """
    look = _find_at(session, comment, undone.version - 1)
    if look is None:
        return
    if look.kind == AGREE and look.second_at is not None and not is_disputed(look):
        if look.first_actor == actor:
            return
        _reopen(look)
    look.version = comment.version
    session.flush()


def forget_open(session: Session, comment_id: int, version: int) -> None:
    """Drop what nobody is to answer any more."""
    here = SecondLook.comment_id == comment_id, SecondLook.version == version
    session.execute(delete(SecondLook).where(*here, SecondLook.second_at.is_(None)))


def list_opinions(services: Services, caller: Caller, public_id: str) -> list[SecondLook]:
    """The looks at a comment whose two sides are known, and the caller's own open one."""
    with services.database.reading() as session:
        comment = comments.load(session, caller, public_id).comment
        own = (SecondLook.first_actor == caller.actor) & (SecondLook.version == comment.version)
        known = select(SecondLook).where(
            SecondLook.comment_id == comment.id, SecondLook.second_at.is_not(None) | own
        )
        return list(session.scalars(known.order_by(SecondLook.first_at, SecondLook.id)))


def _find_at(session: Session, comment: Comment, version: int) -> SecondLook | None:
    here = SecondLook.comment_id == comment.id, SecondLook.version == version
    return session.scalar(select(SecondLook).where(*here).order_by(SecondLook.id.desc()).limit(1))


def _add(
    session: Session,
    services: Services,
    comment: Comment,
    kind: str,
    actor: str,
    said: Said,
) -> None:
    action, reason, note = said
    look = SecondLook(
        site_id=comment.site_id,
        comment_id=comment.id,
        version=comment.version,
        kind=kind,
        first_actor=actor,
        first_action=action,
        first_reason=reason,
        first_note=note,
        first_at=services.now(),
    )
    session.add(look)
    session.flush()


def _reopen(look: SecondLook) -> None:
    look.second_actor = look.second_action = None
    look.second_reason = look.second_note = look.second_at = None
