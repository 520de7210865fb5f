"""Counts in the shared store while that answers, and in this process while it does not.

No request waits for a store that is away: the first that fails says so, and from then on a thread
of its own asks, once a second, whether the store is back.
"""

import hmac
import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from limits import RateLimitItem
from limits.storage import Storage
from limits.strategies import SlidingWindowCounterRateLimiter

from api.limiting.memory import Memory
from api.limiting.rates import KINDS, Rates, find_wait, read_rates, show_rates
from api.limiting.shared import connect
from api.moderation.derivation import derive
from api.settings import Settings
from api.telemetry import counters

log = logging.getLogger(__name__)

PROBE_SECONDS = 1.0
"""How often a store that is away is asked whether it is back."""


@dataclass(frozen=True, slots=True)
class Taken:
    """How many were let through; if not all, after how many seconds one more will be.

    `seconds` are those of the rate that has them wait the longest.
    """

    granted: int
    wait: int = 0
    seconds: int = 0


class Tally:
    """Counts by several rates at once: what one of them refuses, none of them counts."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._strategy = SlidingWindowCounterRateLimiter(storage)

    def take(self, rates: Rates, who: tuple[str, str], wanted: int = 1) -> Taken:
        """Count so many, or else as many as there is room for."""
        if self._hit(rates, who, wanted):
            return Taken(wanted)
        room = min(self._strategy.get_window_stats(one, *who).remaining for one in rates)
        granted = room if 0 < room < wanted and self._hit(rates, who, room) else 0
        return Taken(granted, *max(self._find_wait(one, who) for one in rates))

    def _hit(self, rates: Rates, who: tuple[str, str], wanted: int) -> bool:
        # With a single rate, as usual, that is one way to the store and back.
        first, *others = rates
        if not all(self._strategy.test(one, *who, cost=wanted) for one in others):
            return False
        if not self._strategy.hit(first, *who, cost=wanted):
            return False
        for one in others:
            self._strategy.hit(one, *who, cost=wanted)
        return True

    def _find_wait(self, rate: RateLimitItem, who: tuple[str, str]) -> tuple[int, int]:
        window = self._storage.get_sliding_window(rate.key_for(*who), rate.get_expiry())  # type: ignore[attr-defined]
        return find_wait(rate, window), rate.get_expiry()


class Limiter:
    """Says how often who may do what.

    `shared` is the store of all processes, if there is one; `note` is told whether this process
    has to do without it. In what is stored, whoever is counted is a digest made with `secret`.
    """

    def __init__(
        self,
        rates: Mapping[str, Rates],
        secret: str,
        shared: Storage | None = None,
        note: Callable[[bool], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rates = {kind: rates.get(kind, ()) for kind in KINDS}
        # One for each kind: whoever makes up addresses shall not have keys forgotten.
        self._own = {kind: Tally(Memory(clock=clock)) for kind in KINDS}
        self._shared = Tally(shared) if shared is not None else None
        self._secret = derive(secret, "limits")
        self._note, self._noted, self._away = note, False, False
        self._lock = threading.Lock()
        self.policies = {kind: show_rates(kind, found) for kind, found in self._rates.items()}

    @classmethod
    def of(cls, settings: Settings) -> "Limiter":
        """One as the settings say; raise StartupError where the store's URL cannot be used."""
        given = settings.limit_key, settings.limit_address, settings.limit_author
        rates = {kind: read_rates(one) for kind, one in zip(KINDS, given, strict=True)}
        shared = None
        if settings.limits_url and any(rates.values()):
            # Several installations may share a store: each has a secret, so a prefix of its own.
            prefix = f"winnow-{derive(settings.secret_key, 'limits prefix').hex()[:12]}"
            shared = connect(settings.limits_url, prefix)
        return cls(rates, settings.secret_key, shared, _note)

    def take(self, kind: str, who: str, wanted: int = 1) -> Taken:
        """Count that somebody does something so many times, as far as they may."""
        rates = self._rates[kind]
        if not rates or wanted < 1:
            return Taken(wanted)
        if not self._noted:
            # Whoever had this process's place before may have ended without the store.
            self._noted = True
            self._note(False)
        name = kind, hmac.digest(self._secret, f"{kind} {who}".encode(), "sha256").hex()[:32]
        if self._shared is not None and not self._away:
            try:
                return self._shared.take(rates, name, wanted)
            except Exception as error:
                # Whatever it is that the store does: nobody is refused for that, or let off.
                self._lose(self._shared, error)
        return self._own[kind].take(rates, name, wanted)

    def _lose(self, shared: Tally, error: Exception) -> None:
        with self._lock:
            if self._away:
                return
            self._away = True
        # Its kind only: its words may name where the store is and who may use it.
        log.warning(
            "the store of limits is away (%s): this process counts by itself until it is back",
            type(error).__name__,
        )
        self._note(True)
        threading.Thread(target=self._watch, args=[shared], name="limits", daemon=True).start()

    def _watch(self, shared: Tally) -> None:
        """Ask until the store counts again; that it answers a ping would not be enough."""
        rates = next(found for found in self._rates.values() if found)
        while True:
            time.sleep(PROBE_SECONDS)
            try:
                shared.take(rates, ("probe", "probe"))
            except Exception as error:
                log.debug("the store of limits is still away: %s", type(error).__name__)
                continue
            with self._lock:
                self._away = False
            log.warning("the store of limits is back")
            self._note(False)
            return


def _note(away: bool) -> None:
    # Where it cannot be counted (no room for the files), limits hold all the same.
    with suppress(OSError):
        counters.LIMITER_FALLBACK.labels("server").set(away)
