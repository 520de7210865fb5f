"""What a site has laid down, and what its checks must remember to apply it."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from api.store.tables import Base, RowId

_NO_ROWID = {"sqlite_with_rowid": False}


class PolicyVersion(Base):
    """A policy as it was put, never changed; `sites.policy` says which version is in force.

    `text` is what somebody wrote, `document` what was read from it. Version 1, the defaults, has
    no row.
    """

    __tablename__ = "policies"
    __table_args__ = (_NO_ROWID,)

    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    document: Mapped[dict[str, Any]]
    actor: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime]


class PolicyDraft(Base):
    """A policy that is tried out: replayed over stored comments, or in shadow on new ones.

    `kind` is `preview` or `shadow`. `tally` is what has been found so far, `cursor` the comment
    up to which; `state` is `running`, `done` or `stopped`.
    """

    __tablename__ = "policy_drafts"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    document: Mapped[dict[str, Any]]
    options: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(20))
    cursor: Mapped[int | None] = mapped_column(BigInteger)
    tally: Mapped[dict[str, Any]]
    actor: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ShadowVerdict(Base):
    """What a draft in shadow would have done with a new comment."""

    __tablename__ = "shadow_verdicts"
    __table_args__ = (_NO_ROWID,)

    draft_id: Mapped[int] = mapped_column(
        ForeignKey("policy_drafts.id", ondelete="CASCADE"), primary_key=True
    )
    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    live: Mapped[str] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(20))
    codes: Mapped[list[str]]


class AuthorStanding(Base):
    """What a person has said of an author; in force until `until`, unless `ended_at` is set.

    `kind` and `value` say by what the author is known: see `api.moderation.policy.facts`.
    """

    __tablename__ = "standings"
    __table_args__ = (Index("ix_standings_value", "site_id", "kind", "value"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    value: Mapped[str] = mapped_column(String(320))
    standing: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime]
    until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class RuleHit(Base):
    """A rule of the policy was found in a comment; `rule` is its key."""

    __tablename__ = "rule_hits"
    __table_args__ = (_NO_ROWID,)

    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    rule: Mapped[str] = mapped_column(String(250), primary_key=True)
    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    created_at: Mapped[datetime]


class Signature(Base):
    """A band of the MinHash signature of a comment's text: see `policy.duplicates`."""

    __tablename__ = "signatures"
    __table_args__ = (_NO_ROWID,)

    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    band: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class LinkedHost(Base):
    """A comment links to a host."""

    __tablename__ = "linked_hosts"
    __table_args__ = (_NO_ROWID,)

    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    host: Mapped[str] = mapped_column(String(253), primary_key=True)
    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class CampaignDecision(Base):
    """What was decided about a campaign; arrivals until `until` share it."""

    __tablename__ = "campaign_decisions"
    __table_args__ = (_NO_ROWID,)

    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    campaign: Mapped[str] = mapped_column(String(40), primary_key=True)
    action: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(100))
    actor: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime]
    until: Mapped[datetime]


class UsedToken(Base):
    """A form token that a comment came with; it is good once."""

    __tablename__ = "used_tokens"
    __table_args__ = (_NO_ROWID,)

    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    nonce: Mapped[str] = mapped_column(String(40), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class NudgeAsked(Base):
    """An author has asked what would become of a text."""

    __tablename__ = "nudges_asked"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    author: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (Index("ix_nudges_asked_author", "site_id", "author", "created_at"),)
