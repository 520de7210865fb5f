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
        values = [getattr(row, column.key) for column in self.columns]
        return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")

    def _decode(self, cursor: str) -> list[float | int]:
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        except (ValueError, binascii.Error, RecursionError) as error:
            raise CursorError("This cursor was not given out for this list.") from error
        if not isinstance(values, list) or len(values) != len(self.columns):
            raise CursorError("This cursor was not given out for this list.")
        if not all(map(_fits, values, self.columns)):
            raise CursorError("This cursor was not given out for this list.")
        return values

    def _directed(self, column: ColumnElement[Any]) -> UnaryExpression[Any]:
        return column.desc() if self.descending else column.asc()


def _fits(value: Any, column: ColumnElement[Any]) -> bool:
    # No database keeps larger numbers than this, and NaN is not below it either.
    return type(value) is column.type.python_type and abs(value) < 2**63
