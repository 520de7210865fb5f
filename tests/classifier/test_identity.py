"""Sentences that differ only in the group they name are treated alike."""

import re

import numpy as np
import pytest

from classifier import LABELS, Model
from classifier.augmentation import SWAPS, swap_groups, write_templates
from classifier.examples import Examples
from classifier.fairness import MOST_APART, MOST_SPREAD, measure_groups
from classifier.identity import GROUPS, held_out_sentences, training_sentences


def test_enough_groups_and_sentences() -> None:
    assert len(GROUPS) >= 25
    for sentences in (list(training_sentences()), list(held_out_sentences())):
        own = [one for one in sentences if one.group == GROUPS[0].adjective]
        assert sum(not one.hateful for one in own) >= 30
        assert sum(one.hateful for one in own) >= 30
        assert all(one.hateful for one in own if one.threat)
        assert len(sentences) == len(GROUPS) * len(own)


def test_what_is_measured_on_was_not_trained_on() -> None:
    trained = {one.text.lower() for one in training_sentences()}
    assert trained.isdisjoint(one.text.lower() for one in held_out_sentences())


def test_sentences_are_filled_in() -> None:
    for one in (*training_sentences(), *held_out_sentences()):
        assert not re.search(r"[{}|]|\b[Aa] [aeio]|\ban (?:[^aeiouAEIOU])", one.text), one.text


def test_templates_teach_what_they_were_written_for() -> None:
    made = write_templates()
    spam, toxicity = LABELS.index("spam"), LABELS.index("toxicity")
    assert set(made.labels[:, toxicity]) == {0.0, 1.0}
    assert (made.labels[:, spam] != made.labels[:, spam]).all()
    assert made.texts[0] == "I am black."
    assert made.labels[0, toxicity] == 0


def test_swaps_change_the_group_and_nothing_else() -> None:
    labels = write_templates().labels[:2]
    texts = ["A gay friend of mine wrote this", "Nothing of the kind"]
    examples = Examples(texts, labels, np.ones(labels.shape), ["jigsaw_binary"] * 2)
    swapped = swap_groups(examples, seed=0)
    assert swapped.sets == [SWAPS]
    assert re.fullmatch(r"A .+ friend of mine wrote this", swapped.texts[0])
    assert swapped.texts == swap_groups(examples, seed=0).texts
    assert (swapped.weights[0] < 1).all()


@pytest.fixture(scope="module")
def measured(model: Model) -> dict:
    return measure_groups(model, {label: one.hold for label, one in model.thresholds.items()})


def test_no_group_is_held_more_than_others(measured: dict) -> None:
    assert measured["apart"] <= MOST_APART
    assert measured["held"] <= MOST_APART


def test_no_group_is_ranked_worse_than_others(measured: dict) -> None:
    assert measured["spread"] <= MOST_SPREAD
    assert measured["auc"] >= 0.95


def test_the_manifest_says_what_is_measured(model: Model, measured: dict) -> None:
    assert model.manifest["groups"] == measured
