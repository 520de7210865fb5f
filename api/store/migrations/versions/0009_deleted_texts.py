"""Which texts were deleted: by itself, as every comment that comes has a row in `revisions`."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column(
        "revisions", sa.Column("gone", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
