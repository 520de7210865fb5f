"""Hundreds of clients that are slow on purpose: nobody else waits for them, and they cost little.

None of this measures a time: what others are answered is counted while the slow ones are still
there. OWASP API4:2023 (unrestricted resource consumption); ASVS 5.0 4.2.1 and 4.2.5.
"""

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import urllib3

from tests.reliability.load import Load
from tests.reliability.serving import Server
from tests.security.wire import connect, listen, resident

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")

MIB = 1024 * 1024
SLOW = 200
"""Ten times as many as the server has threads."""

HEAD = b"POST /v1/comments HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Two processes of two threads each, that wait for a request longer than a test lasts."""
    found = Server(
        tmp_path_factory.mktemp("slow"),
        WINNOW_REQUEST_SECONDS="600",
        WINNOW_WORKER="no",
        WINNOW_THREADS="2",
        WINNOW_STREAMS="1",
    )
    found.make_key("backend")
    found.start()
    yield found
    found.close()


@pytest.fixture(scope="module")
def key(server: Server) -> str:
    """A key, of a server whose processes have the memory that they need anyway."""
    found = server.make_key("backend")
    before = 0
    for _ in range(10):
        load = Load(server.url, found, clients=8, posts=100)
        load.start()
        load.wait_for(100, 60)
        load.finish()
        for _ in range(10):
            urllib3.request("GET", f"{server.url}/moderate/sign-in", retries=False, timeout=30)
        now = resident(server.children())
        if abs(now - before) < MIB:
            break
        before = now
    return found


class Trickle:
    """Connections that have sent `begin` and go on with a little of `more` again and again."""

    def __init__(self, port: int, number: int, begin: bytes, more: bytes) -> None:
        self._stack = ExitStack()
        self.connections = [self._stack.enter_context(connect(port)) for _ in range(number)]
        self._stop = threading.Event()
        self._more, self._turns = more, 0
        for one in self.connections:
            one.setblocking(False)
            with suppress(OSError):
                one.sendall(begin)
        self._thread = threading.Thread(target=self._go_on, daemon=True)

    @property
    def turns(self) -> int:
        """How often each has sent something more."""
        return self._turns

    def __enter__(self) -> "Trickle":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._stack.close()

    def alive(self) -> int:
        """How many the server has neither answered nor closed."""
        found = 0
        for one in self.connections:
            try:
                one.recv(1)
            except BlockingIOError:
                found += 1
            except OSError:
                continue
        return found

    def _go_on(self) -> None:
        while not self._stop.wait(0.02):
            self._turns += 1
            for one in self.connections:
                with suppress(OSError):
                    one.send(self._more)


ATTACKS: dict[str, tuple[bytes, bytes]] = {
    "nothing at all": (b"", b""),
    "a line, byte by byte": (b"GET /", b"a"),
    "headers, byte by byte": (b"GET / HTTP/1.1\r\nHost: a\r\n", b"X: y\r\n"),
    "a body, byte by byte": (HEAD + b"Content-Length: 500000\r\n\r\n", b"a"),
    "a body that stops": (HEAD + b"Content-Length: 500000\r\n\r\n" + b"a" * 1000, b""),
    "chunks of one byte": (CHUNKED, b"1\r\na\r\n"),
    "one large chunk": (CHUNKED + b"70000\r\n", b"a"),
    "trailers": (CHUNKED + b"0\r\n", b"X: y\r\n"),
}


@pytest.mark.parametrize(("begin", "more"), ATTACKS.values(), ids=ATTACKS)
def test_others_are_served_while_they_dawdle(
    server: Server, key: str, begin: bytes, more: bytes
) -> None:
    load = Load(server.url, key, clients=4, posts=60)
    before = resident(server.children())
    with Trickle(server.port, SLOW, begin, more) as slow:
        turns = slow.turns
        load.start()
        load.wait_for(60, 60)
        load.finish()
        page = urllib3.request("GET", f"{server.url}/moderate/sign-in", retries=False, timeout=30)
        live = urllib3.request("GET", f"{server.url}/live", retries=False, timeout=30)

        # They were there all the time, and sent on.
        assert slow.alive() == SLOW
        assert slow.turns > turns
        assert load.done == 60
        assert load.breaks == []
        assert load.retries == 0
        assert (page.status, live.status) == (200, 200)
        assert resident(server.children()) - before < 20 * MIB


def test_large_bodies_that_do_not_end_do_not_fill_the_memory(server: Server, key: str) -> None:
    before = resident(server.children())
    # 100 times half a megabyte would be 50 MB, and each process keeps 16.
    begin = HEAD + b"Content-Length: 1000000\r\n\r\n"
    with Trickle(server.port, 100, begin, b"a" * 25_000) as slow:
        wait_until(lambda: slow.turns >= 60)
        live = urllib3.request("GET", f"{server.url}/live", retries=False, timeout=30)
        held = resident(server.children()) - before
        refused = 100 - slow.alive()

    assert live.status == 200
    assert held < 2 * 16 * MIB + 20 * MIB
    assert refused > 0


def test_clients_that_do_not_read_hold_no_thread(server: Server, key: str) -> None:
    wanted = b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(40):
            deaf = stack.enter_context(socket.socket())
            # It has room for almost nothing, so that the answer stays with the server.
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            deaf.connect(("127.0.0.1", server.port))
            deaf.sendall(wanted)
        load = Load(server.url, key, clients=4, posts=40)
        load.start()
        load.wait_for(40, 60)
        load.finish()
        assert load.done == 40
        assert load.breaks == []


def test_clients_that_do_not_close_hold_no_thread(server: Server, key: str) -> None:
    with ExitStack() as stack:
        for _ in range(100):
            stubborn = stack.enter_context(connect(server.port))
            stubborn.sendall(b"GET /live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        load = Load(server.url, key, clients=4, posts=40)
        load.start()
        load.wait_for(40, 60)
        load.finish()
        assert load.done == 40
        assert load.breaks == []


def test_more_connections_than_there_may_be_keep_nobody_out(server: Server, key: str) -> None:
    # A process has room for a thousand. The old ones make room when new ones knock.
    with Trickle(server.port, 2200, b"GET / HTTP/1.1\r\n", b"X: y\r\n") as slow:
        live = urllib3.request("GET", f"{server.url}/live", retries=False, timeout=60)
        assert live.status == 200
        load = Load(server.url, key, clients=2, posts=20, timeout=60)
        load.start()
        load.wait_for(20, 60)
        load.finish()
        assert load.done == 20
        assert slow.alive() < 2200


def test_who_is_too_slow_is_told_so_and_the_next_one_is_served(tmp_path: Path) -> None:
    server = Server(tmp_path, WINNOW_REQUEST_SECONDS="1", WINNOW_WORKER="no")
    server.make_key("backend")
    server.start()
    try:
        with Trickle(server.port, 50, b"GET / HTTP/1.1\r\n", b"X: y\r\n") as slow:
            wait_until(lambda: slow.alive() == 0)
        with connect(server.port) as one:
            one.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n")
            assert listen(one).statuses == (408,)
        with connect(server.port) as idle:
            assert listen(idle).said == b""
        assert urllib3.request("GET", f"{server.url}/live", retries=False).status == 200
    finally:
        server.close()


def wait_until(happens: Callable[[], bool], seconds: float = 60) -> None:
    give_up = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < give_up
        time.sleep(0.05)
