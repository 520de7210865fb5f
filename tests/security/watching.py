"""Every statement that reaches a driver, whichever way it takes there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from api.store.database import Database


@contextmanager
def watch(database: Database, patch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements, as they come; on SQLite with their values in them.

    SQLAlchemy's own event does not see what is handed to the driver past it, and the look-ups that
    every request makes are. SQLite itself tells what it runs, and psycopg is asked at its cursor.
    """
    seen: list[str] = []
    if database.dialect.name == "sqlite":
        with _on_sqlite(database, seen.append):
            yield seen
    else:
        with patch.context() as patched:
            _on_postgresql(patched, seen.append)
            yield seen


@contextmanager
def _on_sqlite(database: Database, tell: Callable[[str], None]) -> Iterator[None]:
    def begin(connection: Any, _record: Any) -> None:
        connection.set_trace_callback(tell)

    # Those that are open already do not tell.
    database.dispose()
    event.listen(database.engine, "connect", begin)
    try:
        yield
    finally:
        event.remove(database.engine, "connect", begin)
        database.dispose()


def _on_postgresql(patch: pytest.MonkeyPatch, tell: Callable[[str], None]) -> None:
    for name in ("execute", "executemany"):
        before = getattr(psycopg.Cursor, name)

        def ask(self: Any, query: Any, *given: Any, _before: Any = before, **more: Any) -> Any:
            tell(query.decode() if isinstance(query, bytes) else str(query))
            return _before(self, query, *given, **more)

        patch.setattr(psycopg.Cursor, name, ask)
