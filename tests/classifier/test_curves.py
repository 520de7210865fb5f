"""From a target to a score, on curves made up for the purpose and on those of development sets."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier import LABELS, NEVER
from classifier.curvefitting import MOST_POINTS, fit_curve
from classifier.curves import check, find_precision, find_share
from classifier.evidence import Evidence

CURVE = {
    "score": [0.1, 0.5, 0.9, 0.99],
    "precision": [0.3, 0.8, 0.95, 0.99],
    "support": [500, 100, 30, 29],
    "share": [0.2, 0.05, 0.01, 0.002],
    "recall": [0.9, 0.6, 0.3, 0.1],
}


@pytest.mark.parametrize(("least", "at"), [(0.2, 0.1), (0.8, 0.5), (0.81, 0.9), (0.95, 0.9)])
def test_the_lowest_score_that_is_sure_enough(least: float, at: float) -> None:
    assert find_precision(CURVE, least) == at


def test_too_few_comments_are_not_believed() -> None:
    assert find_precision(CURVE, 0.99) == NEVER


@pytest.mark.parametrize(("most", "at"), [(1.0, 0.1), (0.05, 0.5), (0.04, 0.9), (0.002, 0.99)])
def test_the_lowest_score_that_spares_enough(most: float, at: float) -> None:
    assert find_share(CURVE, most) == at


def test_no_score_spares_more_than_the_last() -> None:
    assert find_share(CURVE, 0.001) == NEVER


BROKEN: dict[str, Any] = {
    "unequal": {**CURVE, "share": [0.2]},
    "falling scores": {**CURVE, "score": [0.5, 0.1, 0.9, 0.99]},
    "words": {**CURVE, "score": ["a", "b", "c", "d"]},
    "a list less": {name: one for name, one in CURVE.items() if name != "share"},
    "a number": 3,
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_curve(name: str) -> None:
    whole = dict.fromkeys(LABELS, CURVE)
    check(whole)
    with pytest.raises((KeyError, TypeError, ValueError)):
        check(whole | {"insult": BROKEN[name]})


SCORES = st.lists(st.floats(0, 1), min_size=1, max_size=150).map(np.array)


@settings(max_examples=60, deadline=None)
@given(SCORES, SCORES, st.lists(SCORES, min_size=1, max_size=3), st.floats(0.01, 0.999))
def test_targets_are_met_on_the_sets_themselves(
    positive: Any, negative: Any, ordinary: list[Any], target: float
) -> None:
    evidence = Evidence(positive, negative, ordinary)
    curve = fit_curve(evidence)
    at = find_precision(curve, target)
    if at != NEVER:
        precision, support = evidence.precision(at)
        assert precision >= target
        assert support >= 30
    at = find_share(curve, target)
    assert at == NEVER or max(float((one >= at).mean()) for one in ordinary) <= target


@settings(max_examples=60, deadline=None)
@given(SCORES, SCORES, st.lists(SCORES, max_size=3))
def test_a_curve_is_short_and_rises(positive: Any, negative: Any, ordinary: list[Any]) -> None:
    curve = fit_curve(Evidence(positive, negative, ordinary))
    check(dict.fromkeys(LABELS, curve))
    assert len(curve["score"]) <= MOST_POINTS
    assert curve["precision"] == sorted(curve["precision"])
    for name in ("support", "share", "recall"):
        assert curve[name] == sorted(curve[name], reverse=True)


def test_a_curve_has_points_where_much_happens() -> None:
    random = np.random.default_rng(0)
    evidence = Evidence(random.beta(6, 2, 800), random.beta(1, 8, 8000), [random.beta(1, 8, 8000)])
    curve = fit_curve(evidence)
    assert len(curve["score"]) > 60
    assert np.abs(np.diff(curve["recall"], prepend=1.0)).max() < 0.04
    # What the curve finds is hardly above the lowest score that would do.
    for target in (0.5, 0.8, 0.9):
        at = find_precision(curve, target)
        assert evidence.precision(at - 0.02)[0] < target


def test_a_higher_score_that_looks_less_certain_counts_for_the_lower_ones() -> None:
    # From 0.5 on 94 % are true, from 0.8 on only 90 %, from 0.9 on all.
    positive = np.repeat([0.55, 0.85, 0.95], [190, 50, 100])
    negative = np.repeat([0.55, 0.85], [5, 16])
    evidence = Evidence(positive, negative, [negative])
    assert evidence.precision(0.5)[0] > 0.94 > 0.91 > evidence.precision(0.8)[0]
    curve = fit_curve(evidence)
    assert find_precision(curve, 0.9) < 0.56
    assert 0.85 < find_precision(curve, 0.94) <= 0.95


def test_a_label_nobody_has_is_never_sure() -> None:
    curve = fit_curve(Evidence(np.empty(0), np.empty(0), [np.array([0.2, 0.4])]))
    check(dict.fromkeys(LABELS, curve))
    assert find_precision(curve, 0.5) == NEVER
    assert 0.2 < find_share(curve, 0.5) <= 0.4
