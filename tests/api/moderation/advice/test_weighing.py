"""Weighted shares against a loop, and their intervals against worlds whose truth is known."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from api.moderation.advice.weighing import Floats, Shares, caught, share, split
from classifier.intervals import proportion

Z = 1.959964
Worlds = Callable[[np.random.Generator], tuple[Floats, Floats]]


def numbers(*values: float) -> Floats:
    return np.array(values, dtype=np.float64)


def wilson(value: float, among: float) -> tuple[float, float]:
    weight = Z * Z / among
    centre = (value + weight / 2) / (1 + weight)
    half = Z / (1 + weight) * math.sqrt(value * (1 - value) / among + weight / among / 4)
    return centre - half, centre + half


def test_sums_are_those_of_a_loop() -> None:
    random = np.random.default_rng(7)
    scores = random.integers(0, 20, 300) / 20
    truth = (random.random(300) < scores).astype(np.float64)
    weights = random.choice([1.0, 3.5, 40.0], 300)
    at = numbers(0, 0.05, 0.5, 0.95, 0.951, 2)
    above, below = split(scores, truth, weights, at)
    rows = list(zip(scores, truth, weights, strict=True))
    for place, threshold in enumerate(at):
        for side, mine in (
            (above, [row for row in rows if row[0] >= threshold]),
            (below, [row for row in rows if row[0] < threshold]),
        ):
            assert side.count[place] == len(mine)
            assert side.weight[place] == pytest.approx(sum(w for *_, w in mine))
            assert side.squares[place] == pytest.approx(sum(w * w for *_, w in mine))
            assert side.hits[place] == pytest.approx(sum(w for _, y, w in mine if y))
            assert side.hit_squares[place] == pytest.approx(sum(w * w for _, y, w in mine if y))


@pytest.mark.parametrize(("hits", "among"), [(0, 50), (1, 50), (47, 50), (50, 50), (19, 20)])
def test_where_all_count_once_it_is_wilsons_interval(hits: int, among: int) -> None:
    truth = numbers(*[1] * hits, *[0] * (among - hits))
    found = share(split(np.ones(among), truth, np.ones(among), numbers(0.5))[0])
    expected = proportion(hits, among)
    assert expected is not None
    ends = (expected.value, expected.low, expected.high)
    assert (found.value[0], found.low[0], found.high[0]) == pytest.approx(ends, abs=1e-9)


def test_weights_move_the_share_and_widen_its_interval() -> None:
    # 40 held comments, 36 of them rightly, and 5 samples of 100 each, all wrongly.
    truth, weights = numbers(*[1] * 36, *[0] * 9), numbers(*[1] * 40, *[100] * 5)
    found = share(split(np.ones(45), truth, weights, numbers(0.5))[0])
    value = 36 / 540
    kish = 540**2 / (40 + 5 * 100**2)
    spread = 36 * (1 - value) ** 2 + (4 + 5 * 100**2) * value**2
    among = min(kish, value * (1 - value) * 540**2 / spread)
    assert found.value[0] == pytest.approx(value)
    assert (found.low[0], found.high[0]) == pytest.approx(wilson(value, among))


def test_nothing_known_is_no_number() -> None:
    above, below = split(numbers(0.2), numbers(1), numbers(1), numbers(0.5))
    assert np.isnan(share(above).value[0])
    assert np.isnan(caught(above, below).value[0])


def test_all_hits_above_nothing_below_is_all_caught() -> None:
    above, below = split(numbers(0.8, 0.9), numbers(1, 1), numbers(1, 1), numbers(0.5))
    found = caught(above, below)
    assert (found.value[0], found.low[0], found.high[0]) == (1, 1, 1)


def test_samples_without_a_hit_leave_open_how_much_is_missed() -> None:
    scores = numbers(*[0.8] * 100, *[0.2] * 100)
    truth = numbers(*[1] * 100, *[0] * 100)
    weights = numbers(*[1] * 100, *[50] * 100)
    found = caught(*split(scores, truth, weights, numbers(0.5)))
    assert found.value[0] == 1
    # By the rule of three, some three samples' worth of comments may be missed: 150 to 200.
    assert 100 / 320 < found.low[0] < 100 / 250


def beta_world(random: np.random.Generator) -> tuple[Floats, Floats]:
    """Comments with scores and what they are; many harmless ones."""
    scores = random.beta(0.5, 3, 5000)
    return scores, (random.random(5000) < scores**1.2).astype(np.float64)


def overconfident_world(random: np.random.Generator) -> tuple[Floats, Floats]:
    """High scores are wrong more often than those in the middle."""
    scores = random.beta(1, 1.5, 5000)
    chance = np.where(scores > 0.9, 0.4, scores)
    return scores, (random.random(5000) < chance).astype(np.float64)


def look(
    random: np.random.Generator, scores: Floats, truth: Floats, audit: float
) -> tuple[Floats, Floats, Floats]:
    """What people see: all that is held, and samples of the rest."""
    held = (scores >= 0.5) & (scores < 0.9)
    seen = held | (random.random(len(scores)) < audit)
    return scores[seen], truth[seen], np.where(held, 1.0, 1 / audit)[seen]


def cover(found: Shares, true: Floats) -> Floats:
    return ((found.low <= true) & (true <= found.high)).astype(np.float64)


@pytest.mark.parametrize(
    ("make", "audit"), [(beta_world, 0.01), (beta_world, 0.05), (overconfident_world, 0.1)]
)
def test_intervals_hold_the_truth_as_often_as_they_say(make: Worlds, audit: float) -> None:
    random = np.random.default_rng(20261126)
    at = numbers(0.3, 0.6)
    worlds = [make(random) for _ in range(100)]
    scores, truth = (np.concatenate(side) for side in zip(*worlds, strict=True))
    above, _ = split(scores, truth, np.ones_like(scores), at)
    precision, recall = share(above).value, above.hits / truth.sum()
    rounds = 400
    right = np.zeros(2), np.zeros(2)
    for _ in range(rounds):
        sides = split(*look(random, *make(random), audit), at)
        right[0][:] += cover(share(sides[0]), precision)
        right[1][:] += cover(caught(*sides), recall)
    # 95 % of 400, give or take three standard errors; wider than need be does no harm.
    for covered in right:
        assert (covered / rounds > 0.915).all(), covered / rounds
        assert (covered / rounds < 0.999).all(), covered / rounds
