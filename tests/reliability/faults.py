"""A database whose driver fails at the 1st, 2nd … nth statement, whoever sends it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from api.store.database import Database

WORDS = "the disk is on fire"


class Fault:
    """Lets so many statements pass and fails the next, once."""

    def __init__(self, after: int) -> None:
        self.left = after
        self.broke = False
        self._statement: str | None = None

    def meets(self, statement: Any) -> bool:
        """Whether this statement is the one to fail."""
        words = str(statement).split(maxsplit=1)
        # What only sets the connection up is no part of an act.
        if not words or words[0].upper() in ("PRAGMA", "ROLLBACK", "SET"):
            return False
        if self.broke:
            # Tried once more at once, it fails once more.
            again, self._statement = self._statement == str(statement), None
            return again
        if self.left == 0:
            self.broke, self._statement = True, str(statement)
            return True
        self.left -= 1
        return False


@contextmanager
def failing_statement(database: Database, after: int) -> Iterator[Fault]:
    """Have the driver fail a statement; SQLAlchemy's own and those that pass it by."""
    fault = Fault(after)

    def connect(_dialect: Any, _record: Any, _given: Any, named: dict[str, Any]) -> None:
        if database.dialect.name == "sqlite":
            named["factory"] = _sqlite_connection(fault)
        else:
            named["cursor_factory"] = _postgresql_cursor(fault)

    database.dispose()
    event.listen(database.engine, "do_connect", connect)
    try:
        with database.engine.connect():
            # The dialect has asked what it must know of the server.
            fault.left, fault.broke = after, False
        yield fault
    finally:
        event.remove(database.engine, "do_connect", connect)
        database.dispose()


@contextmanager
def failing_commit(database: Database, after: int) -> Iterator[Fault]:
    """Fail a commit."""
    fault = Fault(after)

    def commit(_connection: Any) -> None:
        if fault.meets("COMMIT"):
            raise OperationalError("COMMIT", {}, Exception(WORDS))

    event.listen(database.engine, "commit", commit)
    try:
        yield fault
    finally:
        event.remove(database.engine, "commit", commit)


def _sqlite_error() -> Exception:
    error = sqlite3.OperationalError(WORDS)
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR  # type: ignore[misc]
    return error


def _postgresql_error() -> Exception:
    return psycopg.OperationalError(WORDS)


def _sqlite_connection(fault: Fault) -> type[sqlite3.Connection]:
    class Cursor(sqlite3.Cursor):
        """Fails when it is its turn."""

        def execute(self, sql: str, *given: Any) -> Any:
            if fault.meets(sql):
                raise _sqlite_error()
            return super().execute(sql, *given)

        def executemany(self, sql: str, *given: Any) -> Any:
            if fault.meets(sql):
                raise _sqlite_error()
            return super().executemany(sql, *given)

    class Connection(sqlite3.Connection):
        """Makes such cursors."""

        def cursor(self, *_: Any) -> Any:
            return super().cursor(Cursor)

        def execute(self, sql: str, *given: Any) -> Any:
            return self.cursor().execute(sql, *given)

    return Connection


def _postgresql_cursor(fault: Fault) -> type[Any]:
    class Cursor(psycopg.Cursor[Any]):
        """Fails when it is its turn."""

        def execute(self, query: Any, *given: Any, **more: Any) -> Any:
            if fault.meets(query):
                raise _postgresql_error()
            return super().execute(query, *given, **more)

        def executemany(self, query: Any, *given: Any, **more: Any) -> Any:
            if fault.meets(query):
                raise _postgresql_error()
            return super().executemany(query, *given, **more)

    return Cursor
