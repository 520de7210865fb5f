"""Receivers of webhooks that behave in every way a real one might, on real sockets."""

import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_network
from typing import Any, Self

from standardwebhooks import Webhook

from api.moderation.services import Services
from api.work.handlers import Handler
from api.work.webhooks import deliver
from api.work.worker import Worker

PATIENCE_SECONDS = 30
"""How long a test waits for what must come; a receiver that hangs lets go after it."""


@dataclass
class Received:
    """A request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes

    def is_signed_with(self, secret: str) -> bool:
        """Whether one of its signatures is by this secret, at whatever time."""
        # Its own verify() knows no moved clock.
        name, moment = self.headers["webhook-id"], int(self.headers["webhook-timestamp"])
        signature = Webhook(secret).sign(
            name, datetime.fromtimestamp(moment, UTC), self.body.decode()
        )
        return signature in self.headers["webhook-signature"].split(" ")


Behaviour = Callable[[socket.socket, threading.Event], None]


def reply(
    status: int = 204, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> Behaviour:
    """Answer and close."""
    lines = [f"HTTP/1.1 {status} So", *(f"{n}: {v}" for n, v in (headers or {}).items())]
    head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode()
    return lambda line, _: line.sendall(head + body)


def hang(_line: socket.socket, released: threading.Event) -> None:
    """Take the request and say nothing."""
    released.wait(PATIENCE_SECONDS)


def close(_line: socket.socket, _released: threading.Event) -> None:
    """Take the request and hang up."""


def babble(line: socket.socket, _released: threading.Event) -> None:
    """Answer with something that is not HTTP."""
    line.sendall(b"220 mail.example ESMTP\r\n")


def flood(line: socket.socket, _released: threading.Event) -> None:
    """Say yes, and never stop talking."""
    line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(100_000):
        line.sendall(b"and on " * 1000)


def flood_headers(line: socket.socket, _released: threading.Event) -> None:
    """Answer with headers without end."""
    line.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(1_000_000):
        line.sendall(b"X-%d: 1\r\n" % number * 100)


def drip(head: bytes = b"") -> Behaviour:
    """Send one byte after the other, each soon enough for whoever waits for one byte."""

    def behave(line: socket.socket, released: threading.Event) -> None:
        line.sendall(head)
        for _ in range(PATIENCE_SECONDS * 20):
            line.sendall(b"H")
            if released.wait(0.05):
                return

    return behave


@dataclass
class Receiver:
    """Listens on an address of this machine; each request gets the next of `behaviours`.

    The last of them goes for all that follow. `connections` counts those that never asked, too.
    """

    behaviours: list[Behaviour] = field(default_factory=lambda: [reply()])
    address: str = "127.0.0.1"
    port: int = 0
    context: ssl.SSLContext | None = None
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._came = threading.Condition()
        self._listener = socket.create_server((self.address, self.port))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._listen)]
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        # Who waits in accept() hears of this, but not of close().
        self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        for thread in self._threads[1:]:
            thread.join()
        self._listener.close()

    @property
    def url(self) -> str:
        """Its URL."""
        return f"http://{self.address}:{self.port}/hook"

    def wait(self, count: int) -> list[Received]:
        """Wait for so many requests."""
        with self._came:
            assert self._came.wait_for(lambda: len(self.received) >= count, PATIENCE_SECONDS)
        return self.received

    def _listen(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._threads.append(threading.Thread(target=self._serve, args=[line]))
            self._threads[-1].start()

    def _serve(self, line: socket.socket) -> None:
        line.settimeout(PATIENCE_SECONDS)
        with line, suppress(OSError):
            if self.context is not None:
                line = self.context.wrap_socket(line, server_side=True)
            with line:
                behaviour = self._take(line)
                behaviour(line, self.released)

    def _take(self, line: socket.socket) -> Behaviour:
        with line.makefile("rb") as stream:
            first = stream.readline().decode("latin-1").strip()
            headers = {}
            while text := stream.readline().decode("latin-1").strip():
                name, _, value = text.partition(":")
                headers[name.lower()] = value.strip()
            body = stream.read(int(headers.get("content-length", 0)))
        with self._came:
            turn = min(len(self.received), len(self.behaviours) - 1)
            self.received.append(Received(first, headers, body))
            self._came.notify_all()
        return self.behaviours[turn]


def allow(services: Services, *networks: str) -> Services:
    """The same services where the operator has allowed these networks."""
    found = tuple(ip_network(one) for one in networks or ("127.0.0.0/8",))
    return replace(services, webhook_networks=found)


def work_with(services: Services, **how: Any) -> Worker:
    """A worker that sends messages, with what `deliver` may be told; waits are the plain ones."""
    run = partial(deliver, **{"chance": lambda: 0.5, **how})
    return Worker(services, "test", handlers={"webhook.deliver": Handler(run)})


def send(services: Services, **how: Any) -> None:
    """Send all messages that are due."""
    worker = work_with(services, **how)
    while worker.tick():
        worker.join()
