"""Connections and transactions, on SQLite and PostgreSQL alike."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    Engine,
    Executable,
    Insert,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy import insert as insert_into
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from api.store.gathering import Gatherer
from api.store.tables import Base

T = TypeVar("T")

BUSY_SECONDS = 5
"""How long a write waits for another writer before it fails as busy."""

_WRITES = "winnow_writes"


class Database:
    """One database. `reading()` and `writing()` each give a session inside one transaction."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _create_engine(url)
        self._writer = self.engine.execution_options(**{_WRITES: True})
        # SQLite lets writers wait by sleeping and trying again; threads can queue instead.
        is_sqlite = self.engine.dialect.name == "sqlite"
        self._gatherer = Gatherer(self._writer.begin, BUSY_SECONDS) if is_sqlite else None

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
        turn = self._gatherer.turn_taken() if self._gatherer else nullcontext()
        with turn, Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    def write(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in a transaction, possibly together with other threads' work.

        For what many requests do at once. `work` may run twice; it is committed on return.
        """
        if self._gatherer is not None:
            return self._gatherer.write(work)
        with self._writer.begin() as connection:
            return work(connection)

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """A bare connection in one writing transaction, with no limit on how long it takes."""
        with self._writer.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                connection.execute(text("SET LOCAL lock_timeout = 0"))
            yield connection

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

    No session watches the row: later changes of it are not written.
    """
    connection.execute(_insert(type(row)), _values(row))


def insert_if_new(connection: Connection, row: Base) -> int | None:
    """Write a row like `insert` and return its id.

    None, with nothing written, when a unique column holds the same already, even if another
    transaction wrote it a moment ago.
    """
    found: int | None = connection.execute(
        _insert_if_new(type(row), connection.dialect.name), _values(row)
    ).scalar()
    return found


def _values(row: Base) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if name != "_sa_instance_state"}


@cache
def _insert(kind: type[Base]) -> Insert:
    return insert_into(kind.__table__)  # type: ignore[arg-type]


@cache
def _insert_if_new(kind: type[Base], dialect: str) -> Executable:
    insert_here: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[dialect]
    table = kind.__table__
    statement: Executable = insert_here(table).on_conflict_do_nothing().returning(table.c.id)
    return statement


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
            "options": f"-c lock_timeout={BUSY_SECONDS}s -c statement_timeout=15s -c timezone=UTC",
        },
    )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # SQLite's own knows the letters of English only.
    connection.create_function("lower", 1, _lower, deterministic=True)
    # FULL is what survives a power cut; NORMAL survives only a killed process.
    for pragma in (
        f"busy_timeout = {BUSY_SECONDS * 1000}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later cannot wait for its lock: it must ask at once.
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
