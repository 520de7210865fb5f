"""Sends away whoever's time is up: in the line, while sending, or in the way of others."""

import time

from gunicorn.workers.gthread import TConn

from api.serving.receiving import STOP_SECONDS, ReceivingWorker

_TICK_SECONDS = 0.1

CROWDED_SECONDS = 1.0
"""How long a request may take to come while there is no room for other connections."""

_CROWD = 50
"""How many idle connections are closed at once to make room."""


class ClearingWorker(ReceivingWorker):
    """A worker that looks ten times a second for clients that take too long."""

    _swept = 0.0

    def wait_for_and_dispatch_events(self, timeout: float | None) -> None:
        """Wait for something to do, and not for long where somebody's time may be up."""
        busy = self._arrivals or len(self._line) or self._leaving
        super().wait_for_and_dispatch_events(_TICK_SECONDS if busy else timeout)
        self._sweep()

    def _sweep(self) -> None:
        """Send away whose time is up."""
        now = time.monotonic()
        if now - self._swept < _TICK_SECONDS:
            return
        self._swept = now
        for conn, arrival in self._line.leave():
            self._shed(conn, arrival, "late")
        for conn in self._find_slow(now):
            self._send_away(conn)
        self._leaving.end()
        if self.nr_conns >= self.worker_connections:
            self._close_idle(now)

    def _find_slow(self, now: float) -> list[TConn]:
        """Connections that have taken too long to send; where there are too many, sooner."""
        limit = self.limits.request_seconds
        if self.nr_conns >= self.worker_connections:
            limit = min(limit, CROWDED_SECONDS)
        found = []
        for conn, arrival in self._arrivals.items():
            idle = not self.alive and not arrival.data
            if now - arrival.began > (STOP_SECONDS if idle else limit):
                found.append(conn)
        return found

    def _close_idle(self, now: float) -> None:
        """Make room for new connections: those that have been idle longest go."""
        idle_since = now + self.cfg.keepalive - CROWDED_SECONDS
        for conn in list(self.keepalived_conns)[:_CROWD]:
            if conn.timeout is not None and conn.timeout < idle_since:
                self.keepalived_conns.remove(conn)
                self.poller.unregister(conn.sock)
                self._forget(conn)

    def _send_away(self, conn: TConn) -> None:
        if self._arrivals[conn].data:
            self._refuse(conn, 408, "The request came too slowly.")
        else:
            self._give_up(conn)
