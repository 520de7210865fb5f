"""What keeps the queues true by itself: a job, each minute.

Servers of the release before know nothing of `waiting`; while they still run beside this one, or
have run on this database, comments are found here that ought to wait, or to wait no longer. And
whoever reports is believed otherwise once others of their reports have been judged.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, Select, and_, exists, literal_column, select

from api.moderation import comments, credence, sampling
from api.moderation.learning import asking
from api.moderation.queues import placing, renewing
from api.moderation.services import Services
from api.store.jobs import TakenJob
from api.store.outbox import Report
from api.store.review import Waiting
from api.store.tables import Comment

JOB = "queue.tend"

BATCH = 200
"""How many comments a transaction places."""

LITTLE = 0.02
"""By how much the belief in a comment's reporters may have changed."""


def tend(services: Services, _job: TakenJob | None = None) -> None:
    """Place what lies wrong, and renew the order of what waits."""
    with services.database.reading() as session:
        connection = session.connection()
        wrong = {key for wanted in _LYING_WRONG for key in connection.scalars(wanted)}
        wrong |= set(_find_doubted(connection))
    keys = sorted(wrong)
    for start in range(0, len(keys), BATCH):
        place(services, keys[start : start + BATCH])
    renewing.renew(services)


def place(services: Services, keys: Sequence[int]) -> None:
    """Place these comments as they are now."""
    with services.database.writing() as session:
        these = Comment.id.in_(keys)
        comments.lock_rows(session, these)
        states = session.execute(comments.states().where(these)).all()
        pairs = [(comment, verdict) for comment, _, verdict, _ in states]
        placing.place_all(session.connection(), services, pairs)


def _find_doubted(connection: Connection) -> list[int]:
    """Comments that wait and whose reporters are now believed otherwise than they were."""
    believed = dict(connection.execute(_REPORTED).all())
    now = credence.believe_all(connection, list(believed))
    return [key for key, was in believed.items() if abs(now.get(key, 0.0) - was) > LITTLE]


# Spelt out, not bound: else no database knows that the index of what is pending will do.
_pending = Comment.status == literal_column("'pending'")
_lacking = ~exists().where(Waiting.comment_id == Comment.id)
_changed = and_(Waiting.comment_id == Comment.id, Waiting.version != Comment.version)
_reported = exists().where(Report.comment_id == Waiting.comment_id, Report.outcome.is_(None))

_LYING_WRONG: tuple[Select[int], ...] = (
    # Comments that ought to wait and do not.
    select(Comment.id).where(_pending, _lacking),
    select(Comment.id).where(sampling.are_open(), _lacking),
    select(Comment.id).where(asking.are_open(), _lacking),
    select(Comment.id)
    .join(Report, Report.comment_id == Comment.id)
    .where(
        Report.outcome.is_(None),
        Comment.status == "approved",
        Comment.decision_version.is_(None),
        _lacking,
    ),
    # Comments that have changed since they were placed.
    select(Comment.id).join(Waiting, _changed),
)

_REPORTED = select(Waiting.comment_id, Waiting.reports).where(_reported)
