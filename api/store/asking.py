"""Asks for a few rows at a fraction of what SQLAlchemy takes to execute a statement."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Float, Select

from api.store.driving import drive
from api.store.tables import Instant

Convert = Callable[[Any], Any] | None


class _Bind(NamedTuple):
    """A parameter: given by `name`, or, where that is None, always the encoded `value`."""

    key: str
    name: str | None
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
        # Asked thousands of times a second: no function is called that need not be.
        given: Any = [
            value if name is None else convert(values[name]) if convert else values[name]
            for _, name, convert, value in found.binds
        ]
        if not found.positional:
            given = dict(zip((bind.key for bind in found.binds), given, strict=True))
        return [
            tuple(
                [
                    convert(value) if convert else value
                    for convert, value in zip(found.results, row, strict=True)
                ]
            )
            for row in _run(connection, found.sql, given)
        ]

    def _compile(self, connection: Connection) -> _Compiled:
        dialect = connection.dialect
        if dialect.name not in self._compiled:
            compiled: Any = self._statement.compile(dialect=dialect)
            self._compiled[dialect.name] = _Compiled(
                str(compiled),
                bool(compiled.positional),
                tuple(
                    _bind(name, compiled.binds[name], dialect)
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


def _bind(name: str, parameter: Any, dialect: Dialect) -> _Bind:
    convert: Convert = parameter.type.dialect_impl(dialect).bind_processor(dialect)
    if convert and isinstance(parameter.type, Instant):
        # The few look-ups about one comment ask about the same few times.
        convert = lru_cache(maxsize=16)(convert)
    if parameter.required:
        return _Bind(name, name, convert, None)
    value = parameter.effective_value
    return _Bind(name, None, None, convert(value) if convert else value)


def _run(connection: Connection, sql: str, arguments: Any) -> Sequence[Any]:
    found: Sequence[Any] = drive(connection, sql, arguments).fetchall()
    return found
