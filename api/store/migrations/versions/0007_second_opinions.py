"""Whether a verdict's comment was read by a second stage, and by which."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    # Null in older verdicts, and in those of releases that go on writing meanwhile.
    op.add_column("verdicts", sa.Column("second_opinion", sa.String(20), nullable=True))
    op.add_column("verdicts", sa.Column("second_model", sa.String(100), nullable=True))
