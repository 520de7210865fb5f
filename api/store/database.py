"""Connections and transactions, on SQLite and PostgreSQL alike."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    Dialect,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from api.store.engines import BUSY_SECONDS, RETRY_SECONDS, is_busy, open_engine
from api.store.gathering import BusyError, Gatherer

T = TypeVar("T")


class Database:
    """One database. `reading()` and `writing()` each give a session inside one transaction."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = open_engine(url)
        # SQLite lets writers wait by sleeping and trying again; threads can queue instead.
        self._gatherer = Gatherer(self._gathering, BUSY_SECONDS) if self._is_sqlite else None
        self._writer: Connection | None = None

    @property
    def _is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @property
    def dialect(self) -> Dialect:
        """Which database it is, and how it writes values."""
        return self.engine.dialect

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for look-ups, all of one moment; what it changes is thrown away."""
        with Session(self.engine, expire_on_commit=False, autoflush=False) as session:
            if self._is_sqlite:
                session.connection().exec_driver_sql("BEGIN")
            yield session

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """A bare connection for look-ups, each of its own moment.

        On PostgreSQL without a transaction: that saves two ways to the server and back, and at
        the rollback of one psycopg forgets every statement it has prepared.
        """
        with self.engine.connect() as connection:
            driver = _driver(connection)
            if not self._is_sqlite:
                driver.autocommit = True
            try:
                yield connection
            except DBAPIError:
                # Whatever it was, the pool is to have no connection in a strange state.
                connection.invalidate()
                raise
            finally:
                if not self._is_sqlite and not connection.invalidated:
                    connection.commit()
                    driver.autocommit = False

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that commits when the block ends and rolls back when it raises.

        Raises BusyError, or SQLAlchemy's OperationalError, when the database stays locked.
        """
        if self._gatherer is None:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                yield session
            return
        with (
            self._gatherer.turn_taken() as give_up,
            Session(self.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            _begin_writing(session.connection(), give_up)
            yield session

    def write(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in a transaction, on SQLite together with other threads' work.

        For what many requests do at once. `work` may run twice; it is committed on return.
        """
        if self._gatherer is not None:
            return self._gatherer.write(work)
        worked = False
        try:
            with self.engine.begin() as connection:
                result = work(connection)
                worked = True
        except DBAPIError as error:
            if worked or not error.connection_invalidated:
                raise
        else:
            return result
        # The connection was dead before anything could be committed on it.
        with self.engine.begin() as connection:
            return work(connection)

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """A bare connection in one writing transaction, with no limit on how long it takes."""
        if self._is_sqlite:
            with self._beginning(time.monotonic() + BUSY_SECONDS) as connection:
                yield connection
            return
        with self.engine.begin() as connection:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            yield connection

    @contextmanager
    def _beginning(self, give_up: float) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            _begin_writing(connection, give_up)
            yield connection

    @contextmanager
    def _gathering(self, give_up: float) -> Iterator[Connection]:
        """A transaction of the connection that is kept for gathered work; one thread at a time."""
        if self._writer is None:
            self._writer = self.engine.connect()
            _driver(self._writer).execute("PRAGMA busy_timeout = 0")
        try:
            with self._writer.begin():
                _take_lock(self._writer, give_up)
                yield self._writer
        except BaseException:
            # Whatever it was, the next transaction shall not suffer from it.
            self._writer.invalidate()
            self._writer.close()
            self._writer = None
            raise

    def ping(self) -> None:
        """Raise sqlalchemy.exc.SQLAlchemyError unless the database answers."""
        with self.engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def dispose(self) -> None:
        """Close the idle connections."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self.engine.dispose()

    def forget_connections(self) -> None:
        """Drop, in a forked child, the connections its parent still uses."""
        self._writer = None
        self.engine.dispose(close=False)


def in_session(act: Callable[[Session], T]) -> Callable[[Connection], T]:
    """Work for `Database.write` that is done in a session, in the same transaction."""

    def work(connection: Connection) -> T:
        with Session(connection, expire_on_commit=False) as session:
            result = act(session)
            session.flush()
        return result

    return work


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def _begin_writing(connection: Connection, give_up: float) -> None:
    """Begin SQLite's transaction; raise BusyError if it is locked until then (monotonic).

    A transaction that reads first and writes later could not wait for its lock, so it asks at
    once. SQLite itself would sleep up to 100 ms between tries, while writers of another process
    keep it for one or two.
    """
    driver = _driver(connection)
    driver.execute("PRAGMA busy_timeout = 0")
    _take_lock(connection, give_up)
    driver.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")


def _take_lock(connection: Connection, give_up: float) -> None:
    """Begin a transaction of a connection that does not wait by itself."""
    driver = _driver(connection)
    while _is_locked(driver):
        if time.monotonic() > give_up:
            raise BusyError("Another process keeps the database locked.")
        time.sleep(RETRY_SECONDS)
    if not driver.in_transaction:
        # What else is wrong is SQLAlchemy's to tell.
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _is_locked(driver: Any) -> bool:
    """Try to begin; whether another process has the lock."""
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        return is_busy(error)
    return False
