"""What is wrong with a policy: each fault with its place, in words its author can act on."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import marshmallow as ma

from api.moderation.errors import RuleError

Path = tuple[str | int, ...]
"""Keys and indexes that lead to a place in plain data."""

UNKNOWN = "Unknown field."


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at a place of a policy.

    The place is a JSON pointer, and where the policy came as text its line and column, which
    count from 1.
    """

    pointer: str
    detail: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return f"{self.pointer}: {self.detail}" if self.pointer else self.detail


class PolicyError(RuleError):
    """A policy cannot be used; `faults` says everything that is wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(self._say(faults))
        self.faults = faults

    def _say(self, faults: list[Fault]) -> str:
        first = faults[0]
        where = f"line {first.line}: " if first.line else ""
        more = f" And {len(faults) - 1} more." if len(faults) > 1 else ""
        return f"The policy cannot be used. {where}{first}{more}"


class DoubtfulError(PolicyError):
    """A policy could be used, but seems not to do what its author wants; force puts it."""

    def _say(self, faults: list[Fault]) -> str:
        return f"{super()._say(faults)} To have it all the same, force it."


def point(path: Path) -> str:
    """A path as a JSON pointer (RFC 6901)."""
    keys = (str(key).replace("~", "~0").replace("/", "~1") for key in path)
    # Half a surrogate pair could not be sent back.
    return "".join(f"/{key}" for key in keys).encode(errors="replace").decode()


def find_leaves(messages: Any, shape: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """The places and sentences in marshmallow's messages about data of a shape.

    The shape is a schema or field. Its levels for the keys and values of a mapping are left out,
    and the name of an unknown field is answered with the nearest one.
    """
    if not isinstance(messages, dict):
        for message in messages if isinstance(messages, list) else [messages]:
            yield path, str(message)
        return
    for key, inside in messages.items():
        if key == "_schema":
            yield from find_leaves(inside, None, path)
        elif inside == [UNKNOWN]:
            yield (*path, key), _suggest(str(key), shape)
        elif _is_open(shape):
            yield from find_leaves(inside.get("key", []), None, (*path, key))
            yield from find_leaves(inside.get("value", []), shape.value_field, (*path, key))
        else:
            yield from find_leaves(inside, _member(shape, key), (*path, key))


def _suggest(name: str, shape: Any) -> str:
    near = get_close_matches(name.lower(), _names(shape), 1)
    if near:
        return f"{UNKNOWN} Did you mean “{near[0]}”?"
    homes = [home for home, one in _members(shape).items() if name in _names(one)]
    return f"{UNKNOWN} It belongs into “{homes[0]}”." if homes else UNKNOWN


def _is_open(shape: Any) -> bool:
    """Whether it is a mapping whose keys are its author's own."""
    return isinstance(shape, ma.fields.Dict)


def _names(shape: Any) -> list[str]:
    return [name if one.data_key is None else one.data_key for name, one in _members(shape).items()]


def _member(shape: Any, key: str | int) -> Any:
    if isinstance(shape, ma.fields.List):
        return shape.inner
    by_name = {one.data_key or name: one for name, one in _members(shape).items()}
    return by_name.get(str(key))


def _members(shape: Any) -> dict[str, ma.fields.Field[Any]]:
    schema = shape.schema if isinstance(shape, ma.fields.Nested) else shape
    return dict(schema.load_fields) if isinstance(schema, ma.Schema) else {}
