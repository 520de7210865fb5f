"""Policies, drafts of them, standings of authors, and what checks must remember."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
instant = sa.DateTime(timezone=True)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _key(table: str, column: str, target: str, **more: Any) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [target], name=name, **more)


def _create(table: str, keys: tuple[str, ...], *parts: Any) -> None:
    primary = sa.PrimaryKeyConstraint(*keys, name=op.f(f"pk_{table}"))
    op.create_table(table, *parts, primary, sqlite_with_rowid=keys == ("id",))


def upgrade() -> None:
    # What servers of the release before leave empty must be allowed to be.
    op.add_column("sites", sa.Column("policy", sa.Integer(), server_default="1", nullable=False))
    op.add_column("sites", sa.Column("shadow", sa.BigInteger(), nullable=True))
    _extend_comments()
    _create_policies()
    _create_standings()
    _create_memory()


def _extend_comments() -> None:
    for name, length in (("address", 45), ("network", 50), ("mailbox", 254), ("campaign", 40)):
        op.add_column("comments", sa.Column(name, sa.String(length=length), nullable=True))
    op.add_column("comments", sa.Column("sampled", sa.Double(), nullable=True))
    for name in ("address", "network", "mailbox", "campaign"):
        op.create_index(
            f"ix_comments_{name}",
            "comments",
            ["site_id", name, "id"],
            **_where(f"{name} IS NOT NULL"),
        )
    op.create_index(
        "ix_comments_sampled", "comments", ["site_id", "id"], **_where("sampled IS NOT NULL")
    )


def _create_policies() -> None:
    _create(
        "policies",
        ("site_id", "version"),
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("actor", sa.String(length=300), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        _key("policies", "site_id", "sites.id"),
    )
    _create(
        "policy_drafts",
        ("id",),
        sa.Column("id", row_id, nullable=False),
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=True),
        sa.Column("tally", sa.JSON(), nullable=False),
        sa.Column("actor", sa.String(length=300), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("updated_at", instant, nullable=False),
        _key("policy_drafts", "site_id", "sites.id"),
        sa.UniqueConstraint("public_id", name=op.f("uq_policy_drafts_public_id")),
    )
    op.create_index("ix_policy_drafts_site_id", "policy_drafts", ["site_id"])
    _create(
        "shadow_verdicts",
        ("draft_id", "comment_id"),
        sa.Column("draft_id", row_id, nullable=False),
        sa.Column("comment_id", row_id, nullable=False),
        sa.Column("live", sa.String(length=20), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("codes", sa.JSON(), nullable=False),
        _key("shadow_verdicts", "draft_id", "policy_drafts.id", ondelete="CASCADE"),
        _key("shadow_verdicts", "comment_id", "comments.id", ondelete="CASCADE"),
    )
    op.create_index("ix_shadow_verdicts_comment_id", "shadow_verdicts", ["comment_id"])


def _create_standings() -> None:
    _create(
        "standings",
        ("id",),
        sa.Column("id", row_id, nullable=False),
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=320), nullable=False),
        sa.Column("standing", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=300), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("until", instant, nullable=True),
        sa.Column("ended_at", instant, nullable=True),
        _key("standings", "site_id", "sites.id"),
        sa.UniqueConstraint("public_id", name=op.f("uq_standings_public_id")),
    )
    op.create_index("ix_standings_value", "standings", ["site_id", "kind", "value"])


def _create_memory() -> None:
    _create_of_comment(
        "rule_hits",
        sa.Column("rule", sa.String(length=250), nullable=False),
        sa.Column("created_at", instant, nullable=False),
    )
    _create_of_comment("signatures", sa.Column("band", sa.BigInteger(), nullable=False))
    _create_of_comment("linked_hosts", sa.Column("host", sa.String(length=253), nullable=False))
    _create(
        "campaign_decisions",
        ("site_id", "campaign"),
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("campaign", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=100), nullable=True),
        sa.Column("actor", sa.String(length=300), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("until", instant, nullable=False),
        _key("campaign_decisions", "site_id", "sites.id"),
    )
    _create(
        "used_tokens",
        ("site_id", "nonce"),
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("nonce", sa.String(length=40), nullable=False),
        sa.Column("expires_at", instant, nullable=False),
        _key("used_tokens", "site_id", "sites.id"),
    )
    op.create_index("ix_used_tokens_expires_at", "used_tokens", ["expires_at"])
    _create(
        "nudges_asked",
        ("id",),
        sa.Column("id", row_id, nullable=False),
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        _key("nudges_asked", "site_id", "sites.id"),
    )
    op.create_index("ix_nudges_asked_created_at", "nudges_asked", ["created_at"])
    op.create_index("ix_nudges_asked_author", "nudges_asked", ["site_id", "author", "created_at"])


def _create_of_comment(table: str, column: sa.Column[Any], *more: sa.Column[Any]) -> None:
    """A table of what comments have: found by site and `column`, gone with the comment."""
    _create(
        table,
        ("site_id", column.name, "comment_id"),
        sa.Column("site_id", row_id, nullable=False),
        column,
        sa.Column("comment_id", row_id, nullable=False),
        *more,
        _key(table, "site_id", "sites.id"),
        _key(table, "comment_id", "comments.id", ondelete="CASCADE"),
    )
    op.create_index(f"ix_{table}_comment_id", table, ["comment_id"])
