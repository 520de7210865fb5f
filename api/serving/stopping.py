"""How the server stops and reloads: nothing it has accepted goes without an answer.

Told to stop, it first only says so, at `/ready`, and serves on for a while, so that a load
balancer can turn away. Then each process takes what has connected by then, stops listening,
answers what it has, and tells the clients that wait with an open connection to go.
"""

import mmap
import select
import signal
import time
from threading import Event
from typing import Any

from gunicorn.arbiter import Arbiter

from api.serving.clearing import ClearingWorker

GRACEFUL_SECONDS = 25
"""How long requests may take to end. Service managers often wait 30 seconds, then kill."""

KEEPALIVE_SECONDS = 75
"""How long an idle connection stays open: longer than usual clients and proxies keep theirs, so
that it is they who close it. Where the server does, a request may just be on its way."""

_TICK_SECONDS = 0.05


class Flag:
    """A yes or no in memory that forked processes share."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 1)

    def set(self) -> None:
        """Say yes, for good."""
        self._memory[0] = 1

    def is_set(self) -> bool:
        """Whether anybody has."""
        return self._memory[0] == 1


STOPPING = Flag()
"""Whether this server has been told to stop."""


_ENDING = Event()


def is_leaving() -> bool:
    """Whether this process takes nothing new: the server stops, or a reload has replaced it."""
    return STOPPING.is_set() or _ENDING.is_set()


class GracefulArbiter(Arbiter):
    """Gunicorn's master, which tells that it will stop before it does."""

    _hurried = False

    def __init__(self, app: Any, drain_seconds: float) -> None:
        self._drain_seconds = drain_seconds
        super().__init__(app)

    def signal(self, sig: int, frame: Any) -> None:
        """Note a signal, to be handled soon."""
        self._hurried |= sig in (signal.SIGINT, signal.SIGQUIT)
        super().signal(sig, frame)

    def stop(self, graceful: bool = True) -> None:
        """Stop all processes; unless in haste, serve on for a while first."""
        if graceful and self.WORKERS:
            STOPPING.set()
            until = time.monotonic() + self._drain_seconds
            while time.monotonic() < until and not self._hurried:
                time.sleep(_TICK_SECONDS)
        super().stop(graceful)


class GracefulWorker(ClearingWorker):
    """Gunicorn's threaded worker, which leaves nobody waiting at its door when it goes."""

    def is_parent_alive(self) -> bool:
        """Whether the master is there; without it, go as if told to, not serve on for long."""
        alive: bool = super().is_parent_alive()
        if not alive:
            STOPPING.set()
            self.alive = False
        return alive

    def set_accept_enabled(self, enabled: bool | None) -> None:
        """Begin or end taking connections; at the very end, take those that have come."""
        super().set_accept_enabled(enabled)
        if self.alive or enabled:
            return
        _ENDING.set()
        for listener in self.sockets:
            # After a reload there are others to take them.
            while STOPPING.is_set() and select.select([listener], [], [], 0)[0]:
                self.accept(listener)
            # Whoever comes now is refused, and has lost nothing, instead of waiting in vain.
            listener.close()
        self.sockets = []
