"""What a site has taught Winnow: adapters, trials of them, labels from elsewhere, and drift."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.store.tables import Base, RowId

_NO_ROWID = {"sqlite_with_rowid": False}


class StoredAdapter(Base):
    """An adapter as it was trained, never changed; `sites.adapter` says which is in force.

    `site_id` is None for one that several sites have taught. `version` is how verdicts name it.
    `state` is `waiting` while it may be promoted, `refused` where the gate was shut, `promoted`
    where it has ever been in force, `withdrawn` where it was taken back. `report` is what the gate
    has measured, and why. `replaced` is the adapter that was in force before it.
    """

    __tablename__ = "adapters"
    __table_args__ = (Index("ix_adapters_site", "site_id", "id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id"))
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    version: Mapped[str] = mapped_column(String(100))
    base: Mapped[str] = mapped_column(String(100))
    state: Mapped[str] = mapped_column(String(20))
    data: Mapped[bytes] = mapped_column(LargeBinary)
    labels: Mapped[int]
    # When the last decision was made that it has learnt of.
    taught_until: Mapped[datetime | None]
    report: Mapped[dict[str, Any]]
    replaced: Mapped[int | None] = mapped_column(RowId)
    actor: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime]
    promoted_at: Mapped[datetime | None]


class TrialVerdict(Base):
    """What an adapter on trial would have done with a new comment; `learned` is its score."""

    __tablename__ = "trial_verdicts"
    __table_args__ = (_NO_ROWID,)

    adapter_id: Mapped[int] = mapped_column(
        ForeignKey("adapters.id", ondelete="CASCADE"), primary_key=True
    )
    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    live: Mapped[str] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(20))
    learned: Mapped[float]


class ForgottenLabel(Base):
    """Nothing is learnt of what was decided about this comment, by the wish of `actor`."""

    __tablename__ = "forgotten_labels"
    __table_args__ = (_NO_ROWID,)

    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True
    )
    actor: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime]


class ImportedLabel(Base):
    """A text that a site knew what to do with before it came to Winnow.

    `action` is `approve` or `reject`; `digest` that of the text, of which a site has one label.
    """

    __tablename__ = "imported_labels"
    __table_args__ = (UniqueConstraint("site_id", "digest"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    digest: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    author_id: Mapped[str | None] = mapped_column(String(256))
    action: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(100))
    actor: Mapped[str] = mapped_column(String(300))
    decided_at: Mapped[datetime]
    created_at: Mapped[datetime]


class DriftDay(Base):
    """What a site's comments and decisions were like on one day, in UTC.

    `measures` holds counts and shares, no words; `outside` names those that have left the band
    of the days before. `words` says which places of a hash the day's words took, and how often:
    see `api.moderation.learning.vocabulary`; None once no later day is compared with it.
    """

    __tablename__ = "drift_days"
    __table_args__ = (_NO_ROWID,)

    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    measures: Mapped[dict[str, Any]]
    outside: Mapped[list[str]]
    words: Mapped[bytes | None] = mapped_column(LargeBinary)
    measured_at: Mapped[datetime]
