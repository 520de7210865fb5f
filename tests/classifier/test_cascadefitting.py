"""How both stages are made to go together: weights from shares, bands by what they may lose."""

import numpy as np
import pytest

from classifier import LABELS
from classifier.bands import LOSS, Read, choose_bands, find_aucs
from classifier.cascade import stack, to_chances
from classifier.cascadefitting import find_even, fit_weights
from classifier.labelled import Labelled, LabelledFile

COUNT = len(LABELS)
RNG = np.random.default_rng(5)


def made(rows: int, name: str = "made", help_: float = 2.0) -> Read:
    """A set whose second stage knows more of abuse than its first, and the reverse of spam."""
    truth = (RNG.random((rows, COUNT)) < 0.3).astype(float)
    first = RNG.normal(0, 1.0, (rows, COUNT)) + 1.5 * truth - 1.5
    second = RNG.normal(0, 1.0, (rows, COUNT)) + help_ * truth - 1.0
    return Read(LabelledFile(name, [""] * rows, truth, {}), first, second)


@pytest.fixture(scope="module")
def training() -> Read:
    return made(6000)


@pytest.fixture(scope="module")
def weights(training: Read) -> np.ndarray:
    counts = np.ones_like(training.file.truth)
    return fit_weights(training.first, training.second, training.file.truth, counts)


def test_both_together_are_better_than_either(weights: np.ndarray) -> None:
    test = made(4000)
    both = Read(test.file, test.first, test.second)
    aucs = find_aucs([both], weights, None)
    for other in (test.first, test.second):
        alone = find_aucs([Read(test.file, other, other)], _itself(), None)
        assert all(aucs[name] > auc + 0.01 for name, auc in alone.items())


def _itself() -> np.ndarray:
    """Weights by which the first stage is all."""
    return np.tile([1.0, 0.0, 0.0], (COUNT, 1))


def test_scores_are_calibrated(weights: np.ndarray) -> None:
    test = made(8000)
    chances = to_chances(stack(weights, test.first, test.second))[:, 1:]
    truth = test.file.truth[:, 1:]
    for low in np.arange(0.05, 0.9, 0.2):
        inside = (chances >= low) & (chances < low + 0.2)
        assert truth[inside].mean() == pytest.approx(chances[inside].mean(), abs=0.04)


def test_spam_is_the_first_stages_alone(training: Read, weights: np.ndarray) -> None:
    found = stack(weights, training.first, training.second)
    np.testing.assert_allclose(found[:, 0], training.first[:, 0])


def test_a_share_is_so_much_of_a_yes() -> None:
    one = made(3000)
    shares = np.full_like(one.file.truth, 0.25)
    weights = fit_weights(one.first, one.second, shares, np.ones_like(shares))
    chances = to_chances(stack(weights, one.first, one.second))[:, 1:]
    np.testing.assert_allclose(chances, 0.25, atol=0.02)


def test_what_is_unknown_or_counts_nothing_teaches_nothing(training: Read) -> None:
    truth, counts = training.file.truth.copy(), np.ones_like(training.file.truth)
    truth[:1000], counts[1000:2000] = np.nan, 0.0
    found = fit_weights(training.first, training.second, truth, counts)
    rest = slice(2000, None)
    one = training.first[rest], training.second[rest], truth[rest], counts[rest]
    np.testing.assert_allclose(found, fit_weights(*one), atol=1e-6)


def test_bands_lose_no_more_than_they_may(weights: np.ndarray) -> None:
    sets = [made(800, "one"), made(800, "two")]
    bands = choose_bands(sets, weights)
    best, found = find_aucs(sets, weights, None), find_aucs(sets, weights, bands)
    assert max(auc - found[name] for name, auc in best.items()) <= LOSS
    assert (bands[0, 0], bands[1, 0]) == (1e9, 1e9)
    assert (bands[0] <= bands[1]).all()
    assert np.isfinite(bands).all()


def test_the_less_may_be_lost_the_more_are_read(weights: np.ndarray) -> None:
    sets = [made(800)]
    asked = []
    for loss in (0.05, 0.01, 0.0005):
        low, high = choose_bands(sets, weights, loss)
        asked.append(((sets[0].first >= low) & (sets[0].first <= high)).any(axis=1).mean())
    assert asked[0] < asked[1] < asked[2]


def test_a_set_that_the_first_stage_cannot_rank_is_not_asked_about_whole(
    weights: np.ndarray,
) -> None:
    plain, hard = made(800, "plain", 0.0), made(800, "hard")
    blind = Read(hard.file, RNG.normal(-4, 1, hard.first.shape), hard.second)
    alone, both = choose_bands([plain], weights), choose_bands([plain, blind], weights)
    share = [
        ((plain.first >= b[0]) & (plain.first <= b[1])).any(axis=1).mean() for b in (alone, both)
    ]
    assert share[1] <= share[0] + 0.05


def test_hate_is_held_from_where_most_is_judged_right() -> None:
    truth, scores = np.full((2, 4000, COUNT), np.nan)
    truth[:, 6] = np.arange(4000) % 2
    scores[:, 6] = np.where(truth[:, 6] == 1, RNG.uniform(0.4, 1, 4000), RNG.uniform(0, 0.5, 4000))
    assert 0.4 < find_even([Labelled("hate", truth, scores)]) <= 0.5
    # A set with few of either kind says nothing.
    assert find_even([Labelled("few", truth[:600], scores[:600])]) == 0.0
