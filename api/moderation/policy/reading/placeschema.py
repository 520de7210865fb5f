"""The shape of how comments are taken somewhere: the mode, opening hours, the end of a thread."""

import re
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import marshmallow as ma
from marshmallow import validate

from api.moderation.policy.document import MODES, Hours, Mode
from api.moderation.policy.reading.fields import Made, Text, Tuple, one_of, whole

_DAYS = "(?:mon|tue|wed|thu|fri|sat|sun)"
_SPAN = re.compile(
    rf"{_DAYS}(?:-{_DAYS})?(?:,{_DAYS}(?:-{_DAYS})?)*"
    r" (?:[01]\d|2[0-3]):[0-5]\d-(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)"
)


class HoursSchema(Made):
    """When comments are taken."""

    made = Hours
    zone = Text(required=True)
    open = Tuple(
        Text(validate=validate.Regexp(_SPAN, error="Must look like: mon-fri 08:00-22:00")),
        required=True,
        validate=validate.Length(1, 50),
    )
    outside = one_of(("pre", "closed"))

    @ma.validates("zone")
    def _check_zone(self, zone: str, **_: Any) -> None:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ma.ValidationError("Must be a time zone like Europe/Berlin.") from error


def hours() -> ma.fields.Nested:
    """Opening hours; null is as if nothing were said."""
    return ma.fields.Nested(HoursSchema, allow_none=True)


class ModeSchema(Made):
    """How comments are taken in a section or under an article."""

    made = Mode
    mode = one_of(MODES)
    approvals = whole(1, 100)
    hours = hours()
    close_after_days = whole(0, 36500)
