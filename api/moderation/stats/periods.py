"""The days that are counted, and where in the tables they begin."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from api.store.asking import Question
from api.store.tables import Comment

MOST_DAYS = 90
"""The longest period that is counted at once."""


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days in UTC, the last of them today as far as it is."""

    since: datetime
    until: datetime
    days: Sequence[str]
    """As `2026-11-22`, the oldest first."""
    first: int
    """The number of the first comment, of whichever site, that came in it."""


def open_period(connection: Connection, days: int, now: datetime) -> Period:
    """The last so many days, today among them."""
    today = now.astimezone(UTC).date()
    dates = [today - timedelta(days=before) for before in range(days - 1, -1, -1)]
    since = datetime.combine(dates[0], time(), UTC)
    names = tuple(date.isoformat() for date in dates)
    return Period(since, now, names, find_first(connection, Comment, "received_at", since))


def name_day(moment: datetime) -> str:
    """The day of a moment, as a period calls it."""
    return moment.astimezone(UTC).date().isoformat()


def find_first(connection: Connection, table: Any, moment: str, since: datetime) -> int:
    """The number of a table's first row whose `moment` is not before `since`.

    Numbers rise with time, and no index knows the time: the range is halved until it is found.
    """
    last, following = _questions(table, moment)
    [[most]] = last.ask(connection)
    low, high = 0, (most or 0) + 1
    while low < high:
        middle = (low + high) // 2
        found = following.ask(connection, first=middle)
        if found and found[0][1] < since:
            low = found[0][0] + 1
        else:
            high = middle
    return low


@cache
def _questions(table: Any, moment: str) -> tuple[Question, Question]:
    from_here = select(table.id, getattr(table, moment)).where(table.id >= bindparam("first"))
    return Question(select(func.max(table.id))), Question(from_here.order_by(table.id).limit(1))
