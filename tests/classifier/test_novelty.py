"""What of a text nothing has been learnt of yet."""

import numpy as np
import pytest

from classifier import AdaptedModel, Model, find_new
from classifier.adapter import pack
from classifier.features import find_rows
from classifier.novelty import READ

KNOWN = "Our ferry to the island was late again"


@pytest.fixture(scope="module")
def taught(model: Model) -> AdaptedModel:
    """A model with an adapter that weighs every n-gram of one sentence."""
    rows = find_rows([KNOWN]).rows
    manifest = {"base": model.version}
    return AdaptedModel(model, pack(np.ones(len(rows)), rows, np.zeros(7), 0.0, manifest))


def share(model: Model, text: str) -> float:
    new, count = find_new(model, text)
    assert np.all(np.diff(new.astype(np.int64)) > 0)
    return len(new) / count


def test_everything_is_new_without_an_adapter(model: Model) -> None:
    assert share(model, KNOWN) == 1.0


def test_what_the_adapter_weighs_is_not_new(taught: AdaptedModel) -> None:
    assert share(taught, KNOWN) == 0.0
    assert 0.2 < share(taught, f"{KNOWN}, said the captain of it") < 0.8
    assert share(taught, "Buy cheap watches here") > 0.95


def test_a_disguise_makes_nothing_new(taught: AdaptedModel) -> None:
    assert share(taught, KNOWN.replace("o", "\u043e").replace("a", "\u0430")) == 0.0


@pytest.mark.parametrize("text", ["", "!", "\ud800", "\0" * 50, "a" * 20_000])
def test_any_text_will_do(taught: AdaptedModel, text: str) -> None:
    new, count = find_new(taught, text)
    assert len(new) <= count


def test_of_a_long_text_the_beginning_tells(taught: AdaptedModel) -> None:
    start = "word " * (READ // 5)
    assert find_new(taught, start)[1] == find_new(taught, f"{start} {KNOWN}")[1]
