"""More comments than can be answered: some are refused at once, none is lost, and it passes."""

import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from tests.bench.hammer import Hammer
from tests.reliability.counting import count_all
from tests.reliability.load import Load
from tests.reliability.serving import Server

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")

CROWD = 300
"""Clients that send again at once, whatever they are told; many times what a process answers."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """One process of two threads, where little may wait."""
    found = Server(
        tmp_path,
        WINNOW_WORKERS="1",
        WINNOW_THREADS="2",
        WINNOW_STREAMS="0",
        WINNOW_QUEUE_MS="50",
        WINNOW_WORKER="no",
    )
    found.make_key("backend")
    found.start()
    yield found
    found.close()


class Watcher(threading.Thread):
    """Asks for some pages again and again, and counts what it is answered."""

    def __init__(self, server: Server, *paths: str) -> None:
        super().__init__(daemon=True)
        self._url, self._paths = server.url, paths
        self._stop_asking = threading.Event()
        self.answers: Counter[tuple[str, int]] = Counter()

    def run(self) -> None:
        with urllib3.PoolManager(retries=False, timeout=30) as pool:
            while not self._stop_asking.wait(0.01):
                for path in self._paths:
                    self.answers[path, pool.request("GET", self._url + path).status] += 1

    def stop(self) -> None:
        self._stop_asking.set()
        self.join()


def shed(server: Server) -> float:
    """How many requests the server says it has refused."""
    told = urllib3.request("GET", f"{server.url}/metrics", retries=False).data.decode()
    lines = [one for one in told.splitlines() if one.startswith("winnow_requests_shed_total")]
    return sum(float(one.rpartition(" ")[2]) for one in lines)


def test_too_much_is_refused_and_what_was_taken_is_kept(server: Server) -> None:
    key = server.make_key("backend")
    watcher = Watcher(server, "/live", "/ready", "/metrics")
    load = Load(server.url, key, clients=8, posts=80, timeout=60)
    hammer = Hammer(server.port, key, "crowd")
    watcher.start()
    load.start()
    told = hammer.saturate(CROWD, 3)
    seconds = load.finish()
    watcher.stop()

    # Whoever only hammers is refused, mostly; whoever comes back later is served in the end.
    assert set(told.statuses) == {201, 503}
    assert told.broken == 0
    assert told.statuses[503] > told.statuses[201] > 0
    assert shed(server) >= told.statuses[503]
    assert load.done == 80
    assert load.breaks == []
    assert load.strange == []
    # Who watches is answered all the time.
    assert {path for path, _ in watcher.answers} == {"/live", "/ready", "/metrics"}
    assert {status for _, status in watcher.answers} == {200}

    found = count_all(load, server.database_url, seconds)
    assert found.acknowledged == 80
    assert (found.lost, found.duplicated, found.events_lost, found.integrity) == ([], [], [], [])
    # A client that has given up does not know what became of it.
    assert 0 <= found.found - 80 - told.statuses[201] <= told.given_up

    # And it passes: nobody is refused any more.
    before = shed(server)
    after = Hammer(server.port, key, "after").saturate(2, 1)
    assert set(after.statuses) == {201}
    assert shed(server) == before


def test_a_refusal_says_when_to_come_back_and_keeps_the_connection(server: Server) -> None:
    hammer = Hammer(server.port, server.make_key("backend"), "crowd")
    crowd = threading.Thread(target=hammer.saturate, args=[CROWD, 3])
    crowd.start()
    with urllib3.PoolManager(retries=False, timeout=30, maxsize=1) as pool:
        refusal = None
        while refusal is None and crowd.is_alive():
            answer = pool.request("GET", f"{server.url}/openapi.json")
            refusal = answer if answer.status == 503 else None
        assert refusal is not None
        assert int(refusal.headers["Retry-After"]) > 0
        assert refusal.headers["Content-Type"] == "application/problem+json"
        assert refusal.json()["type"] == "urn:winnow:problem:overloaded"
        assert refusal.headers["Connection"] == "keep-alive"
    crowd.join()


def test_moderators_take_turns_with_a_crowd_of_websites(server: Server) -> None:
    hammer = Hammer(server.port, server.make_key("backend"), "crowd")
    watcher = Watcher(server, "/moderate/sign-in")
    crowd = threading.Thread(target=hammer.saturate, args=[CROWD, 3])
    crowd.start()
    watcher.start()
    crowd.join()
    watcher.stop()

    assert set(watcher.answers) == {("/moderate/sign-in", 200)}


def test_idle_connections_are_no_load(server: Server) -> None:
    pools = [urllib3.HTTPConnectionPool("127.0.0.1", server.port, maxsize=1) for _ in range(300)]
    for turn in range(2):
        statuses = Counter(one.request("GET", f"/live?{turn}").status for one in pools)
        assert statuses == {200: 300}
    page = urllib3.request("GET", f"{server.url}/openapi.json", retries=False)
    assert page.status == 200
    assert shed(server) == 0
    for one in pools:
        one.close()


def test_with_no_limit_everything_waits(tmp_path: Path) -> None:
    server = Server(tmp_path, WINNOW_WORKERS="1", WINNOW_QUEUE_MS="0", WINNOW_WORKER="no")
    key = server.make_key("backend")
    server.start()
    try:
        told = Hammer(server.port, key, "crowd").saturate(100, 2)
        assert 503 not in told.statuses
        assert told.statuses[201] > 0
        assert shed(server) == 0
    finally:
        server.close()
