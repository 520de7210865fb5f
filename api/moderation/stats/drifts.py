"""Whether a site has changed, day by day: what `api.moderation.learning.drift` has measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, bindparam, select

from api.moderation.learning.driftscales import Found
from api.moderation.learning.driftwindows import find_since
from api.moderation.stats import shares
from api.moderation.stats.periods import Period
from api.moderation.stats.shares import Share
from api.store.asking import Question
from api.store.learning import DriftDay


@dataclass(frozen=True, slots=True)
class Figure:
    """What was found of one figure from one day to another, both included.

    `share` is None where it is no share.
    """

    since: str
    day: str
    name: str
    found: Found
    share: Share | None
    outside: bool


@dataclass(frozen=True, slots=True)
class Drift:
    """The figures of the days that have ended, the oldest first, and the alarms that are on."""

    figures: Sequence[Figure]
    alarms: Sequence[str]

    def of(self, *kinds: str) -> list[Figure]:
        """Those of some kinds: a kind is the name, or what stands before its dot."""
        return [one for one in self.figures if one.name.partition(".")[0] in kinds]


def read(connection: Connection, site_id: int, period: Period) -> Drift:
    """What was found in a period."""
    rows = _FOUND.ask(connection, site=site_id, since=date.fromisoformat(period.days[0]))
    figures = [
        _describe(day, name, Found(*found), name in outside)
        for day, measures, outside in rows
        for name, found in measures["found"].items()
    ]
    return Drift(figures, rows[-1][1]["alarms"] if rows else [])


def _describe(day: date, name: str, found: Found, outside: bool) -> Figure:
    share = None if found.hits is None else shares.of(found.hits, found.n)
    since = find_since(day, found.days)
    return Figure(since.isoformat(), day.isoformat(), name, found, share, outside)


_FOUND = Question(
    select(DriftDay.day, DriftDay.measures, DriftDay.outside)
    .where(DriftDay.site_id == bindparam("site"), DriftDay.day >= bindparam("since"))
    .order_by(DriftDay.day)
)
