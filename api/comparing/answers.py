"""Stored answers, read one after the other from JSONL or a table, whatever else is in the file."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from api.comparing.shapes import TEXT_FIELDS, Answer, ShapeError, read_answer

LONGEST: Final = 8 * 1024 * 1024
"""Bytes of a line that are read; requests may hold megabytes of context."""

LONGEST_CELL: Final = 128 * 1024
"""Characters of a cell of a table."""

FORMATS: Final = ("jsonl", "csv")
_DELIMITERS: Final = ",;\t"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a line could not be compared, such as "no text"."""

    why: str


Read = tuple[int, Answer | Fault]
"""The number of a line, from 1, and what it holds."""


def read_answers(
    file: IO[bytes], form: str | None = None, text_field: str | None = None
) -> Iterator[Read]:
    """What each line of a file holds, or each row of a table; raise ValueError for neither."""
    lines = _read_lines(file)
    first = next(lines, "").removeprefix("\ufeff")
    form = form or _tell(str(getattr(file, "name", "")), first)
    if form == "jsonl":
        yield from _read_json(_join(first, lines), text_field)
    else:
        yield from _read_table(first, lines, text_field)


def _read_lines(file: IO[bytes]) -> Iterator[str]:
    while line := file.readline(LONGEST):
        rest = line
        # The end of what is too long is dropped: cut, it no JSON, and counted as such.
        while not rest.endswith(b"\n") and (rest := file.readline(LONGEST)):
            pass
        yield line.decode("utf-8", "replace")


def _join(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


def _tell(name: str, first: str) -> str:
    ending = Path(name).suffix.lower()
    if ending in (".csv", ".tsv"):
        return "csv"
    start = first.lstrip()[:1]
    if start == "[":
        raise ValueError(
            "This is one JSON list; write an answer a line: jq -c '.[]' list.json > answers.jsonl"
        )
    return "jsonl" if start in ("{", "") or ending in (".jsonl", ".ndjson") else "csv"


def _read_json(lines: Iterator[str], text_field: str | None) -> Iterator[Read]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, _read_one(line, text_field)


def _read_one(line: str, text_field: str | None) -> Answer | Fault:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return Fault("no JSON")
    return _understand(found, text_field)


def _understand(found: object, text_field: str | None) -> Answer | Fault:
    try:
        return read_answer(found, text_field)
    except ShapeError as error:
        return Fault(str(error))


def _read_table(header: str, lines: Iterator[str], text_field: str | None) -> Iterator[Read]:
    wanted = TEXT_FIELDS if text_field is None else (text_field,)
    for delimiter in _DELIMITERS:
        names = _read_names(header, delimiter)
        if set(names) & set(wanted):
            break
    else:
        raise ValueError(
            f"This is neither JSONL nor a table with a column named {' or '.join(wanted)}."
        )
    # A quote that is never closed would otherwise take in the rest of the file.
    csv.field_size_limit(LONGEST_CELL)
    table = csv.reader(lines, delimiter=delimiter)
    while True:
        # The header is line 1; a row may have several.
        number = table.line_num + 2
        try:
            row = next(table)
        except StopIteration:
            return
        except csv.Error:
            yield number, Fault("no row that can be read")
            continue
        if row:
            yield number, _understand(dict(zip(names, row, strict=False)), text_field)


def _read_names(header: str, delimiter: str) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]
    except csv.Error:
        return []
