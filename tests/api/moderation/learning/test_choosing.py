"""Choosing: never more than the share, whatever comes, and the most telling ones."""

import threading
from collections.abc import Iterable, Iterator

import numpy as np
import pytest

from api.moderation.learning.choosing import MOST_TURNS, Chooser, Interest

SHARES = pytest.mark.parametrize("share", [0.01, 0.05, 0.2])


def interests(values: Iterable[float], shared: float = 0.0) -> Iterator[Interest]:
    """Comments of so much uncertainty, of whose hundred n-grams the others have a part."""
    common = int(100 * shared)
    for number, value in enumerate(values):
        own = np.arange(100 - common) + 1_000 + number * 100
        yield Interest(value, np.concatenate([np.arange(common), own]).astype(np.uint32), 100)


def run(chooser: Chooser, values: Iterable[float], share: float) -> list[bool]:
    return [chooser.choose(one, share) is not None for one in interests(values)]


def streams() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    likes = rng.beta(1, 6, 4000)
    return {
        "alike": likes,
        "rising": np.sort(likes),
        "falling": np.sort(likes)[::-1],
        "all the same": np.full(4000, 0.3),
        "an attack": np.concatenate([likes[:2000], np.full(500, 1.0), likes[2000:3500]]),
    }


@SHARES
@pytest.mark.parametrize("kind", list(streams()))
def test_never_more_than_the_share_at_any_moment(kind: str, share: float) -> None:
    asked = np.cumsum(run(Chooser(), streams()[kind], share))
    assert np.all(asked <= share * np.arange(1, len(asked) + 1) + 1e-9)


@SHARES
@pytest.mark.parametrize("kind", ["alike", "all the same", "an attack"])
def test_hardly_less_than_the_share_either(kind: str, share: float) -> None:
    asked = run(Chooser(), streams()[kind], share)
    assert sum(asked) >= 0.85 * share * len(asked) - MOST_TURNS


@SHARES
def test_those_that_are_asked_are_the_most_telling(share: float) -> None:
    values = streams()["alike"]
    asked = values[run(Chooser(), values, share)]
    best = np.sort(values)[-len(asked) :]
    assert asked.mean() >= 0.9 * best.mean() > 1.5 * values.mean()


def test_several_processes_ask_no_more_together() -> None:
    values, processes = streams()["alike"], [Chooser() for _ in range(4)]
    asked = 0
    for number, one in enumerate(interests(values)):
        asked += processes[number % 4].choose(one, 0.05) is not None
        assert asked <= 0.05 * (number + 1) + 1e-9
    assert asked >= 0.8 * 0.05 * len(values)


def test_processes_that_end_early_ask_less_not_more() -> None:
    values = streams()["alike"]
    asked = sum(sum(run(Chooser(), values[at : at + 50], 0.05)) for at in range(0, 4000, 50))
    assert 0 < asked <= 0.05 * len(values)


def test_threads_share_what_may_be_asked() -> None:
    chooser, found = Chooser(), []

    def come() -> None:
        found.append(sum(run(chooser, streams()["alike"][:500], 0.2)))

    threads = [threading.Thread(target=come) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 6
    assert 0 < sum(found) <= 0.2 * 3000


def test_what_was_saved_up_is_not_spent_at_once() -> None:
    chooser = Chooser()
    assert sum(run(chooser, np.zeros(2000), 0.1)) == 0
    assert sum(run(chooser, np.ones(20), 0.1)) <= MOST_TURNS + 0.1 * 20


def test_the_same_text_is_asked_about_once() -> None:
    chooser, one = Chooser(), next(interests([1.0]))
    answers = [chooser.choose(one, 0.2) for _ in range(100)]
    assert [answer for answer in answers if answer] == [1.0]


def test_what_is_partly_known_counts_for_the_rest() -> None:
    chooser = Chooser()
    values = [chooser.choose(one, 0.2) for one in interests([0.8] * 40, shared=0.75)]
    first, *rest = [value for value in values if value is not None]
    assert first == pytest.approx(0.8)
    assert rest == pytest.approx([0.2] * len(rest))
    assert len(rest) > 3


def test_nothing_is_learnt_of_a_text_without_words() -> None:
    chooser, empty = Chooser(), Interest(1.0, np.zeros(0, np.uint32), 0)
    assert [chooser.choose(empty, 0.2) for _ in range(20)] == [None] * 20
