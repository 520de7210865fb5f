"""Writes into the log what happened to a site as a whole."""

from typing import Any

from sqlalchemy.orm import Session

from api.moderation.access import Caller
from api.moderation.services import Services
from api.store.inserting import NewRow
from api.store.outbox import Event


def record(
    session: Session, services: Services, caller: Caller, kind: str, data: dict[str, Any]
) -> None:
    """Write an event that is of no comment, in the session's transaction.

    It holds nothing that a person wrote: the log outlives what people have erased.
    """
    values = {
        "site_id": caller.site_id,
        "comment_id": None,
        "type": kind,
        "actor": caller.actor,
        "data": data,
        "created_at": services.now(),
    }
    NewRow(services.database.dialect, Event, values).write(session.connection())
