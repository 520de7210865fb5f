"""Spreads connections evenly over the server's processes.

All processes accept from one socket, and whichever wakes first takes a new connection and keeps
it for as long as the client does. With a handful of kept-alive connections one process can end
up with most of them while another idles.
"""

import mmap
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

_SLOTS = 256
_NOBODY = -1
_PAUSE_SECONDS = 0.0005
_PATIENCE_SECONDS = 0.003
"""How long a new connection waits for a process that has fewer, before any takes it."""


class Board:
    """How many connections each process has, in memory that all of them share."""

    def __init__(self) -> None:
        self._counts = memoryview(mmap.mmap(-1, 4 * _SLOTS)).cast("i")
        for slot in range(_SLOTS):
            self._counts[slot] = _NOBODY

    def show(self, slot: int, count: int) -> None:
        """Write down how many connections a process has."""
        self._counts[slot % _SLOTS] = count

    def clear(self, slot: int) -> None:
        """Forget a process that has ended."""
        self._counts[slot % _SLOTS] = _NOBODY

    def has_fewer(self, slot: int, count: int) -> bool:
        """Whether a process other than `slot` has fewer than `count` connections."""
        return any(
            _NOBODY < other < count
            for place, other in enumerate(self._counts)
            if place != slot % _SLOTS
        )


BOARD = Board()


class BalancedWorker(ThreadWorker):
    """Gunicorn's threaded worker, which leaves a new connection to one that has fewer."""

    _count = 0
    _left_since: float | None = None

    @property
    def nr_conns(self) -> int:
        """How many connections this process has; gunicorn counts them here."""
        return self._count

    @nr_conns.setter
    def nr_conns(self, count: int) -> None:
        self._count = count
        if self.booted and self.alive:
            BOARD.show(self.age, count)
        else:
            BOARD.clear(self.age)

    def run(self) -> None:
        """Work until told to stop, then be nobody's alternative."""
        BOARD.show(self.age, self._count)
        try:
            super().run()
        finally:
            BOARD.clear(self.age)

    def accept(self, listener: Any) -> None:
        """Take a new connection, or leave it for a moment to a process that has fewer."""
        if BOARD.has_fewer(self.age, self._count) and self._has_patience():
            time.sleep(_PAUSE_SECONDS)
            return
        self._left_since = None
        super().accept(listener)

    def _has_patience(self) -> bool:
        now = time.monotonic()
        if self._left_since is None:
            self._left_since = now
        return now - self._left_since < _PATIENCE_SECONDS
