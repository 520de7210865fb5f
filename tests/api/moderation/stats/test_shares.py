"""Shares and kappas, held against other people's code."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import cohen_kappa_score

from api.moderation.stats import kappas, shares
from api.moderation.stats.kappas import Kappa
from api.moderation.stats.shares import LEAST, Share

opinions = st.lists(
    st.tuples(*(st.sampled_from(("approve", "reject", "escalate")),) * 2),
    min_size=LEAST,
    max_size=80,
)


@pytest.mark.parametrize(("hits", "n"), [(0, 20), (20, 20), (3, 25), (499, 500), (1, 100_000)])
def test_a_share_has_wilsons_interval(hits: int, n: int) -> None:
    found = shares.of(hits, n)
    expected = binomtest(hits, n).proportion_ci(method="wilson")

    assert (found.n, found.hits, found.value) == (n, hits, pytest.approx(hits / n))
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_a_share_of_equal_weights_is_a_plain_one() -> None:
    truth = [True] * 7 + [False] * 33
    found, plain = shares.weigh(truth, [8.0] * 40), shares.of(7, 40)

    assert (found.n, found.hits) == (40, 7)
    assert (found.value, found.low, found.high) == pytest.approx(
        (plain.value, plain.low, plain.high)
    )


def test_a_rare_sample_stands_for_many() -> None:
    found = shares.weigh([True] * 10 + [False] * 90, [9.0] * 10 + [1.0] * 90)

    assert found.value == pytest.approx(0.5)
    assert found.low is not None
    assert found.high is not None
    # So few stand for so many that it is known worse than of a hundred alike.
    plain = shares.of(50, 100)
    assert plain.low is not None
    assert found.low < plain.low


@pytest.mark.parametrize("hits", [0, 5, LEAST - 1])
def test_of_too_few_no_share_is_told(hits: int) -> None:
    n = LEAST - 1
    assert shares.of(hits, n) == Share(n, hits)
    assert shares.weigh([True] * hits + [False] * (n - hits), [2.0] * n) == Share(n, hits)
    assert kappas.measure([("approve", "approve"), ("reject", "approve")] * 9) == Kappa(18, 9)


@given(opinions)
def test_kappa_is_scikit_learns(pairs: list[tuple[str, str]]) -> None:
    found = kappas.measure(pairs)
    if len({said for pair in pairs for said in pair}) == 1:
        assert found == Kappa(len(pairs), len(pairs))
        return
    ones, others = zip(*pairs, strict=True)

    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert found.value == pytest.approx(cohen_kappa_score(ones, others), abs=1e-9)
    assert found.low <= found.value <= found.high <= 1


def test_two_who_always_agreed_may_not_always_do() -> None:
    found = kappas.measure([("approve", "approve")] * 30 + [("reject", "reject")] * 30)

    assert found.value == 1
    assert found.low is not None
    assert 0.8 < found.low < 0.95


@pytest.mark.parametrize(("base", "faithful"), [(0.5, 0.8), (0.3, 0.9), (0.2, 0.6), (0.5, 0.97)])
def test_the_interval_of_kappa_holds_it(base: float, faithful: float) -> None:
    """One of two repeats the other in so many cases, and guesses as often in the rest."""
    chance = np.random.default_rng(7)
    held = 0
    for _ in range(600):
        first = chance.random(80) < base
        second = np.where(chance.random(80) < faithful, first, chance.random(80) < base)
        found = kappas.measure(list(zip(first.tolist(), second.tolist(), strict=True)))
        if found.low is not None and found.high is not None:
            held += found.low <= faithful <= found.high

    assert 0.92 <= held / 600 <= 0.99
