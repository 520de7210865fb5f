"""What people did: decisions by day, by hour of the day, and by who made them."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median

from api.moderation.advice.pace import LONGEST_SECONDS, SHORTEST_SECONDS
from api.moderation.stats import shares
from api.moderation.stats.decided import Decided, Row
from api.moderation.stats.periods import Period, name_day
from api.moderation.stats.shares import LEAST, Share


@dataclass(frozen=True, slots=True)
class Day:
    """Decisions made in a day, one by one, and in bulk.

    What a colleague is asked about, blind, is among the decisions alone and not in the kinds.
    """

    day: str
    decisions: int = 0
    approved: int = 0
    rejected: int = 0
    escalated: int = 0
    bulk: int = 0


@dataclass(frozen=True, slots=True)
class Worker:
    """What one person, or one key, did; `seconds` is the median between decisions of `spacings`."""

    actor: str
    decisions: int
    bulk: int
    undone: Share
    seconds: float | None
    spacings: int
    opinions: int = 0
    """Said in second looks, where they are no decisions by themselves."""


@dataclass(frozen=True, slots=True)
class Work:
    """The decisions of a period; `hours` has an entry for each hour of the day, in UTC."""

    days: Sequence[Day]
    hours: Sequence[int]
    workers: Sequence[Worker]
    undone: Share
    an_hour: float | None
    """How many one person decides in an hour in which they decide any."""

    @property
    def decisions(self) -> int:
        """All that were made one by one."""
        return sum(day.decisions for day in self.days)

    @property
    def bulk(self) -> int:
        """All that were made in bulk."""
        return sum(day.bulk for day in self.days)


_KINDS = {"approve": "approved", "reject": "rejected", "escalate": "escalated"}


def describe(decided: Decided, opinions: Mapping[str, int], period: Period) -> Work:
    """What was done; `opinions` says how many somebody gave in second looks."""
    rows = decided.rows
    hours = Counter(row.at.hour for row in rows)
    worked = {(row.actor, row.at.replace(minute=0, second=0, microsecond=0)) for row in rows}
    return Work(
        days=_by_day(decided, period),
        hours=[hours[hour] for hour in range(24)],
        workers=_by_actor(decided, opinions),
        undone=shares.of(sum(row.undone for row in rows), len(rows)),
        an_hour=len(rows) / len(worked) if worked else None,
    )


def _by_day(decided: Decided, period: Period) -> list[Day]:
    names = "decisions", *_KINDS.values(), "bulk"
    found = {day: Counter[str]() for day in period.days}
    for row in decided.rows:
        day = found.get(name_day(row.at), Counter())
        day["decisions"] += 1
        if not row.blind:
            day[_KINDS[row.action]] += 1
    for bulk in decided.bulk:
        found.get(bulk.day, Counter())["bulk"] += bulk.number
    return [Day(day, *(counts[name] for name in names)) for day, counts in found.items()]


def _by_actor(decided: Decided, opinions: Mapping[str, int]) -> list[Worker]:
    own: defaultdict[str, list[Row]] = defaultdict(list)
    for row in decided.rows:
        own[row.actor].append(row)
    bulk: Counter[str] = Counter()
    for one in decided.bulk:
        bulk[one.actor] += one.number
    found = [
        _describe(actor, own.get(actor, []), bulk[actor], opinions.get(actor, 0))
        for actor in {*own, *bulk, *opinions}
    ]
    return sorted(found, key=lambda one: (-one.decisions, -one.bulk, one.actor))


def _describe(actor: str, rows: Sequence[Row], bulk: int, opinions: int) -> Worker:
    spacings = _space([row.at for row in rows])
    seconds = median(spacings) if len(spacings) >= LEAST else None
    undone = shares.of(sum(row.undone for row in rows), len(rows))
    return Worker(actor, len(rows), bulk, undone, seconds, len(spacings), opinions)


def _space(times: Sequence[datetime]) -> list[float]:
    found = ((after - before).total_seconds() for before, after in pairwise(times))
    return [one for one in found if SHORTEST_SECONDS <= one <= LONGEST_SECONDS]
