"""The curve that keeps old thresholds, as a policy that can be put in force."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.comparing.curves import MOST_POINTS, Point, find_curve, write_policy
from api.comparing.pairing import Pairs
from api.moderation.policy.reading import read_policy

THRESHOLDS = (0.5, 0.7, 0.8, 0.9)


def pair(ours: list[float], theirs: list[float]) -> Pairs:
    pairs = Pairs("toxicity")
    for line, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        pairs.add(one, other, line)
    return pairs


def display(curve: list[Point], ours: list[float]) -> list[float]:
    """What a client is shown."""
    points = [(0.0, 0.0), *curve, (1.0, 1.0)]
    x, y = zip(*points, strict=True)
    return [float(one) for one in np.interp(ours, x, y)]


def test_old_thresholds_hold_as_many_as_before() -> None:
    random = np.random.default_rng(3)
    theirs = random.random(2000)
    ours = (0.8 * theirs + 0.2 * random.random(2000)) ** 3
    pairs = pair(ours.tolist(), theirs.tolist())

    curve = find_curve(pairs, THRESHOLDS)

    said = np.array(display(curve, ours.tolist()))
    assert [(said >= at).sum() for at in THRESHOLDS] == [(theirs >= at).sum() for at in THRESHOLDS]
    assert len(curve) <= MOST_POINTS


scores = st.floats(0, 1) | st.sampled_from([0.0, 0.1, 0.5, 1.0])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(scores, scores), min_size=1, max_size=80),
    st.lists(st.floats(0.01, 1), max_size=30),
)
def test_any_curve_is_a_policy(rows: list[tuple[float, float]], thresholds: list[float]) -> None:
    ours, theirs = (list(one) for one in zip(*rows * 3, strict=True))

    curve = find_curve(pair(ours, theirs), thresholds)

    written = read_policy(write_policy({"TOXICITY": curve}, len(ours), "words-1"))
    assert list(written.document.perspective_curve.get("TOXICITY", ())) == curve


@pytest.mark.parametrize("many", [0, 5, 15])
def test_too_few_answers_make_no_curve(many: int) -> None:
    row = [n / 20 for n in range(many)]

    assert find_curve(pair(row, row), THRESHOLDS) == []
    assert (
        read_policy(write_policy({"INSULT": []}, many, "words-1")).document.perspective_curve == {}
    )


def test_a_twin_lends_its_curve_only_to_an_attribute_without_one() -> None:
    one, other = [(0.2, 0.5)], [(0.3, 0.6)]
    curves = {
        "INSULT_EXPERIMENTAL": other,
        "INSULT": one,
        "THREAT_EXPERIMENTAL": other,
        "SPAM@2": one,
    }

    written = read_policy(write_policy(curves, 100, "words-1")).document.perspective_curve

    assert written == {"INSULT": tuple(one), "THREAT": tuple(other), "SPAM": tuple(one)}
