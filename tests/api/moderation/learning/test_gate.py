"""The gate: better on what was decided later, and worse at nothing."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import classifier
from api.moderation.learning import gate, margins, noise
from api.moderation.learning.gate import Foretold
from classifier import LABELS, LEARNED, NEVER, Submission, Threshold, adapting

Bools = NDArray[np.bool_]
SUITES: dict[str, tuple[Bools, Bools]] = {}


def answer(right: Bools, wrong: int, at: int = 0) -> Any:
    """Log-odds that are wrong about so many, from the place `at` on."""
    said = right.copy()
    said[at : at + wrong] ^= True
    return np.where(said, 1.0, -1.0)


def foretell(
    shipped: int, candidate: int, count: int = 200, present: int | None = None, **more: Any
) -> Foretold:
    """What was said of `count` decisions, wrong about so many of them."""
    rejected = np.arange(count) % 2 == 0
    theirs = np.full(count, np.nan) if present is None else answer(rejected, present)
    given = {"weights": np.ones(count), "present": theirs, **more}
    return Foretold(rejected, answer(rejected, shipped), answer(rejected, candidate), **given)


def get_right(*lost: int, count: int = 400) -> Bools:
    found = np.ones(count, dtype=bool)
    found[list(lost)] = False
    return found


def test_it_opens_for_what_is_wrong_less_often() -> None:
    report = gate.judge([foretell(shipped=60, candidate=20)], SUITES)

    assert report.open
    assert report.why == (
        "It is wrong about 10.0% of what was decided later, the shipped model about 30.0%; "
        "it is worse at nothing."
    )
    assert report.figures["labels"] == 200
    assert report.figures["better"] == 1.0
    for name, value in (("shipped", 0.3), ("candidate", 0.1)):
        told = report.figures[name]
        assert told["low"] < told["value"] == value < told["high"]


@pytest.mark.parametrize(("shipped", "candidate"), [(0, 0), (20, 20), (20, 21), (4, 3)])
def test_it_stays_shut_where_that_may_be_luck(shipped: int, candidate: int) -> None:
    report = gate.judge([foretell(shipped, candidate)], SUITES)

    assert not report.open
    assert report.why.startswith(f"It is wrong about {candidate / 200:.1%} of what was decided")
    assert report.figures["better"] < gate.SURE


def test_the_same_always_comes_out_the_same() -> None:
    reports = [gate.judge([foretell(shipped=24, candidate=16)], SUITES) for _ in range(2)]

    assert reports[0] == reports[1]


def test_what_counts_for_many_decides() -> None:
    """A candidate gains on nine out of ten, and loses where audit samples stand for the rest."""
    rejected = np.arange(200) % 2 == 0
    shipped, candidate = answer(rejected, 60), answer(rejected, 20, at=180)
    weights = np.where(np.arange(200) < 180, 1.0, 10.0)

    plain = Foretold(rejected, shipped, candidate, np.ones(200), np.full(200, np.nan))
    weighed = Foretold(rejected, shipped, candidate, weights, np.full(200, np.nan))

    assert gate.judge([plain], SUITES).open
    assert not gate.judge([weighed], SUITES).open


def test_what_nobody_believes_counts_for_nothing() -> None:
    report = gate.judge([foretell(60, 20, weights=np.zeros(200))], SUITES)

    assert not report.open
    assert report.why == "Nothing that was decided could be foretold."


def test_it_stays_shut_for_what_is_worse_than_the_one_in_force() -> None:
    better = gate.judge([foretell(shipped=100, candidate=40, present=10)], SUITES)
    alike = gate.judge([foretell(shipped=100, candidate=40, present=39)], SUITES)

    assert not better.open
    assert "was taught, and that one about 5.0%" in better.why
    assert better.figures["in_force"]["labels"] == 200
    assert alike.open


def test_it_stays_shut_for_what_is_worse_at_a_suite() -> None:
    suites = {"harmless": (get_right(), get_right(*range(12))), "evasion": (get_right(),) * 2}

    report = gate.judge([foretell(60, 20)], suites)

    assert not report.open
    assert report.why == (
        "Of the suite harmless it gets 97.0% right, and the shipped model 100.0%."
    )
    assert report.figures["suites"]["harmless"]["chance"] == pytest.approx(2**-12, abs=1e-4)


@pytest.mark.parametrize(
    ("shipped", "candidate"),
    [
        pytest.param(get_right(), get_right(1, 2), id="half a point"),
        pytest.param(get_right(), get_right(1, 2, 3, 4), id="it may be chance"),
        pytest.param(get_right(*range(20)), get_right(*range(20, 40)), id="as many are gained"),
    ],
)
def test_what_is_hardly_worse_at_a_suite_passes(shipped: Bools, candidate: Bools) -> None:
    assert gate.judge([foretell(60, 20)], {"fairness": (shipped, candidate)}).open


def test_none_of_several_sites_may_lose() -> None:
    winning, losing = foretell(60, 20, count=400), foretell(4, 20, count=100)

    assert gate.judge([winning, winning], SUITES).open
    report = gate.judge([winning, losing], SUITES)

    assert not report.open
    assert report.why == "It is worse than the shipped model for 1 of the sites."
    assert report.figures["better"] >= gate.SURE


def test_the_last_block_begins_among_what_the_one_in_force_does_not_know() -> None:
    assert gate.find_starts(100) == [40, 60, 80]
    assert gate.find_starts(100, fresh=50) == [40, 60, 80]
    assert gate.find_starts(100, fresh=90) == [40, 60, 95]
    assert gate.find_starts(100, fresh=100) == [40, 60, 80]


def test_nothing_is_foretold_by_what_came_later() -> None:
    model = classifier.load()
    texts = ["Join our sale of garden chairs.", "The choir sang well tonight."] * 30
    items = [Submission(f"{text} It was number {n}.") for n, text in enumerate(texts)]
    examples = adapting.read(model, items)
    beyond = margins.measure(examples.odds, LABELS, model.profiles["balanced"])
    rejected = np.arange(60) % 2 == 0.0
    other = np.where(np.arange(60) < 48, rejected, ~rejected)

    said, again = (
        gate.forward(model, examples, beyond, kinds.astype(float), np.ones(60))
        for kinds in (rejected, other)
    )

    assert np.isnan(said[:24]).all()
    assert ((said[24:] >= 0) == rejected[24:]).all()
    # What the last block was decided to be is known to none of them.
    assert (said[24:] == again[24:]).all()


def test_a_margin_is_beyond_the_label_that_is_furthest() -> None:
    thresholds = {
        LABELS[0]: Threshold(0.5, 0.9),
        LABELS[1]: Threshold(0.9, None),
        LEARNED: Threshold(0.5, None),
        **{label: Threshold(NEVER, None) for label in LABELS[2:]},
    }
    labels = (*LABELS, LEARNED)
    rest = [0.99] * 5

    def hold(first: float, second: float, learned: float) -> bool:
        scores = np.array([[first, second, *rest, learned]])
        return bool(margins.find_held(scores, labels, thresholds)[0])

    assert not hold(0.49, 0.89, 0.5)
    assert hold(0.51, 0.1, 0.5)
    assert hold(0.1, 0.91, 0.5)
    # What was learnt lifts, and lowers, but lets nothing pass that would be rejected.
    assert hold(0.4, 0.1, 0.7)
    assert not hold(0.6, 0.1, 0.3)
    assert hold(0.91, 0.1, 0.001)


def test_a_rise_is_told_from_luck() -> None:
    assert noise.chance_of_rise(10, 100, 40, 100) < 1e-6
    assert noise.chance_of_rise(40, 100, 40, 100) == 0.5
    assert noise.chance_of_rise(0, 0, 40, 100) == 1.0
    assert noise.chance_of_rise(0, 50, 0, 50) == 1.0
