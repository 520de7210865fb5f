"""What is kept for callers who speak a foreign protocol."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from api.store.tables import Base


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class DropinCheck(Base):
    """By which door a comment came in, and how later calls of the same protocol find it.

    `fingerprint` and `token` are digests: what a later call says of the same comment, and the
    name its caller gave it. `answered` is what was answered to the check, `told` what the
    `callback` was told last; `sealed_key` is the caller's key, which the callback must name, see
    `api.moderation.sealing`. After `expires_at` the comment is deleted.
    """

    __tablename__ = "dropin_checks"
    __table_args__ = (
        Index("ix_dropin_checks_fingerprint", "site_id", "door", "fingerprint", "comment_id"),
        Index("ix_dropin_checks_expires_at", "expires_at", **_where("expires_at IS NOT NULL")),
    )

    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    door: Mapped[str] = mapped_column(String(20))
    fingerprint: Mapped[str] = mapped_column(String(64))
    token: Mapped[str | None] = mapped_column(String(64))
    blog: Mapped[str | None] = mapped_column(String(300))
    answered: Mapped[str | None] = mapped_column(String(20))
    callback: Mapped[str | None] = mapped_column(Text)
    sealed_key: Mapped[str | None] = mapped_column(Text)
    told: Mapped[str | None] = mapped_column(String(20))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]


class AkismetUsage(Base):
    """How often a key was used for a blog in a month (`2026-11`), and with what answers."""

    __tablename__ = "akismet_usage"

    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(20), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    blog: Mapped[str] = mapped_column(String(300), primary_key=True)
    spam: Mapped[int] = mapped_column(BigInteger, server_default="0")
    ham: Mapped[int] = mapped_column(BigInteger, server_default="0")
    missed_spam: Mapped[int] = mapped_column(BigInteger, server_default="0")
    false_positives: Mapped[int] = mapped_column(BigInteger, server_default="0")


class RejectionFit(Base):
    """How likely a site's moderators reject a comment with such scores, from what they decided.

    `weights` is None where that was too little: see `api.moderation.dropin.rejection`.
    """

    __tablename__ = "rejection_fits"

    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    model: Mapped[str] = mapped_column(String(100))
    weights: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    approved: Mapped[int]
    rejected: Mapped[int]
    fitted_at: Mapped[datetime]
