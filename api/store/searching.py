"""The words that comments are found by, each database's own way: written, and asked for.

FTS5 on SQLite, a `tsvector` on PostgreSQL. Both are given the words of `wording`, so both find the
same. A word of ours, `:7`, says of which site a comment is: no other site's is looked at.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Dialect,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    literal,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from api.store import queries
from api.store.driving import drive
from api.store.families import Part
from api.store.inserting import NewRow
from api.store.queries import Query
from api.store.tables import Base
from api.store.wording import fit


class _Virtual:
    """SQLite's table, which is none of SQLAlchemy's kinds."""

    __table__ = Table(
        "comment_words",
        MetaData(),
        Column("rowid", Integer, primary_key=True),
        Column("words", Text),
    )


class _Vectors:
    __table__ = Table(
        "comment_words",
        MetaData(),
        Column("comment_id", BigInteger, primary_key=True),
        Column("site_id", BigInteger),
        Column("words", TSVECTOR),
    )


def site_word(site_id: int) -> str:
    """What all of a site's comments have in common; no text has such a word."""
    return f":{site_id}"


def words_part(dialect: Dialect, site_id: int, *texts: str) -> Part:
    """What a comment that says these texts is found by, to be written along with it."""
    if dialect.name == "sqlite":
        values: dict[str, Any] = {"rowid": None, "words": _in_a_row(site_id, texts)}
        return Part(NewRow(dialect, cast("type[Base]", _Virtual), values), "rowid")
    values = {"comment_id": None, "site_id": site_id, "words": _vector(site_id, texts)}
    return Part(NewRow(dialect, cast("type[Base]", _Vectors), values), "comment_id")


def write_words(connection: Connection, site_id: int, comment_id: int, *texts: str) -> None:
    """Have a comment be found by these texts, whatever it was found by."""
    row, column = words_part(connection.dialect, site_id, *texts)
    drive(connection, _deleting(connection.dialect.name), (comment_id,))
    row.write(connection, **{str(column): comment_id})


def missing(connection: Connection, ids: Sequence[int]) -> set[int]:
    """Which of these comments have no words yet."""
    found = drive(connection, *_among(connection.dialect.name, ids)).fetchall()
    return set(ids).difference(row[0] for row in found)


def matching(key: Any, text: str) -> "_Matching":
    """Whether the comment with this key matches a query, in SQL, of whichever site.

    Raises QueryError for what is no query. Whoever reads a page should ask `api.store.finding`.
    """
    return _Matching(key, literal(queries.parse(text), _QueryType()))


class _QueryType(TypeDecorator[Query]):
    """A query as each database has it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Query | None, dialect: Dialect) -> str | None:
        """In the language of the database that is asked."""
        if value is None:
            return None
        return value.for_sqlite() if dialect.name == "sqlite" else value.for_postgresql()


class _Matching(FunctionElement[bool]):
    inherit_cache = True
    type = Boolean()


@compiles(_Matching, "sqlite")
def _match(element: _Matching, compiler: Any, **how: Any) -> str:
    key, wanted = (compiler.process(one, **how) for one in element.clauses)
    return f"{key} IN (SELECT rowid FROM comment_words WHERE comment_words MATCH {wanted})"  # noqa: S608


@compiles(_Matching, "postgresql")
def _contain(element: _Matching, compiler: Any, **how: Any) -> str:
    key, wanted = (compiler.process(one, **how) for one in element.clauses)
    inside = f"SELECT comment_id FROM comment_words WHERE words @@ CAST({wanted} AS tsquery)"  # noqa: S608
    return f"{key} IN ({inside})"


def _in_a_row(site_id: int, texts: Sequence[str]) -> str:
    """All words with blanks between; our own one where a place is free."""
    free = site_word(site_id)
    found = [free]
    for place, word in fit(*texts):
        found += [free] * (place - len(found))
        found.append(word)
    return " ".join(found)


def _vector(site_id: int, texts: Sequence[str]) -> str:
    """All words with their places, as PostgreSQL writes a `tsvector`."""
    places: dict[str, list[str]] = {}
    for place, word in fit(*texts):
        places.setdefault(word, []).append(str(place))
    own = f"'{site_word(site_id)}'"
    return " ".join([own, *(f"'{word}':{','.join(where)}" for word, where in places.items())])


@cache
def _deleting(dialect: str) -> str:
    if dialect == "sqlite":
        return "DELETE FROM comment_words WHERE rowid = ?"
    return "DELETE FROM comment_words WHERE comment_id = %s"


def _among(dialect: str, ids: Sequence[int]) -> tuple[str, tuple[Any, ...]]:
    if dialect == "sqlite":
        some = "SELECT value FROM json_each(?)"
        return f"SELECT rowid FROM comment_words WHERE rowid IN ({some})", (str(list(ids)),)  # noqa: S608
    return "SELECT comment_id FROM comment_words WHERE comment_id = ANY(%s)", (list(ids),)
