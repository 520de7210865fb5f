"""Takes bulk decisions back: each comment stands as before, where nobody has changed it since."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.moderation import bulk, comments, review
from api.moderation.access import Caller
from api.moderation.bulk import KEPT, TAKEN_BACK, UNDOING, wanting
from api.moderation.comments import State
from api.moderation.services import Services
from api.store.review import BulkDecision
from api.store.tables import Comment, Decision


def begin(services: Services, caller: Caller, row: BulkDecision) -> None:
    """Have it be taken back from now on; its row is locked."""
    again = {"undone_by": caller.actor, "undos": row.tally.get("undos", 0) + 1, KEPT: 0}
    row.tally = {**row.tally, **again}
    row.state, row.cursor, row.updated_at = UNDOING, 0, services.now()


def find_next(session: Session, row: BulkDecision, most: int, after: int) -> Sequence[int]:
    """The keys of the next comments that it has decided about."""
    made = Decision.bulk == row.id, Decision.undone_at.is_(None)
    wanted = select(Decision.comment_id).where(*made, Decision.comment_id > after)
    return session.scalars(wanted.order_by(Decision.comment_id).limit(most)).all()


def take_back(
    session: Session,
    services: Services,
    caller: Caller,
    row: BulkDecision,
    keys: Sequence[int],
) -> None:
    """Take back its decisions about these comments, which are locked."""
    made = select(Decision).where(
        Decision.bulk == row.id, Decision.comment_id.in_(keys), Decision.undone_at.is_(None)
    )
    decisions = {one.comment_id: one for one in session.scalars(made)}
    found = comments.states().where(Comment.id.in_(decisions)).order_by(Comment.id)
    held = wanting.find_held(session, services, caller, keys)
    counts = {TAKEN_BACK: 0, KEPT: 0}
    for state in [State(*row) for row in session.execute(found)]:
        if state.comment.id in held:
            # Whoever has claimed it is looking at it as it is now.
            counts[KEPT] += 1
        elif state.decision is decisions[state.comment.id]:
            review.take_back(session, services, caller, state)
            counts[TAKEN_BACK] += 1
        else:
            _withdraw(session, services, caller, state, decisions[state.comment.id])
            counts[KEPT] += 1
    bulk.add(row, counts)


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
