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
        with _wrapped(database, sql), closing(database.engine.raw_connection()) as connection:
            cursor = connection.cursor()
            try:
                cursor.execute(sql, given)
                found: Sequence[Any] | None = cursor.fetchone()
            except database.dialect.loaded_dbapi.Error as error:
                # The connection may be dead, and the pool is not to hand it out again.
                connection.invalidate(error)
                raise
            finally:
                cursor.close()
        return found

    def _compile(self, database: Database) -> tuple[str, tuple[str, ...] | None]:
        name = database.dialect.name
        if name not in self._compiled:
            compiled = self._statement.compile(dialect=database.dialect)
            order = tuple(compiled.positiontup or ()) if compiled.positional else None
            self._compiled[name] = str(compiled), order
        return self._compiled[name]


@contextmanager
def _wrapped(database: Database, sql: str) -> Iterator[None]:
    """Turn the driver's errors, that it cannot connect too, into SQLAlchemy's."""
    kind: Any = database.dialect.loaded_dbapi.Error
    try:
        yield
    except kind as error:
        raise DBAPIError.instance(sql, None, error, kind, hide_parameters=True) from error
