"""What every rule is given: the database, the scorer and the clock."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from api.moderation.learning.choosing import Chooser
from api.moderation.outgoing.addresses import Networks
from api.moderation.outgoing.breaker import Breaker
from api.moderation.policy.inforce import Policy
from api.moderation.scoring import Scorer
from api.moderation.timelimit import TimeLimit
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
    secret_key: str = ""
    """Signs form tokens and what is sent to outside checkers."""
    chance: Callable[[], float] = random.random
    """A number in [0, 1), another each time."""
    adapted: dict[int, Scorer] = field(default_factory=dict)
    """Scorers in use, by adapter: see `api.moderation.learning.using`."""
    choosers: dict[int, Chooser] = field(default_factory=dict)
    """Who chooses what a site's people are asked: see `api.moderation.learning.asking`."""
    prepared: dict[tuple[int, int], Policy] = field(default_factory=dict)
    """Policies in use, by site and version: see `api.moderation.policies`."""
    shadow_limit: TimeLimit = field(default_factory=TimeLimit)
    """How long a draft in shadow may take: see `api.moderation.drafts.shadowing`."""
    breaker: Breaker = field(default_factory=Breaker)
    """Which outside checkers this process leaves alone for a while."""
