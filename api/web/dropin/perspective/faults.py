"""What is wrong with a body, in the words of protobuf's own reader of JSON."""

import json
import re
from typing import Any

BAD = "Invalid JSON payload received."

LONE = re.compile("[\ud800-\udfff]")
"""Half a character, which UTF-8 has no way to say."""

_MOST = 50
_LONGEST_SHOWN = 100

Faults = list[tuple[str, str]]
"""What is wrong: of which field, and why."""


def unknown(name: str, path: str, why: str) -> str:
    """The sentence about a field, in the object at a path, that there cannot be."""
    at = f" at '{path}'" if path else ""
    return f'{BAD} Unknown name "{_shorten(name)}"{at}: {why}'


def refuse(value: Any, path: str, kind: str, faults: Faults) -> None:
    """Say that a value is of the wrong type."""
    if isinstance(value, list) and kind != "Map":
        parent, _, name = path.rpartition(".")
        why = "Proto field is not repeating, cannot start list."
        note(faults, parent, unknown(name, parent, why))
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
    note(faults, path, f"Invalid value at '{path}' ({kind}), {shown}")


def note(faults: Faults, field: str, says: str) -> None:
    """Add a fault, as long as they are few enough to be read."""
    if len(faults) < _MOST:
        faults.append((field, says))


def _shorten(given: str) -> str:
    return LONE.sub("\ufffd", given[:_LONGEST_SHOWN])
