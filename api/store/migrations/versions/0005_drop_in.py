"""What foreign protocols need: keys in their styles, and what was asked by which of them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
instant = sa.DateTime(timezone=True)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _site(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f(f"fk_{table}_site_id"))


def upgrade() -> None:
    op.add_column(
        "api_keys", sa.Column("style", sa.String(20), nullable=False, server_default="winnow")
    )
    op.add_column("api_keys", sa.Column("folded", sa.String(64), nullable=True))
    op.add_column("api_keys", sa.Column("secret", sa.Text(), nullable=True))
    op.create_index(
        "ix_api_keys_folded", "api_keys", ["folded"], unique=True, **_where("folded IS NOT NULL")
    )
    op.create_table(
        "dropin_checks",
        sa.Column("comment_id", row_id, nullable=False),
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("door", sa.String(20), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("token", sa.String(64), nullable=True),
        sa.Column("blog", sa.String(300), nullable=True),
        sa.Column("answered", sa.String(20), nullable=True),
        sa.Column("callback", sa.Text(), nullable=True),
        sa.Column("sealed_key", sa.Text(), nullable=True),
        sa.Column("told", sa.String(20), nullable=True),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("expires_at", instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["comments.id"],
            name=op.f("fk_dropin_checks_comment_id"),
            ondelete="CASCADE",
        ),
        _site("dropin_checks"),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_dropin_checks")),
    )
    op.create_index(
        "ix_dropin_checks_fingerprint",
        "dropin_checks",
        ["site_id", "door", "fingerprint", "comment_id"],
    )
    op.create_index(
        "ix_dropin_checks_expires_at",
        "dropin_checks",
        ["expires_at"],
        **_where("expires_at IS NOT NULL"),
    )
    op.create_table(
        "akismet_usage",
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("key", sa.String(20), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("blog", sa.String(300), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")
            for name in ("spam", "ham", "missed_spam", "false_positives")
        ),
        _site("akismet_usage"),
        sa.PrimaryKeyConstraint("site_id", "key", "month", "blog", name=op.f("pk_akismet_usage")),
    )
    op.create_table(
        "rejection_fits",
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("model", sa.String(100), nullable=False),
        sa.Column("weights", sa.JSON(), nullable=True),
        sa.Column("approved", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("fitted_at", instant, nullable=False),
        _site("rejection_fits"),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_rejection_fits")),
    )
