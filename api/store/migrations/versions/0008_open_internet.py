"""Failed sign-ins, accounts of identity providers, privacy, imports and erasures."""

import sqlalchemy as sa
from alembic import op

from api.store.tables import Instant, RowId

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("sites", sa.Column("privacy", sa.JSON(none_as_null=True), nullable=True))
    op.add_column(
        "sites", sa.Column("addresses", sa.String(20), server_default="whole", nullable=False)
    )
    op.add_column("moderators", sa.Column("subject", sa.String(300), nullable=True))
    op.create_index("ix_moderators_subject", "moderators", ["subject"], unique=True)
    op.add_column("sign_ins", sa.Column("seen_at", Instant(), nullable=True))
    op.create_table(
        "failed_sign_ins",
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("who", name="pk_failed_sign_ins"),
    )
    op.create_index("ix_failed_sign_ins_last_at", "failed_sign_ins", ["last_at"])
    op.create_table(
        "import_runs",
        sa.Column("id", RowId, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_import_runs_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_import_runs"),
        sa.UniqueConstraint("site_id", "source", name="uq_import_runs_site_id_source"),
    )
    op.create_table(
        "erasures",
        sa.Column("id", RowId, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("digests", sa.JSON(), nullable=False),
        sa.Column("wanted", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("actor", sa.String(300), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_erasures_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
        sa.UniqueConstraint("public_id", name="uq_erasures_public_id"),
    )
    op.create_index("ix_erasures_site", "erasures", ["site_id", "id"])
