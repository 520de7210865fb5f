"""Calls that hang are left behind: a few of them, and never anybody else's answer."""

import os
import threading
import time
from collections.abc import Callable

import pytest

from api.moderation import timelimit
from api.moderation.timelimit import LateError, TimeLimit

LONG = 60


@pytest.fixture
def limit() -> TimeLimit:
    """A limit on calls of which none is stuck."""
    return TimeLimit()


@pytest.fixture
def hang(limit: TimeLimit) -> Callable[[], threading.Event]:
    """Leaves one more call stuck, until the event that it gives is set."""

    def stick() -> threading.Event:
        released = threading.Event()
        before = limit.stuck
        with pytest.raises(LateError):
            limit.call(released.wait, 0.01)
        assert limit.stuck == before + 1
        return released

    return stick


def settle(limit: TimeLimit) -> None:
    """Wait until no call is stuck."""
    while limit.stuck:
        time.sleep(0.001)


def test_a_call_gives_what_it_returns_and_raises_what_it_raises(limit: TimeLimit) -> None:
    def fail() -> None:
        raise KeyError("here")

    assert limit.call(lambda: 7, LONG) == 7
    with pytest.raises(KeyError, match="here"):
        limit.call(fail, LONG)
    assert limit.call(lambda: None, LONG) is None
    assert limit.stuck == 0


def test_calls_one_after_another_share_a_thread(limit: TimeLimit) -> None:
    assert len({limit.call(threading.get_ident, LONG) for _ in range(20)}) == 1


def test_after_a_hang_nothing_is_tried_until_it_is_over(
    limit: TimeLimit, hang: Callable[[], threading.Event]
) -> None:
    released = hang()
    tried: list[int] = []

    for number in range(50):
        with pytest.raises(LateError):
            limit.call(lambda number=number: tried.append(number), LONG)  # type: ignore[misc]
    assert tried == []

    released.set()
    settle(limit)
    assert limit.call(lambda: "well", LONG) == "well"


def test_now_and_then_one_call_finds_out_and_few_can_be_stuck(
    limit: TimeLimit, hang: Callable[[], threading.Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timelimit, "PAUSE_SECONDS", 0)
    first = hang()
    assert limit.call(lambda: "well", LONG) == "well"

    others = [hang() for _ in range(timelimit.MOST_STUCK - 1)]
    with pytest.raises(LateError):
        limit.call(lambda: "well", LONG)

    first.set()
    while limit.stuck == timelimit.MOST_STUCK:
        time.sleep(0.001)
    assert limit.call(lambda: "well", LONG) == "well"
    for one in others:
        one.set()
    settle(limit)


def test_a_late_answer_is_nobody_elses(limit: TimeLimit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timelimit, "PAUSE_SECONDS", 0)
    late = 0

    def answer(number: int) -> int:
        time.sleep(0.001)
        return number

    for number in range(300):
        try:
            assert limit.call(lambda number=number: answer(number), 0.001) == number  # type: ignore[misc]
        except LateError:
            late += 1
            settle(limit)

    assert late > 0
    assert limit.stuck == 0
    assert limit.call(lambda: "well", LONG) == "well"


def test_a_forked_process_has_threads_of_its_own(
    limit: TimeLimit, hang: Callable[[], threading.Event]
) -> None:
    limit.call(lambda: None, LONG)
    released = hang()

    # Python warns of forks with threads: gunicorn's are what this is about.
    child = _fork(lambda: limit.call(lambda: 7, LONG) == 7)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    released.set()


def _fork(check: Callable[[], bool]) -> int:
    child = os.fork()
    if child == 0:
        fine = False
        try:
            fine = check()
        finally:
            os._exit(0 if fine else 1)
    return child
