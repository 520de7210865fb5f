"""Connections and transactions, on SQLite and PostgreSQL alike."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, Insert, create_engine, event, make_url, text
from sqlalchemy import insert as insert_into
from sqlalchemy.orm import Session

from api.store.tables import Base

BUSY_SECONDS = 5
"""How long a write waits for another writer before it fails as busy."""

_WRITES = "winnow_writes"


class BusyError(Exception):
    """Other writers of this process had the database for too long."""


class Database:
    """One database. `reading()` and `writing()` each give a session inside one transaction."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _create_engine(url)
        self._writer = self.engine.execution_options(**{_WRITES: True})
        # SQLite lets writers wait by sleeping and trying again; threads can queue instead.
        self._turn = threading.Lock() if self.engine.dialect.name == "sqlite" else None

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for look-ups; what it changes is thrown away."""
        with Session(self.engine, expire_on_commit=False, autoflush=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that commits when the block ends and rolls back when it raises.

        Raises BusyError, or SQLAlchemy's OperationalError, when the database stays locked.
        """
        with (
            self._writers_turn(),
            Session(self._writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """A bare connection in one writing transaction, with no limit on how long it takes."""
        with self._writer.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                connection.execute(text("SET LOCAL lock_timeout = 0"))
            yield connection

    @contextmanager
    def _writers_turn(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        if not self._turn.acquire(timeout=BUSY_SECONDS):
            raise BusyError("The database is busy with other writers.")
        try:
            yield
        finally:
            self._turn.release()

    def ping(self) -> None:
        """Raise sqlalchemy.exc.SQLAlchemyError unless the database answers."""
        with self.engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def dispose(self) -> None:
        """Close the idle connections."""
        self.engine.dispose()

    def forget_connections(self) -> None:
        """Drop, in a forked child, the connections its parent still uses."""
        self.engine.dispose(close=False)


def insert(connection: Connection, row: Base) -> None:
    """Write a new row at once, at a third of what a session's unit of work takes.

    The row gets its key, but no session watches it: later changes are not written.
    """
    values = {name: value for name, value in vars(row).items() if name != "_sa_instance_state"}
    result = connection.execute(_insert(type(row)), values)
    if "id" in row.__table__.c:
        row.id = result.inserted_primary_key[0]  # type: ignore[attr-defined, index]


@cache
def _insert(kind: type[Base]) -> Insert:
    return insert_into(kind.__table__)  # type: ignore[arg-type]


def _create_engine(url: str) -> Engine:
    # Parameters are comments and addresses: an error message must not carry them into a log.
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, hide_parameters=True, connect_args={"isolation_level": None})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": BUSY_SECONDS,
            "options": f"-c lock_timeout={BUSY_SECONDS}s -c statement_timeout=15s",
        },
    )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # FULL is what survives a power cut; NORMAL survives only a killed process.
    for pragma in (
        f"busy_timeout = {BUSY_SECONDS * 1000}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later cannot wait for its lock: it must ask at once.
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
