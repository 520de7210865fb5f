"""The days that are counted, and where in the tables they begin."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import Connection

from api.store.since import find_first_comment

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
    return Period(since, now, names, find_first_comment(connection, since))


def name_day(moment: datetime) -> str:
    """The day of a moment, as a period calls it."""
    return moment.astimezone(UTC).date().isoformat()
