"""Whom a site was asked to erase, without saying who that was."""

from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import JSON, Connection, ForeignKey, Index, String
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, mapped_column

from api.store.database import Database
from api.store.tables import Base, RowId

MERGED = 200
"""How many pages of the index of words are rewritten in one transaction."""


class Erasure(Base):
    """A person who is being erased, or was.

    `digests` are keyed ones of what the person was known by: they tell a second request from the
    first, and name nobody. `wanted` says who it is, and is None once it is done. `counts` says how
    many rows of each kind went; `state` is `running` or `done`.
    """

    __tablename__ = "erasures"
    __table_args__ = (Index("ix_erasures_site", "site_id", "id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    digests: Mapped[list[str]]
    wanted: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    counts: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(20))
    actor: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


def wipe_leftovers(database: Database) -> bool:
    """Have SQLite's file hold nothing of what was deleted.

    False where the journal could not be emptied, as while somebody reads old pages.

    What is deleted from the index of words stays in it until its pieces are merged, and the
    journal keeps old pages until it is emptied. PostgreSQL does as much by itself (autovacuum).
    """
    if database.dialect.name != "sqlite":
        return True
    for first in (True, *(False for _ in range(10_000))):
        if not database.write(partial(_merge, first=first)):
            break
    try:
        with database.engine.connect() as connection:
            emptied = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    except OperationalError:
        return False
    return not emptied[0]


def _merge(connection: Connection, first: bool) -> bool:
    """Merge some of the index's pieces; whether there may be more to do.

    A negative number has all pieces take part, as the documentation of FTS5 wants it.
    """
    before = _count_changes(connection)
    pages = -MERGED if first else MERGED
    connection.exec_driver_sql(
        "INSERT INTO comment_words (comment_words, rank) VALUES ('merge', ?)", (pages,)
    )
    return _count_changes(connection) - before >= 2 or first


def _count_changes(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT total_changes()").scalar_one())
