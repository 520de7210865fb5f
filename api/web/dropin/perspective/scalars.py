"""Values of fields as protobuf reads them: it takes more than one way of writing each."""

import math
from typing import Any

from api.web.dropin.perspective import lenient
from api.web.dropin.perspective.faults import LONE, Faults, refuse
from api.web.dropin.perspective.reading import Read

_LARGEST_FLOAT = 3.4028235677973366e38
_LONGEST_NUMBER = 100


def string(value: Any, path: str, faults: Faults) -> str:
    """A text; half a character, which UTF-8 has no way to say, becomes U+FFFD."""
    if not isinstance(value, str):
        refuse(value, path, "TYPE_STRING", faults)
        return ""
    return value if value.isascii() else LONE.sub("\ufffd", value)


def boolean(value: Any, path: str, faults: Faults) -> bool:
    """True or false, also as words."""
    if value is True or value == "true":
        return True
    if value is not False and value != "false":
        refuse(value, path, "TYPE_BOOL", faults)
    return False


def number(value: Any, path: str, faults: Faults) -> float:
    """A number that 32 bits can hold, also as a text."""
    found = _make_number(value)
    if not abs(found) <= _LARGEST_FLOAT:
        refuse(value, path, "TYPE_FLOAT", faults)
        return 0.0
    return found


def integer(value: Any, path: str, faults: Faults) -> int:
    """A whole number of 32 bits, also as a text or with a fraction of nothing."""
    found = _make_number(value)
    if not (-(2**31) <= found < 2**31 and found.is_integer()):
        refuse(value, path, "TYPE_INT32", faults)
        return 0
    return int(found)


def enumeration(*names: str) -> Read:
    """One of some names, or its number; any other text is left to whoever asked for it."""

    def read(value: Any, path: str, faults: Faults) -> str:
        if isinstance(value, str):
            return string(value, path, faults)
        if isinstance(value, int) and not isinstance(value, bool):
            return names[value] if 0 <= value < len(names) else str(value)[:_LONGEST_NUMBER]
        refuse(value, path, "TYPE_ENUM", faults)
        return names[0]

    return read


def _make_number(value: Any) -> float:
    """The number; NaN for what is none, or too large for Python's."""
    plain = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not plain and not (isinstance(value, str) and lenient.NUMBER.fullmatch(value)):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.nan
