"""The suites every candidate is measured on: enough of them, all apart, and told right."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from classifier import LABELS, AdaptedModel, Model, normalise
from classifier.adapter import pack
from classifier.identity import GROUPS, training_sentences
from classifier.suites import Outcomes, measure, read_plain, read_suites, read_usual

Floats, Bools = NDArray[np.float64], NDArray[np.bool_]


@pytest.fixture(scope="module")
def measured(model: Model) -> dict[str, Outcomes]:
    limits = np.array([model.thresholds[label].hold for label in LABELS])
    return measure(model, lambda scores, labels: (scores >= limits).any(axis=1))


def hold_all(scores: Floats, labels: Sequence[str]) -> Bools:
    return np.ones(len(scores), dtype=bool)


def hold_none(scores: Floats, labels: Sequence[str]) -> Bools:
    return np.zeros(len(scores), dtype=bool)


def test_there_are_enough_of_each() -> None:
    suites = read_suites()
    counts = {name: len(suite.kinds) for name, suite in suites.items()}
    assert list(counts) == ["harmless", "caught", "evasion", "fairness"]
    assert counts["harmless"] >= 300
    assert counts["caught"] >= 100
    assert counts["evasion"] >= 200
    assert counts["fairness"] >= 5000
    assert len(set(suites["evasion"].kinds)) >= 70
    for name in ("harmless", "caught", "fairness"):
        assert len(suites[name].texts) == counts[name]


def test_no_text_is_there_twice_and_none_was_trained_on() -> None:
    suites = read_suites()
    lists = [suites[name].texts for name in ("harmless", "caught")]
    measured = {text.lower() for some in lists for text in some}
    along = {text.lower() for text in (*read_usual(), *read_plain())}
    assert len(measured) + len(along) == sum(map(len, (*lists, read_usual(), read_plain())))
    assert measured.isdisjoint(along | {one.text.lower() for one in training_sentences()})


def test_every_group_is_in_one_ordinary_comment() -> None:
    usual = set(read_usual())
    named = [one.group for one in training_sentences() if one.text in usual and not one.hateful]
    assert set(named) == {group.adjective for group in GROUPS}


def test_pairs_are_twins() -> None:
    texts = read_suites()["evasion"].texts
    for plain, disguised in zip(texts[: len(texts) // 2], texts[len(texts) // 2 :], strict=True):
        assert plain != disguised
        assert normalise(disguised).text != disguised


def test_the_shipped_model_gets_most_of_them_right(measured: dict[str, Outcomes]) -> None:
    for name, least in (
        ("harmless", 0.96),
        ("caught", 0.86),
        ("evasion", 0.99),
        ("fairness", 0.97),
    ):
        assert measured[name].rate >= least, name


def test_every_kind_is_told_of(measured: dict[str, Outcomes]) -> None:
    for name, suite in read_suites().items():
        assert set(measured[name].by_kind()) == set(suite.kinds)
        assert len(measured[name].right) == len(suite.kinds)
    assert measured["harmless"].by_kind()["sports"] == 1.0
    assert 0 < measured["harmless"].by_kind()["quoting"] < 1


def test_who_holds_everything_fails_the_harmless(model: Model) -> None:
    found = measure(model, hold_all)
    rates = {name: one.rate for name, one in found.items()}
    assert rates == {"harmless": 0.0, "caught": 1.0, "evasion": 1.0, "fairness": 1.0}


def test_who_holds_nothing_lets_abuse_pass(model: Model) -> None:
    found = measure(model, hold_none)
    rates = {name: one.rate for name, one in found.items()}
    assert rates == {"harmless": 1.0, "caught": 0.0, "evasion": 1.0, "fairness": 1.0}


def test_a_disguise_that_helps_is_told(model: Model) -> None:
    texts = [text for suite in read_suites().values() for text in suite.texts]
    plain = np.array([normalise(text).text == text for text in texts])
    assert measure(model, lambda scores, labels: plain)["evasion"].rate == 0.0


def test_a_group_that_fares_worse_is_told(model: Model) -> None:
    texts = [text for suite in read_suites().values() for text in suite.texts]
    named = np.array(["vegan" in text.lower() for text in texts])
    found = measure(model, lambda scores, labels: named)["fairness"].by_kind()
    assert found.pop("vegan") < 0.1
    assert set(found.values()) == {1.0}


def test_an_eighth_score_reaches_the_rules(model: Model) -> None:
    seen: list[tuple[tuple[int, ...], tuple[str, ...]]] = []

    def look(scores: Floats, labels: Sequence[str]) -> Bools:
        seen.append((scores.shape, tuple(labels)))
        return hold_none(scores, labels)

    manifest = {"base": model.version}
    nothing = pack(np.zeros(0), np.zeros(0, np.uint32), np.zeros(7), 0.0, manifest)
    adapted = AdaptedModel(model, nothing)
    measure(adapted, look)
    [(shape, labels)] = seen
    assert shape[1] == 8
    assert labels == adapted.labels
