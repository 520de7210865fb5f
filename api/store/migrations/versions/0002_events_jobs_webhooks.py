"""Events in a chain, jobs, webhooks, answers kept for repeated requests, claims, reports."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
instant = sa.DateTime(timezone=True)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _key(table: str, column: str, target: str, **more: Any) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [target], name=name, **more)


def upgrade() -> None:
    # Empty in the rows there are, and left empty by servers of the release before.
    op.add_column("events", sa.Column("number", sa.Integer(), nullable=True))
    op.add_column("events", sa.Column("hash", sa.String(length=64), nullable=True))
    op.add_column("events", sa.Column("salt", sa.String(length=64), nullable=True))
    op.create_index(
        "ix_events_number",
        "events",
        ["site_id", "number"],
        unique=True,
        **_where("number IS NOT NULL"),
    )
    op.create_index("ix_events_unsealed", "events", ["id"], **_where("number IS NULL"))
    _create_jobs()
    _create_webhooks()
    _create_leases()


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", row_id, nullable=False),
        sa.Column("site_id", row_id, nullable=True),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("lane", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("due_at", instant, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=100), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("failed_at", instant, nullable=True),
        sa.Column("created_at", instant, nullable=False),
        _key("jobs", "site_id", "sites.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("key", name=op.f("uq_jobs_key")),
    )
    op.create_index("ix_jobs_due", "jobs", ["lane", "due_at"], **_where("failed_at IS NULL"))
    op.create_index("ix_jobs_failed", "jobs", ["id"], **_where("failed_at IS NOT NULL"))
    op.create_index("ix_jobs_lane", "jobs", ["lane"], **_where("worker IS NOT NULL"))


def _create_webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", row_id, nullable=False),
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("secrets", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stopped_because", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", instant, nullable=True),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("updated_at", instant, nullable=False),
        _key("webhooks", "site_id", "sites.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
        sa.UniqueConstraint("public_id", name=op.f("uq_webhooks_public_id")),
    )
    op.create_index("ix_webhooks_site_id", "webhooks", ["site_id"])
    op.create_table(
        "deliveries",
        sa.Column("id", row_id, nullable=False),
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("webhook_id", row_id, nullable=False),
        sa.Column("event_id", row_id, nullable=True),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=50), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("finished_at", instant, nullable=True),
        _key("deliveries", "site_id", "sites.id"),
        _key("deliveries", "webhook_id", "webhooks.id", ondelete="CASCADE"),
        _key("deliveries", "event_id", "events.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("public_id", name=op.f("uq_deliveries_public_id")),
    )
    op.create_index("ix_deliveries_webhook", "deliveries", ["webhook_id", "id"])
    op.create_index("ix_deliveries_event", "deliveries", ["webhook_id", "event_id"], unique=True)
    op.create_table(
        "attempts",
        sa.Column("delivery_id", row_id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        _key("attempts", "delivery_id", "deliveries.id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("delivery_id", "number", name=op.f("pk_attempts")),
        sqlite_with_rowid=False,
    )


def _create_leases() -> None:
    op.create_table(
        "kept_answers",
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("comments", sa.Text(), nullable=False),
        sa.Column("expires_at", instant, nullable=False),
        _key("kept_answers", "site_id", "sites.id"),
        sa.PrimaryKeyConstraint("site_id", "key", name=op.f("pk_kept_answers")),
    )
    op.create_index("ix_kept_answers_expires_at", "kept_answers", ["expires_at"])
    op.create_table(
        "claims",
        sa.Column("comment_id", row_id, nullable=False),
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=300), nullable=False),
        sa.Column("expires_at", instant, nullable=False),
        _key("claims", "comment_id", "comments.id", ondelete="CASCADE"),
        _key("claims", "site_id", "sites.id"),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_claims")),
        sa.UniqueConstraint("public_id", name=op.f("uq_claims_public_id")),
    )
    op.create_index("ix_claims_expires_at", "claims", ["expires_at"])
    op.create_table(
        "reports",
        sa.Column("id", row_id, nullable=False),
        sa.Column("comment_id", row_id, nullable=False),
        sa.Column("reporter", sa.String(length=256), nullable=True),
        sa.Column("reason", sa.String(length=100), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("actor", sa.String(length=300), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        _key("reports", "comment_id", "comments.id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
    )
    op.create_index("ix_reports_comment_id", "reports", ["comment_id"])
