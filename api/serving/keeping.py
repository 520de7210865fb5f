"""Keeps a worker beside the server: started with it, again when it dies, stopped with it."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from api.serving.stopping import GRACEFUL_SECONDS, GracefulArbiter

log = logging.getLogger(__name__)

SHORTEST_WAIT = 1.0
LONGEST_WAIT = 30.0
STEADY_SECONDS = 60.0
"""A worker that has lived so long was well: the next one is started after the shortest wait."""

HURRY_SECONDS = 3.0


def worker_command() -> list[str]:
    """`winnow worker`, which ends when this process is gone, however that goes."""
    # -P: a folder called `api` where the server was started is not ours.
    program = [sys.executable, "-P", "-c", "from api.cli import main; main()"]
    return [*program, "worker", "--parent", str(os.getpid())]


class Keeper:
    """A process that is started again whenever it ends, after a wait that doubles."""

    def __init__(self, command: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._command = command
        self._clock = clock
        self._process: subprocess.Popen[bytes] | None = None
        self._wait = SHORTEST_WAIT
        self._began = self._next = clock()

    def keep(self) -> None:
        """Start the process unless it runs; to be called every second or so."""
        now = self._clock()
        if self._process is not None and self._process.poll() is not None:
            self._process = None
            lived = now - self._began
            self._wait = SHORTEST_WAIT if lived >= STEADY_SECONDS else self._wait
            log.error("the worker has ended; another one starts in %.0f s", self._wait)
            self._next = now + self._wait
            self._wait = min(2 * self._wait, LONGEST_WAIT)
        if self._process is None and now >= self._next:
            # Our own program, by its full path.
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL)  # noqa: S603
            self._began = now

    def ask_to_end(self, hurried: bool) -> None:
        """Have it finish or return what it does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT if hurried else signal.SIGTERM)

    def end(self, seconds: float) -> None:
        """Wait until it has ended; kill it when it has not after so many seconds."""
        if self._process is None:
            return
        try:
            self._process.wait(max(seconds, 0))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


class KeepingArbiter(GracefulArbiter):
    """Gunicorn's master, which keeps one process more than its own."""

    def __init__(self, app: Any, drain_seconds: float, keeper: Keeper | None) -> None:
        self._keeper = keeper
        super().__init__(app, drain_seconds)

    def manage_workers(self) -> None:
        """See that all processes are there; gunicorn calls this every second."""
        super().manage_workers()
        if self._keeper is not None:
            self._keeper.keep()

    def stop(self, graceful: bool = True) -> None:
        """Stop all processes; the worker has time while the others answer what they have."""
        began = time.monotonic()
        if self._keeper is not None:
            self._keeper.ask_to_end(hurried=not graceful)
        super().stop(graceful)
        if self._keeper is not None:
            limit = GRACEFUL_SECONDS if graceful else HURRY_SECONDS
            self._keeper.end(began + limit - time.monotonic())
