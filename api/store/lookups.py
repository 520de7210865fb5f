"""Finds one row at a fraction of what SQLAlchemy takes to execute a statement."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import Select
from sqlalchemy.exc import DBAPIError

from api.store.database import Database


class LookUp:
    """A select of plain columns, compiled once for each kind of database."""

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, tuple[str, ...] | None]] = {}

    def find(self, database: Database, **values: str | int) -> Sequence[Any] | None:
        """The first row for these values of the statement's parameters; None if there is none.

        Raises SQLAlchemy's DBAPIError when the database cannot say.
        """
        sql, order = self._compile(database)
        given = values if order is None else [values[name] for name in order]
        try:
            return _ask(database, sql, given)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            # A connection died of old age or of a restart, and asking again changes nothing.
            return _ask(database, sql, given)

    def _compile(self, database: Database) -> tuple[str, tuple[str, ...] | None]:
        name = database.dialect.name
        if name not in self._compiled:
            compiled = self._statement.compile(dialect=database.dialect)
            order = tuple(compiled.positiontup or ()) if compiled.positional else None
            self._compiled[name] = str(compiled), order
        return self._compiled[name]


def _ask(database: Database, sql: str, given: Any) -> Sequence[Any] | None:
    dialect = database.dialect
    kind: Any = dialect.loaded_dbapi.Error
    gone = False
    try:
        with closing(database.engine.raw_connection()) as connection:
            driver: Any = connection.driver_connection
            try:
                with _single(driver, dialect.name):
                    found: Sequence[Any] | None = driver.execute(sql, given).fetchone()
            except kind as error:
                # It may be dead, and the pool is not to hand it out again.
                gone = dialect.is_disconnect(error, driver, None)
                connection.invalidate(error)
                raise
    except kind as error:
        raise DBAPIError.instance(
            sql, None, error, kind, hide_parameters=True, connection_invalidated=gone
        ) from error
    return found


@contextmanager
def _single(driver: Any, name: str) -> Iterator[None]:
    """Ask PostgreSQL without a transaction: two ways to the server and back less."""
    if name != "postgresql":
        yield
        return
    driver.autocommit = True
    yield
    driver.autocommit = False
