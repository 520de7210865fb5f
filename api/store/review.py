"""What the review of comments keeps: who is asked about what, and what they say of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from api.store.tables import Base, RowId


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Waiting(Base):
    """A comment that a person is asked about: a narrow row, so that fifty thousand are read fast.

    Follows from the comment and what hangs on it, see `api.moderation.queues.placing`; `queue` is
    where it lies, `since` since when. `rank` orders by expected harm: see `queues.urgency`.
    `seen_by` is who has said something of it already and is not asked again, `seen_also` who else.
    """

    __tablename__ = "waiting"
    __table_args__ = (
        Index("ix_waiting_rank", "site_id", "queue", "rank", "comment_id"),
        Index("ix_waiting_queue", "site_id", "queue", "comment_id"),
        # The same for all queues at once, from which claims are taken.
        Index("ix_waiting_all_rank", "site_id", "rank", "comment_id"),
        Index("ix_waiting_all", "site_id", "comment_id"),
        # What the menus offer is read from this alone.
        Index("ix_waiting_article", "site_id", "article_id", "section", "queue", "comment_id"),
    )

    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    # The comment's when it was placed: where that differs, it is to be placed again.
    version: Mapped[int]
    queue: Mapped[str] = mapped_column(String(50))
    rank: Mapped[float]
    since: Mapped[datetime]
    seen_by: Mapped[str | None] = mapped_column(String(300))
    seen_also: Mapped[str | None] = mapped_column(String(300))
    # The terms of expected harm.
    label: Mapped[str | None] = mapped_column(String(20))
    severity: Mapped[float]
    probability: Mapped[float]
    reports: Mapped[float]
    exposure: Mapped[float]
    # What `exposure` holds of how lively the article is, see `queues.heat`.
    heat: Mapped[float] = mapped_column(server_default="1")
    # What queues filter by.
    article_id: Mapped[str] = mapped_column(String(256))
    section: Mapped[str | None] = mapped_column(String(256))
    author_id: Mapped[str | None] = mapped_column(String(256))
    language: Mapped[str | None] = mapped_column(String(35))
    reason_codes: Mapped[str] = mapped_column(Text)
    spam: Mapped[float | None]
    toxicity: Mapped[float | None]
    severe_toxicity: Mapped[float | None]
    profanity: Mapped[float | None]
    threat: Mapped[float | None]
    insult: Mapped[float | None]
    identity_attack: Mapped[float | None]


class SavedQueue(Base):
    """A queue that a site has made: a filter over what waits, or a place to escalate to.

    `filter` is None for the latter. `key` is the letter that leads to it, `within_minutes` how
    soon what waits in it should be decided.
    """

    __tablename__ = "saved_queues"
    __table_args__ = (UniqueConstraint("site_id", "name"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    name: Mapped[str] = mapped_column(String(50))
    title: Mapped[str] = mapped_column(String(100))
    filter: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    sort: Mapped[str] = mapped_column(String(20))
    key: Mapped[str | None] = mapped_column(String(1))
    within_minutes: Mapped[int | None]
    actor: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class SecondLook(Base):
    """Two people on one wording, neither told what the other said; open without `second_at`.

    `kind` is `agree` where the comment waits until two agree, `recheck` where a decision in force
    is looked at again. `version` is the comment's that the first one judged.
    """

    __tablename__ = "second_looks"
    __table_args__ = (
        Index("ix_second_looks_comment", "comment_id", "id"),
        Index("ix_second_looks_site", "site_id", "id"),
        Index("ix_second_looks_bulk", "bulk", "comment_id", **_where("bulk IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"))
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    first_actor: Mapped[str] = mapped_column(String(300))
    first_action: Mapped[str] = mapped_column(String(20))
    first_reason: Mapped[str | None] = mapped_column(String(100))
    first_note: Mapped[str | None] = mapped_column(Text)
    first_at: Mapped[datetime]
    second_actor: Mapped[str | None] = mapped_column(String(300))
    second_action: Mapped[str | None] = mapped_column(String(20))
    second_reason: Mapped[str | None] = mapped_column(String(100))
    second_note: Mapped[str | None] = mapped_column(Text)
    second_at: Mapped[datetime | None]
    # The row of `bulk_decisions` that the last opinion is part of.
    bulk: Mapped[int | None] = mapped_column(BigInteger)


class Skip(Base):
    """Somebody does not want to be asked about a comment until `until`."""

    __tablename__ = "skips"
    __table_args__ = ({"sqlite_with_rowid": False},)

    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True
    )
    actor: Mapped[str] = mapped_column(String(300), primary_key=True)
    until: Mapped[datetime] = mapped_column(index=True)


class Note(Base):
    """What one moderator tells the others, about a comment or about an author.

    `kind` and `value` say by what the author is known, as in `AuthorStanding`.
    """

    __tablename__ = "notes"
    __table_args__ = (
        Index("ix_notes_comment", "comment_id", "id", **_where("comment_id IS NOT NULL")),
        Index("ix_notes_author", "site_id", "kind", "value", "id", **_where("kind IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"))
    kind: Mapped[str | None] = mapped_column(String(20))
    value: Mapped[str | None] = mapped_column(String(320))
    text: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime]


class BulkDecision(Base):
    """One decision about many comments, carried out batch by batch.

    `wanted` is `{"ids": […]}` or `{"filter": {…}}`, `last` the largest key of a comment that was
    there when it began, `cursor` how far it has come. `state` is `running`, `done`, `stopped`,
    `undoing` or `undone`. The decisions it makes bear its key as `decisions.bulk`.
    """

    __tablename__ = "bulk_decisions"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    action: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(100))
    note: Mapped[str | None] = mapped_column(Text)
    queue: Mapped[str | None] = mapped_column(String(50))
    wanted: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(20))
    total: Mapped[int]
    last: Mapped[int] = mapped_column(RowId)
    cursor: Mapped[int] = mapped_column(RowId)
    tally: Mapped[dict[str, Any]]
    actor: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class SearchProgress(Base):
    """How far the job `search.index` has come: one row, or none at all before it has begun.

    Every comment with a number up to `upto` has its words; so have most of the others.
    """

    __tablename__ = "search_progress"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    upto: Mapped[int] = mapped_column(RowId)
