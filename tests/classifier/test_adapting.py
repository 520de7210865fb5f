"""What training an adapter promises: it learns, from zero on, and not more than it was told."""

from collections.abc import Sequence

import numpy as np
import pytest

from classifier import LEARNED, AdaptedModel, Model, Submission
from classifier.adapter import LARGEST, Adapter, dump
from classifier.adapting import Examples, correct, read, train
from classifier.suites import read_suites

THINGS = ("roof", "garden", "boat", "kitchen", "workshop", "school", "bakery", "stable")
BOUGHT = [f"Ask for Solvexa panels, they are on our {thing} as well" for thing in THINGS]
FINE = [f"There is a hole in the {thing} that nobody has repaired" for thing in THINGS]
FLAT = -3.0
"""A margin of comments that pass."""


def teach(
    model: Model,
    rejected: Sequence[str],
    approved: Sequence[str],
    margin: float = FLAT,
    weight: float = 1.0,
) -> Adapter:
    texts = [*rejected, *approved]
    examples = read(model, [Submission(text) for text in texts])
    kinds = np.array([1.0] * len(rejected) + [0.0] * len(approved))
    count = len(texts)
    return train(
        examples, np.full(count, margin), kinds, np.full(count, weight), {"base": model.version}
    )


def learnt(model: Model, adapter: Adapter, texts: Sequence[str]) -> np.ndarray:
    return AdaptedModel(model, adapter).log_odds(texts)[:, 7]


def test_a_few_rejections_raise_what_is_like_them_and_little_else(model: Model) -> None:
    found = learnt(
        model,
        teach(model, BOUGHT, FINE),
        ["Solvexa panels are on the roof of our church as well", "What a fine day by the river"],
    )
    assert found[0] > 2.0
    assert abs(found[1]) < 1.0


def test_a_few_approvals_lower_what_is_held(model: Model) -> None:
    rude = [f"Damn, that {thing} is a bloody mess" for thing in THINGS]
    [lower] = learnt(model, teach(model, [], rude, margin=1.0), ["Damn, that bridge is a mess"])
    assert lower < -0.3


def test_who_contradicts_nothing_teaches_little(model: Model) -> None:
    sure, other = (
        learnt(model, teach(model, bad, good, margin=-8.0), FINE)
        for bad, good in (([], FINE), (FINE, []))
    )
    assert np.abs(sure).max() < other.min() / 4


def test_no_labels_teach_nothing(model: Model) -> None:
    nothing = teach(model, [], [])
    assert len(nothing.rows) == 0
    assert (AdaptedModel(model, nothing).score(FINE)[:, 7] == 0.5).all()


def test_labels_that_weigh_nothing_teach_nothing(model: Model) -> None:
    assert (learnt(model, teach(model, BOUGHT, FINE, weight=0.0), [*BOUGHT, *FINE]) == 0).all()


@pytest.mark.parametrize("margin", [-np.inf, -1e300, 1e300, np.inf])
def test_no_margin_is_too_large(model: Model, margin: float) -> None:
    for rejected, approved in ((BOUGHT, FINE), (BOUGHT, []), ([], FINE)):
        found = learnt(model, teach(model, rejected, approved, margin), [*BOUGHT, *FINE])
        assert (np.abs(found) <= LARGEST).all()


@pytest.mark.parametrize(
    ("margins", "weights"),
    [([np.nan, 0], [1, 1]), ([0, 0], [1, np.nan]), ([0, 0], [np.inf, 1]), ([0, 0], [1, -1])],
)
def test_what_is_no_number_is_refused(
    model: Model, margins: list[float], weights: list[float]
) -> None:
    examples = read(model, [Submission(BOUGHT[0]), Submission(FINE[0])])
    with pytest.raises(ValueError, match="numbers"):
        train(examples, np.array(margins), np.array([1.0, 0.0]), np.array(weights, float), {})


def test_training_twice_gives_the_same_bytes(model: Model) -> None:
    assert dump(teach(model, BOUGHT, FINE)) == dump(teach(model, BOUGHT, FINE))


def test_the_order_of_labels_does_not_matter(model: Model) -> None:
    there = learnt(model, teach(model, BOUGHT, FINE), [*BOUGHT, *FINE])
    back = learnt(model, teach(model, BOUGHT[::-1], FINE[::-1]), [*BOUGHT, *FINE])
    np.testing.assert_allclose(there, back, atol=0.1)


def test_a_label_given_twice_is_one_of_twice_the_weight(model: Model) -> None:
    twice = learnt(model, teach(model, BOUGHT * 2, FINE * 2), [*BOUGHT, *FINE])
    heavy = learnt(model, teach(model, BOUGHT, FINE, weight=2.0), [*BOUGHT, *FINE])
    np.testing.assert_allclose(twice, heavy, atol=0.05)


def test_more_weight_teaches_more(model: Model) -> None:
    light, heavy = (
        learnt(model, teach(model, BOUGHT, FINE, weight=weight), BOUGHT[:1])[0]
        for weight in (0.2, 2.0)
    )
    assert 0 < light < heavy


def test_a_run_of_rejections_does_not_come_to_hold_everything(model: Model) -> None:
    """Moderators see what was held: all that they reject says nothing of the rest."""
    rude = [f"You {word} {thing}" for word in ("stupid", "pathetic", "lying") for thing in THINGS]
    adapter = teach(model, BOUGHT * 5 + rude, FINE[:3])
    harmless = read_suites()["harmless"].texts
    found = learnt(model, adapter, ["", *harmless])
    assert found[0] < 1.0
    assert np.median(found) < 0.5
    # What it takes to hold a comment that passes easily.
    assert (found > -FLAT).mean() < 0.05


def test_a_disguise_is_learnt_as_what_it_hides(model: Model) -> None:
    hidden = [
        text.replace("Solvexa", "S\u200bo\u200bl\u200bv\u200be\u200bx\u200ba") for text in BOUGHT
    ]
    plain, disguised = (
        learnt(model, teach(model, some, FINE), BOUGHT) for some in (BOUGHT, hidden)
    )
    np.testing.assert_allclose(plain, disguised, atol=0.05)


def test_corrections_of_examples_are_the_models_but_for_rounding(model: Model) -> None:
    adapter = teach(model, BOUGHT, FINE)
    others = ["Solvexa again?", "", "Ask for a loan", *BOUGHT, "You are a st*pid i.d.i.o.t"]
    examples = read(model, [Submission(text) for text in others])
    np.testing.assert_allclose(
        correct(adapter, examples), learnt(model, adapter, others), atol=1e-4
    )
    assert len(correct(adapter, read(model, []))) == 0


def test_examples_can_be_picked(model: Model) -> None:
    items = [Submission(text) for text in (*BOUGHT, *FINE)]
    adapter, whole = teach(model, BOUGHT, FINE), read(model, items)
    picked = whole.pick(np.array([9, 2]))
    assert (len(whole), len(picked), len(whole.pick(slice(0, 3)))) == (16, 2, 3)
    np.testing.assert_array_equal(correct(adapter, picked), correct(adapter, whole)[[9, 2]])


def test_an_adapted_model_reads_examples_as_its_base_does(model: Model) -> None:
    items = [Submission(text) for text in BOUGHT]
    adapted = AdaptedModel(model, teach(model, BOUGHT, FINE))
    first, second = (read(one, items) for one in (model, adapted))
    assert isinstance(first, Examples)
    np.testing.assert_array_equal(first.odds, second.odds)
    assert adapted.explain(BOUGHT[0], LEARNED)


def test_a_run_of_approvals_does_not_let_plain_abuse_and_spam_pass(model: Model) -> None:
    """Whoever approves all that is held must not switch the filter off for everybody."""
    names = [f"{one} {other}" for one in THINGS for other in THINGS]
    shrugged = [f"Only a fool of an idiot would paint the {name} like that" for name in names]
    adapter = teach(model, [], shrugged, margin=2.0)
    caught = read_suites()["caught"].texts
    lowered = learnt(model, adapter, caught)
    assert learnt(model, adapter, shrugged).mean() < -2.0
    assert lowered.mean() > -0.5
    assert (lowered < -2.0).mean() < 0.1
