"""Lines of a file, from one byte to another, whatever it is packed with; and where records end.

Records are found by the parser that reads them later, so a line end within quotes ends none. They
are found in Latin-1, where each byte is a character: what divides records is ASCII.
"""

import csv
import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from api.bulkscore.sources import CSV, BrokenError, Source

LONGEST: Final = 1 << 24
"""Bytes of the longest line; a comment has 80,000 at most."""
LONGEST_CELL: Final = 1 << 20
MARK: Final = "\ufeff"
_MARK_BYTES: Final = "\xef\xbb\xbf"
_SKIPPED_AT_ONCE: Final = 1 << 20


class Lines:
    """The lines of a file from a byte on, up to another, and how many bytes have been read."""

    def __init__(self, file: IO[bytes], start: int, end: int | None, encoding: str) -> None:
        self.offset = start
        window = io.BufferedReader(_Window(file, None if end is None else end - start))
        self._text = io.TextIOWrapper(window, encoding, errors="replace", newline="")
        self._first = start == 0
        self._mark = _MARK_BYTES if encoding == "latin-1" else MARK

    def __iter__(self) -> Iterator[str]:
        """Each line with its end; `offset` is right for Latin-1 alone."""
        while line := self._text.readline(LONGEST):
            if len(line) == LONGEST:
                raise ValueError(f"it has a line of more than {LONGEST >> 20} MiB")
            self.offset += len(line)
            if self._first:
                self._first, line = False, line.removeprefix(self._mark)
            yield line


class _Window(io.RawIOBase):
    """So many bytes of a file, from where it stands."""

    def __init__(self, file: IO[bytes], size: int | None) -> None:
        self._file = file
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        room = len(buffer) if self._left is None else min(len(buffer), self._left)
        found = self._file.read(room)
        buffer[: len(found)] = found
        if self._left is not None:
            self._left -= len(found)
        return len(found)


def _open_bytes(source: Source) -> Any:
    """The file's bytes, unpacked."""
    if source.packed == "gzip":
        return gzip.open(source.path, "rb")
    if source.packed == "zstd":
        import pyarrow

        return pyarrow.input_stream(source.path, compression="zstd")
    return Path(source.path).open("rb")


@contextmanager
def open_lines(
    source: Source, start: int = 0, end: int | None = None, encoding: str = "utf-8"
) -> Iterator[Lines]:
    """The lines of a file, unpacked, from a byte on, up to another."""
    with _open_bytes(source) as file:
        _skip(source, file, start)
        yield Lines(file, start, end, encoding)


def _skip(source: Source, file: IO[bytes], start: int) -> None:
    if source.packed is None:
        file.seek(start)
    while source.packed and start:
        found = file.read(min(start, _SKIPPED_AT_ONCE))
        if not found:
            raise BrokenError(f"{source.path} is shorter than it was.")
        start -= len(found)


def find_ends(source: Source, lines: Lines) -> Iterator[int]:
    """The byte after each record of a file, in order; a table's names are its first."""
    if source.form == CSV:
        for record in read_csv(lines):
            if record:
                yield lines.offset
    else:
        for line in lines:
            if not is_blank(line, _MARK_BYTES):
                yield lines.offset


def is_blank(line: str, mark: str = MARK) -> bool:
    """Whether a line holds nothing at all."""
    return line.strip(" \t\r\n") in ("", mark)


def read_csv(lines: Lines) -> Iterator[list[str]]:
    """The records of a table, its names first; blank lines are empty ones."""
    # Whoever cuts a file and whoever reads it must be of one mind, wherever they run.
    csv.field_size_limit(LONGEST_CELL)
    return csv.reader(iter(lines))
