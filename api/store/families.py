"""A new row and those that hang on it, on PostgreSQL in one statement and so one round trip."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Connection, Dialect

from api.store.inserting import NewRow, run
from api.store.tables import Base

Row = TypeVar("Row", bound=Base)
_Shape = tuple[type[Base], tuple[str, ...]]


class Part(NamedTuple):
    """A row that is written with another; `column`, if any, becomes the other's id."""

    row: NewRow[Any]
    column: str | None = None


class Family(Generic[Row]):
    """`head`, made with `unique`, and its parts: all are written, or none."""

    def __init__(self, head: NewRow[Row], parts: Sequence[Part]) -> None:
        self._head, self._parts = head, parts

    def write_if_new(self, connection: Connection) -> Row | None:
        """Write all and return the head with its id; None, with nothing written, if it is known."""
        if connection.dialect.name != "postgresql":
            return self._write_each(connection)
        shapes = tuple((part.row.shape, part.column) for part in self._parts)
        sql = _compile(connection.dialect, self._head.sql, shapes)
        values = dict(self._head.encoded)
        for place, part in enumerate(self._parts):
            values |= {f"{place}_{name}": value for name, value in part.row.encoded.items()}
        found = run(connection, sql, values)
        if found is None:
            return None
        self._head.become(id=found[0])
        for part in self._parts:
            if part.column:
                part.row.become(**{part.column: found[0]})
        return self._head.row

    def _write_each(self, connection: Connection) -> Row | None:
        head = self._head.write_if_new(connection)
        if head is not None:
            for part in self._parts:
                late = {part.column: self._head.id} if part.column else {}
                part.row.write(connection, **late)
        return head


@cache
def _compile(dialect: Dialect, head: str, parts: tuple[tuple[_Shape, str | None], ...]) -> str:
    """One statement: a part's rows come from the head's, and there are none if it has none."""
    inserts = [f"head AS ({head})"]
    for place, ((kind, names), column) in enumerate(parts):
        table: Any = kind.__table__
        values = ", ".join(
            "head.id"
            if name == column
            # Without its type PostgreSQL would take every value for a text.
            else f"%({place}_{name})s::{table.c[name].type.compile(dialect)}"
            for name in names
        )
        # All of it is names of tables and columns; values come as parameters.
        into = f"INSERT INTO {table.name} ({', '.join(names)})"
        insert = f"{into} SELECT {values} FROM head"  # noqa: S608
        inserts.append(f"part{place} AS ({insert})")
    return f"WITH {', '.join(inserts)} SELECT id FROM head"  # noqa: S608
