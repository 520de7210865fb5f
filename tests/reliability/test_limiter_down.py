"""The store of limits is killed, hangs and comes back: all are limited, and nobody is told 500."""

import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import urllib3

from api.limiting.limiter import Limiter
from api.limiting.rates import KEY
from tests.factories import plain_settings
from tests.reliability.serving import Server
from tests.reliability.valkey import PROGRAM, Store

pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="install redis-server or valkey-server"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc"),
]

MOST = 25
"""How often each key may ask within a day."""

PROCESSES = 2


class Crowd:
    """Threads that ask without end, each time on a new connection, so that all processes answer."""

    def __init__(self, server: Server, keys: list[str]) -> None:
        self._server, self._keys, self._ending = server, keys, threading.Event()
        self.answers: Counter[int] = Counter()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(4)]

    def __enter__(self) -> "Crowd":
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        for one in self._threads:
            one.join()

    def _run(self) -> None:
        while not self._ending.is_set():
            for key in self._keys:
                self.answers[ask(self._server, key)] += 1


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A running store."""
    with Store(tmp_path) as found:
        yield found


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator[Callable[[str], Server]]:
    """Starts a server without a classifier that counts at a URL."""
    made: list[Server] = []

    def make(url: str) -> Server:
        found = Server(
            tmp_path,
            WINNOW_MODEL=str(tmp_path / "none"),
            WINNOW_WORKERS=str(PROCESSES),
            WINNOW_WORKER="no",
            WINNOW_DRAIN_SECONDS="0",
            WINNOW_LIMITS_URL=url,
            WINNOW_LIMIT_KEY=f"{MOST}/day",
            WINNOW_LIMIT_ADDRESS="1000/day",
            WINNOW_LIMIT_AUTHOR=f"{MOST}/day",
        )
        made.append(found)
        found.make_key("backend")
        found.start()
        return found

    yield make
    for one in made:
        one.close()


def ask(server: Server, key: str) -> int:
    headers = {"Authorization": f"Bearer {key}", "Connection": "close"}
    url = f"{server.url}/v1/comments?limit=1"
    return urllib3.request("GET", url, headers=headers, retries=False, timeout=30).status


def count_granted(server: Server) -> int:
    """How often a new key is answered, of many more times than it may be."""
    key = server.make_key("backend")
    found = Counter(ask(server, key) for _ in range(3 * PROCESSES * MOST))
    assert set(found) <= {200, 429}, found
    return found[200]


def count_away(server: Server) -> int:
    """How many processes count by themselves, as the metrics say."""
    text = urllib3.request("GET", f"{server.url}/metrics", retries=False, timeout=30).data.decode()
    lines = [one for one in text.splitlines() if one.startswith("winnow_limiter_fallback{")]
    return int(sum(float(one.rpartition(" ")[2]) for one in lines))


def until_away(server: Server, key: str, wanted: int) -> None:
    give_up = time.monotonic() + 60
    while count_away(server) != wanted:
        assert time.monotonic() < give_up, f"never {wanted} processes without the store"
        # A process notices that the store has gone when it is asked.
        ask(server, key)
        time.sleep(0.02)


def count_said(server: Server, what: str) -> int:
    return server.printed().count(f"the store of limits is {what}")


def expect_exactly(server: Server) -> None:
    """A new key may ask as often as is set, of all processes together.

    Where a process has lost sight of the store meanwhile, on a machine that does much else, that
    says nothing, and another key tries.
    """
    for _ in range(5):
        before = count_said(server, "away")
        found = count_granted(server)
        if count_said(server, "away") == before:
            assert found == MOST
            return
        until_away(server, server.make_key("backend"), 0)
    raise AssertionError("the store was never there for long enough")


def expect_alone(server: Server) -> None:
    """Each process grants as much as is set: never nothing, never without end."""
    assert MOST <= count_granted(server) <= PROCESSES * MOST


def test_it_is_killed_and_hangs_and_comes_back_under_load(
    store: Store, make_server: Callable[[str], Server]
) -> None:
    server = make_server(store.url)
    expect_exactly(server)
    keys = [server.make_key("backend") for _ in range(3)]

    for end, mend in (
        (store.kill, store.start),
        (lambda: store.signal(signal.SIGSTOP), lambda: store.signal(signal.SIGCONT)),
    ):
        said = count_said(server, "away")
        with Crowd(server, keys) as crowd:
            until_away(server, keys[0], 0)
            end()
            until_away(server, keys[0], PROCESSES)
            expect_alone(server)
            mend()
            until_away(server, keys[0], 0)
        assert set(crowd.answers) <= {200, 429}, crowd.answers
        # Once for each process, not once for each request; once more where the machine was slow.
        assert said + PROCESSES <= count_said(server, "away") <= said + 10
        assert sum(crowd.answers.values()) > 100
        expect_exactly(server)
    # Each time somebody said that it is back, they had said that it was away.
    assert count_said(server, "back") == count_said(server, "away")


@pytest.mark.parametrize("how", ["not there", "hanging"])
def test_it_is_away_from_the_start(
    tmp_path: Path, store: Store, make_server: Callable[[str], Server], how: str
) -> None:
    if how == "hanging":
        store.signal(signal.SIGSTOP)
    else:
        store.kill()
    server = make_server(store.url)

    expect_alone(server)

    until_away(server, server.make_key("backend"), PROCESSES)
    if how == "hanging":
        store.signal(signal.SIGCONT)
    else:
        store.start()
    until_away(server, server.make_key("backend"), 0)
    expect_exactly(server)


def test_without_a_store_each_process_counts_for_itself(
    make_server: Callable[[str], Server],
) -> None:
    server = make_server("")

    expect_alone(server)
    assert count_away(server) == 0


def test_the_store_is_told_nothing_of_anybody(
    store: Store, make_server: Callable[[str], Server]
) -> None:
    server = make_server(store.url)
    key = server.make_key("backend")
    assert ask(server, "wnw_12345678_guess") == 401
    author = {"id": "u-4711", "email": "ada@example.org", "ip": "198.51.100.7"}
    answer = urllib3.request(
        "POST",
        f"{server.url}/v1/comments",
        json={"article": {"id": "a-1"}, "text": "A fine day.", "author": author},
        headers={"Authorization": f"Bearer {key}"},
    )
    assert answer.status == 201

    kept = store.read()

    for kind in (b"/key/", b"/address/", b"/author/"):
        assert kept.count(kind) == 1, kept
    for secret in (key, key[:12], "wnw_", "127.0.0.1", *author.values(), "gazette"):
        assert secret.encode() not in kept, secret


@pytest.mark.parametrize("way", ["redis://", "valkey://", "unix://"])
def test_every_way_to_it_counts_in_the_same_place(tmp_path: Path, store: Store, way: str) -> None:
    url = f"unix://{store.socket}" if way == "unix://" else f"{way}127.0.0.1:{store.port}"
    settings = replace(plain_settings(tmp_path, "sqlite://"), limit_key="5/day")
    here, there = (Limiter.of(replace(settings, limits_url=one)) for one in (store.url, url))

    found = [one.take(KEY, "ada").granted for one in (here, there) * 4]

    assert found == [1, 1, 1, 1, 1, 0, 0, 0]
    taken = there.take(KEY, "bob", 8)
    assert (taken.granted, taken.seconds) == (5, 86_400)
    assert 0 < taken.wait <= 2 * 86_400
