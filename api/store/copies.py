"""Copies of a SQLite database, page by page, while others read and write it."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from api.errors import StartupError
from api.store.database import Database
from api.store.engines import BUSY_SECONDS
from api.store.gathering import BusyError

Tell = Callable[[str, int, int | None], None]

PAGES = 1000
"""How many are copied before the progress is told."""


def save(database: Database, target: Path, tell: Tell) -> tuple[str, int]:
    """Copy the database of this moment into an empty file; its schema, and how many comments."""
    path = Path(database.engine.url.database or "")
    if not path.is_file():
        raise StartupError(f"There is no database in {path}.")
    with _explained(), _driver(database) as source:
        # One snapshot for all steps: otherwise the copy would begin anew whenever others write.
        source.execute("BEGIN")
        try:
            source.execute("SELECT 1 FROM sqlite_master").fetchone()
            with closing(sqlite3.connect(target)) as copy:
                copy.execute("PRAGMA journal_mode = OFF")
                source.backup(copy, pages=PAGES, progress=_telling("Copying", tell))
        finally:
            source.execute("ROLLBACK")
        with closing(sqlite3.connect(target)) as copy:
            return _finish(copy)


def _finish(copy: sqlite3.Connection) -> tuple[str, int]:
    """Make the copy one file that can be read anywhere, and look whether it is sound."""
    copy.execute("PRAGMA journal_mode = DELETE")
    [(verdict,), *_] = copy.execute("PRAGMA integrity_check")
    if verdict != "ok":
        raise StartupError(f"The database is damaged, so there is no backup of it: {verdict}.")
    known = {name for (name,) in copy.execute("SELECT name FROM sqlite_master")}
    if not {"alembic_version", "comments"} <= known:
        raise StartupError("The database is not Winnow's.")
    [(revision,)] = copy.execute("SELECT version_num FROM alembic_version")
    [(comments,)] = copy.execute("SELECT count(*) FROM comments")
    return revision, comments


def load(database: Database, source: Path, tell: Tell) -> None:
    """Replace everything in the database with the copy, in one transaction."""
    address = f"{source.absolute().as_uri()}?mode=ro&immutable=1"
    with (
        _explained(),
        closing(sqlite3.connect(address, uri=True)) as copy,
        _driver(database) as target,
    ):
        target.execute("PRAGMA busy_timeout = 0")
        copy.backup(target, pages=PAGES, progress=_telling("Restoring", tell))


def _telling(name: str, tell: Tell) -> Callable[[int, int, int], None]:
    """Tell of each step; raise BusyError when none succeeds for too long.

    sqlite3 itself would try a locked database for ever.
    """
    moved = time.monotonic()

    def step(status: int, left: int, whole: int) -> None:
        nonlocal moved
        if status not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            moved = time.monotonic()
        elif time.monotonic() - moved > BUSY_SECONDS:
            raise BusyError("Another process keeps the database locked.")
        tell(name, whole - left, whole)

    return step


@contextmanager
def _driver(database: Database) -> Iterator[Any]:
    """A connection of sqlite3 itself, with all that the database sets."""
    connection = database.engine.raw_connection()
    try:
        yield connection.driver_connection
    finally:
        connection.close()


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StartupError(f"The database cannot be copied: {error}.") from error
