"""What keeps the queues true by itself: a job, each minute.

Servers of the release before know nothing of `waiting`; while they still run beside this one, or
have run on this database, comments are found here that ought to wait, or to wait no longer.
"""

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from api.moderation import comments, sampling
from api.moderation.comments import State
from api.moderation.queues import placing
from api.moderation.services import Services
from api.store.jobs import TakenJob
from api.store.review import Waiting
from api.store.tables import Comment

JOB = "queue.tend"

BATCH = 200
"""How many comments a transaction places."""


def tend(services: Services, _job: TakenJob | None = None) -> None:
    """Place what lies wrong."""
    for wanted in (_strays(), _leftovers()):
        while _place_some(services, wanted) == BATCH:
            pass


def _place_some(services: Services, wanted: Select[int]) -> int:
    with services.database.reading() as session:
        found = session.scalars(wanted.limit(BATCH)).all()
    if not found:
        return 0
    with services.database.writing() as session:
        comments.lock_rows(session, Comment.id.in_(found))
        for state in _load(session, wanted.where(Comment.id.in_(found))):
            placing.place(session.connection(), services, state.comment, state.verdict)
    return len(found)


def _load(session: Session, wanted: Select[int]) -> list[State]:
    states = comments.states().where(Comment.id.in_(wanted))
    return [State(*row) for row in session.execute(states)]


def _strays() -> Select[int]:
    """Comments that ought to wait and do not."""
    ought = or_(Comment.status == "pending", sampling.are_open())
    return select(Comment.id).where(ought, ~exists().where(Waiting.comment_id == Comment.id))


def _leftovers() -> Select[int]:
    """Comments that have changed since they were placed."""
    changed = and_(Waiting.comment_id == Comment.id, Waiting.version != Comment.version)
    return select(Comment.id).join(Waiting, changed)
