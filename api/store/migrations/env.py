"""Alembic's entry: works on the connection that `api.store.schema` hands over."""

from alembic import context

from api.store import (  # noqa: F401  (their tables)
    dropin,
    imports,
    learning,
    outbox,
    policies,
    privacy,
    review,
)
from api.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
