"""When a site takes comments: spans of the week by the clock of a place."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from api.moderation.policy.document import Hours

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = 24 * 60
"""Minutes of the clock, whether or not it is put forward or back meanwhile."""

_TOLD = 3
"""How many spans a sentence bears."""


@dataclass(frozen=True, slots=True)
class _Span:
    """From `start` to before `end`, in minutes of the days that it begins on."""

    days: frozenset[int]
    start: int
    end: int

    def holds(self, day: int, minute: int) -> bool:
        """Whether it covers a minute of a day; what ends after midnight covers the day after."""
        if day in self.days and self.start <= minute < self.end:
            return True
        return (day - 1) % 7 in self.days and minute + _DAY < self.end


def is_open(hours: Hours, now: datetime) -> bool:
    """Whether comments are taken now, by what clocks in the zone show.

    So a night without an hour is an hour shorter, and an hour that comes twice counts twice.
    """
    local = now.astimezone(ZoneInfo(hours.zone))
    minute = local.hour * 60 + local.minute
    return any(span.holds(local.weekday(), minute) for span in _read(hours.open))


def tell(hours: Hours) -> str:
    """The hours in words."""
    more = ", …" if len(hours.open) > _TOLD else ""
    return f"{', '.join(hours.open[:_TOLD])}{more} ({hours.zone})"


@lru_cache(maxsize=1000)
def _read(spans: tuple[str, ...]) -> tuple[_Span, ...]:
    return tuple(_read_span(*one.split(" ")) for one in spans)


def _read_span(days: str, times: str) -> _Span:
    start, end = (_read_time(time) for time in times.split("-"))
    found = (day for part in days.split(",") for day in _read_days(part))
    return _Span(frozenset(found), start, end if end > start else end + _DAY)


def _read_days(part: str) -> list[int]:
    """`fri-mon` is four days."""
    first, _, last = part.partition("-")
    start, end = _DAYS.index(first), _DAYS.index(last or first)
    return [(start + step) % 7 for step in range((end - start) % 7 + 1)]


def _read_time(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)
