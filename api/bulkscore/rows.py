"""The comments of a piece, in order; or of a row that holds none, why."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from api.bulkscore.cutting import Piece, naming, read_names
from api.bulkscore.sources import CSV, PARQUET, BrokenError, Source
from api.bulkscore.tables import find_columns, to_comment, to_id
from api.bulkscore.texts import is_blank, open_lines, read_csv
from api.scorefile import Read, to_draft
from api.web.body import read_json
from api.web.problems import BodyError

AT_ONCE = 1024
"""Rows of Parquet unpacked at once."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the text is, and what a row is called."""

    text: str = "text"
    id: str = "id"
    loose: bool = False
    """Whether an object of JSON is read as a row of a table, or must be a comment as it is sent."""


@dataclass(frozen=True, slots=True)
class Row:
    """A comment, or the sentence that says why there is none, and what it is called."""

    id: str | None
    read: Read


def read_piece(source: Source, piece: Piece, columns: Columns) -> Iterator[Row]:
    """The rows of a piece; raise BrokenError where it is not what it was when it was cut."""
    read = {PARQUET: _read_parquet, CSV: _read_csv}.get(source.form, _read_json)
    count = 0
    with naming(source):
        for row in read(source, piece, columns):
            count += 1
            yield row
    if count != piece.rows:
        raise BrokenError(f"{source.path} has changed since it was begun with.")


def _read_json(source: Source, piece: Piece, columns: Columns) -> Iterator[Row]:
    with open_lines(source, piece.start, piece.end) as lines:
        for line in lines:
            if not is_blank(line):
                yield _read_object(line, columns)


def _read_object(line: str, columns: Columns) -> Row:
    try:
        found = read_json(line.lstrip("\ufeff").encode())
    except BodyError as error:
        return Row(None, str(error))
    if not isinstance(found, dict):
        return Row(None, to_draft(found))
    given = found.get(columns.id)
    name = None if isinstance(given, dict | list) else to_id(given)
    return Row(name, to_draft(to_comment(found, columns.text) if columns.loose else found))


def _read_csv(source: Source, piece: Piece, columns: Columns) -> Iterator[Row]:
    names = read_names(source)
    used = find_columns(names, columns.text, columns.id)
    # Where a name is there twice, the last counts, as with Python's own DictReader.
    places = {name: len(names) - 1 - names[::-1].index(name) for name in used}
    with open_lines(source, piece.start, piece.end) as lines:
        for record in filter(None, read_csv(lines)):
            found = {name: record[at] for name, at in places.items() if at < len(record)}
            yield _read_row(found, columns)


def _read_parquet(source: Source, piece: Piece, columns: Columns) -> Iterator[Row]:
    import pyarrow.parquet

    # Neither read ahead nor in threads: a process has one core, and little memory.
    with pyarrow.parquet.ParquetFile(source.path, pre_buffer=False, memory_map=True) as file:
        groups, before = _find_groups(file.metadata, piece)
        used = find_columns(file.schema_arrow.names, columns.text, columns.id)
        for batch in file.iter_batches(AT_ONCE, row_groups=groups, columns=used, use_threads=False):
            start = max(piece.start - before, 0)
            wanted = batch.slice(start, max(min(piece.end - before, len(batch)) - start, 0))
            before += len(batch)
            for found in wanted.to_pylist():
                yield _read_row(found, columns)
            if before >= piece.end:
                return


def _find_groups(metadata: Any, piece: Piece) -> tuple[list[int], int]:
    """The row groups that a piece lies in, and how many rows come before them."""
    groups: list[int] = []
    first = end = 0
    for number in range(metadata.num_row_groups):
        begin, end = end, end + metadata.row_group(number).num_rows
        if begin < piece.end and end > piece.start:
            first = first if groups else begin
            groups.append(number)
    return groups, first


def _read_row(found: dict[str, Any], columns: Columns) -> Row:
    return Row(to_id(found.get(columns.id)), to_draft(to_comment(found, columns.text)))
