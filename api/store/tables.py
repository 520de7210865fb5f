"""The tables. A comment's revisions, verdicts and decisions are rows of their own, never updated.

`comments.revision`, `.verdict_version` and `.decision_version` say which of those rows is in
force, so that the present state is one join away and the past stays as it was.
"""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# SQLite numbers rows by itself only when the key is a plain INTEGER.
RowId = BigInteger().with_variant(Integer(), "sqlite")


class Instant(TypeDecorator[datetime]):
    """A point in time: aware and in UTC in Python, whatever the database keeps."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times, store UTC."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone could mean any of a day's moments")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the time zone back that SQLite drops."""
        if value is None or value.tzinfo is not None:
            return value and value.astimezone(UTC)
        return value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """What all tables share."""

    # SQLite can only change what has a name.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        datetime: Instant,
        dict[str, Any]: JSON,
        list[dict[str, Any]]: JSON,
        list[str]: JSON,
    }


# Read by comment and version, never alone: one tree in SQLite instead of a table and an index.
_BY_COMMENT = {"sqlite_with_rowid": False}


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Site(Base):
    """A tenant."""

    __tablename__ = "sites"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    created_at: Mapped[datetime]
    # The policy's version in force, and the draft that runs in shadow beside it, if any.
    policy: Mapped[int] = mapped_column(server_default="1")
    shadow: Mapped[int | None] = mapped_column(BigInteger)
    # The adapter in force, and the one that is on trial beside it, if any.
    adapter: Mapped[int | None] = mapped_column(BigInteger)
    trial: Mapped[int | None] = mapped_column(BigInteger)
    # How long what is kept, see `api.moderation.privacy`; None is as everybody.
    privacy: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    # How addresses are kept: see `api.moderation.privacy.addressing`.
    addresses: Mapped[str] = mapped_column(String(20), server_default="whole")


class ApiKey(Base):
    """A site's key. Only its digest is kept; `prefix` tells a person which one it is.

    `style` says which protocols it is for, see `api.moderation.foreignkeys`; `secret`, sealed, is
    what it takes to check a signature.
    """

    __tablename__ = "api_keys"
    __table_args__ = (
        Index("ix_api_keys_folded", "folded", unique=True, **_where("folded IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    prefix: Mapped[str] = mapped_column(String(20), unique=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    style: Mapped[str] = mapped_column(String(20), server_default="winnow")
    # The digest of the key in small letters, as hosts' names arrive; older keys have none.
    folded: Mapped[str | None] = mapped_column(String(64))
    secret: Mapped[str | None] = mapped_column(Text)


class Moderator(Base):
    """A person who works through one site's queue."""

    __tablename__ = "moderators"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    # `moderator` or `admin`; who was there before roles were could do all that there was to do.
    role: Mapped[str] = mapped_column(String(20), server_default="admin")
    # What the pages do for this person, see `api.moderation.people`; None is as everybody.
    preferences: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    # The sections this person looks after.
    sections: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    # Digest of issuer and subject of the account at a provider that this person signs in with.
    subject: Mapped[str | None] = mapped_column(String(300), index=True, unique=True)


class FailedSignIn(Base):
    """How often signing in has failed for one account or from one address, known by a digest."""

    __tablename__ = "failed_sign_ins"

    who: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)


class SignIn(Base):
    """A moderator's browser session, known by the digest of its cookie."""

    __tablename__ = "sign_ins"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    moderator_id: Mapped[int] = mapped_column(ForeignKey("moderators.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    # To the minute; None is what the release before has opened.
    seen_at: Mapped[datetime | None]


class Revision(Base):
    """One wording of a comment."""

    __tablename__ = "revisions"
    __table_args__ = _BY_COMMENT

    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[bool]
    created_at: Mapped[datetime]
    # Whether its text was deleted after the time for which the site keeps texts.
    gone: Mapped[bool] = mapped_column(server_default=false())


class Verdict(Base):
    """What the machine said of one revision; `version` is the comment's when it was said."""

    __tablename__ = "verdicts"
    __table_args__ = _BY_COMMENT

    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int]
    action: Mapped[str] = mapped_column(String(20))
    blatant: Mapped[bool]
    scores: Mapped[dict[str, Any]]
    reasons: Mapped[list[dict[str, Any]]]
    model: Mapped[str | None] = mapped_column(String(100))
    second_opinion: Mapped[str | None] = mapped_column(String(20))
    """Whether a second stage was asked; null in verdicts of older releases."""
    second_model: Mapped[str | None] = mapped_column(String(100))
    language: Mapped[str | None] = mapped_column(String(10))
    policy: Mapped[int]
    flips_if: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class Decision(Base):
    """What a person or a key said; `version` is the comment's that the decision made."""

    __tablename__ = "decisions"
    __table_args__ = (
        Index("ix_decisions_bulk", "bulk", "comment_id", **_where("bulk IS NOT NULL")),
        # What has been decided lately: see `api.moderation.stats`.
        Index("ix_decisions_created_at", "created_at"),
        _BY_COMMENT,
    )

    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int]
    action: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(100))
    note: Mapped[str | None] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    # The row of `bulk_decisions` that it is part of.
    bulk: Mapped[int | None] = mapped_column(BigInteger)
    # Where it was escalated to; None for the queue `escalated`.
    queue: Mapped[str | None] = mapped_column(String(50))


class Comment(Base):
    """A text by an author under an article, and where it stands now."""

    __tablename__ = "comments"
    __table_args__ = (
        UniqueConstraint("site_id", "public_id"),
        Index("ix_comments_site", "site_id", "id"),
        Index("ix_comments_article", "site_id", "article_id", "id"),
        Index("ix_comments_author", "site_id", "author_id", "id"),
        Index("ix_comments_queue", "site_id", "priority", "id", **_where("status = 'pending'")),
        Index("ix_comments_address", "site_id", "address", "id", **_where("address IS NOT NULL")),
        Index("ix_comments_network", "site_id", "network", "id", **_where("network IS NOT NULL")),
        Index("ix_comments_mailbox", "site_id", "mailbox", "id", **_where("mailbox IS NOT NULL")),
        Index(
            "ix_comments_campaign", "site_id", "campaign", "id", **_where("campaign IS NOT NULL")
        ),
        Index("ix_comments_sampled", "site_id", "id", **_where("sampled IS NOT NULL")),
        Index("ix_comments_asked", "site_id", "id", **_where("asked IS NOT NULL")),
        Index(
            "ix_comments_decided",
            "site_id",
            "updated_at",
            "id",
            **_where("decision_version IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    public_id: Mapped[str] = mapped_column(String(128))
    article_id: Mapped[str] = mapped_column(String(256))
    article: Mapped[dict[str, Any]]
    section: Mapped[str | None] = mapped_column(String(256))
    parent_id: Mapped[str | None] = mapped_column(String(128))
    author_id: Mapped[str | None] = mapped_column(String(256))
    author: Mapped[dict[str, Any]]
    # By what else the author is known, in one spelling: see `api.moderation.traces`.
    address: Mapped[str | None] = mapped_column(String(45))
    network: Mapped[str | None] = mapped_column(String(50))
    mailbox: Mapped[str | None] = mapped_column(String(254))
    # What nearly the same texts have in common.
    campaign: Mapped[str | None] = mapped_column(String(40))
    # With which chance a person is asked about it although no rule wants one.
    sampled: Mapped[float | None]
    # How much the model would learn of it, where a person is asked about it for that alone.
    asked: Mapped[float | None]
    form: Mapped[dict[str, Any]]
    # The API's `metadata`: SQLAlchemy keeps that name for itself.
    extra: Mapped[dict[str, Any]]
    language: Mapped[str | None] = mapped_column(String(35))
    status: Mapped[str] = mapped_column(String(20))
    queue: Mapped[str] = mapped_column(String(50))
    reason_codes: Mapped[str] = mapped_column(Text)
    priority: Mapped[float]
    version: Mapped[int]
    revision: Mapped[int]
    verdict_version: Mapped[int]
    decision_version: Mapped[int | None]
    created_at: Mapped[datetime]
    received_at: Mapped[datetime]
    updated_at: Mapped[datetime]
