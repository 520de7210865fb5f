"""A file divided into pieces that can be judged apart: where each begins and what it holds."""

import csv
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.bulkscore.sources import CSV, PARQUET, BrokenError, Source
from api.bulkscore.texts import find_ends, open_lines, read_csv

SMALLEST, LARGEST, USUAL_COUNT = 2 << 20, 64 << 20, 4096
"""Bytes of a piece: a large input has about `USUAL_COUNT` of them."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file: bytes of a text, unpacked, or rows of Parquet, from `start` to `end`."""

    start: int
    end: int
    before: int
    """How many rows of the file come before it."""
    rows: int


@dataclass(frozen=True, slots=True)
class Cut:
    """What a file held when it was cut into pieces."""

    size: int
    sha256: str
    pieces: tuple[Piece, ...]


def find_size(total: int) -> int:
    """How many bytes a piece of so many in all should have."""
    return min(max(total // USUAL_COUNT, SMALLEST), LARGEST)


def cut(source: Source, size: int, text_column: str) -> Cut:
    """Cut a file into pieces of about `size` bytes; raise BrokenError where it cannot be read."""
    with naming(source):
        length, digest = fingerprint(source)
        find = _cut_parquet if source.form == PARQUET else _cut_text
        return Cut(length, digest, tuple(find(source, size, text_column)))


def fingerprint(source: Source) -> tuple[int, str]:
    """How long a file is, and the digest of what it holds."""
    with Path(source.path).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return file.tell(), digest


@contextmanager
def naming(source: Source) -> Iterator[None]:
    """Say which file it is that cannot be read."""
    try:
        yield
    except BrokenError:
        raise
    except (OSError, EOFError, ValueError, csv.Error, zlib.error) as error:
        why = (getattr(error, "strerror", None) or str(error)).splitlines() or [""]
        raise BrokenError(f"{source.path} cannot be read: {why[0].rstrip('.')}.") from error


def _cut_text(source: Source, size: int, text_column: str) -> Iterator[Piece]:
    with open_lines(source, encoding="latin-1") as lines:
        ends = find_ends(source, lines)
        start = before = rows = 0
        end = 0
        if source.form == CSV:
            start = end = next(ends, 0)
            if end:
                check_names(source, read_names(source), text_column)
        for end in ends:
            rows += 1
            # What is packed can only be read from its beginning, so it is one piece.
            if end - start >= size and not source.packed:
                yield Piece(start, end, before, rows)
                start, before, rows = end, before + rows, 0
        if rows:
            yield Piece(start, end, before, rows)


def _cut_parquet(source: Source, size: int, text_column: str) -> Iterator[Piece]:
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(source.path) as file:
        check_names(source, file.schema_arrow.names, text_column)
        rows = file.metadata.num_rows
        weight = _weigh(file.metadata, text_column)
    each = max(1, rows * size // max(weight, 1))
    for start in range(0, rows, each):
        end = min(start + each, rows)
        yield Piece(start, end, start, end - start)


def _weigh(metadata: Any, text_column: str) -> int:
    """How many bytes the texts have, unpacked."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    columns = [group.column(at) for group in groups for at in range(group.num_columns)]
    return sum(one.total_uncompressed_size for one in columns if one.path_in_schema == text_column)


def read_names(source: Source) -> list[str]:
    """The names of a table's columns."""
    with open_lines(source) as lines:
        return next((record for record in read_csv(lines) if record), [])


def check_names(source: Source, names: list[str], text_column: str) -> None:
    """Raise BrokenError where no column holds the texts."""
    if text_column not in names:
        raise BrokenError(f"{source.path} has no column named {text_column}.")
