"""Rates as operators write them, and after how long there is room again."""

import pytest

from api.limiting.memory import Memory
from api.limiting.rates import find_wait, read_rates, show_rates


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("60/minute", '"key-60";q=60;w=60'),
        (" 5 per 2 hours ", '"key-7200";q=5;w=7200'),
        ("30/minute;500/hour", '"key-60";q=30;w=60, "key-3600";q=500;w=3600'),
        ("30/minute, 500/hour", '"key-60";q=30;w=60, "key-3600";q=500;w=3600'),
        ("none", ""),
        (" NONE ", ""),
    ],
)
def test_rates_are_read_as_flask_limiter_spells_them(given: str, shown: str) -> None:
    assert show_rates("key", read_rates(given)) == shown


@pytest.mark.parametrize(
    "given",
    [
        *("", "sixty", "60", "60/fortnight", "60/minute;", "-1/minute", "0/minute", "1.5/minute"),
        *("60/minute;30/minute", "60/minute;3600/60 minutes;1/hour", "1/2 months", "none;1/hour"),
    ],
)
def test_what_is_no_rate_is_refused(given: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # its words are the library's, or ours
        read_rates(given)


@pytest.mark.parametrize(
    "given", ["1/minute", "3/minute", "10/hour", "1000/second", "7/90 minutes"]
)
@pytest.mark.parametrize("start", [0.0, 17.25, 59.5, 1234.75])
@pytest.mark.parametrize("before", [0, 1, 2, 5])
def test_whoever_waits_as_told_is_let_in_and_hardly_later_than_could_be(
    given: str, start: float, before: int
) -> None:
    """By the storage's own count: a second earlier there is no room, unless that is within it."""
    time = [start]
    [rate] = read_rates(given)
    seconds = rate.get_expiry()
    memory = Memory(clock=lambda: time[0])

    def take() -> bool:
        return memory.acquire_sliding_window_entry("one", rate.amount, seconds)

    # Some in the window before, then as many as may be.
    for _ in range(min(before, rate.amount)):
        assert take()
    time[0] += seconds * 0.7
    while take():
        pass

    wait = find_wait(rate, memory.get_sliding_window("one", seconds))

    assert 1 <= wait <= 2 * seconds + 1
    begun = time[0]
    time[0] = begun + wait - 1.001
    assert wait == 1 or not take()
    time[0] = begun + wait
    assert take()
