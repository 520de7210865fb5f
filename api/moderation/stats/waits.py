"""How many comments wait for a person, and how long those waited that were decided."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy import BindParameter, Connection, and_, bindparam, case, func, select

from api.moderation.stats import shares
from api.moderation.stats.decided import Decided
from api.moderation.stats.periods import Period, name_day
from api.moderation.stats.shares import Share
from api.store.asking import Question
from api.store.days import day_of
from api.store.review import Waiting
from api.store.tables import Comment, Verdict

ENOUGH = 10
"""Of how many waits the longest tenth is told apart."""


@dataclass(frozen=True, slots=True)
class Wait:
    """How long comments waited that were decided in a day, or in the whole period, in minutes."""

    day: str
    n: int = 0
    median: float | None = None
    p90: float | None = None
    """Nine in ten were decided within this; None of fewer than ten."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits now by queue, since when the oldest does, and how many did when each day ended."""

    now: dict[str, int]
    oldest: datetime | None
    days: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Waits:
    """How long held comments waited: altogether, by day, and how many of them no too long time."""

    whole: Wait
    days: Sequence[Wait]
    within: int | None
    """The minutes in which the policy wants a decision; None where it says nothing of that."""
    in_time: Share | None


def measure(decided: Decided, period: Period, within: int | None) -> Waits:
    """How long held comments waited until somebody decided.

    Those decided in bulk are left out: it is not each of them that somebody came to.
    """
    found: dict[str, list[float]] = {day: [] for day in period.days}
    for row in decided.rows:
        if row.first and row.verdict == "hold" and (day := name_day(row.at)) in found:
            found[day].append(max((row.at - row.verdict_at).total_seconds(), 0.0) / 60)
    everything = sorted(wait for waits in found.values() for wait in waits)
    in_time = None
    if within is not None:
        in_time = shares.of(sum(wait <= within for wait in everything), len(everything))
    days = [_describe(day, sorted(one)) for day, one in found.items()]
    return Waits(_describe("", everything), days, within, in_time)


def _describe(day: str, minutes: Sequence[float]) -> Wait:
    n = len(minutes)
    if not n:
        return Wait(day)
    # The smallest that nine in ten do not exceed.
    p90 = minutes[-(-9 * n // 10) - 1] if n >= ENOUGH else None
    return Wait(day, n, median(minutes), p90)


def count(connection: Connection, site_id: int, decided: Decided, period: Period) -> Backlog:
    """How many wait, and how many that are held did at the end of each day.

    Those of a day are the ones that wait since and still do, and those decided later. What was
    deleted or given another text in between is in neither.
    """
    queues: dict[str, int] = dict(_NOW.ask(connection, site=site_id))
    [[oldest]] = _OLDEST.ask(connection, site=site_id)
    began: Counter[str] = Counter(dict(_PENDING.ask(connection, site=site_id)))
    ended: Counter[str] = Counter()
    for row in decided.rows:
        if row.first and row.verdict == "hold":
            began[name_day(row.verdict_at)] += 1
            ended[name_day(row.at)] += 1
    for bulk in decided.bulk:
        if bulk.waited:
            began[bulk.verdict_day] += bulk.number
            ended[bulk.day] += bulk.number
    days = [(day, _sum_until(began, day) - _sum_until(ended, day)) for day in period.days]
    return Backlog(queues, oldest, days)


def _sum_until(counts: Counter[str], day: str) -> int:
    return sum(number for one, number in counts.items() if one <= day)


_site: BindParameter[int] = bindparam("site")
_NOW = Question(
    select(Waiting.queue, func.count()).where(Waiting.site_id == _site).group_by(Waiting.queue)
)
# Samples wait for nobody's sake: they are published, or rejected, already.
_OLDEST = Question(
    select(func.min(Waiting.since)).where(Waiting.site_id == _site, Waiting.queue != "audit")
)
# Who escalates a published comment has it wait from then on.
_since = case((Verdict.action == "hold", Verdict.created_at), else_=Comment.updated_at)
_pending = (
    select(day_of(_since).label("day"))
    .select_from(Comment)
    .join(
        Verdict,
        and_(Verdict.comment_id == Comment.id, Verdict.version == Comment.verdict_version),
    )
    .where(Comment.site_id == _site, Comment.status == "pending")
    .subquery()
)
_PENDING = Question(select(_pending.c.day, func.count()).group_by(_pending.c.day))
