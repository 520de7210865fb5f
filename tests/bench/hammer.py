"""Clients that send at a rate of their own, whatever they are answered: an open loop, in epoll.

A closed loop waits for its answers, and so slows down with the server that it measures. These
neither wait nor heed `Retry-After`; they give up on an answer after `PATIENCE`, as websites do.
"""

import json
import resource
import selectors
import socket
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from statistics import quantiles

from tests.bench.load import TEXTS

PATIENCE = 2.0
CONNECTIONS = 6000
"""At most; a comment for which none is free is not sent, and has failed too."""


@dataclass
class Told:
    """What came of a round; latencies in milliseconds of what was answered well in time."""

    seconds: float
    offered: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    until: float = 0.0
    latencies: list[float] = field(default_factory=list)
    refusals: list[float] = field(default_factory=list)
    given_up: int = 0
    unsent: int = 0
    broken: int = 0
    client_seconds: float = 0.0

    @property
    def goodput(self) -> float:
        """Comments a second that were kept, and acknowledged in time, while it lasted."""
        return len(self.latencies) / self.seconds

    def cut(self, percent: int) -> float:
        """A percentile of the latencies."""
        return _cut(self.latencies, percent)

    def refusal(self, percent: int) -> float:
        """How soon refusals came."""
        return _cut(self.refusals, percent)


def _cut(values: list[float], percent: int) -> float:
    return quantiles(values, n=100)[percent - 1] if len(values) > 1 else float("nan")


class Connection:
    """One kept-alive connection, with at most one request on its way."""

    def __init__(self, port: int) -> None:
        self.sock = socket.socket()
        self.sock.setblocking(False)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.connect_ex(("127.0.0.1", port))
        self.since = 0.0
        self.pending = b""
        self.data = b""

    def status(self) -> int | None:
        """The status, once the answer is wholly there."""
        head, found, body = self.data.partition(b"\r\n\r\n")
        if not found:
            return None
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0] or 0)
        return int(head[9:12]) if len(body) >= length else None


class Hammer:
    """Sends comments to one server; `prefix` keeps them apart from those of other rounds."""

    def __init__(self, port: int, key: str, prefix: str) -> None:
        self.port, self._prefix = port, prefix
        self._head = (
            f"POST /v1/comments HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Authorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: "
        )
        self._selector = selectors.DefaultSelector()
        self._idle: list[Connection] = []
        self._busy: dict[Connection, None] = {}
        self._number = 0
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(2 * CONNECTIONS, hard), hard))

    def run(self, rate: float, seconds: float) -> Told:
        """Send `rate` comments a second for so long, evenly; then wait for what is on its way."""
        cpu, began = time.process_time(), time.perf_counter()
        told = Told(seconds, until=began + seconds)
        while (now := time.perf_counter()) < began + seconds or self._busy:
            due = int(min(now - began, seconds) * rate)
            while told.offered < due:
                self._send(began + told.offered / rate, told)
            next_due = began + (told.offered + 1) / rate - time.perf_counter()
            self._wait(max(0.0, min(next_due, 0.02)), told)
        told.client_seconds = time.process_time() - cpu
        self._close()
        return told

    def saturate(self, clients: int, seconds: float) -> Told:
        """The closed loop: so many clients, each with its next comment at once."""
        began = time.perf_counter()
        told = Told(seconds, until=began + seconds)
        while (now := time.perf_counter()) < began + seconds or self._busy:
            while now < began + seconds and len(self._busy) < clients:
                self._send(now, told)
            self._wait(0.02, told)
        self._close()
        return told

    def _send(self, due: float, told: Told) -> None:
        told.offered += 1
        if not self._idle and len(self._busy) >= CONNECTIONS:
            told.unsent += 1
            return
        one = self._idle.pop() if self._idle else Connection(self.port)
        one.since, one.data, one.pending = due, b"", self._write()
        self._busy[one] = None
        self._selector.register(one.sock, selectors.EVENT_WRITE, one)

    def _write(self) -> bytes:
        self._number += 1
        text = f"{TEXTS[self._number % len(TEXTS)]} ({self._prefix} {self._number})"
        author = {"id": f"u-{self._number % 500}", "name": "Ada"}
        document = {"article": {"id": f"a-{self._number % 50}"}, "text": text, "author": author}
        body = json.dumps(document)
        return f"{self._head}{len(body)}\r\n\r\n{body}".encode()

    def _wait(self, seconds: float, told: Told) -> None:
        for key, _ in self._selector.select(seconds):
            self._go_on(key.data, told)
        late = time.perf_counter() - PATIENCE
        gone: deque[Connection] = deque()
        for one in self._busy:
            if one.since >= late:
                break
            gone.append(one)
        for one in gone:
            told.given_up += 1
            self._drop(one)

    def _go_on(self, one: Connection, told: Told) -> None:
        try:
            if one.pending:
                one.pending = one.pending[one.sock.send(one.pending) :]
                if not one.pending:
                    self._selector.modify(one.sock, selectors.EVENT_READ, one)
                return
            data = one.sock.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        one.data += data
        status = one.status()
        if status is not None:
            self._note(one, status, told)
        elif not data:
            told.broken += 1
            self._drop(one)

    def _note(self, one: Connection, status: int, told: Told) -> None:
        took = (time.perf_counter() - one.since) * 1000
        told.statuses[status] += 1
        if status in (200, 201) and took <= PATIENCE * 1000:
            # What is only answered when no more is sent would make a long line look good.
            if time.perf_counter() <= told.until:
                told.latencies.append(took)
        elif status == 503:
            told.refusals.append(took)
        if b"connection: close" in one.data.lower():
            self._drop(one)
            return
        self._selector.unregister(one.sock)
        del self._busy[one]
        self._idle.append(one)

    def _drop(self, one: Connection) -> None:
        self._selector.unregister(one.sock)
        del self._busy[one]
        one.sock.close()

    def _close(self) -> None:
        for one in self._idle:
            one.sock.close()
        self._idle.clear()
        self._selector.close()
