"""Sees clients out: a connection that is closed while its client still sends loses the answer.

The system then says that the connection was reset, and a client that is told so drops what it
has not read yet (RFC 9112, section 9.6). So what still comes is read and thrown away for a while,
without a thread or the loop waiting for it.
"""

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ, BaseSelector
from typing import Any

from gunicorn.workers.gthread import TConn

LINGER_SECONDS = 2.0
LINGER_BYTES = 16 * 1024 * 1024

_READ_BYTES = 64 * 1024


class Leaving:
    """Connections that have had their last answer; `forget` closes one for good."""

    def __init__(self, poller: BaseSelector, forget: Callable[[TConn], None]) -> None:
        self._poller, self._forget = poller, forget
        self._since: dict[TConn, float] = {}
        self._read: dict[TConn, int] = {}

    def __len__(self) -> int:
        return len(self._since)

    def add(self, conn: TConn) -> None:
        """Tell a client that nothing more will come; raise OSError if it has gone."""
        conn.sock.shutdown(socket.SHUT_WR)
        conn.sock.setblocking(False)
        self._poller.register(conn.sock, EVENT_READ, partial(self._drop, conn))
        self._since[conn], self._read[conn] = time.monotonic(), 0

    def end(self) -> None:
        """Close those whose time is up."""
        now = time.monotonic()
        for conn in [one for one, at in self._since.items() if now - at > LINGER_SECONDS]:
            self._end(conn)

    def _drop(self, conn: TConn, _sock: Any) -> None:
        try:
            read = len(conn.sock.recv(_READ_BYTES))
        except BlockingIOError:
            return
        except OSError:
            read = 0
        self._read[conn] += read
        if not read or self._read[conn] > LINGER_BYTES:
            self._end(conn)

    def _end(self, conn: TConn) -> None:
        del self._since[conn], self._read[conn]
        with suppress(OSError, KeyError, ValueError):
            self._poller.unregister(conn.sock)
        self._forget(conn)
