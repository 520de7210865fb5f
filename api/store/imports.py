"""How far each file has been taken in, and many comments written at once with all of their rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from api.store.driving import drive
from api.store.families import Part
from api.store.inserting import write_all
from api.store.tables import Base, Comment, Decision, Revision, RowId, Verdict


class ImportRun(Base):
    """One file that is taken into a site: `source` is a digest by which it is known again."""

    __tablename__ = "import_runs"
    __table_args__ = (UniqueConstraint("site_id", "source"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    source: Mapped[str] = mapped_column(String(64))
    position: Mapped[int] = mapped_column(BigInteger)
    counts: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


@dataclass(slots=True)
class Rows:
    """The rows of a new comment as values by column; its number is filled in when it has one."""

    comment: dict[str, Any]
    revision: dict[str, Any]
    verdict: dict[str, Any]
    decision: dict[str, Any] | None
    words: Part
    more: list[tuple[type[Base], dict[str, Any]]] = field(default_factory=list)


def find_known(connection: Connection, site_id: int, ids: Sequence[str]) -> set[str]:
    """Which of these ids a site has comments of."""
    here = Comment.site_id == site_id, Comment.public_id.in_(ids)
    return set(connection.scalars(select(Comment.public_id).where(*here)))


def write_rows(connection: Connection, rows: Sequence[Rows]) -> None:
    """Write comments that the site does not have, and what hangs on them.

    Raises IntegrityError, with nothing to be kept, where another transaction has just written one
    of them.
    """
    for number, one in zip(_reserve(connection, len(rows)), rows, strict=True):
        one.comment["id"] = number
        parts = [one.revision, one.verdict, one.decision, *(values for _, values in one.more)]
        for values in parts:
            if values is not None:
                values["comment_id"] = number
    write_all(connection, Comment, [one.comment for one in rows])
    write_all(connection, Revision, [one.revision for one in rows])
    write_all(connection, Verdict, [one.verdict for one in rows])
    write_all(connection, Decision, [one.decision for one in rows if one.decision is not None])
    for kind in {kind: None for one in rows for kind, _ in one.more}:
        of_it = [values for one in rows for known, values in one.more if known is kind]
        write_all(connection, kind, of_it)
    _write_words(connection, rows)


def _reserve(connection: Connection, count: int) -> list[int]:
    """Numbers for new comments, rising, that nobody else will be given."""
    if connection.dialect.name == "sqlite":
        [last] = drive(connection, "SELECT coalesce(max(id), 0) FROM comments", ()).fetchone()
        return list(range(last + 1, last + 1 + count))
    sql = (
        "SELECT nextval(pg_get_serial_sequence('comments', 'id'))"
        " FROM generate_series(1, %s) ORDER BY 1"
    )
    return [row[0] for row in drive(connection, sql, (count,)).fetchall()]


def _write_words(connection: Connection, rows: Sequence[Rows]) -> None:
    """The words of all comments; SQLite's table of them cannot do what `write_all` asks for."""
    if not rows:
        return
    sql = rows[0].words.row.sql
    column = str(rows[0].words.column)
    arguments: list[Any] = []
    for one in rows:
        encoded = {**one.words.row.encoded, column: one.comment["id"]}
        arguments.append(tuple(encoded.values()) if "?" in sql else encoded)
    driver: Any = connection.connection.driver_connection
    cursor = driver.cursor()
    try:
        cursor.executemany(sql, arguments)
    finally:
        cursor.close()
