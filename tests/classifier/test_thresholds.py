"""The rules that thresholds are chosen by, on scores made up for the purpose."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier import LABELS
from classifier.calibration import calibration_curve, calibration_error, fit_sigmoid
from classifier.evaluation import Labelled
from classifier.thresholds import PROFILES, choose, outcomes


def labelled(name: str, positive: list[float], negative: list[float]) -> Labelled:
    """Made-up comments of which only toxicity was asked; the negative ones are all clean."""
    count = len(positive) + len(negative)
    truth, scores = np.zeros((count, 7)), np.zeros((count, 7))
    truth[: len(positive), 1] = 1
    scores[:, 1] = positive + negative
    return Labelled(name, truth, scores)


def balanced(sets: list[Labelled]) -> dict[str, dict[str, Any]]:
    return choose(sets)["balanced"]


def noisy(seed: int = 0) -> Labelled:
    """Comments whose scores are mostly right, for all labels."""
    random = np.random.default_rng(seed)
    truth = (random.random((4000, 7)) < 0.1).astype(float)
    odds = random.normal(size=(4000, 7)) * 1.5 - 3 + 6 * truth
    return Labelled("noisy", truth, 1 / (1 + np.exp(-odds)))


def test_rejects_at_the_lowest_certain_score() -> None:
    chosen = balanced([labelled("made-up", [0.6] * 50 + [0.9] * 50, [0.5] * 20 + [0.1] * 980)])
    assert 0.5 < chosen["toxicity"]["reject"] <= 0.6
    assert chosen["toxicity"]["at_reject"]["precision"] == 1.0
    assert chosen["toxicity"]["at_reject"]["support"] == 100


def test_never_rejects_on_thin_evidence() -> None:
    chosen = balanced([labelled("made-up", [0.99] * 29, [0.1] * 1000)])
    assert chosen["toxicity"]["reject"] is None
    assert chosen["toxicity"]["at_reject"] is None


def test_never_rejects_where_ordinary_comments_score_as_high() -> None:
    chosen = balanced([labelled("made-up", [0.999] * 5000, [0.9999] * 10 + [0.1] * 990)])
    assert chosen["toxicity"]["reject"] is None


def test_disputed_zeros_are_no_evidence_against_rejecting() -> None:
    sure = labelled("made-up", [0.9] * 50, [0.1] * 1000)
    disputed = labelled("civil_comments_trial", [0.9], [0.9] * 2)
    disputed.truth[:, 2] = np.nan
    assert balanced([sure, disputed])["toxicity"]["at_reject"]["precision"] == 1.0


def test_published_comments_are_ordinary_whatever_is_known_of_them() -> None:
    unknown = np.full((4, 7), np.nan)
    assert Labelled("blog_comments_published", unknown, unknown).ordinary.all()
    assert not Labelled("other", unknown, unknown).ordinary.any()


@settings(max_examples=30, deadline=None)
@given(scores=st.lists(st.floats(0, 1), min_size=200, max_size=400), seed=st.integers(0, 99))
def test_ordinary_comments_are_spared(scores: list[float], seed: int) -> None:
    table = np.random.default_rng(seed).permuted(np.tile(np.array(scores)[:, None], 7), axis=0)
    # Above the highest grid point nothing can be spared.
    made = Labelled("made-up", np.zeros_like(table), table * 0.9)
    for name, chosen in choose([made]).items():
        touched = outcomes([made], chosen)["made-up"]
        assert touched["held_or_rejected_for_abuse"] <= PROFILES[name].held_abuse
        assert touched["held_or_rejected_for_spam"] <= PROFILES[name].held_spam
        assert touched["rejected"] == 0.0
        assert all(0.25 <= chosen[label]["hold"] < 1 for label in LABELS)


def test_a_stricter_profile_is_at_no_score_laxer() -> None:
    found = choose([noisy()])
    holds = [[found[name][label]["hold"] for label in LABELS] for name in PROFILES]
    rejects = [[found[name][label]["reject"] or 2.0 for label in LABELS] for name in PROFILES]
    for relaxed, usual, strict in (holds, rejects):
        assert np.all(np.array(relaxed) >= np.array(usual))
        assert np.all(np.array(usual) >= np.array(strict))
    assert holds[0] != holds[1] != holds[2]
    assert rejects[0] != rejects[1] != rejects[2]


@pytest.mark.parametrize("name", PROFILES)
def test_each_profile_rejects_as_surely_as_it_says(name: str) -> None:
    chosen = choose([noisy()])[name]
    behind = [one["at_reject"] for one in chosen.values() if one["at_reject"]]
    assert len(behind) > 3
    for one in behind:
        assert one["precision"] >= PROFILES[name].precision
        assert one["false_positive_rate"] <= PROFILES[name].rejected


def test_kept_thresholds_are_those_of_balanced() -> None:
    rule = balanced([noisy()])
    kept = {label: {"hold": one["hold"], "reject": one["reject"]} for label, one in rule.items()}
    kept["spam"] = {"hold": 0.5123, "reject": None}
    found = choose([noisy()], kept)
    assert all(found["balanced"][label].items() >= one.items() for label, one in kept.items())
    was = {"hold": rule["spam"]["hold"], "reject": rule["spam"]["reject"]}
    assert found["balanced"]["spam"]["by_rule"] == was
    assert "by_rule" not in found["balanced"]["toxicity"]


def test_other_profiles_stay_on_their_side_of_what_is_kept() -> None:
    high = {label: {"hold": 0.997, "reject": 0.998} for label in LABELS}
    low = {label: {"hold": 0.01, "reject": 0.02} for label in LABELS}
    assert all(one["hold"] >= 0.997 for one in choose([noisy()], high)["relaxed"].values())
    strict = choose([noisy()], low)["strict"]
    assert all((one["hold"], one["reject"]) == (0.01, 0.02) for one in strict.values())
    never = {label: {"hold": 0.5, "reject": None} for label in LABELS}
    relaxed = choose([noisy()], never)["relaxed"]
    assert all(one["reject"] is None and one["at_reject"] is None for one in relaxed.values())


def test_calibration_recovers_a_known_curve() -> None:
    random = np.random.default_rng(0)
    margins = random.normal(size=20_000)
    truth = (random.random(20_000) < 1 / (1 + np.exp(-(2 * margins - 1)))).astype(float)
    slope, offset = fit_sigmoid(margins, truth, np.ones(20_000))
    assert (slope, offset) == pytest.approx((2, -1), abs=0.1)
    scores = 1 / (1 + np.exp(-(slope * margins + offset)))
    assert calibration_error(scores, truth, np.ones(20_000)) < 0.02
    assert calibration_error(scores**3, truth, np.ones(20_000)) > 0.05
    curve = np.array(calibration_curve(scores, truth, np.ones(20_000)))
    assert np.abs(curve[:, 0] - curve[:, 1]).max() < 0.08
    assert abs(curve[:, 2].sum() - 1) < 0.01


@pytest.mark.parametrize("truth", [[0.0] * 20, [1.0] * 4 + [0.0] * 16, [1.0] * 10 + [0.0] * 10])
def test_calibration_never_turns_scores_upside_down(truth: list[float]) -> None:
    assert fit_sigmoid(np.arange(20.0), np.array(truth), np.ones(20)) == (1.0, 0.0)
