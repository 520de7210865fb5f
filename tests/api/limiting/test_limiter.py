"""Counting in a shared store that may fail, and in memory that must not grow."""

import logging
import threading
import time
from collections.abc import Callable

import pytest
from limits.storage import MemoryStorage

from api.limiting import limiter as limiting
from api.limiting.limiter import Limiter
from api.limiting.memory import Memory
from api.limiting.rates import AUTHOR, KEY, read_rates

SECRET = "s" * 32


class Shaky(Memory):
    """A store that can be away; `asked` is how often a request has tried."""

    def __init__(self) -> None:
        super().__init__()
        self.away, self.asked = False, 0

    def acquire_sliding_window_entry(
        self, key: str, limit: int, expiry: int, amount: int = 1
    ) -> bool:
        """Fail, or count."""
        self.asked += threading.current_thread() is threading.main_thread()
        if self.away:
            raise ConnectionError("redis://user:password@store.example:6379")
        return super().acquire_sliding_window_entry(key, limit, expiry, amount)


def make(rates: str, **more: object) -> Limiter:
    return Limiter({KEY: read_rates(rates), AUTHOR: read_rates(rates)}, SECRET, **more)  # type: ignore[arg-type]


def take(limiter: Limiter, times: int, who: str = "ada", kind: str = KEY) -> int:
    """How many of so many are let through."""
    return sum(limiter.take(kind, who).granted for _ in range(times))


def until(found: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 30
    while not found():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def test_each_is_counted_alone_and_by_kind() -> None:
    limiter = make("3/hour")

    assert take(limiter, 5) == 3
    assert take(limiter, 5, "bob") == 3
    assert take(limiter, 5, kind=AUTHOR) == 3


def test_what_has_no_rates_is_not_counted() -> None:
    assert take(Limiter({}, SECRET), 100) == 100


@pytest.mark.parametrize("wanted", [0, 1, 4, 5, 6, 1000])
def test_of_many_at_once_as_many_are_let_through_as_there_is_room_for(wanted: int) -> None:
    limiter = make("5/hour;100/day")

    taken = limiter.take(KEY, "ada", wanted)

    assert taken.granted == min(wanted, 5)
    assert (taken.wait > 0) is (wanted > 5)
    assert take(limiter, 10) == 5 - taken.granted


def test_what_one_rate_refuses_no_other_counts() -> None:
    """Otherwise whoever hammers through a minute would have used up the day."""
    now = [0.0]
    limiter = make("2/minute;6/day", clock=lambda: now[0])

    found = []
    for minute in range(0, 10, 2):
        now[0] = minute * 60.0
        found.append(take(limiter, 50))

    assert found == [2, 2, 2, 0, 0]


def test_whoever_hammers_gets_in_again() -> None:
    now = [0.0]
    limiter = make("2/minute", clock=lambda: now[0])

    granted = 0
    for tenth in range(10 * 600):
        now[0] = tenth / 10
        granted += take(limiter, 1)

    assert 17 <= granted <= 21


def test_threads_together_get_no_more_than_one_would() -> None:
    limiter, found = make("50/hour"), list[int]()
    threads = [threading.Thread(target=lambda: found.append(take(limiter, 40))) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sum(found) == 50


def test_memory_has_room_for_so_many_and_forgets_those_who_come_once() -> None:
    memory = Memory(most=100, clock=lambda: 0.0)
    for number in range(1000):
        memory.acquire_sliding_window_entry("steady", 10_000, 3600)
        memory.acquire_sliding_window_entry(f"one of many {number}", 1, 3600)

    assert memory.get_sliding_window("steady", 3600)[2] == 1000
    assert memory.reset() == 100


def test_the_store_knows_neither_names_nor_addresses() -> None:
    store = MemoryStorage()
    limiter = make("3/hour", shared=store)

    take(limiter, 2, "ada@example.org")

    [key] = store.storage
    assert "ada" not in key
    assert "example" not in key
    other = Limiter({KEY: read_rates("3/hour")}, "t" * 32, store)
    take(other, 1, "ada@example.org")
    assert len(store.storage) == 2


def test_a_store_that_fails_is_left_alone_until_it_is_back(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(limiting, "PROBE_SECONDS", 0.02)
    store, noted = Shaky(), list[bool]()
    limiter = make("3/hour", shared=store, note=noted.append)
    assert take(limiter, 2) == 2

    store.away = True
    asked = store.asked
    # The process counts anew, and no less strictly.
    assert take(limiter, 10) == 3
    assert take(limiter, 1000, "bob") == 3
    # The first has asked, and none of the others; they have a thread for that.
    assert store.asked == asked + 1
    assert noted == [False, True]

    store.away = False
    until(lambda: noted[-1] is False)
    assert noted == [False, True, False]
    # What was counted in the store before holds again.
    assert take(limiter, 10) == 1
    said = [one.getMessage() for one in caplog.records]
    assert sum(one.levelno >= logging.WARNING for one in caplog.records) == 2
    assert "password" not in str(said)
    assert "store.example" not in str(said)


def test_a_store_that_is_away_from_the_start_limits_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limiting, "PROBE_SECONDS", 0.02)
    store, noted = Shaky(), list[bool]()
    store.away = True
    limiter = make("3/hour", shared=store, note=noted.append)

    assert take(limiter, 10) == 3
    assert noted == [False, True]
    store.away = False
    until(lambda: noted[-1] is False)
    assert take(limiter, 10) == 3
