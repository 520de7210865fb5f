"""The last word: deciding about a comment, and taking that back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.moderation import claims, comments, reporters
from api.moderation.access import Caller
from api.moderation.comments import State
from api.moderation.errors import ConflictError, StaleVersionError
from api.moderation.queues import DEFAULT, ESCALATED, placing
from api.moderation.repeats import perform
from api.moderation.services import Services
from api.moderation.standing import STATUS
from api.store.tables import Comment, Decision

ACTIONS = ("approve", "reject", "escalate")


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody decides about a comment."""

    action: str
    reason: str | None = None
    note: str | None = None
    version: int | None = None
    claim: str | None = None


def decide(services: Services, caller: Caller, public_id: str, choice: Choice) -> State:
    """Give a comment its last word.

    Deciding what is decided already changes nothing, whatever version the caller saw; raise
    StaleVersionError when the caller decides about an older version than the present one,
    ClaimedError when somebody else holds the comment, LapsedClaimError when the caller's own
    claim does so no longer.
    """

    def act(session: Session) -> State:
        state = comments.load(session, caller, public_id, lock=True)
        stale = choice.version is not None and choice.version != state.comment.version
        if _holds_already(state.decision, choice, stale):
            return state
        if stale:
            raise StaleVersionError(public_id, state.comment.version)
        claims.check(session, services, caller, state.comment, choice.claim)
        settle(session, services, caller, state, choice, services.now())
        return state

    return perform(services, caller.site_id, caller.ticket, act)


def undo(services: Services, caller: Caller, public_id: str, version: int | None = None) -> State:
    """Take back the decision in force; what stood before it stands again."""
    with services.database.writing() as session:
        state = comments.load(session, caller, public_id, lock=True)
        if version is not None and version != state.comment.version:
            raise StaleVersionError(public_id, state.comment.version)
        claims.check(session, services, caller, state.comment, None)
        take_back(session, services, caller, state)
    return state


def take_back(session: Session, services: Services, caller: Caller, state: State) -> None:
    """Undo the decision on a comment whose row is locked, in a transaction that is under way."""
    undone = state.decision
    if undone is None:
        raise ConflictError("There is no decision on this comment to undo.")
    before = state.comment.status
    undone.undone_at = services.now()
    session.flush()
    state.decision = _last_standing(session, state.comment)
    state.comment.version += 1
    _apply(session, services, state)
    comments.record(
        session.connection(),
        services,
        caller,
        state.comment,
        before,
        "comment.undone",
        action=undone.action,
        decided_by=undone.actor,
    )


def _holds_already(decision: Decision | None, choice: Choice, stale: bool) -> bool:
    if decision is None or decision.action != choice.action:
        return False
    same_words = (decision.reason, decision.note) == (choice.reason, choice.note)
    return stale or same_words


def settle(
    session: Session,
    services: Services,
    caller: Caller,
    state: State,
    choice: Choice,
    decided_at: datetime,
    bulk: int | None = None,
) -> None:
    """Decide about a comment whose row is locked, in a transaction that is under way.

    `bulk` is the key of the bulk decision that this is a part of.
    """
    before = state.comment.status
    claims.drop(session, state.comment)
    state.comment.version += 1
    state.decision = Decision(
        comment_id=state.comment.id,
        version=state.comment.version,
        revision=state.comment.revision,
        action=choice.action,
        reason=choice.reason,
        note=choice.note,
        actor=caller.actor,
        created_at=decided_at,
        bulk=bulk,
    )
    session.add(state.decision)
    _apply(session, services, state)
    comments.record(
        session.connection(),
        services,
        caller,
        state.comment,
        before,
        "comment.decided",
        action=choice.action,
        reason=choice.reason,
    )


def _last_standing(session: Session, comment: Comment) -> Decision | None:
    return session.scalar(
        select(Decision)
        .where(
            Decision.comment_id == comment.id,
            Decision.revision == comment.revision,
            Decision.undone_at.is_(None),
        )
        .order_by(Decision.version.desc())
        .limit(1)
    )


def _apply(session: Session, services: Services, state: State) -> None:
    comment, decision = state.comment, state.decision
    comment.decision_version = decision.version if decision else None
    comment.status = STATUS[decision.action if decision else state.verdict.action]
    comment.queue = ESCALATED if decision and decision.action == "escalate" else DEFAULT
    comment.updated_at = services.now()
    session.flush()
    reporters.settle(session.connection(), comment, decision.action if decision else None)
    placing.place(session.connection(), services, comment, state.verdict)


def recently_decided(services: Services, caller: Caller, limit: int = 10) -> list[State]:
    """The comments decided last, newest decision first."""
    latest = comments.states().where(
        Comment.site_id == caller.site_id, Comment.decision_version.is_not(None)
    )
    ordered = latest.order_by(Decision.created_at.desc(), Comment.id.desc()).limit(limit)
    with services.database.reading() as session:
        return [State(*row) for row in session.execute(ordered)]
