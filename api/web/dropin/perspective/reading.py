"""Bodies as protobuf reads them: a message is a table of fields, and each field reads itself.

Names are camelCase or snake_case, `null` is as good as absent, and all that is wrong is said at
once, in Google's words and by the fields' names in the protocol's own description.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from api.web.dropin.perspective import lenient
from api.web.dropin.perspective.errors import PACKAGE, refuse_payload

_BAD = "Invalid JSON payload received."
_MOST_FAULTS = 50
_LONGEST_SHOWN = 100
_LONGEST_LENIENT = 1024 * 1024
_LARGEST_FLOAT = 3.4028235677973366e38
_UPPER = re.compile("[A-Z]")
_LONE = re.compile("[\ud800-\udfff]")

Faults = list[tuple[str, str]]
"""What is wrong: of which field, and why."""

Read = Callable[[Any, str, Faults], Any]
"""Reads a value that is no null, found at a path; adds to the faults what is wrong with it."""


class Message:
    """An object of known fields; what is read is a dictionary by their camelCase names."""

    def __init__(self, name: str, fields: Mapping[str, Read]) -> None:
        self._type = f"{PACKAGE}.{name}"
        snakes = {one: _UPPER.sub(lambda found: f"_{found[0].lower()}", one) for one in fields}
        self._fields = {
            spelling: (one, snakes[one], read)
            for one, read in fields.items()
            for spelling in (one, snakes[one])
        }

    def parse(self, body: bytes) -> dict[str, Any]:
        """Read a whole body, an empty one as an empty object; raise GoogleError."""
        value = _parse(body)
        if not isinstance(value, dict):
            raise refuse_payload([("", f'{_BAD} Unknown name "": Root element must be a message.')])
        faults: Faults = []
        found = self(value, "", faults)
        if faults:
            raise refuse_payload(faults)
        return found

    def __call__(self, value: Any, path: str, faults: Faults) -> dict[str, Any]:
        """Read what is to be such an object."""
        if not isinstance(value, dict):
            _refuse(value, path, self._type, faults)
            return {}
        found = {}
        for spelling, given in value.items():
            known = self._fields.get(spelling)
            if known is None:
                _note(faults, path, _unknown(spelling, path, "Cannot find field."))
            elif given is not None:
                name, snake, read = known
                found[name] = read(given, f"{path}.{snake}" if path else snake, faults)
        return found


def repeated(read: Read) -> Read:
    """A list of such values; a lone one is a list of one, as protobuf has it."""

    def read_all(value: Any, path: str, faults: Faults) -> list[Any]:
        values = value if isinstance(value, list) else [value]
        return [
            read(one, f"{path}[{place}]", faults)
            for place, one in enumerate(values)
            if one is not None
        ]

    return read_all


def mapped(read: Message) -> Read:
    """An object of any names, whose values are such messages; null is an empty one."""

    def read_all(value: Any, path: str, faults: Faults) -> dict[str, Any]:
        if not isinstance(value, dict):
            _refuse(value, path, "Map", faults)
            return {}
        return {
            string(name, path, faults): {} if one is None else read(one, _entry(path, at), faults)
            for at, (name, one) in enumerate(value.items())
        }

    return read_all


def string(value: Any, path: str, faults: Faults) -> str:
    """A text; half a character, which UTF-8 has no way to say, becomes U+FFFD."""
    if not isinstance(value, str):
        _refuse(value, path, "TYPE_STRING", faults)
        return ""
    return value if value.isascii() else _LONE.sub("\ufffd", value)


def boolean(value: Any, path: str, faults: Faults) -> bool:
    """True or false, also as words."""
    if value is True or value == "true":
        return True
    if value is not False and value != "false":
        _refuse(value, path, "TYPE_BOOL", faults)
    return False


def number(value: Any, path: str, faults: Faults) -> float:
    """A number that 32 bits can hold, also as a text."""
    found = _make_number(value)
    if not abs(found) <= _LARGEST_FLOAT:
        _refuse(value, path, "TYPE_FLOAT", faults)
        return 0.0
    return found


def integer(value: Any, path: str, faults: Faults) -> int:
    """A whole number of 32 bits, also as a text or with a fraction of nothing."""
    found = _make_number(value)
    if not (-(2**31) <= found < 2**31 and found.is_integer()):
        _refuse(value, path, "TYPE_INT32", faults)
        return 0
    return int(found)


def enumeration(*names: str) -> Read:
    """One of some names, or its number; any other text is left to whoever asked for it."""

    def read(value: Any, path: str, faults: Faults) -> str:
        if isinstance(value, str):
            return string(value, path, faults)
        if isinstance(value, int) and not isinstance(value, bool):
            return names[value] if 0 <= value < len(names) else str(value)[:_LONGEST_SHOWN]
        _refuse(value, path, "TYPE_ENUM", faults)
        return names[0]

    return read


def _parse(body: bytes) -> Any:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise refuse_payload([("", f"{_BAD} Encountered non UTF-8 code points.")]) from None
    try:
        return _decode(text)
    except (ValueError, RecursionError):
        return _parse_leniently(text)


def _parse_leniently(text: str) -> Any:
    text = text.removeprefix("\ufeff")
    if not text.strip():
        return {}
    if len(text) > _LONGEST_LENIENT:
        # Ours reads so much more slowly than Python's own; by hand nobody writes as much.
        raise refuse_payload([("", f"{_BAD} A body of this size has to be plain JSON.")])
    try:
        return lenient.parse(text)
    except lenient.LenientError as error:
        raise refuse_payload([("", f"{_BAD} {error}")]) from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


# Line ends may stand in texts as they are.
_decode = json.JSONDecoder(strict=False, parse_constant=_refuse_constant).decode


def _make_number(value: Any) -> float:
    """The number; NaN for what is none, or too large for Python's."""
    plain = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not plain and not (isinstance(value, str) and lenient.NUMBER.fullmatch(value)):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.nan


def _entry(path: str, place: int) -> str:
    return f"{path}[{place}].value"


def _unknown(name: str, path: str, why: str) -> str:
    at = f" at '{path}'" if path else ""
    return f'{_BAD} Unknown name "{_shorten(name)}"{at}: {why}'


def _refuse(value: Any, path: str, kind: str, faults: Faults) -> None:
    """Say that a value is of the wrong type."""
    if isinstance(value, list) and kind != "Map":
        parent, _, name = path.rpartition(".")
        why = "Proto field is not repeating, cannot start list."
        _note(faults, parent, _unknown(name, parent, why))
        return
    match value:
        case list():
            shown = f"Cannot bind a list to map for field '{path.rpartition('.')[2]}'."
        case dict():
            shown = "Starting an object on a scalar field"
        case str():
            shown = f'"{_shorten(value)}"'
        case _:
            shown = _shorten(json.dumps(value))
    _note(faults, path, f"Invalid value at '{path}' ({kind}), {shown}")


def _note(faults: Faults, field: str, says: str) -> None:
    if len(faults) < _MOST_FAULTS:
        faults.append((field, says))


def _shorten(given: str) -> str:
    return _LONE.sub("\ufffd", given[:_LONGEST_SHOWN])
