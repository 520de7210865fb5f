"""Fields that several schemas share; what the database could not keep is refused here."""

import ipaddress
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
from marshmallow import validate

from api.moderation import searching

MAX_SEARCH = 200
"""Longest text to search for, in characters."""

MAX_METADATA = 4096
"""Largest `metadata`, in bytes of JSON."""

COMMENT_ID = r"[A-Za-z0-9_~:@+=-][A-Za-z0-9_.~:@+=-]{0,127}"
"""An id that can stand in a path: it has no slash and is never `.` or `..`."""


class Text(ma.fields.String):
    """A string that every database and every log can hold."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        _check_characters(text)
        return text


class SearchText(Text):
    """Words to search for."""

    def __init__(self, **kwargs: Any) -> None:
        says = 'words, "a phrase", beginning*, -without: all must hold'
        length = validate.Length(max=MAX_SEARCH)
        super().__init__(validate=length, metadata={"description": says}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        found = super()._deserialize(value, attr, data, **kwargs)
        try:
            searching.parse(found)
        except searching.SearchError as error:
            raise ma.ValidationError(str(error)) from error
        return found


class Time(ma.fields.AwareDateTime):
    """An RFC 3339 time; any offset comes in, UTC with a Z goes out."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        time: datetime = super()._deserialize(value, attr, data, **kwargs)
        try:
            return time.astimezone(UTC)
        except OverflowError as error:
            raise ma.ValidationError("Outside the years 1 to 9999.") from error


class Address(ma.fields.String):
    """An IPv4 or IPv6 address in its usual spelling."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        try:
            found = ipaddress.ip_address(super()._deserialize(value, attr, data, **kwargs))
        except ValueError as error:
            raise ma.ValidationError("Not an IPv4 or IPv6 address.") from error
        if getattr(found, "scope_id", None):
            # A zone means something on one machine alone, and may hold any text at all.
            raise ma.ValidationError("An address with a zone is of no use here.")
        return str(found)


class Metadata(ma.fields.Dict):
    """Anything the site wants back: kept, never judged."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        found = super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]
        written = json.dumps(found, ensure_ascii=False)
        # JSON spells the character U+0000 this way, once escaped backslashes are out of sight.
        _check_characters(written.replace("\\\\", "").replace("\\u0000", "\x00"))
        if len(written.encode()) > MAX_METADATA:
            raise ma.ValidationError(f"Longer than {MAX_METADATA} bytes of JSON.")
        return found


def _check_characters(text: str) -> None:
    if "\x00" in text:
        raise ma.ValidationError("Holds the character U+0000.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ma.ValidationError(f"Holds half a surrogate pair at {error.start}.") from error


def text(
    longest: int, shortest: int = 0, also: Callable[[Any], Any] | None = None, **kwargs: Any
) -> Text:
    """A `Text` of so many characters that the validator `also` accepts too."""
    length = validate.Length(min=shortest, max=longest)
    return Text(validate=[length, also] if also else length, **kwargs)


class Flag(ma.fields.Boolean):
    """A JSON boolean: not 1, not "yes"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class PageQuery(ma.Schema):
    """What every list is asked with."""

    limit = ma.fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))
    cursor = text(500, load_default=None)


def show_time(time: datetime | None) -> str | None:
    """A time as we send it."""
    return None if time is None else time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def without_blanks(given: Mapping[str, Any]) -> dict[str, Any]:
    """A form's fields without those left empty: websites send "" for what nobody filled in."""
    return {name: value for name, value in given.items() if value not in ("", None)}
