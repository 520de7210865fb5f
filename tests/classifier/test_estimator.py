"""The features as a scikit-learn transformer, and our inference against scikit-learn's."""

import doctest

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks

from classifier import LABELS, Model, estimator
from classifier.estimator import HashedNgrams
from classifier.features import ROWS, rows_and_values
from classifier.signals import signal_names
from classifier.weights import as_words, quantise, restore

TEXTS = [
    "You absolute fool, nobody asked you",
    "Thank you for this patient answer",
    "What a stupid, stupid thing to write",
    "The second chart is easier to read",
    "Only a fool would believe that!!!",
    "I moved here in 1987 — best year 🙂 of my life",
]
RUDE = [1, 0, 1, 0, 1, 0]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_it_passes_what_scikit_learn_asks_of_an_estimator_of_texts() -> None:
    results = estimator_checks.check_estimator(HashedNgrams(), on_skip=None)
    assert {one["status"] for one in results} == {"passed"}


# check_estimator leaves these out for estimators of anything but numbers, though they need none.
@pytest.mark.parametrize(
    "name",
    [
        "check_estimator_repr",
        "check_estimator_tags_renamed",
        "check_get_params_invariance",
        "check_mixin_order",
        "check_no_attributes_set_in_init",
        "check_parameters_default_constructible",
        "check_set_params",
        "check_valid_tag_types",
    ],
)
def test_it_passes_the_checks_that_need_no_numbers(name: str) -> None:
    getattr(estimator_checks, name)("HashedNgrams", HashedNgrams())


def test_the_example_in_its_documentation_is_true() -> None:
    assert doctest.testmod(estimator) == doctest.TestResults(failed=0, attempted=5)


def test_a_row_holds_the_features_of_its_text() -> None:
    matrix = HashedNgrams().transform(TEXTS)
    assert matrix.shape == (len(TEXTS), ROWS)
    for row, text in zip(matrix, TEXTS, strict=True):
        rows, values = rows_and_values(text)
        assert row.indices.tolist() == rows.tolist()
        assert row.data.tolist() == values.tolist()


def test_no_texts_are_an_empty_matrix() -> None:
    assert HashedNgrams().transform([]).shape == (0, ROWS)


def test_it_is_fitted_from_birth_and_cloned_with_its_parameters() -> None:
    copy = clone(HashedNgrams(longest=5))
    assert copy.longest == 5
    long, short = copy.transform([TEXTS[0], TEXTS[0][:5]])
    assert long.indices.tolist() == short.indices.tolist()


@pytest.mark.parametrize("wrong", ["one string", [b"bytes"], [None], [["nested"]], [1.5]])
def test_only_texts_are_taken(wrong) -> None:
    with pytest.raises(ValueError, match="string"):
        HashedNgrams().transform(wrong)
    with pytest.raises(ValueError, match="string"):
        HashedNgrams().fit(wrong)


def test_no_characters_at_all_cannot_be_asked_for() -> None:
    with pytest.raises(ValueError, match="longest"):
        HashedNgrams(longest=0).fit(TEXTS)


def test_our_inference_gives_the_numbers_of_scikit_learn() -> None:
    pipeline = make_pipeline(HashedNgrams(), LogisticRegression(C=100.0)).fit(TEXTS, RUDE)
    fitted = pipeline[-1]
    # A model file holds one byte a weight: round first, so that both have the same weights.
    weights = np.zeros((ROWS, len(LABELS)))
    weights[:, 1] = fitted.coef_[0]
    table, scales = quantise(weights)
    fitted.coef_ = restore(table[:, 1], scales[:, 1], np.arange(ROWS))[None]
    intercepts = np.zeros(len(LABELS))
    intercepts[1] = fitted.intercept_[0]
    arrays = {"weights": as_words(table), "scales": scales, "intercepts": intercepts}
    arrays |= {"slopes": np.ones(len(LABELS)), "offsets": np.zeros(len(LABELS))}
    arrays |= {"signals": np.zeros(len(signal_names)), "blocklist": np.empty(0, np.uint32)}
    thresholds = {label: {"hold": 0.5, "reject": None} for label in LABELS}
    model = Model(arrays, {"series": "test", "digest": "0" * 64, "thresholds": thresholds})
    unseen = ["A fool and his money", "Thanks, that chart is easy to read", "", "écrit à l'été"]
    expected = pipeline.predict_proba(TEXTS + unseen)[:, 1]
    scores = model.score(TEXTS + unseen)[:, LABELS.index("toxicity")]
    np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-6)
    assert expected.max() - expected.min() > 0.5
