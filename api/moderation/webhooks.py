"""Where a site wants its events sent, and what became of each."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from api.moderation.services import Services
from api.store.outbox import Event


def fan_out(session: Session, services: Services, sealed: Sequence[Event]) -> None:
    """Write a delivery, and the job that makes it, for each event and webhook that wants it."""
