"""Two stages as one: who is asked, how both count, whose thresholds hold."""

from typing import Any

import numpy as np
import pytest

from classifier import LABELS, LEARNED, AdaptedModel, Adapter, Model, Threshold, load
from classifier.cascade import Cascade
from classifier.readerfile import ReaderError
from tests.classifier.cascades import FakeReader, cascade, facts

SURE = "What a lovely recipe, thank you for sharing it with us."
UNSURE = "People like her are so stupid it hurts to read this."
TOXICITY = LABELS.index("toxicity")


@pytest.fixture(scope="module")
def model() -> Model:
    return load()


def kindly(_: str) -> dict[str, float]:
    return dict.fromkeys(LABELS, -5.0)


def rudely(text: str) -> dict[str, float]:
    return dict.fromkeys(LABELS, 5.0 if "stupid" in text else -5.0)


def as_reader(manifest: dict[str, Any]) -> Any:
    return FakeReader(manifest, rudely)


def test_only_what_is_in_doubt_is_read(model: Model) -> None:
    both = cascade(model, rudely)
    found = both.score([SURE, UNSURE])
    assert both.reader.read == [UNSURE]  # type: ignore[attr-defined]
    alone = model.score([SURE, UNSURE])
    np.testing.assert_array_equal(found[0], alone[0])
    assert found[1, TOXICITY] == pytest.approx(1 / (1 + np.exp(-5)))


@pytest.mark.parametrize(("when", "read"), [("never", 0), ("when_unsure", 1), ("always", 2)])
def test_when_it_is_asked(model: Model, when: str, read: int) -> None:
    both = cascade(model, kindly)
    both.score([SURE, UNSURE], when)
    assert len(both.reader.read) == read  # type: ignore[attr-defined]


def test_another_when_is_refused(model: Model) -> None:
    with pytest.raises(ValueError, match="'sometimes'"):
        cascade(model, kindly).score([SURE], "sometimes")


def test_spam_is_the_first_stages(model: Model) -> None:
    spam = "Buy cheap viagra at http://pills.example now, you stupid fools!!!"
    found, alone = cascade(model, rudely).score([spam], "always"), model.score([spam])
    assert found[0, 0] == pytest.approx(alone[0, 0])


def test_alone_and_in_a_batch_are_the_same(model: Model) -> None:
    both = cascade(model, rudely)
    texts = [SURE, UNSURE, "", "\ud800", "x" * 5000]
    alone = np.vstack([both.score([text]) for text in texts])
    np.testing.assert_array_equal(both.score(texts), alone)
    assert both.score([]).shape == (0, len(LABELS))


def test_a_text_that_was_not_read_keeps_the_first_stages_scores(model: Model) -> None:
    both = cascade(model, kindly)
    first = model.log_odds([SURE, UNSURE])
    second = np.array([[np.nan] * len(LABELS), [1.0] * len(LABELS)])
    found = both.combine(first, second)
    np.testing.assert_array_equal(found[0], first[0])
    np.testing.assert_allclose(found[1, 1:], 1.0)


def test_wild_numbers_decide_no_more_than_sure_ones(model: Model) -> None:
    both = cascade(model, lambda _: dict.fromkeys(LABELS, 1e30))
    assert both.score([UNSURE])[0, TOXICITY] == pytest.approx(1 / (1 + np.exp(-12.0)))


def test_thresholds_are_those_of_both_stages(model: Model) -> None:
    both = cascade(model, kindly)
    assert both.thresholds["toxicity"] == Threshold(0.5, 0.9)
    assert both.profiles["strict"]["insult"] == Threshold(0.5, 0.9)
    assert both.find_threshold("insult", "precision", 0.9) == 0.8
    with pytest.raises(ValueError, match="no label"):
        both.find_threshold("rudeness", "precision", 0.9)
    with pytest.raises(ValueError, match="no target"):
        both.find_threshold("insult", "recall", 0.9)


def test_what_a_site_has_taught_stays(model: Model) -> None:
    manifest = {"base": model.version}
    nothing = np.array([], dtype=np.uint32), np.array([], dtype=np.int8)
    adapter = Adapter(*nothing, np.ones(2), np.full(len(LABELS), 0.1), 0.5, manifest)
    adapted = AdaptedModel(model, adapter)
    both = Cascade(adapted, as_reader(facts(model)))
    assert both.labels == (*LABELS, LEARNED)
    found, alone = both.score([UNSURE]), adapted.score([UNSURE])
    assert found.shape == (1, len(LABELS) + 1)
    assert found[0, -1] == alone[0, -1]
    assert both.find_threshold(LEARNED, "precision", 0.9) is None


def test_it_goes_with_one_model_only(model: Model) -> None:
    with pytest.raises(ReaderError, match="goes with linear-2020"):
        Cascade(model, as_reader(facts(model, model="linear-2020.01-00000000")))
    with pytest.raises(ReaderError, match="not fitted to any model"):
        Cascade(model, as_reader({}))


@pytest.mark.parametrize(
    "other",
    [
        {"weights": [[1.0]]},
        {"weights": "many"},
        {"bands": [[0.0] * 7, [float("nan")] * 7]},
        {"thresholds": {}},
        {"curves": {}},
    ],
)
def test_a_manifest_that_does_not_say_how_is_refused(model: Model, other: dict[str, Any]) -> None:
    with pytest.raises(ReaderError, match="does not say how it goes"):
        cascade(model, kindly, **other)


def test_passages_are_those_without_which_both_would_score_lower(model: Model) -> None:
    spans = cascade(model, rudely).explain(UNSURE, "insult", seconds=60)
    assert [UNSURE[span.start : span.end] for span in spans] == ["stupid"]
    assert spans[0].weight == pytest.approx(10.0)
    with pytest.raises(ValueError, match="no label"):
        cascade(model, rudely).explain(UNSURE, "rudeness", seconds=1)
