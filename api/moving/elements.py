"""Records in XML of any size, with the memory of one.

Expat alone, without what it could be harmed by: a document type (and with it entities, and what
lies outside the file) is refused, and so is a tag that does not end. Characters that XML forbids,
of which old exports have many, are left out.
"""

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Final, NoReturn
from xml.parsers import expat

from api.moving.items import TEXT_KEPT, FileError

CHUNK: Final = 64 * 1024

LONGEST_TAG: Final = 1024 * 1024
"""Bytes of one tag, comment or instruction: expat keeps them until they end."""

DEEPEST: Final = 100
"""How deep elements may nest."""

MOST_NAMES: Final = 1_000
"""How many names elements and attributes may have: expat keeps each of them for good."""

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_FORBIDDEN = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])


_PARENT: Final = "parent"
"""What refers to another record of the same name."""


@dataclass(slots=True)
class Record:
    """An element that was asked for: the texts of those in it by name, and the ids they refer to.

    `outer` is the record around it, as far as it was read by then.
    """

    name: str
    texts: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    outer: "Record | None" = None


def read_records(stream: IO[bytes], wanted: Mapping[str, frozenset[str]]) -> Iterator[Record]:
    """Each element named in `wanted`, once it has ended, with the texts that are named for it.

    Names are without their namespaces. Raises FileError where the file is no XML, or no more.
    """
    reader = _Reader(wanted)
    try:
        for text in _decode(stream):
            reader.feed(text)
            yield from reader.take()
        reader.close()
    except FileError:
        # What was whole before the fault is there all the same.
        yield from reader.take()
        raise
    yield from reader.take()


def _decode(stream: IO[bytes]) -> Iterator[str]:
    """The text in pieces, whatever it is encoded in, without what XML forbids."""
    start = stream.read(CHUNK)
    decoder = codecs.getincrementaldecoder(_find_encoding(start))(errors="replace")
    some = start
    while some:
        yield decoder.decode(some).translate(_FORBIDDEN)
        some = stream.read(CHUNK)
    yield decoder.decode(b"", final=True).translate(_FORBIDDEN)


def _find_encoding(start: bytes) -> str:
    for mark, name in _MARKS.items():
        if start.startswith(mark):
            return name
    declared = _DECLARED.match(start)
    name = declared[1].decode() if declared else "utf-8"
    try:
        found = codecs.lookup(name)
        "".encode(name)
    except LookupError as error:
        raise FileError(f"It says to be in the encoding {name}, which nobody knows.") from error
    return found.name


class _Reader:
    """Collects records while expat reads."""

    def __init__(self, wanted: Mapping[str, frozenset[str]]) -> None:
        self._wanted, self._found = wanted, list[Record]()
        self._open: list[Record] = []
        self._depth, self._fed = 0, 0
        self._names = set[str]()
        self._text: list[str] | None = None
        self._length = 0
        self._parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._hear
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.ExternalEntityRefHandler = self._refuse

    def feed(self, text: str) -> None:
        """Read on."""
        some = text.encode("utf-8", "replace")
        self._fed += len(some)
        self._parse(some, final=False)
        if self._fed - max(self._parser.CurrentByteIndex, 0) > LONGEST_TAG + CHUNK:
            line = self._parser.CurrentLineNumber
            raise FileError(f"Line {line} begins a tag that is longer than 1 MB.")

    def close(self) -> None:
        """There is no more."""
        self._parse(b"", final=True)

    def take(self) -> Iterator[Record]:
        """The records that have ended since this was asked last."""
        found, self._found = self._found, []
        return iter(found)

    def _parse(self, some: bytes, final: bool) -> None:
        try:
            self._parser.Parse(some, final)
        except expat.ExpatError as error:
            why = expat.ErrorString(error.code)
            raise FileError(f"Line {error.lineno} is no XML any more: {why}.") from error

    def _refuse(self, *_: Any) -> NoReturn:
        raise FileError("It has a document type, which no export has and which is not read.")

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise FileError(f"Its elements nest deeper than {DEEPEST}.")
        self._names.update((name, *attributes))
        if len(self._names) > MOST_NAMES:
            raise FileError(f"It has more than {MOST_NAMES:,} kinds of elements and attributes.")
        name = _bare(name)
        inside = self._open[-1] if self._open else None
        if name in self._wanted:
            inside = Record(name, outer=inside)
            self._open.append(inside)
        elif inside is not None and name in self._wanted[inside.name]:
            self._text, self._length = [], 0
        if inside is not None and (name in self._wanted or name == _PARENT):
            for key, value in attributes.items():
                if _bare(key) == "id":
                    inside.ids.setdefault(name, value)

    def _hear(self, text: str) -> None:
        if self._text is not None and self._length <= TEXT_KEPT:
            self._text.append(text)
            self._length += len(text)

    def _end(self, name: str) -> None:
        self._depth -= 1
        name = _bare(name)
        if not self._open:
            return
        inside = self._open[-1]
        if name == inside.name:
            self._found.append(self._open.pop())
        elif self._text is not None and name in self._wanted[inside.name]:
            inside.texts.setdefault(name, "".join(self._text))
        self._text = None


def _bare(name: str) -> str:
    """The name without its prefix, which some exports use without declaring it."""
    return name.rpartition(":")[2]
