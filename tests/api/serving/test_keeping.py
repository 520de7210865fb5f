"""A process that is kept running: how long it is waited for, and how it ends."""

import logging
import signal
import sys
from pathlib import Path

import pytest

from api.serving.keeping import LONGEST_WAIT, STEADY_SECONDS, Keeper


class Time:
    """A clock that is moved by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def keeper(program: str) -> tuple[Keeper, Time]:
    clock = Time()
    return Keeper([sys.executable, "-c", program], clock), clock


def ended(kept: Keeper) -> None:
    process = kept._process
    assert process is not None
    process.wait(30)


def test_what_ends_at_once_is_started_again_later_and_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    kept, clock = keeper("raise SystemExit(1)")
    waits = []
    kept.keep()

    for _ in range(8):
        ended(kept)
        kept.keep()
        began = clock.now
        while kept._process is None:
            clock.now += 0.5
            kept.keep()
        waits.append(clock.now - began)

    assert waits == [1, 2, 4, 8, 16, 30, 30, 30]
    assert waits[-1] == LONGEST_WAIT
    assert {record.levelno for record in caplog.records} == {logging.ERROR}
    kept.end(30)


def test_what_was_well_for_long_is_started_again_soon() -> None:
    kept, clock = keeper("")
    kept.keep()
    for _ in range(4):
        ended(kept)
        kept.keep()
        clock.now += LONGEST_WAIT
        kept.keep()
    ended(kept)
    clock.now += STEADY_SECONDS

    kept.keep()
    clock.now += 1
    kept.keep()

    assert kept._process is not None
    kept.end(30)


@pytest.mark.parametrize("hurried", [True, False])
def test_what_does_not_end_when_asked_is_killed(hurried: bool, tmp_path: Path) -> None:
    deaf = tmp_path / "deaf"
    kept, _ = keeper(
        "import pathlib, signal, time\n"
        "for one in (signal.SIGTERM, signal.SIGINT): signal.signal(one, lambda *_: None)\n"
        f"pathlib.Path({str(deaf)!r}).touch()\n"
        "while True: time.sleep(1)"
    )
    kept.keep()
    process = kept._process
    assert process is not None
    while not deaf.exists():
        assert process.poll() is None

    kept.ask_to_end(hurried)
    kept.end(0.2)

    assert process.returncode == -signal.SIGKILL
    assert kept._process is None


def test_where_nothing_runs_there_is_nothing_to_end() -> None:
    kept, _ = keeper("")

    kept.ask_to_end(hurried=False)
    kept.end(0)

    assert kept._process is None
