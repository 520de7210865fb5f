"""Writes new rows at a fraction of what SQLAlchemy's unit of work takes.

The statement is compiled once for each table and set of columns; what remains of a row's way is
one call of the driver. What comes back can be read like the table's class, but no session knows
it: changes to it are not written.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Dialect
from sqlalchemy.dialects import postgresql, sqlite

from api.store.tables import Base

Row = TypeVar("Row", bound=Base)

_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class _Prepared:
    """An insert in the driver's own SQL, and how each value becomes the driver's own kind."""

    def __init__(self, kind: type[Base], dialect: Dialect, names: tuple[str, ...], new: bool):
        table: Any = kind.__table__
        statement = _INSERTS[dialect.name](table)
        if new:
            statement = statement.on_conflict_do_nothing().returning(table.c.id)
        compiled = statement.compile(dialect=dialect, column_keys=names)
        self._positional = compiled.positional
        self._names = tuple(compiled.positiontup or names)
        self._converters = tuple(_converter(table.c[name].type, dialect) for name in self._names)
        self.sql = str(compiled)

    def parameters(self, values: Mapping[str, Any]) -> tuple[Any, ...] | dict[str, Any]:
        """The values as the driver takes them."""
        converted = tuple(
            [
                convert(values[name]) if convert else values[name]
                for name, convert in zip(self._names, self._converters, strict=True)
            ]
        )
        return converted if self._positional else dict(zip(self._names, converted, strict=True))


def insert(connection: Connection, kind: type[Row], values: dict[str, Any]) -> Row:
    """Write a new row and return it."""
    prepared = _prepare(kind, connection.dialect, tuple(values), False)
    connection.exec_driver_sql(prepared.sql, prepared.parameters(values))
    return cast("Row", SimpleNamespace(**values))


def insert_if_new(connection: Connection, kind: type[Row], values: dict[str, Any]) -> Row | None:
    """Write a new row and return it, with its id.

    None, with nothing written, when a unique column holds the same already, even if another
    transaction wrote it a moment ago.
    """
    prepared = _prepare(kind, connection.dialect, tuple(values), True)
    key = connection.exec_driver_sql(prepared.sql, prepared.parameters(values)).scalar()
    return None if key is None else cast("Row", SimpleNamespace(id=key, **values))


@cache
def _prepare(kind: type[Base], dialect: Dialect, names: tuple[str, ...], new: bool) -> _Prepared:
    return _Prepared(kind, dialect, names, new)


def _converter(type_: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    found: Callable[[Any], Any] | None = type_.dialect_impl(dialect).bind_processor(dialect)
    return found
