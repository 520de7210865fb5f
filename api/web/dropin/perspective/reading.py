"""Bodies as protobuf reads them: a message is a table of fields, and each field reads itself.

Names are camelCase or snake_case, `null` is as good as absent, and all that is wrong is said at
once, by the fields' names in the protocol's own description.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from api.web.dropin.perspective import lenient
from api.web.dropin.perspective.errors import PACKAGE, refuse_payload
from api.web.dropin.perspective.faults import BAD, LONE, Faults, note, refuse, unknown

_LONGEST_LENIENT = 1024 * 1024
_UPPER = re.compile("[A-Z]")

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
            raise refuse_payload([("", f'{BAD} Unknown name "": Root element must be a message.')])
        faults: Faults = []
        found = self(value, "", faults)
        if faults:
            raise refuse_payload(faults)
        return found

    def __call__(self, value: Any, path: str, faults: Faults) -> dict[str, Any]:
        """Read what is to be such an object."""
        if not isinstance(value, dict):
            refuse(value, path, self._type, faults)
            return {}
        found = {}
        for spelling, given in value.items():
            known = self._fields.get(spelling)
            if known is None:
                note(faults, path, unknown(spelling, path, "Cannot find field."))
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
            refuse(value, path, "Map", faults)
            return {}
        return {
            LONE.sub("\ufffd", name): {} if one is None else read(one, _entry(path, at), faults)
            for at, (name, one) in enumerate(value.items())
        }

    return read_all


def _entry(path: str, place: int) -> str:
    return f"{path}[{place}].value"


def _parse(body: bytes) -> Any:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise refuse_payload([("", f"{BAD} Encountered non UTF-8 code points.")]) from None
    try:
        return _decode(text)
    except (ValueError, RecursionError):
        return _parse_leniently(text)


def _parse_leniently(text: str) -> Any:
    text = text.removeprefix("\ufeff")
    if not text.strip():
        return {}
    if len(text) > _LONGEST_LENIENT:
        # Ours is much slower than Python's own, and nobody writes as much by hand.
        raise refuse_payload([("", f"{BAD} A body of this size has to be plain JSON.")])
    try:
        return lenient.parse(text)
    except lenient.LenientError as error:
        raise refuse_payload([("", f"{BAD} {error}")]) from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


# Line ends may stand in texts as they are.
_decode = json.JSONDecoder(strict=False, parse_constant=_refuse_constant).decode
