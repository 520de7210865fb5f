"""The day of a moment, in SQL: each database says it in its own way."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class day_of(FunctionElement[str]):  # noqa: N801  (used like a function of SQL)
    """The day of an `Instant`, in UTC, as `2026-11-22`."""

    type = String()
    inherit_cache = True


@compiles(day_of, "sqlite")
def _of_sqlite(element: day_of, compiler: Any, **kwargs: Any) -> str:
    # Instants are kept as texts that begin with the day.
    return f"substr({compiler.process(element.clauses, **kwargs)}, 1, 10)"


@compiles(day_of, "postgresql")
def _of_postgresql(element: day_of, compiler: Any, **kwargs: Any) -> str:
    # Every connection's zone is UTC: see `api.store.engines`.
    return f"to_char({compiler.process(element.clauses, **kwargs)}, 'YYYY-MM-DD')"
