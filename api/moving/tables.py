"""Tables of comments: CSV with a line of names, of which `text` and `article_id` must be there."""

import csv
from collections.abc import Iterator
from typing import IO, Any, Final

from api.moving.items import Content, FileError, Read, Skip, filled
from api.moving.lines import understand
from api.moving.opening import read_lines

_OF_ARTICLE: Final = ("id", "url", "title", "section", "published_at")
_OF_AUTHOR: Final = ("id", "name", "email", "url", "ip", "user_agent", "created_at", "role")
_PLAIN: Final = (
    *("id", "parent_id", "text", "language", "created_at", "status", "reason", "decided_at"),
)
_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0", "")

COLUMNS: Final = (
    *_PLAIN,
    "html",
    *(f"article_{name}" for name in _OF_ARTICLE),
    *(f"author_{name}" for name in _OF_AUTHOR),
)
"""The names that are known."""


def read(stream: IO[bytes]) -> Content:
    """The comments of a table; raises FileError where a column is missing or unknown."""
    return Content(_read(stream))


def _read(stream: IO[bytes]) -> Iterator[Read]:
    lines = (line.decode("utf-8", "replace") for line in read_lines(stream))
    first = next(lines, "").removeprefix("\ufeff")
    delimiter = max(",;\t", key=first.count)
    names = [name.strip() for name in next(csv.reader([first], delimiter=delimiter), [])]
    _check(names)
    # A quote that is never closed would otherwise take in the rest of the file.
    csv.field_size_limit(1024 * 1024)
    rows = csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise FileError(f"Line {rows.line_num + 1} is no line of a table: {error}.") from error
        if row:
            yield _understand(names, row)


def _check(names: list[str]) -> None:
    missing = [name for name in ("text", "article_id") if name not in names]
    if missing:
        raise FileError(f"The table has no column named {' and none named '.join(missing)}.")
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise FileError(f"The table has a column {unknown[0][:40]!r}, which none is called.")


def _understand(names: list[str], row: list[str]) -> Read:
    cells = dict(zip(names, row, strict=False))
    if len(row) != len(names):
        return Skip("another number of cells than there are names", cells.get("id") or None)
    html = cells.pop("html", "").strip().lower()
    if html not in _TRUE + _FALSE:
        return Skip("an html that is neither true nor false", cells.get("id") or None)
    found: dict[str, Any] = filled(**{name: cells.get(name) for name in _PLAIN})
    found["html"] = html in _TRUE
    found["article"] = _gather(cells, "article", _OF_ARTICLE)
    found["author"] = _gather(cells, "author", _OF_AUTHOR)
    return understand(found)


def _gather(cells: dict[str, str], of: str, names: tuple[str, ...]) -> dict[str, Any]:
    return filled(**{name: cells.get(f"{of}_{name}") for name in names})
