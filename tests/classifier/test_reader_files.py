"""What the second stage needs no further packages for: its file, the choice of rows, evasion."""

import json
import sys
from pathlib import Path
from random import Random

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from classifier import LABELS, readerfile
from classifier.evasion import disguise
from classifier.examples import Examples
from classifier.normalise import normalise
from classifier.reader import Reader, ReaderError
from classifier.syllabus import LABEL_WEIGHTS, deal, select


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "reader.safetensors"
    readerfile.write(path, b"graph", "{}", {"series": "reader-1", "training": {"set": "CC0"}})
    return path


def refusal(path: Path) -> str:
    with pytest.raises(ReaderError) as caught:
        Reader.load(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(".")
    return message


def test_a_file_reads_back(file: Path) -> None:
    graph, tokenizer, manifest = readerfile.read(file)
    assert (graph.tobytes(), tokenizer) == (b"graph", "{}")
    assert manifest["training"] == {"set": "CC0"}
    assert manifest["labels"] == list(LABELS)


def test_a_file_of_another_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    assert "no second stage at" in refusal(path)
    for content in (b"", b"PK\x03\x04", b"\x80\x04\x95" * 99):
        path.write_bytes(content)
        assert "not a whole second stage" in refusal(path)
    save_file({"weights": np.zeros(3)}, path)
    assert "not a whole second stage" in refusal(path)
    save_file({"weights": np.zeros(3)}, path, {"winnow": "[]"})
    assert "not a JSON object" in refusal(path)


@pytest.mark.parametrize("place", ["graph", "tokenizer", "manifest"])
def test_what_was_changed_is_refused(file: Path, place: str) -> None:
    content = file.read_bytes()
    changes = {"graph": (b"graph", b"grAph"), "tokenizer": (b"{}", b"[]")}
    old, new = changes.get(place, (b"CC0", b"MIT"))
    start = content.rindex(old)
    file.write_bytes(content[:start] + new + content[start + len(new) :])
    assert "digest does not fit" in refusal(file)


@pytest.mark.parametrize(
    ("key", "value"),
    [("format", "winnow-reader/99"), ("labels", ["spam"]), ("format", None), ("digest", None)],
)
def test_another_version_is_refused(file: Path, key: str, value: object) -> None:
    with safe_open(file, framework="numpy") as opened:
        manifest = json.loads(opened.metadata()["winnow"])
        arrays = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
    manifest[key] = value
    save_file(arrays, file, {"winnow": json.dumps(manifest)})
    assert (f"has the {key}" if key != "digest" else "digest does not fit") in refusal(file)


def test_more_than_30_mb_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"30\.\d MB: keep fewer pieces"):
        readerfile.write(tmp_path / "large", b"0" * 30_000_000, "{}", {})
    assert not list(tmp_path.iterdir())


def test_a_missing_package_is_named(file: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert "needs onnxruntime: pip install 'winnow[read]'" in refusal(file)


def rows(count: int) -> Examples:
    labels = np.full((count, len(LABELS)), np.nan)
    labels[:, 1] = np.linspace(0, 1, count)
    names = ["few" if row % 2 else "many" for row in range(count)]
    return Examples([f"text {row}" for row in range(count)], labels, np.ones(labels.shape), names)


def test_rows_are_capped_by_set_and_none_is_held() -> None:
    held = np.arange(100) < 10
    chosen = select(rows(100), held, 0, {"many": 7})
    assert chosen.sets.count("many") == 7
    assert chosen.sets.count("few") == 45
    assert not {f"text {row}" for row in range(10)} & set(chosen.texts)
    assert select(rows(100), held, 0, {"many": 7}).texts == chosen.texts
    assert select(rows(100), held, 1, {"many": 7}).texts != chosen.texts


def test_soft_labels_stay_and_unknown_ones_count_nothing() -> None:
    chosen = select(rows(100), np.zeros(100, dtype=bool), 0)
    by_text = dict(zip(chosen.texts, chosen.labels[:, 1], strict=True))
    assert by_text["text 50"] == pytest.approx(50 / 99)
    assert (chosen.weights[:, 1] == LABEL_WEIGHTS["toxicity"]).all()
    assert not chosen.weights[:, 2:].any()


def test_all_rows_are_dealt_once_in_batches_of_like_lengths() -> None:
    lengths = np.array([Random(row).randint(2, 144) for row in range(1000)])
    batches = deal(lengths, 8, 0, 0)
    assert sorted(row for one in batches for row in one) == list(range(1000))
    assert len(batches) == 125
    assert np.mean([np.ptp(lengths[one]) for one in batches]) < 10
    assert deal(lengths, 8, 0, 0) == batches
    assert deal(lengths, 8, 0, 1) != batches


def test_what_is_disguised_can_mostly_be_read_again() -> None:
    text = "They call everyone worthless and disgusting"
    found = [disguise(text, Random(seed)) for seed in range(200)]
    assert all(one != text for one in found if one.lower() != text.lower())
    assert len(set(found)) > 150
    assert found == [disguise(text, Random(seed)) for seed in range(200)]
    # Masks and slips are left to the encoder.
    assert sum(normalise(one).text.lower() == text.lower() for one in found) > 20


@pytest.mark.parametrize("text", ["", "no", "\ud800 \0", "12345 !!!", "a b c"])
def test_what_has_no_long_word_is_left(text: str) -> None:
    assert disguise(text, Random(0)) == text
