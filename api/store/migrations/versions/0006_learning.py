"""What sites teach: adapters, trials of them, labels, what is asked to learn from, and drift."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
instant = sa.DateTime(timezone=True)


def _refer(
    table: str, column: str, target: str, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [target], name=name, ondelete=ondelete)


def upgrade() -> None:
    op.add_column("sites", sa.Column("adapter", sa.BigInteger(), nullable=True))
    op.add_column("sites", sa.Column("trial", sa.BigInteger(), nullable=True))
    op.add_column("comments", sa.Column("asked", sa.Double(), nullable=True))
    asked = sa.text("asked IS NOT NULL")
    op.create_index(
        "ix_comments_asked",
        "comments",
        ["site_id", "id"],
        sqlite_where=asked,
        postgresql_where=asked,
    )
    op.create_table(
        "adapters",
        sa.Column("id", row_id, nullable=False),
        sa.Column("site_id", row_id, nullable=True),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("version", sa.String(100), nullable=False),
        sa.Column("base", sa.String(100), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("taught_until", instant, nullable=True),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("replaced", row_id, nullable=True),
        sa.Column("actor", sa.String(300), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("promoted_at", instant, nullable=True),
        _refer("adapters", "site_id", "sites.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adapters")),
        sa.UniqueConstraint("public_id", name=op.f("uq_adapters_public_id")),
    )
    op.create_index("ix_adapters_site", "adapters", ["site_id", "id"])
    op.create_table(
        "trial_verdicts",
        sa.Column("adapter_id", row_id, nullable=False),
        sa.Column("comment_id", row_id, nullable=False),
        sa.Column("live", sa.String(20), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("learned", sa.Double(), nullable=False),
        _refer("trial_verdicts", "adapter_id", "adapters.id", ondelete="CASCADE"),
        _refer("trial_verdicts", "comment_id", "comments.id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("adapter_id", "comment_id", name=op.f("pk_trial_verdicts")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_trial_verdicts_comment_id"), "trial_verdicts", ["comment_id"])
    op.create_table(
        "forgotten_labels",
        sa.Column("comment_id", row_id, nullable=False),
        sa.Column("actor", sa.String(300), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        _refer("forgotten_labels", "comment_id", "comments.id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_forgotten_labels")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "imported_labels",
        sa.Column("id", row_id, nullable=False),
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.String(256), nullable=True),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(100), nullable=True),
        sa.Column("actor", sa.String(300), nullable=False),
        sa.Column("decided_at", instant, nullable=False),
        sa.Column("created_at", instant, nullable=False),
        _refer("imported_labels", "site_id", "sites.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_labels")),
        sa.UniqueConstraint("site_id", "digest", name=op.f("uq_imported_labels_site_id_digest")),
    )
    op.create_table(
        "drift_days",
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("measures", sa.JSON(), nullable=False),
        sa.Column("outside", sa.JSON(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("measured_at", instant, nullable=False),
        _refer("drift_days", "site_id", "sites.id"),
        sa.PrimaryKeyConstraint("site_id", "day", name=op.f("pk_drift_days")),
        sqlite_with_rowid=False,
    )
