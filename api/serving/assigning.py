"""Says which thread answers a request and when, or that none does: a line with two lanes."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from gunicorn.workers.gthread import TConn

from api.serving import refusing
from api.serving.answering import AnsweringWorker
from api.serving.arriving import Arrival
from api.serving.shedding import Line
from api.telemetry import counters

HEALTH = (b"/live", b"/ready", b"/metrics")
"""Asked by whoever watches: answered by threads of their own, also when all others are busy."""

PAGES = b"/moderate"
"""What moderators do takes turns with what websites send."""


class AssigningWorker(AnsweringWorker):
    """A worker that keeps no more requests waiting than it can answer in time."""

    def init_process(self) -> None:
        """Make the line and the threads."""
        self.limits = self.app.limits  # type: ignore[attr-defined]
        self._line: Line[tuple[TConn, Arrival]] = Line(
            self.limits.patience_seconds, self.cfg.threads, time.monotonic
        )
        self._health = ThreadPoolExecutor(2)
        super().init_process()

    def _assign(self, conn: TConn, arrival: Arrival) -> None:
        """Give what is wholly there to a thread, or a place in the line for one, or refuse it."""
        path = arrival.path
        if path in HEALTH:
            self._health.submit(self._answer, conn, arrival)
        elif self._line.join((conn, arrival), path.startswith(PAGES)):
            self.tpool.submit(self._answer_next)
        else:
            self._shed(conn, arrival, "full")

    def _shed(self, conn: TConn, arrival: Arrival, why: str) -> None:
        with suppress(OSError):
            counters.SHED.labels(why).inc()
        close = arrival.wants_no_more or not self.alive
        head_only = arrival.line.startswith(b"HEAD ")
        said = refusing.write(503, refusing.OVERLOADED, close=close, head_only=head_only)
        keep = send(conn, said) and not close
        # Not at once: of thousands that a client has sent together each would wait for the next.
        self.method_queue.defer(self._settle, conn, arrival, keep)

    def _answer_next(self) -> None:
        """In a thread: answer whoever is next; nobody, if one has been sent away meanwhile."""
        found = self._line.take()
        if found is not None:
            self._answer(*found)

    def _answer(self, conn: TConn, arrival: Arrival) -> None:
        keep = False
        try:
            keep = self.answer(conn, arrival)
        finally:
            self.method_queue.defer(self._settle, conn, arrival, keep)

    def _settle(self, conn: TConn, arrival: Arrival, keep: bool) -> None:
        """In the loop: what comes after an answer."""
        raise NotImplementedError


def send(conn: TConn, said: bytes) -> bool:
    """Whether a short answer could be sent without waiting."""
    try:
        return conn.sock.send(said) == len(said)
    except OSError:
        return False
