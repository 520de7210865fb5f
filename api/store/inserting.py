"""Writes new rows at a fraction of what SQLAlchemy's unit of work takes.

The statement is compiled once for each table and set of columns. A row is encoded when it is
made, before any transaction: what remains to do inside one is a single call of the driver. What
comes back can be read like the table's class, but no session knows it: changes to it are not
written.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Connection, Dialect
from sqlalchemy.dialects import postgresql, sqlite

from api.store.driving import drive
from api.store.tables import Base

Row = TypeVar("Row", bound=Base)

_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

AT_ONCE = 100
"""How many rows a statement writes at most: databases limit what can be bound."""


class _Prepared:
    """An insert in the driver's own SQL, and how each value becomes the driver's own kind."""

    def __init__(self, kind: type[Base], dialect: Dialect, names: tuple[str, ...], new: bool):
        table: Any = kind.__table__
        statement = _INSERTS[dialect.name](table)
        if new:
            statement = statement.on_conflict_do_nothing().returning(*table.primary_key)
        self.key = tuple(table.primary_key.columns.keys())
        compiled = statement.compile(dialect=dialect, column_keys=names)
        self._positional = compiled.positional
        self._names = tuple(compiled.positiontup or names)
        self._converters = tuple(_converter(table.c[name].type, dialect) for name in self._names)
        self.sql = str(compiled)

    def encode(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values in the driver's own kinds, in the order of the statement."""
        return {
            name: convert(values[name]) if convert else values[name]
            for name, convert in zip(self._names, self._converters, strict=True)
        }

    def arguments(self, encoded: dict[str, Any]) -> tuple[Any, ...] | dict[str, Any]:
        """What `encode` gave, as the driver takes it."""
        return tuple(encoded.values()) if self._positional else encoded


class NewRow(Generic[Row]):
    """A row that is ready to be written. With `unique`, only where there is none like it."""

    def __init__(
        self, dialect: Dialect, kind: type[Row], values: dict[str, Any], unique: bool = False
    ) -> None:
        self.shape = kind, tuple(values)
        self._prepared = _prepare(kind, dialect, tuple(values), unique)
        self.encoded = self._prepared.encode(values)
        """The values in the driver's own kinds, by column."""
        self.row = cast("Row", SimpleNamespace(**values))
        """The row as it will be, without an id that the database has yet to give."""

    def write(self, connection: Connection, **late: int) -> Row:
        """Write the row, with columns of which only now is known what they hold; return it."""
        self.become(**late)
        run(connection, self.sql, self._prepared.arguments({**self.encoded, **late}))
        return self.row

    def write_if_new(self, connection: Connection) -> Row | None:
        """Write a row made with `unique` and return it, with its primary key.

        None, with nothing written, when a unique column holds the same already, even if another
        transaction wrote it a moment ago.
        """
        found = run(connection, self.sql, self._prepared.arguments(self.encoded))
        if found is None:
            return None
        self.become(**dict(zip(self._prepared.key, found, strict=True)))
        return self.row

    @property
    def sql(self) -> str:
        """The insert in the driver's own SQL."""
        return self._prepared.sql

    @property
    def id(self) -> int:
        """The id that the database has given the row."""
        return cast("int", self.row.__dict__["id"])

    def become(self, **late: Any) -> None:
        """Take over what only the database knew."""
        self.row.__dict__.update(late)


def run(connection: Connection, sql: str, arguments: Any) -> Sequence[Any] | None:
    """Run a statement in the driver's own SQL; return the first row it gives, if any."""
    cursor = drive(connection, sql, arguments)
    found: Sequence[Any] | None = cursor.fetchone() if cursor.description else None
    return found


def write_all(connection: Connection, kind: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows with the same columns, but those that are there already; many in a statement."""
    for place in range(0, len(rows), AT_ONCE):
        some = rows[place : place + AT_ONCE]
        sql, converters = _prepare_all(kind, connection.dialect, tuple(some[0]), len(some))
        run(connection, sql, tuple(_encode_all(converters, some)))


@cache
def _prepare_all(
    kind: type[Base], dialect: Dialect, names: tuple[str, ...], count: int
) -> tuple[str, tuple[tuple[str, Callable[[Any], Any] | None], ...]]:
    table: Any = kind.__table__
    mark = "?" if dialect.name == "sqlite" else "%s"
    row = f"({', '.join([mark] * len(names))})"
    # Names of our own tables and columns; what others give is bound.
    into = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES "  # noqa: S608
    sql = f"{into}{', '.join([row] * count)} ON CONFLICT DO NOTHING"
    return sql, tuple((name, _converter(table.c[name].type, dialect)) for name in names)


def _encode_all(
    converters: Sequence[tuple[str, Callable[[Any], Any] | None]],
    rows: Sequence[Mapping[str, Any]],
) -> Iterator[Any]:
    for row in rows:
        for name, convert in converters:
            yield convert(row[name]) if convert else row[name]


@cache
def _prepare(kind: type[Base], dialect: Dialect, names: tuple[str, ...], new: bool) -> _Prepared:
    return _Prepared(kind, dialect, names, new)


def _converter(type_: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    found: Callable[[Any], Any] | None = type_.dialect_impl(dialect).bind_processor(dialect)
    return found
