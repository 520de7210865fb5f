"""Reads requests whole before a thread is given to them, and says who must wait or go.

Gunicorn's threaded worker gives a thread to each connection that has sent a byte, and the thread
waits for the rest: as many slow clients as there are threads stop it. Here the process's one loop
reads all connections as they send, so that only what is wholly there takes a thread, and nobody
else waits for a client that is slow to send, slow to read, or slow to close.
"""

import resource
import socket
import time
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import TConn

from api.serving import refusing
from api.serving.answering import count
from api.serving.arriving import Arrival, RefusedError
from api.serving.assigning import AssigningWorker, send
from api.serving.leaving import Leaving

HELD_BYTES = 16 * 1024 * 1024
"""What all requests of a process may hold that are not answered yet; at least two batches."""

_HEAVY_BYTES = 16 * 1024
_READ_BYTES = 64 * 1024
_SEND_BYTES = 512 * 1024
"""What the system keeps of an answer for a client that is slow to read it."""

_PAUSE_SECONDS = 0.01
STOP_SECONDS = 2.0
"""How long a process that stops waits for an idle client to send something."""


class ReceivingWorker(AssigningWorker):
    """Gunicorn's threaded worker, whose threads never wait for a client to send."""

    def init_process(self) -> None:
        """Make what the loop works with."""
        self._arrivals: dict[TConn, Arrival] = {}
        self._held = 0
        # Some are files, and the database's.
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        if most != resource.RLIM_INFINITY:
            self.worker_connections = min(self.worker_connections, most * 3 // 4)
        super().init_process()

    def run(self) -> None:
        """Serve until told to stop."""
        self._most_held = max(HELD_BYTES, 2 * self.limits.body_bytes)
        self._leaving = Leaving(self.poller, self._forget)
        super().run()

    def accept(self, listener: Any) -> None:
        """Take a new connection; where the system has none left, those that go make room."""
        try:
            super().accept(listener)
        except OSError:
            time.sleep(_PAUSE_SECONDS)

    def enqueue_req(self, conn: TConn) -> None:
        """Begin to read a request: of a new connection, or of one that was idle."""
        conn.sock.setblocking(False)
        with suppress(OSError):
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BYTES)
        self._begin(conn, b"")

    def _begin(self, conn: TConn, rest: bytes) -> None:
        arrival = self._arrivals[conn] = Arrival(self.limits.body_bytes, time.monotonic())
        if rest:
            self._take(conn, arrival, rest)
        else:
            self._read(conn, arrival)

    def _read(self, conn: TConn, arrival: Arrival, _sock: Any = None) -> None:
        if self._arrivals.get(conn) is not arrival:
            # It was sent away by what came in the same moment.
            return
        try:
            data = conn.sock.recv(_READ_BYTES)
        except BlockingIOError:
            self._watch(conn, arrival)
        except OSError:
            self._give_up(conn)
        else:
            self._take(conn, arrival, data) if data else self._give_up(conn)

    def _take(self, conn: TConn, arrival: Arrival, data: bytes) -> None:
        self._held += len(data)
        try:
            arrival.add(data)
        except RefusedError as error:
            self._refuse(conn, error.status, str(error))
            return
        if arrival.ready:
            self._unwatch(conn)
            self._assign(conn, arrival)
            return
        if arrival.expects:
            arrival.expects = False
            with suppress(OSError):
                conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._watch(conn, arrival)
        self._make_room()

    def _watch(self, conn: TConn, arrival: Arrival) -> None:
        if not arrival.watched:
            arrival.watched = True
            self.poller.register(conn.sock, EVENT_READ, partial(self._read, conn, arrival))

    def _unwatch(self, conn: TConn) -> Arrival:
        arrival = self._arrivals.pop(conn)
        if arrival.watched:
            self.poller.unregister(conn.sock)
        return arrival

    def _make_room(self) -> None:
        """Refuse the slowest of those who hold much, while all together hold too much."""
        while self._held > self._most_held:
            slow = (
                one for one, arrival in self._arrivals.items() if len(arrival.data) > _HEAVY_BYTES
            )
            found = next(slow, None)
            if found is None:
                break
            self._refuse(found, 408, "The request came too slowly.")

    def _settle(self, conn: TConn, arrival: Arrival, keep: bool) -> None:
        """In the loop: after an answer, wait for the next request, or see the client out."""
        self._held -= len(arrival.data)
        try:
            if not keep:
                self._leaving.add(conn)
            elif rest := arrival.rest():
                conn.sock.setblocking(False)
                self._begin(conn, rest)
            else:
                self._idle(conn)
        except OSError:
            self._forget(conn)

    def _idle(self, conn: TConn) -> None:
        conn.sock.setblocking(False)
        conn.set_timeout()
        if not self.alive and conn.timeout is not None:
            conn.timeout = min(conn.timeout, time.monotonic() + STOP_SECONDS)
        self.keepalived_conns.append(conn)
        callback = partial(self.on_client_socket_readable, conn)
        self.poller.register(conn.sock, EVENT_READ, callback)

    def _refuse(self, conn: TConn, status: int, detail: str) -> None:
        """Answer what has not come wholly, and let it go."""
        arrival = self._unwatch(conn)
        count(status)
        send(conn, refusing.write(status, detail, close=True))
        self._settle(conn, arrival, keep=False)

    def _give_up(self, conn: TConn) -> None:
        """The client has gone before it has sent all."""
        self._held -= len(self._unwatch(conn).data)
        self._forget(conn)

    def _forget(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()
