"""Takes bulk decisions back: each comment stands as before, where nobody has changed it since."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from api.moderation import bulk, comments, review, secondlooks
from api.moderation.access import Caller
from api.moderation.bulk import KEPT, TAKEN_BACK, UNDOING, wanting
from api.moderation.comments import State
from api.moderation.queues import placing
from api.moderation.services import Services
from api.store.patience import Patience
from api.store.review import BulkDecision, SecondLook
from api.store.tables import Comment, Decision


def begin(services: Services, caller: Caller, row: BulkDecision) -> None:
    """Have it be taken back from now on; its row is locked."""
    again = {"undone_by": caller.actor, "undos": row.tally.get("undos", 0) + 1, KEPT: 0}
    row.tally = {**row.tally, **again}
    row.state, row.cursor, row.updated_at = UNDOING, 0, services.now()


def mark_opinion(session: Session, caller: Caller, row: BulkDecision, comment: Comment) -> None:
    """Note that what the caller has said just now, as one of two, is part of it."""
    look = secondlooks.find(session, comment)
    if look is not None:
        look.bulk = row.id
        session.flush()


def find_next(session: Session, row: BulkDecision, most: int, after: int) -> Sequence[int]:
    """The keys of the next comments that it has decided about, or said what it would."""
    made = Decision.bulk == row.id, Decision.undone_at.is_(None)
    decided = select(Decision.comment_id).where(*made, Decision.comment_id > after)
    looks = SecondLook.bulk == row.id, SecondLook.comment_id > after
    said = select(SecondLook.comment_id).where(*looks)
    found = {
        *session.scalars(decided.order_by(Decision.comment_id).limit(most)),
        *session.scalars(said.order_by(SecondLook.comment_id).limit(most)),
    }
    return sorted(found)[:most]


def take_back(
    session: Session,
    services: Services,
    caller: Caller,
    row: BulkDecision,
    keys: Sequence[int],
    patience: Patience,
) -> int:
    """Take back what it has said of these comments, which are locked, until patience is over.

    How many of them it has come to.
    """
    made = select(Decision).where(
        Decision.bulk == row.id, Decision.comment_id.in_(keys), Decision.undone_at.is_(None)
    )
    decisions = {one.comment_id: one for one in session.scalars(made)}
    found = comments.states().where(Comment.id.in_(keys)).order_by(Comment.id)
    held = wanting.find_held(session, services, caller, keys)
    counts, reached = {TAKEN_BACK: 0, KEPT: 0}, len(keys)
    for state in [State(*parts) for parts in session.execute(found)]:
        if patience.over:
            reached = keys.index(state.comment.id)
            break
        # Whoever has claimed it is looking at it as it is now.
        done = state.comment.id not in held and _take_one_back(
            session, services, caller, row, state, decisions.get(state.comment.id)
        )
        counts[TAKEN_BACK if done else KEPT] += 1
    bulk.add(row, counts)
    return reached


def _take_one_back(
    session: Session,
    services: Services,
    caller: Caller,
    row: BulkDecision,
    state: State,
    decision: Decision | None,
) -> bool:
    """Take back what it has said of one comment; False where others have changed it since."""
    if decision is None:
        return _withdraw_opinion(session, services, row, state)
    if state.decision is decision:
        review.take_back(session, services, caller, state)
        return True
    _withdraw(session, services, caller, state, decision)
    return False


def _withdraw_opinion(
    session: Session, services: Services, row: BulkDecision, state: State
) -> bool:
    look = secondlooks.find(session, state.comment)
    mine = look is not None and look.bulk == row.id
    here = SecondLook.comment_id == state.comment.id, SecondLook.bulk == row.id
    session.execute(update(SecondLook).where(*here).values(bulk=None))
    if not mine or not secondlooks.withdraw(session, look, row.actor):
        return False
    placing.place(session.connection(), services, state.comment, state.verdict)
    return True


def _withdraw(
    session: Session, services: Services, caller: Caller, state: State, decision: Decision
) -> None:
    """Take a decision back that is in force no longer, lest it come to be so again.

    The comment stays as somebody has left it since.
    """
    decision.undone_at = services.now()
    session.flush()
    comments.record(
        session.connection(),
        services,
        caller,
        state.comment,
        state.comment.status,
        "comment.undone",
        action=decision.action,
        decided_by=decision.actor,
    )
