"""Jobs as rows: written with what makes them necessary, taken under a lease, deleted when done."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from api.store.inserting import NewRow
from api.store.outbox import Job


def enqueue(
    connection: Connection,
    kind: str,
    payload: dict[str, Any],
    due_at: datetime,
    *,
    site_id: int | None = None,
    lane: str = "",
    key: str | None = None,
) -> None:
    """Write a job in the transaction of `connection`; nothing where one has the same `key`."""
    values = {
        "site_id": site_id,
        "kind": kind,
        "lane": lane or kind,
        "key": key,
        "payload": payload,
        "due_at": due_at,
        "attempts": 0,
        "created_at": due_at,
    }
    NewRow(connection.dialect, Job, values, unique=True).write_if_new(connection)
