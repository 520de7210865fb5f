"""Fields of a policy document; what does not fit is said so that its author can mend it."""

import re
from types import MappingProxyType
from typing import Any

import marshmallow as ma
from marshmallow import validate

from api.moderation.policy.document import Target

_TARGET = re.compile(r"(precision|share):(\d*\.?\d+)")
_NO_TARGET = "Must be a score from 0 to 1, never, precision:0.95 or share:0.01."
_HOST = re.compile(r"(?=.{1,253}\Z)[^\s/:@*]+\.[^\s/:@*]+")


def number(least: float, most: float, **given: Any) -> ma.fields.Float:
    """A number between two bounds, both allowed; no string of digits, no boolean."""
    return _Number(validate=validate.Range(least, most), **given)


def whole(least: int, most: int, **given: Any) -> ma.fields.Integer:
    """A whole number between two bounds, both allowed."""
    return ma.fields.Integer(strict=True, validate=[_no_flag, validate.Range(least, most)], **given)


class _Number(ma.fields.Float):
    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> float:
        if isinstance(value, bool | str):
            raise self.make_error("invalid")
        return super()._deserialize(value, *args, **kwargs) or 0.0


def _no_flag(value: Any) -> None:
    if isinstance(value, bool):
        raise ma.ValidationError("Not a valid integer.")


class Text(ma.fields.String):
    """A string that every database can hold."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, *args, **kwargs)
        if "\x00" in text or (not text.isascii() and re.search("[\ud800-\udfff]", text)):
            raise ma.ValidationError("Holds a character that cannot be kept.")
        return text


def one_of(choices: tuple[str, ...], **given: Any) -> ma.fields.String:
    """One of some words."""
    return Text(validate=validate.OneOf(choices, error="Must be one of: {choices}."), **given)


def words(longest: int, shortest: int = 0, **given: Any) -> ma.fields.String:
    """A string of so many characters."""
    return Text(validate=validate.Length(shortest, longest), **given)


def hosts() -> ma.fields.List[Any]:
    """Names of hosts, in small letters."""
    fits = validate.Regexp(_HOST, error="A host is a name like example.com, without http://.")
    return Tuple(_Host(validate=fits), validate=validate.Length(max=10_000))


class _Host(Text):
    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        return super()._deserialize(value, *args, **kwargs).strip().lower().removeprefix("www.")


class Tuple(ma.fields.List[Any]):
    """A list that does not change."""

    def _deserialize(self, *args: Any, **kwargs: Any) -> Any:
        return tuple(super()._deserialize(*args, **kwargs))


class Frozen(ma.fields.Dict):
    """A mapping that does not change."""

    def _deserialize(self, *args: Any, **kwargs: Any) -> Any:
        found = super()._deserialize(*args, **kwargs)  # type: ignore[no-untyped-call]
        return MappingProxyType(found)


class TargetField(ma.fields.Field[Target]):
    """A score from 0 to 1, `never`, `precision:0.95` or `share:0.01`."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Target:
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
            return Target("score", float(value))
        if value == "never":
            return Target("never")
        found = _TARGET.fullmatch(value) if isinstance(value, str) else None
        if found is None or not 0 < float(found[2]) < 1:
            raise ma.ValidationError(_NO_TARGET)
        return Target(found[1], float(found[2]))


class Shape(ma.Schema):
    """A schema that says in plain words what it cannot take."""

    error_messages = {"type": "Must be a mapping of fields to values."}  # noqa: RUF012


class Made(Shape):
    """A schema whose result is an object of the class `made`."""

    made: type

    @ma.post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Any:
        return self.made(**data)
