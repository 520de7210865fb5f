"""JSON as Google's parser reads it: keys without quotes, single quotes, a comma too many."""

import re
from typing import Any, NoReturn

MAX_DEPTH = 100
"""How deep arrays and objects may nest."""

_BLANK = re.compile(r"[ \t\r\n]*")
_TEXT = re.compile(r""""((?:[^"\\]++|\\.)*+)"|'((?:[^'\\]++|\\.)*+)'""", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
"""A number as JSON writes it."""

_WORD = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_CONSTANTS = {"true": True, "false": False, "null": None}
_MEANS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class LenientError(Exception):
    """Not even this parser can read it; says what it expected, and where."""


def parse(text: str) -> Any:
    """Read a JSON value, the last of two fields of one name; raise LenientError."""
    reader = _Reader(text)
    value = reader.read_value(0)
    if reader.peek():
        reader.fail("Parsing terminated before end of input.")
    return value


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def fail(self, words: str) -> NoReturn:
        line = self._text.count("\n", 0, self._at) + 1
        column = self._at - self._text.rfind("\n", 0, self._at)
        raise LenientError(f"{words} See line {line}, column {column}.")

    def peek(self) -> str:
        """The next character that is no blank; nothing at the end."""
        self._at = _BLANK.match(self._text, self._at).end()  # type: ignore[union-attr]
        return self._text[self._at : self._at + 1]

    def read_value(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            self.fail("Message too deep.")
        match self.peek():
            case "{":
                return dict(self._read_items("}", depth, self._read_field))
            case "[":
                return list(self._read_items("]", depth, self.read_value))
            case '"' | "'":
                return self._read_text()
            case "":
                self.fail("Unexpected end of string. Expected a value.")
        return self._read_plain()

    def _read_items(self, end: str, depth: int, read: Any) -> list[Any]:
        self._at += 1
        found = []
        while self.peek() != end:
            found.append(read(depth + 1))
            if self.peek() == ",":
                self._at += 1
            elif self.peek() != end:
                self.fail(f"Expected , or {end}.")
        self._at += 1
        return found

    def _read_field(self, depth: int) -> tuple[str, Any]:
        name = self._read_text() if self.peek() in ("'", '"') else self._read_word()
        if self.peek() != ":":
            self.fail("Expected : between key:value pair.")
        self._at += 1
        return name, self.read_value(depth)

    def _read_word(self) -> str:
        found = _WORD.match(self._text, self._at)
        if found is None:
            self.fail("Expected an object key or }.")
        self._at = found.end()
        return found[0]

    def _read_text(self) -> str:
        found = _TEXT.match(self._text, self._at)
        if found is None:
            self.fail("Closing quote expected in string.")
        inside = found[1] if found[2] is None else found[2]
        if "\\" in inside:
            inside = _ESCAPE.sub(self._unescape, inside)
            # Two escapes may be the halves of one character.
            inside = inside.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        self._at = found.end()
        return inside

    def _unescape(self, found: re.Match[str]) -> str:
        if found[1]:
            return chr(int(found[1], 16))
        if found[2] == "u":
            self.fail("Illegal hex string.")
        return _MEANS.get(found[2], found[2])

    def _read_plain(self) -> Any:
        found = NUMBER.match(self._text, self._at)
        if found is not None:
            self._at = found.end()
            # No field has integers of more digits, and Python refuses to read thousands of them.
            whole = len(found[0]) < 19 and found[0].removeprefix("-").isdecimal()
            return int(found[0]) if whole else float(found[0])
        word = _WORD.match(self._text, self._at)
        if word is None or word[0] not in _CONSTANTS:
            self.fail("Unexpected token.")
        self._at = word.end()
        return _CONSTANTS[word[0]]
