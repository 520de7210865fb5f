"""Keeps from asking who does not answer: after some failures in a row, for a while not at all."""

import threading
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta

MOST_FAILURES = 5
"""How many failures in a row are borne."""

REST = timedelta(seconds=30)
"""How long nobody asks then; after it one asks, to find out if things are better."""


@dataclass(slots=True)
class _Record:
    failures: int = 0
    resting_until: datetime | None = None


class Breaker:
    """What this process has seen of those it asks; share it between threads freely."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records: dict[Hashable, _Record] = {}

    def lets_through(self, name: Hashable, now: datetime) -> bool:
        """Whether to ask. While one finds out if things are better, others do not."""
        with self._lock:
            record = self._records.get(name)
            if record is None or record.resting_until is None:
                return True
            # A clock that was set back does not make anybody rest for days.
            if timedelta() < record.resting_until - now <= REST:
                return False
            record.resting_until = now + REST
            return True

    def succeed(self, name: Hashable) -> None:
        """Forget the failures of who has answered."""
        if name in self._records:
            with self._lock:
                self._records.pop(name, None)

    def fail(self, name: Hashable, now: datetime) -> bool:
        """Count a failure; whether a rest begins with it that was not there before."""
        with self._lock:
            record = self._records.setdefault(name, _Record())
            record.failures += 1
            if record.failures < MOST_FAILURES:
                return False
            begins = record.resting_until is None
            record.resting_until = now + REST
            return begins
