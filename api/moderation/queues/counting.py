"""How much waits in each queue, how much of it for too long, and since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, func, literal, or_, select, true

from api.moderation import policies
from api.moderation.access import Caller
from api.moderation.filters import Filter
from api.moderation.queues import AUDIT, BUILT_IN, DEFAULT, saved
from api.moderation.queues.listing import shown_to
from api.moderation.queues.saved import KEYS
from api.moderation.services import Services
from api.store.review import SavedQueue, Waiting

_BITS = 21
"""A sum holds three counts, each of up to two million: every sum more takes its time."""
_LATE, _MINE = 1 << _BITS, 1 << 2 * _BITS


@dataclass(frozen=True, slots=True)
class Described:
    """A queue, built-in or saved; `within_minutes` is how soon what waits should be decided."""

    name: str
    title: str
    built_in: bool
    filter: dict[str, Any] | None
    sort: str
    key: str | None
    within_minutes: int | None


@dataclass(frozen=True, slots=True)
class Counted:
    """A queue, and how many wait in it for whoever asks.

    `late` is how many of them have waited for longer than they should, `mine` how many are of the
    caller's sections; None where the caller looks after none. `oldest_since` is None also of a
    view without a clock.
    """

    queue: Described
    waiting: int
    late: int
    oldest_since: datetime | None
    mine: int | None


def count(services: Services, caller: Caller) -> list[Counted]:
    """Every queue of the caller's site, the built-in ones first, counted at this moment."""
    built_in = [_describe_built_in(services, caller, name) for name in BUILT_IN]
    rows = saved.list_saved(services, caller.site_id)
    return _count(services, caller, [*built_in, *map(_describe, rows)])


def count_one(services: Services, caller: Caller, name: str) -> Counted:
    """One queue; raise NotFoundError where there is none of that name."""
    if name in BUILT_IN:
        queue = _describe_built_in(services, caller, name)
    else:
        queue = _describe(saved.find(services, caller, name))
    return _count(services, caller, [queue])[0]


def _describe_built_in(services: Services, caller: Caller, name: str) -> Described:
    within = None
    if name == DEFAULT:
        within = policies.find(services, caller.site_id).document.review.within_minutes
    sort = "newest" if name == AUDIT else "priority"
    return Described(name, BUILT_IN[name], True, None, sort, KEYS[name], within)


def _describe(row: SavedQueue) -> Described:
    terms = row.filter, row.sort, row.key, row.within_minutes
    return Described(row.name, row.title, False, *terms)


def _count(services: Services, caller: Caller, queues: Sequence[Described]) -> list[Counted]:
    """Count these queues in one pass over what waits, which may be fifty thousand."""
    now = services.now()
    views = [one for one in queues if one.filter is not None]
    places = [one for one in queues if one.filter is None]
    parts = [*_sum(caller, [_lateness(one, now) for one in places]), func.min(Waiting.since)]
    columns: dict[str, tuple[int, int | None]] = {}
    for one in views:
        wanted = and_(true(), *_view(one)[1].of_waiting(now))
        # A third of the time that a view takes would go into the oldest: where nobody set a clock
        # it is not asked for.
        ages = [] if one.within_minutes is None else [func.min(Waiting.since)]
        columns[one.name] = len(parts) + 1, len(parts) + 2 if ages else None
        sums = _sum(caller, [_lateness(one, now)])
        parts += [part.filter(wanted) for part in (*sums, *ages)]
    here = Waiting.site_id == caller.site_id, Waiting.queue.in_({_view(one)[0] for one in queues})
    query = select(Waiting.queue, *parts).where(*here, *shown_to(caller, now))
    with services.database.reading() as session:
        rows = {row[0]: row for row in session.execute(query.group_by(Waiting.queue))}
    found = []
    for one in queues:
        row, (total, oldest) = rows.get(_view(one)[0]), columns.get(one.name, (1, 2))
        since = row[oldest] if row and oldest else None
        found.append(_read(caller, one, row[total] if row else 0, since))
    return found


def _view(queue: Described) -> tuple[str, Filter]:
    return saved.read(queue.name, queue.filter)


def _lateness(queue: Described, now: datetime) -> ColumnElement[bool] | None:
    if queue.within_minutes is None:
        return None
    late = Waiting.since < now - timedelta(minutes=queue.within_minutes)
    return late if queue.filter is not None else and_(Waiting.queue == queue.name, late)


def _sum(caller: Caller, lateness: Sequence[ColumnElement[bool] | None]) -> list[Any]:
    """How many, how many of them late, and how many mine, in one number."""
    weight: ColumnElement[int] = literal(1, BigInteger)
    late = [one for one in lateness if one is not None]
    if late:
        weight += case((or_(*late), _LATE), else_=0)
    if caller.sections:
        weight += case((Waiting.section.in_(caller.sections), _MINE), else_=0)
    return [func.sum(weight)]


def _read(caller: Caller, queue: Described, total: Any, oldest: datetime | None) -> Counted:
    sections, rest = divmod(int(total or 0), _MINE)
    late, waiting = divmod(rest, _LATE)
    return Counted(queue, waiting, late, oldest, sections if caller.sections else None)
