"""Reports that came in, and how many people found right."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select

from api.moderation.stats import shares
from api.moderation.stats.periods import Period
from api.moderation.stats.shares import Share
from api.store.asking import Question
from api.store.days import day_of
from api.store.outbox import Report
from api.store.since import find_first
from api.store.tables import Comment


@dataclass(frozen=True, slots=True)
class Notices:
    """Reports that came in a day, and what has become of them."""

    day: str
    came: int = 0
    upheld: int = 0
    dismissed: int = 0

    @property
    def open(self) -> int:
        """Those about which nobody has decided."""
        return self.came - self.upheld - self.dismissed

    @property
    def right(self) -> Share:
        """What part was upheld, of those decided."""
        return shares.of(self.upheld, self.upheld + self.dismissed)


def count(connection: Connection, site_id: int, period: Period) -> list[Notices]:
    """The reports of each day about the site's comments."""
    first = find_first(connection, Report, "created_at", period.since)
    found: dict[str, dict[str | None, int]] = {day: {} for day in period.days}
    for day, outcome, number in _CAME.ask(connection, site=site_id, first=first):
        if day in found:
            found[day][outcome] = number
    return [
        Notices(day, sum(said.values()), said.get("upheld", 0), said.get("dismissed", 0))
        for day, said in found.items()
    ]


def add_up(days: Sequence[Notices]) -> Notices:
    """The reports of all these days."""
    parts = (sum(getattr(day, name) for day in days) for name in ("came", "upheld", "dismissed"))
    return Notices("", *parts)


_day = day_of(Report.created_at).label("day")
_CAME = Question(
    select(_day, Report.outcome, func.count())
    .select_from(Report)
    .join(Comment, Comment.id == Report.comment_id)
    .where(Report.id >= bindparam("first"), Comment.site_id + 0 == bindparam("site"))
    .group_by("day", Report.outcome)
)
