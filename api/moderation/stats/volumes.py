"""How many comments came each day, and what the machine made of them at first."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Connection, and_, bindparam, case, func, or_, select

from api.moderation import sampling
from api.moderation.learning import asking
from api.moderation.stats import shares
from api.moderation.stats.periods import Period
from api.moderation.stats.shares import Share
from api.store.asking import Question
from api.store.days import day_of
from api.store.tables import Comment, Verdict

MOST = 100_000
"""How many comments are looked at; of more, evenly spaced ones stand for all."""

_BLIND = "blind"


@dataclass(frozen=True, slots=True)
class Volume:
    """What came in a day.

    Open samples, and what is asked to learn from, are counted in `undisclosed`, whatever was said
    of them.
    """

    day: str
    came: int = 0
    approved: int = 0
    held: int = 0
    rejected: int = 0
    undisclosed: int = 0


@dataclass(frozen=True, slots=True)
class Volumes:
    """Each day of the period; `every` is of how many comments one was looked at."""

    days: Sequence[Volume]
    every: int

    @property
    def whole(self) -> Volume:
        """The whole period."""
        names = ("came", "approved", "held", "rejected", "undisclosed")
        return Volume("", *(sum(getattr(day, name) for day in self.days) for name in names))

    @property
    def automatic(self) -> Share:
        """The share that nobody was asked about: a sample is none that was held."""
        whole = self.whole
        n = whole.came // self.every
        return shares.of(n - whole.held // self.every, n)


def count(connection: Connection, site_id: int, period: Period) -> Volumes:
    """Count what came to a site."""
    [[last]] = _LAST.ask(connection)
    spread = max((last or 0) - period.first + 1, 0)
    every = max(1, -(-spread // MOST))
    asked = {"site": site_id, "first": period.first}
    if every == 1:
        rows = _ALL.ask(connection, **asked)
    else:
        rows = _SOME.ask(connection, **asked, last=last, step=every)
    found: dict[str, dict[str, int]] = {day: {} for day in period.days}
    for day, said, number in rows:
        if day in found:
            found[day][said] = number * every
    return Volumes([_describe(day, said) for day, said in found.items()], every)


def _describe(day: str, said: dict[str, int]) -> Volume:
    kinds = (said.get(kind, 0) for kind in ("approve", "hold", "reject", _BLIND))
    return Volume(day, sum(said.values()), *kinds)


# The first verdict is told: what it became is another question.
_verdict = and_(Verdict.comment_id == Comment.id, Verdict.version == 1)
_day = day_of(Comment.received_at).label("day")
_untold = or_(sampling.are_open(), asking.are_open())
_said = case((_untold, _BLIND), else_=Verdict.action).label("said")
_counted = select(_day, _said, func.count())
_mine = Comment.site_id + 0 == bindparam("site")

_LAST = Question(select(func.max(Comment.id)))
_ALL = Question(
    _counted.select_from(Comment)
    .join(Verdict, _verdict)
    .where(_mine, Comment.id >= bindparam("first"))
    .group_by("day", "said")
)

_numbers = select(bindparam("first", type_=BigInteger).label("id")).cte("numbers", recursive=True)
_next = _numbers.c.id + bindparam("step", type_=BigInteger)
_numbers = _numbers.union_all(select(_next).where(_next <= bindparam("last", type_=BigInteger)))
_SOME = Question(
    _counted.select_from(_numbers)
    .join(Comment, Comment.id == _numbers.c.id)
    .join(Verdict, _verdict)
    .where(_mine)
    .group_by("day", "said")
)
