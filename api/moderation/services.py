"""What every rule is given: the database, the scorer and the clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from api.moderation.addresses import Networks
from api.moderation.scoring import Scorer
from api.store.database import Database


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Services:
    """The outside world of the rules; tests hand in their own clock."""

    database: Database
    scorer: Scorer
    now: Callable[[], datetime] = utc_now
    webhook_networks: Networks = ()
