"""Which alarms are on at the end of a day, and which of them are news."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from api.moderation.learning.driftscales import Found
from api.moderation.learning.driftwindows import find_since

NOTICED = "drift.noticed"
ENDED = "drift.ended"

FORGOTTEN = timedelta(days=7)
"""An alarm ends when its figure could not be told for so long."""


def find_news(
    before: Sequence[str],
    lately: Sequence[Mapping[str, Any]],
    found: Mapping[str, Found],
    outside: Sequence[str],
) -> tuple[list[str], list[tuple[str, str]]]:
    """The alarms that are on, and what began or ended with which figure.

    `before` are those of the day before, `lately` the figures of the days in which a figure that
    cannot be told today is not forgotten yet.
    """
    # Of what cannot be told today nobody knows that it is over.
    silent = [name for name in before if name not in found and any(name in told for told in lately)]
    alarms = sorted({*outside, *silent})
    news = [(NOTICED, name) for name in outside if name not in before]
    news += [(ENDED, name) for name in before if name not in alarms]
    return alarms, news


def describe(name: str, day: date, found: Found | None) -> dict[str, Any]:
    """What the event of an alarm says: the figure, of which days it is, and what is known of it."""
    told = {"measure": name, "day": day.isoformat()}
    if found is None:
        return told
    parts = dict(zip(Found._fields, found.write(), strict=True))
    since = find_since(day, parts.pop("days"))
    known = {key: part for key, part in parts.items() if part is not None}
    return {**told, "since": since.isoformat(), **known}
