"""The threshold that keeps a share, and how sure it is."""

import numpy as np
import pytest

from api.comparing.shares import FEWEST, find_equal, rise


def test_the_threshold_holds_as_many() -> None:
    ours = np.arange(100) / 100
    held = np.arange(100) >= 80

    found = find_equal(rise(ours), held)

    assert found is not None
    assert (ours >= found.value).sum() == 20
    assert found.low <= found.value <= found.high


def test_scores_in_the_same_order_leave_no_doubt_but_their_gaps() -> None:
    """A step off the threshold and 6 comments would all be on one side: 2 / 2^6 is below 5 %."""
    ours = np.arange(100) / 100

    found = find_equal(rise(ours), ours >= 0.8)

    assert found is not None
    assert (found.low, found.value, found.high) == (0.74, 0.8, 0.85)


def test_the_number_is_the_roundest_that_does_it() -> None:
    ours = np.array([0.1] * 20 + [0.7] * 20)

    found = find_equal(rise(ours), np.arange(40) >= 20)

    assert found is not None
    assert found.value == 0.4


def test_equal_scores_are_held_together_or_not_at_all() -> None:
    ours = np.array([0.1] * 30 + [0.5] * 15 + [0.9] * 15)

    for many, reaching in ((16, 15), (22, 15), (23, 30), (40, 30), (46, 60)):
        found = find_equal(rise(ours), np.arange(60) >= 60 - many)
        assert found is not None
        assert (ours >= found.value).sum() == reaching


def test_where_all_of_the_highest_are_equal_there_is_no_doubt_that_they_are_too_many() -> None:
    ours = np.array([0.1] * 30 + [0.9] * 70)

    found = find_equal(rise(ours), np.arange(100) >= 85)

    assert found is not None
    assert (found.value, found.low, found.high) == (0.5, 0.5, 0.9)


@pytest.mark.parametrize("many", [0, 1, FEWEST - 1, 100 - FEWEST + 1, 100])
def test_too_few_on_a_side_say_nothing(many: int) -> None:
    ours = np.arange(100) / 100

    assert find_equal(rise(ours), np.arange(100) >= 100 - many) is None


def test_just_enough_say_something() -> None:
    ours = np.arange(100) / 100

    assert find_equal(rise(ours), np.arange(100) >= 100 - FEWEST) is not None


def test_more_comments_say_it_more_precisely() -> None:
    wide = []
    for many in (200, 20_000):
        random = np.random.default_rng(1)
        ours, noise = random.random(many), random.random(many)
        found = find_equal(rise(ours), (ours + noise) / 2 >= 0.5)
        assert found is not None
        wide.append(found.high - found.low)

    assert wide[1] < wide[0] / 5


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Scores on different scales that share a cause; the true threshold keeps a share of 0.2."""
    random = np.random.default_rng(7)
    truth = float(np.quantile(random.normal(size=1_000_000) * np.sqrt(2), 0.8))
    inside = 0
    for _ in range(400):
        cause = random.normal(size=300)
        ours = cause + random.normal(size=300)
        theirs = cause + random.normal(size=300)
        found = find_equal(rise(ours), theirs >= truth)
        assert found is not None
        inside += found.low <= truth <= found.high

    # Exact tests keep what they promise and a little more.
    assert 0.94 <= inside / 400 <= 0.99
