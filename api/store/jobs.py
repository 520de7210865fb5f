"""Jobs as rows: written with what makes them necessary, taken under a lease, deleted when done."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from api.store.inserting import NewRow
from api.store.outbox import Job


@dataclass(frozen=True, slots=True)
class TakenJob:
    """A job that a worker has taken; `worker` is what it must still be called to finish it.

    `attempts` counts this try: it is 1 at the first.
    """

    id: int
    site_id: int | None
    kind: str
    lane: str
    payload: dict[str, Any]
    attempts: int
    worker: str
    created_at: datetime


class LaterError(Exception):
    """Raised by a handler: try again after so long. With `counts` False it was no try at all."""

    def __init__(self, after: timedelta, reason: str | None = None, counts: bool = True) -> None:
        super().__init__(reason or "Not yet.")
        self.after, self.reason, self.counts = after, reason, counts


class GiveUpError(Exception):
    """Raised by a handler: no further try would help. `reason` is kept and shown."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


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
