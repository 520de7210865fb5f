"""Isso's SQLite file: its tables `comments` and `threads`, as `isso/db/` makes them.

Mode 1 is accepted, 2 waits, 4 was deleted but has answers. The file is only read, and trusted in
nothing: what should be a table must be one, and no value may be longer than a comment could be.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from api.moving.items import (
    TEXT_KEPT,
    Content,
    FileError,
    Item,
    Read,
    Said,
    Skip,
    approved,
    filled,
    read_epoch,
)

START: Final = b"SQLite format 3\x00"
_AT_ONCE: Final = 500
_LONGEST: Final = 4 * TEXT_KEPT

_STATES: dict[int, tuple[str, Said | None]] = {1: ("approved", approved()), 2: ("pending", None)}

_SOME = """
    SELECT c.id, t.uri, t.title, c.parent, c.created, c.mode, c.remote_addr, c.text, c.author,
        c.email, c.website
    FROM comments AS c LEFT JOIN threads AS t ON t.id = c.tid
    WHERE c.id > ? ORDER BY c.id LIMIT ?
"""


def read(path: Path) -> Content:
    """The comments of an Isso database; raises FileError where it is none."""
    return Content(_read(path))


def _read(path: Path) -> Iterator[Read]:
    base = _open(path)
    try:
        last = 0
        while rows := base.execute(_SOME, (last, _AT_ONCE)).fetchall():
            last = rows[-1][0]
            yield from map(_understand, rows)
    except (sqlite3.Error, OverflowError) as error:
        raise FileError(f"It cannot be read as a database of Isso's: {error}.") from error
    finally:
        base.close()


def _open(path: Path) -> sqlite3.Connection:
    try:
        base = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
        base.execute("PRAGMA trusted_schema = OFF")
        base.execute("PRAGMA cell_size_check = ON")
        # A text that is no UTF-8 is mended, not refused.
        base.text_factory = lambda raw: raw.decode("utf-8", "replace")
        kinds = dict(base.execute("SELECT name, type FROM sqlite_master WHERE type != 'index'"))
    except sqlite3.Error as error:
        raise FileError(f"It cannot be read as a database of Isso's: {error}.") from error
    for name in ("comments", "threads"):
        if kinds.get(name) != "table":
            base.close()
            raise FileError(f"It is no database of Isso's: there is no table {name}.")
    return base


def _understand(row: tuple[Any, ...]) -> Read:
    number, uri, title, parent, created, mode, address, text, author, email, website = row
    if mode == 4:
        return Skip("deleted there", str(number))
    if mode not in _STATES:
        return Skip("a mode that Isso does not have", str(number))
    if not uri:
        return Skip("its thread is not in the file", str(number))
    status, said = _STATES[mode]
    given = filled(
        id=str(number),
        article=filled(id=uri, url=uri if "://" in str(uri) else None, title=title),
        parent_id=None if parent is None else str(parent),
        text=text,
        created_at=read_epoch(created),
        author=filled(name=author, email=email, url=website, ip=address),
    )
    return Item(given, status, said)
