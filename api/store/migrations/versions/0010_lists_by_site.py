"""The newest comments of a site, without looking at all of them: an index for lists and exports."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_index("ix_comments_site", "comments", ["site_id", "id"])
