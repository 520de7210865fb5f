"""Lists in pages: a cursor says after which row the next page begins, so that rows cannot shift."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, TypeVarTuple

from sqlalchemy import ColumnElement, Select, UnaryExpression, tuple_

from api.moderation.errors import RuleError

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class CursorError(RuleError):
    """The cursor is none that we gave out for this list."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows, and the cursor of the page after them, None at the end."""

    items: Sequence[T]
    next: str | None


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is sorted by; the last column must be unique."""

    columns: tuple[Any, ...]
    descending: bool

    def apply(self, query: Select[*Ts], cursor: str | None) -> Select[*Ts]:
        """Sort the query and begin after the cursor."""
        if cursor is not None:
            key, after = tuple_(*self.columns), tuple_(*self._decode(cursor))
            query = query.where(key < after if self.descending else key > after)
        return query.order_by(*(self._directed(column) for column in self.columns))

    def encode(self, row: Any) -> str:
        """The cursor of a row of the first column's table."""
        return write_cursor([getattr(row, column.key) for column in self.columns])

    def _decode(self, cursor: str) -> list[float | int]:
        return read_cursor(cursor, [column.type.python_type for column in self.columns])

    def _directed(self, column: ColumnElement[Any]) -> UnaryExpression[Any]:
        return column.desc() if self.descending else column.asc()


def write_cursor(values: Sequence[float | int]) -> str:
    """Numbers that say where a page ends, as a cursor."""
    return base64.urlsafe_b64encode(json.dumps(list(values)).encode()).decode().rstrip("=")


def read_cursor(cursor: str, kinds: Sequence[type[Any]]) -> list[float | int]:
    """The numbers of a cursor, each of its kind; raise CursorError if it says anything else."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise CursorError("This cursor was not given out for this list.") from error
    if not isinstance(values, list) or len(values) != len(kinds):
        raise CursorError("This cursor was not given out for this list.")
    if not all(map(_fits, values, kinds)):
        raise CursorError("This cursor was not given out for this list.")
    return values


def _fits(value: Any, kind: type[Any]) -> bool:
    # No database keeps larger numbers than this, and NaN is not below it either.
    return type(value) is kind and abs(value) < 2**63
