"""Asks for a few rows at a fraction of what SQLAlchemy takes to execute a statement."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Float, Select
from sqlalchemy.exc import DBAPIError

Convert = Callable[[Any], Any] | None


class _Bind(NamedTuple):
    """A parameter: `given` by whoever asks, or else of a `value` that is always the same."""

    name: str
    given: bool
    convert: Convert
    value: Any


class _Compiled(NamedTuple):
    sql: str
    positional: bool
    binds: tuple[_Bind, ...]
    results: tuple[Convert, ...]


class Question:
    """A select with parameters, none of them a list, compiled once for each kind of database."""

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def ask(self, connection: Connection, **values: Any) -> list[tuple[Any, ...]]:
        """The rows for these values; raise SQLAlchemy's DBAPIError when the database cannot say."""
        found = self._compile(connection)
        given = [(bind.name, _encode(bind, values)) for bind in found.binds]
        arguments: Any = tuple(value for _, value in given) if found.positional else dict(given)
        return [
            tuple(
                convert(value) if convert else value
                for convert, value in zip(found.results, row, strict=True)
            )
            for row in _run(connection, found.sql, arguments)
        ]

    def _compile(self, connection: Connection) -> _Compiled:
        dialect = connection.dialect
        if dialect.name not in self._compiled:
            compiled: Any = self._statement.compile(dialect=dialect)
            self._compiled[dialect.name] = _Compiled(
                str(compiled),
                bool(compiled.positional),
                tuple(
                    _Bind(
                        name,
                        compiled.binds[name].required,
                        compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect),
                        compiled.binds[name].effective_value,
                    )
                    for name in compiled.positiontup or compiled.binds
                ),
                tuple(
                    _find_decoder(column.type, dialect)
                    for column in self._statement.selected_columns
                ),
            )
        return self._compiled[dialect.name]


def _find_decoder(kind: Any, dialect: Dialect) -> Convert:
    if isinstance(kind, Float):
        # The drivers give floats; SQLAlchemy would ask PostgreSQL's which kind of number it is.
        return None
    found: Convert = kind.dialect_impl(dialect).result_processor(dialect, None)
    return found


def _encode(bind: _Bind, values: dict[str, Any]) -> Any:
    value = values[bind.name] if bind.given else bind.value
    return bind.convert(value) if bind.convert else value


def _run(connection: Connection, sql: str, arguments: Any) -> Sequence[Any]:
    if connection.dialect.name != "sqlite":
        return connection.exec_driver_sql(sql, arguments).all()
    try:
        driver: Any = connection.connection.driver_connection
        found: Sequence[Any] = driver.execute(sql, arguments).fetchall()
    except sqlite3.Error as error:
        raise DBAPIError.instance(sql, None, error, sqlite3.Error, hide_parameters=True) from error
    return found
