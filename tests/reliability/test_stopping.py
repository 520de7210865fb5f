"""Servers are told to stop, or to start afresh, under load: nobody is left without an answer."""

import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from tests.reliability.counting import count_all
from tests.reliability.load import Load
from tests.reliability.serving import Server

STOP_SECONDS = 30
WARM = 100

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server that serves on for some seconds when it is told to stop."""
    found = Server(tmp_path, WINNOW_DRAIN_SECONDS="3")
    found.start()
    yield found
    found.close()


def connect(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=STOP_SECONDS)


def read(connection: socket.socket, end: bytes) -> bytes:
    """What comes until this end, or until the connection ends."""
    found = b""
    while not (end and found.endswith(end)) and (more := connection.recv(10_000)):
        found += more
    return found


def wait_until_gone(server: Server) -> None:
    assert server.process is not None
    assert server.process.wait(STOP_SECONDS) == 0
    give_up = time.monotonic() + STOP_SECONDS
    while server.left():
        assert time.monotonic() < give_up, "processes are left"
        time.sleep(0.01)


def wait_for_red(server: Server) -> urllib3.BaseHTTPResponse:
    while True:
        ready = urllib3.request("GET", f"{server.url}/ready", retries=False, timeout=5)
        if ready.status != 200:
            return ready
        time.sleep(0.01)


def refused(breaks: list[str]) -> list[str]:
    return [one for one in breaks if one.startswith("NewConnectionError")]


def test_a_stop_under_load_drops_no_request(server: Server) -> None:
    load = Load(server.url, server.make_key("backend"))
    load.start()
    load.wait_for(WARM)

    server.signal(signal.SIGTERM)
    ready = wait_for_red(server)
    load.wait_for(8)
    wait_until_gone(server)
    load.stop()

    # It says that it stops, and serves on: whoever reads that can turn away in time.
    assert (ready.status, ready.json()["status"]) == (503, "stopping")
    # A client may find the door shut, but nothing that it has sent goes without an answer.
    assert load.breaks == refused(load.breaks)
    assert {status for one in load.clients for status in one.answers} == {201}
    # Each was told to go before its connection was closed.
    assert [one.closes for one in load.clients] == [1] * len(load.clients)
    count = count_all(load, server.database_url, 1)
    assert count.found == count.acknowledged >= WARM + 8
    assert count.fine, str(count)


def test_a_reload_under_load_drops_no_request(server: Server) -> None:
    load = Load(server.url, server.make_key("backend"))
    load.start()
    load.wait_for(WARM)
    seen = set(server.children())

    for _ in range(2):
        server.signal(signal.SIGHUP)
        give_up = time.monotonic() + STOP_SECONDS
        while set(server.children()) & seen or not server.children():
            assert time.monotonic() < give_up, "the old processes do not leave"
            time.sleep(0.05)
        seen |= set(server.children())
        load.wait_for(WARM)
    load.stop()

    assert load.breaks == []
    assert load.retries == 0
    assert {status for one in load.clients for status in one.answers} == {201}
    ready = urllib3.request("GET", f"{server.url}/ready", retries=False, timeout=5)
    assert ready.json()["status"] == "ready"
    count = count_all(load, server.database_url, 1)
    assert count.fine, str(count)


def test_a_request_that_is_half_there_is_answered_and_an_idle_connection_ends_in_order(
    server: Server,
) -> None:
    key = server.make_key("backend")
    head = f"POST /v1/comments HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\n"
    body = b'{"article": {"id": "a-1"}, "text": "A fine day."}'
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with connect(server) as idle, connect(server) as slow:
        idle.sendall(b"GET /live HTTP/1.1\r\nHost: a\r\n\r\n")
        assert read(idle, b'"live"}\n').startswith(b"HTTP/1.1 200")
        slow.sendall(head.encode() + body[:10])

        server.signal(signal.SIGTERM)
        wait_for_red(server)
        assert idle.recv(10_000) == b""
        slow.sendall(body[10:])
        assert read(slow, b"").startswith(b"HTTP/1.1 201")
    wait_until_gone(server)


def test_processes_whose_master_was_killed_leave_and_answer_first(server: Server) -> None:
    load = Load(server.url, server.make_key("backend"))
    load.start()
    load.wait_for(WARM)

    server.kill_master()
    give_up = time.monotonic() + STOP_SECONDS
    while server.left():
        assert time.monotonic() < give_up, "processes are left"
        time.sleep(0.05)
    load.stop()

    assert load.breaks == refused(load.breaks)
    count = count_all(load, server.database_url, 1)
    assert count.fine, str(count)


def test_a_second_signal_stops_it_at_once(tmp_path: Path) -> None:
    server = Server(tmp_path, WINNOW_DRAIN_SECONDS="3600")
    server.start()
    server.signal(signal.SIGTERM)
    wait_for_red(server)

    server.signal(signal.SIGINT)

    wait_until_gone(server)
    server.close()
