"""Threads that wait for SQLite's one writer share a transaction, and none pays for another."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from api.store.gathering import BusyError, Gatherer


class Ledger:
    """Transactions of a list of words: what they hold is kept only when they end well."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.transactions = 0
        self.fail_commits = 0

    @contextmanager
    def opening(self, _give_up: float) -> Iterator[Any]:
        self.transactions += 1
        page: list[str] = []
        yield page
        if self.fail_commits:
            self.fail_commits -= 1
            raise OSError("the disk is full")
        self.kept += page


def write(gatherer: Gatherer, word: str) -> str:
    def work(page: Any) -> str:
        if word.startswith("bad"):
            raise ValueError(word)
        page.append(word)
        return word.upper()

    return gatherer.write(work)


def together(gatherer: Gatherer, words: list[str]) -> dict[str, str | BaseException]:
    """Have threads ask for their turn while it is taken, then give it free."""
    found: dict[str, str | BaseException] = {}

    def ask(word: str) -> None:
        try:
            found[word] = write(gatherer, word)
        except (ValueError, OSError) as error:
            found[word] = error

    threads = [threading.Thread(target=ask, args=[word]) for word in words]
    with gatherer.turn_taken():
        for thread in threads:
            thread.start()
        for _ in range(1000):
            if len(gatherer._waiting) == len(words):
                break
            time.sleep(0.005)
    for thread in threads:
        thread.join()
    return found


def test_all_that_wait_share_one_transaction() -> None:
    ledger = Ledger()

    found = together(Gatherer(ledger.opening, 10), ["a", "b", "c"])

    assert found == {"a": "A", "b": "B", "c": "C"}
    assert sorted(ledger.kept) == ["a", "b", "c"]
    assert ledger.transactions == 1


def test_one_that_fails_is_told_so_and_the_others_are_kept() -> None:
    ledger = Ledger()

    found = together(Gatherer(ledger.opening, 10), ["a", "bad", "c"])

    assert (found["a"], found["c"]) == ("A", "C")
    assert isinstance(found["bad"], ValueError)
    assert sorted(ledger.kept) == ["a", "c"]


def test_a_commit_that_fails_for_all_is_tried_for_each() -> None:
    ledger = Ledger()
    ledger.fail_commits = 2

    found = together(Gatherer(ledger.opening, 10), ["a", "b", "c"])

    failed = [word for word, one in found.items() if isinstance(one, OSError)]
    assert len(failed) == 1
    assert sorted([*ledger.kept, *failed]) == ["a", "b", "c"]


def test_work_whose_turn_never_comes_is_not_done_later() -> None:
    ledger = Ledger()
    gatherer = Gatherer(ledger.opening, 0.05)

    with gatherer.turn_taken(), pytest.raises(BusyError):
        write(gatherer, "late")

    assert write(gatherer, "a") == "A"
    assert ledger.kept == ["a"]


def test_a_turn_that_never_comes_is_an_error() -> None:
    gatherer = Gatherer(Ledger().opening, 0.05)
    busy: list[BaseException] = []

    def ask() -> None:
        try:
            with gatherer.turn_taken():
                pass
        except BusyError as error:
            busy.append(error)

    with gatherer.turn_taken():
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()

    assert len(busy) == 1
