"""Which comments wait in a queue for whoever asks, most urgent, oldest or newest first."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Double, exists, literal_column, or_, select
from sqlalchemy.orm import Session

from api.moderation import comments, searching
from api.moderation.access import Caller
from api.moderation.comments import State
from api.moderation.filters import Filter
from api.moderation.paging import Order, Page
from api.moderation.queues import AUDIT
from api.moderation.services import Services
from api.store.review import Skip, Waiting
from api.store.tables import Comment

ORDERS = {
    "priority": Order((Waiting.rank, Waiting.comment_id), descending=True),
    "oldest": Order((Waiting.comment_id,), descending=False),
    "newest": Order((Waiting.comment_id,), descending=True),
}

_WITHOUT_INDEX = Order(
    (literal_column("+waiting.rank", Double()), Waiting.comment_id), descending=True
)

SPARED = 0.5
"""From which score of a label on nobody is asked who does not want to read such comments."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks a queue for; `queue` None means all that wait but the samples.

    `view` is what a saved queue shows of `queue`, `filter` what of that is wanted; `mine` leaves
    what is of the caller's sections, where they look after any.
    """

    queue: str | None = None
    filter: Filter = field(default_factory=Filter)
    sort: str = "priority"
    view: Filter = field(default_factory=Filter)
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Queued:
    """A comment that waits, and the row that says where and how urgently."""

    state: State
    waiting: Waiting


def list_queue(
    services: Services, caller: Caller, asked: Asked, limit: int, cursor: str | None = None
) -> Page[Queued]:
    """One page of what waits for the caller.

    Samples come by time whatever `sort` says: their priority would tell their scores.
    """
    sort = asked.sort
    if asked.queue == AUDIT and sort == "priority":
        sort = "newest"
    order = ORDERS[sort]
    texts = asked.filter.q, asked.view.q
    if any(texts):
        asked = replace(
            asked, filter=replace(asked.filter, q=None), view=replace(asked.view, q=None)
        )
        query = select(Waiting).where(*offered(services, caller, asked))
        with services.database.reading() as session:
            page = searching.find_waiting(
                session, caller.site_id, list(filter(None, texts)), query, order, limit, cursor
            )
            return Page(load(session, page.items), page.next)
    query = select(Waiting).where(*offered(services, caller, asked))
    with services.database.reading() as session:
        sorted_ = _sorting(services, asked, sort).apply(query, cursor)
        rows = session.scalars(sorted_.limit(limit + 1)).all()
        items = load(session, rows[:limit])
    return Page(items, order.encode(rows[limit - 1]) if len(rows) > limit else None)


def _sorting(services: Services, asked: Asked, sort: str) -> Order:
    """SQLite would follow the order's index where another one leads to the few that pass.

    Where none does, following the order takes a third of the time of any other way, or less.
    """
    narrow = any(one.article or one.reporter or one.campaign for one in (asked.filter, asked.view))
    if sort == "priority" and narrow and services.database.dialect.name == "sqlite":
        return _WITHOUT_INDEX
    return ORDERS[sort]


def load(session: Session, rows: Sequence[Waiting]) -> list[Queued]:
    """The comments of these rows, in the same order."""
    keys = [row.comment_id for row in rows]
    found = {
        row[0].id: State(*row)
        for row in session.execute(comments.states().where(Comment.id.in_(keys)))
    }
    return [Queued(found[row.comment_id], row) for row in rows if row.comment_id in found]


def offered(services: Services, caller: Caller, asked: Asked) -> list[ColumnElement[bool]]:
    """What waits in a queue and may be shown to the caller, in SQL on the columns of `waiting`.

    Not what they have skipped a while ago, have judged already, or do not want to read.
    """
    now = services.now()
    found = [Waiting.site_id == caller.site_id]
    found.append(Waiting.queue != AUDIT if asked.queue is None else Waiting.queue == asked.queue)
    found += [*asked.view.of_waiting(now), *asked.filter.of_waiting(now)]
    if asked.mine and caller.sections:
        found.append(Waiting.section.in_(caller.sections))
    return [*found, *shown_to(caller, now)]


def shown_to(caller: Caller, now: datetime) -> list[ColumnElement[bool]]:
    """What of all that waits the caller may be shown, in SQL on the columns of `waiting`."""
    skipped = Skip.comment_id == Waiting.comment_id, Skip.actor == caller.actor, Skip.until > now
    found = [
        or_(seen.is_(None), seen != caller.actor) for seen in (Waiting.seen_by, Waiting.seen_also)
    ]
    found.append(~exists().where(*skipped))
    for label in caller.spared:
        score = getattr(Waiting, label)
        found.append(or_(score.is_(None), score < SPARED))
    return found
