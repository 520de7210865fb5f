"""What an adapter promises: an eighth score, the other seven untouched, and a file that is data."""

import json
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from classifier import LABELS, LEARNED, AdaptedModel, Adapter, Model, ModelError, Submission
from classifier import restore_adapter as restore
from classifier.adapter import LARGEST, dump, pack
from classifier.features import ROWS, WORD_ROWS, rows_and_values
from classifier.summing import COMPILED, sum_texts, sum_with_numpy

ANY_TEXT = st.text(st.characters(), max_size=300)
TEXTS = [
    "The quarry road is closed again, thanks for nothing.",
    "Buy your Solvexa panels here, cheap and quick",
    "You are a stupid idiot and nobody likes you",
    "",
    " ",
    "Ein ganz anderer Satz, mit Umlauten: schön.",
]
CURVE = {
    "score": [0.1, 0.5, 0.9],
    "precision": [0.4, 0.7, 0.95],
    "support": [100, 60, 30],
    "share": [0.5, 0.2, 0.01],
    "recall": [1.0, 0.8, 0.4],
}


def make(model: Model, seed: int = 0, size: float = 1.0, **manifest: Any) -> Adapter:
    """An adapter of random numbers that knows all n-grams of `TEXTS`."""
    chance = np.random.default_rng(seed)
    rows = np.unique(np.concatenate([rows_and_values(text)[0] for text in TEXTS])).astype(np.uint32)
    weights = chance.normal(0.3, size, len(rows))
    labels = chance.normal(0, size, len(LABELS))
    return pack(weights, rows, labels, 0.25 * size, {"base": model.version, **manifest})


def empty(model: Model) -> Adapter:
    nothing = np.zeros(0)
    return pack(
        nothing, nothing.astype(np.uint32), np.zeros(len(LABELS)), 0.0, {"base": model.version}
    )


@pytest.fixture(scope="module")
def taught(model: Model) -> AdaptedModel:
    return AdaptedModel(model, make(model))


@settings(deadline=None)
@given(texts=st.lists(ANY_TEXT | st.sampled_from(TEXTS), max_size=6))
def test_the_labels_scores_are_the_models_to_the_bit(
    model: Model, taught: AdaptedModel, texts: list[str]
) -> None:
    assert taught.labels == (*LABELS, LEARNED)
    np.testing.assert_array_equal(taught.score(texts)[:, :7], model.score(texts))


@settings(deadline=None)
@given(texts=st.lists(ANY_TEXT | st.sampled_from(TEXTS), max_size=9))
def test_alone_or_in_a_batch_makes_no_difference(taught: AdaptedModel, texts: list[str]) -> None:
    batch = taught.score(texts)
    assert np.isfinite(batch).all()
    for row, text in enumerate(texts):
        np.testing.assert_array_equal(batch[row], taught.score([text])[0])


@settings(deadline=None)
@given(text=ANY_TEXT)
def test_an_empty_adapter_says_nothing_of_anything(model: Model, text: str) -> None:
    assert AdaptedModel(model, empty(model)).score([text])[0, 7] == 0.5


@settings(deadline=None)
@given(
    text=ANY_TEXT | st.sampled_from([*TEXTS, "You are an i.d.i.o.t and st*pid"]),
    size=st.sampled_from([0.1, 50.0]),
)
def test_contributions_add_up_to_what_was_learnt(model: Model, text: str, size: float) -> None:
    taught = AdaptedModel(model, make(model, size=size))
    for label in (LEARNED, "insult", "spam"):
        odds = taught.log_odds([text])[0, taught.labels.index(label)]
        total = sum(one.weight for one in taught.contributions(text, label))
        assert total == pytest.approx(odds, abs=1e-6)
    assert abs(taught.log_odds([text])[0, 7]) <= LARGEST


def test_labels_are_explained_as_without(model: Model, taught: AdaptedModel) -> None:
    for label in LABELS:
        assert taught.explain(TEXTS[2], label) == model.explain(TEXTS[2], label)
    assert taught.signals(TEXTS[1]) == model.signals(TEXTS[1])


def test_what_raises_and_what_lowers_is_shown_in_its_place(model: Model) -> None:
    text = "Solvexa panels for the garden"
    weigh = {"solvexa": 9.0, "garden": -9.0}
    rows = {word: rows_and_values(word)[0][0] for word in weigh}
    order = sorted(weigh, key=lambda word: rows[word])
    adapter = pack(
        np.array([weigh[word] for word in order]),
        np.array([rows[word] for word in order], np.uint32),
        np.zeros(7),
        0.0,
        {"base": model.version},
    )
    taught = AdaptedModel(model, adapter)
    [up], [down] = (
        [text[span.start : span.end] for span in taught.explain(text, LEARNED, lowering=lowering)]
        for lowering in (False, True)
    )
    assert (up, down) == ("Solvexa", "garden")


@pytest.mark.parametrize(
    ("plain", "disguised"),
    [
        ("You are a stupid idiot", "You are a st*pid i.d.i.o.t"),
        ("Buy your Solvexa panels", "Buy your S\u200bo\u200bl\u200bv\u200be\u200bx\u200ba panels"),
        ("Buy your Solvexa panels", "Buy your Ѕоlvеха panels"),
    ],
)
def test_a_disguised_text_is_corrected_as_its_plain_twin(
    model: Model, plain: str, disguised: str
) -> None:
    adapter = make(model)
    words_alone = Adapter(
        adapter.rows, adapter.steps, adapter.scales, np.zeros(7), adapter.bias, adapter.manifest
    )
    found = AdaptedModel(model, words_alone).log_odds([plain, disguised])[:, 7]
    assert found[0] == found[1] != adapter.bias


def test_what_no_label_suspects_is_for_the_words_to_judge(model: Model) -> None:
    nothing = np.zeros(0)
    labels = np.full(len(LABELS), -5.0)
    adapter = pack(nothing, nothing.astype(np.uint32), labels, 0.0, {"base": model.version})
    odds = AdaptedModel(model, adapter).log_odds([TEXTS[0], TEXTS[2]])[:, 7]
    assert odds[0] == 0.0
    assert odds[1] == -LARGEST


@pytest.mark.skipif(not COMPILED, reason="there is no compiler here")
def test_both_ways_of_adding_agree_on_every_step(model: Model) -> None:
    rows, _ = rows_and_values(TEXTS[0])
    steps = np.resize(np.array([-128, -127, -1, 1, 127], np.int8), len(rows))
    adapter = Adapter(
        rows.astype(np.uint32), steps, np.ones(2), np.zeros(7), 0.0, {"base": model.version}
    )
    table = adapter.into(model._words)
    for compiled, plain in zip(sum_texts(table, TEXTS), sum_with_numpy(table, TEXTS), strict=True):
        np.testing.assert_array_equal(compiled, plain)
    sums = sum_with_numpy(table, TEXTS[:1])[0][0, :, 7]
    words = rows < WORD_ROWS
    assert sums.tolist() == [steps[words].sum(dtype=int), steps[~words].sum(dtype=int)]


def test_an_adapter_of_another_model_is_refused(model: Model) -> None:
    other = pack(np.zeros(0), np.zeros(0, np.uint32), np.zeros(7), 0.0, {"base": "other-1"})
    with pytest.raises(ModelError, match="corrects other-1"):
        AdaptedModel(model, other)
    with pytest.raises(ModelError, match="corrects"):
        AdaptedModel(AdaptedModel(model, make(model)), make(model))


def test_the_version_names_the_model_and_the_numbers(model: Model) -> None:
    names = {
        AdaptedModel(model, adapter).version
        for adapter in (make(model), make(model), make(model, seed=1), make(model, curve=CURVE))
    }
    assert len(names) == 3
    assert all(name.startswith(f"{model.version}+") for name in names)


def test_targets_are_read_off_the_adapters_own_curve(model: Model) -> None:
    taught = AdaptedModel(model, make(model, curve=CURVE))
    assert taught.find_threshold(LEARNED, "precision", 0.9) == 0.9
    assert taught.find_threshold(LEARNED, "precision", 0.99) == 2.0
    assert taught.find_threshold(LEARNED, "share", 0.3) == 0.5
    assert AdaptedModel(model, make(model)).find_threshold(LEARNED, "share", 0.3) is None
    assert taught.find_threshold("spam", "share", 0.3) == model.find_threshold("spam", "share", 0.3)
    for label, kind in ((LEARNED, "luck"), ("luck", "share")):
        with pytest.raises(ValueError, match="There is no"):
            taught.find_threshold(label, kind, 0.9)


def test_a_submission_is_scored_like_any(model: Model, taught: AdaptedModel) -> None:
    item = Submission(TEXTS[1], "Solvexa", "http://solvexa.example", honeypot="x")
    np.testing.assert_array_equal(taught.score([item])[:, :7], model.score([item]))


def test_what_is_dumped_is_restored_and_dumped_alike(model: Model) -> None:
    for adapter in (make(model, curve=CURVE, labels=17), empty(model)):
        data = dump(adapter)
        found = restore(data)
        assert dump(found) == data
        assert found.digest == adapter.digest
        assert found.manifest["base"] == model.version
        np.testing.assert_array_equal(
            AdaptedModel(model, found).score(TEXTS), AdaptedModel(model, adapter).score(TEXTS)
        )


def test_a_weight_is_kept_to_a_hundredth_of_the_largest(model: Model) -> None:
    weights = np.array([2.0, -0.7, 0.001, 5.0, -1.3])
    rows = np.array([3, 70, 800, WORD_ROWS, ROWS - 1], np.uint32)
    found = pack(weights, rows, np.zeros(7), 0.0, {"base": model.version})
    assert found.rows.tolist() == [3, 70, WORD_ROWS, ROWS - 1]
    np.testing.assert_allclose(found.weights, weights[[0, 1, 3, 4]], atol=0.02)


Damage = Callable[[dict[str, Any], dict[str, Any]], None]


def damage(data: bytes, how: Damage) -> bytes:
    """Change an adapter's arrays and manifest, keeping it a file that can be read."""
    arrays = dict(load(zlib.decompress(data)))
    manifest = json.loads(arrays.pop("manifest").tobytes())
    how(arrays, manifest)
    text = np.frombuffer(json.dumps(manifest).encode(), np.uint8)
    plain = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    return zlib.compress(save({**plain, "manifest": text}))


DAMAGES: dict[str, tuple[Damage, str]] = {
    "another format": (lambda a, m: m.update(format="winnow-adapter/9"), "format"),
    "other features": (lambda a, m: m.update(features="none"), "features"),
    "no base": (lambda a, m: m.pop("base"), "base"),
    "no digest": (lambda a, m: m.pop("digest"), "digest"),
    "another bias": (lambda a, m: a.update(bias=a["bias"] + 1), "digest"),
    "another curve": (lambda a, m: m.update(curve={**CURVE, "recall": [1, 1, 1]}), "digest"),
    "no curve": (lambda a, m: m.update(curve={"score": [0.5]}), "precision"),
    "a curve that falls": (lambda a, m: m.update(curve={**CURVE, "score": [3, 2, 1]}), "curve"),
    "a curve of text": (lambda a, m: m.update(curve="high"), "whole adapter"),
    "a falling row": (lambda a, m: a.update(rows=a["rows"][::-1]), "rows"),
    "a row twice": (lambda a, m: a.update(rows=np.full_like(a["rows"], 7)), "rows"),
    "a row too many": (lambda a, m: a.update(rows=a["rows"][1:]), "rows"),
    "a row beyond": (lambda a, m: a.update(rows=a["rows"] + np.uint32(ROWS)), "rows"),
    "another type": (lambda a, m: a.update(steps=a["steps"].astype(np.int16)), "steps"),
    "another shape": (lambda a, m: a.update(labels=a["labels"][:-1]), "labels"),
    "no number": (lambda a, m: a.update(scales=np.array([1.0, np.nan])), "scales"),
    "an endless number": (lambda a, m: a.update(bias=np.array([-np.inf])), "bias"),
    "a huge number": (lambda a, m: a.update(scales=np.array([1.0, 1e300])), "scales"),
    "an array missing": (lambda a, m: a.pop("labels"), "labels"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_adapter_is_refused_in_a_sentence(model: Model, name: str) -> None:
    how, word = DAMAGES[name]
    with pytest.raises(ModelError, match=word) as caught:
        restore(damage(dump(make(model, curve=CURVE)), how))
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no adapter",
        zlib.compress(b""),
        zlib.compress(b"\xff" * 100),
        zlib.compress(save({"manifest": np.frombuffer(b"[" * 9000, np.uint8)})),
        zlib.compress(save({"manifest": np.frombuffer(b"[]", np.uint8)})),
        zlib.compress(save({"manifest": np.frombuffer(b"\xff\xfe", np.uint8)})),
        # Five kilobytes that would be five megabytes times as many.
        zlib.compress(bytes(2**25), 9),
    ],
)
def test_what_is_no_adapter_is_refused(data: bytes) -> None:
    with pytest.raises(ModelError, match="no whole adapter"):
        restore(data)


def test_what_is_cut_off_or_goes_on_is_refused(model: Model) -> None:
    data = dump(make(model))
    for other in (data[:-1], data[: len(data) // 2], data + b"\0", data + data):
        with pytest.raises(ModelError):
            restore(other)


@settings(deadline=None, max_examples=60)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_wrong_bit_is_noticed(model: Model, place: float, bit: int) -> None:
    data = bytearray(dump(make(model)))
    data[int(place * len(data))] ^= 1 << bit
    with pytest.raises(ModelError):
        restore(bytes(data))
