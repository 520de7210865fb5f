"""The second stage, from training to scoring, on a tiny encoder with weights by chance."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from classifier import LABELS, readerfile
from classifier.__main__ import main
from classifier.reader import Reader, ReaderError
from tests.classifier.tinyencoders import PIECES, write_base

for package in ("torch", "onnx", "onnxruntime", "tokenizers"):
    pytest.importorskip(package, reason="needs pip install 'winnow[read,teach]'")

ODD = [
    *("", " ", "\n\t", "\0", "a\ud800b", "\u202e\u200b", "😀" * 3000, "x" * 200_000, "é" * 500),
    *(
        "word " * 40_000,
        "[SEP] [PAD] [CLS]",
        "漢字かな交じり",
        "." * 1000,
        "я" * 99 + " " + "q" * 101,
    ),
]
COMMENTS = ["What a lovely article, thank you", "You stupid person, your song is trash", *ODD]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_base(tmp_path_factory.mktemp("base") / "tiny")


def train(corpus: Path, base: Path, out: Path, *more: str) -> int:
    given = ["train-reader", "--data", str(corpus), "--base", str(base), "--out", str(out)]
    return main([*given, "--batch", "8", "--rate", "0.003", *more])


def weights(folder: Path) -> dict[str, np.ndarray]:
    with safe_open(folder / "encoder.safetensors", framework="numpy") as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


@pytest.fixture(scope="module")
def folder(corpus: Path, dev: Path, base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 40 steps, measured twice."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    more = ("--steps", "40", "--keep-every", "15", "--measure-every", "20")
    assert train(corpus, base, out, "--dev", str(dev), *more) == 0
    return out


@pytest.fixture(scope="module")
def file(folder: Path) -> Path:
    out = folder / "reader.safetensors"
    pieces = str(len(PIECES) - 12)
    assert (
        main(["export-reader", "--from", str(folder), "--out", str(out), "--pieces", pieces]) == 0
    )
    return out


@pytest.fixture(scope="module")
def reader(file: Path) -> Reader:
    return Reader.load(file)


def test_training_lowers_the_loss(base: Path) -> None:
    from classifier.checkpoints import Plan
    from classifier.course import Run
    from classifier.encoder import Encoder
    from classifier.examples import Examples

    texts = ["What a lovely article, thank you", "You stupid person, your song is trash"] * 8
    labels = np.tile([[0.0], [1.0]], (8, len(LABELS)))
    examples = Examples(texts, labels, np.ones(labels.shape), ["set"] * 16)
    encoder = Encoder.start(base, seed=0)
    before = encoder.score(texts)
    Run(encoder, examples, Plan(20, batch=8, rate=0.003), report=lambda _: None).go()
    after = encoder.score(texts)
    loss = [-np.log(np.where(labels == 1, one, 1 - one)).mean() for one in (before, after)]
    assert loss[1] < 0.8 * loss[0]


def test_unknown_labels_teach_nothing(base: Path) -> None:
    from classifier.checkpoints import Plan
    from classifier.course import Run
    from classifier.encoder import Encoder
    from classifier.examples import Examples
    from classifier.syllabus import select

    labels = np.full((16, len(LABELS)), np.nan)
    labels[:, 1] = 1.0
    examples = Examples(["You are"] * 16, labels, np.ones(labels.shape), ["set"] * 16)
    chosen = select(examples, np.zeros(16, dtype=bool), seed=0)
    encoder = Encoder.start(base, seed=0)
    kept = encoder.answers.weight.detach().clone()
    Run(encoder, chosen, Plan(5, batch=8, rate=0.003, evaded=0.0), report=lambda _: None).go()
    moved = (encoder.answers.weight - kept).abs().max(1).values
    # Weight decay alone moves the others.
    assert moved[1] > 100 * moved[0]


class KilledError(Exception):
    """As if the process had ended."""


def test_killed_and_gone_on_with_equals_uninterrupted(
    corpus: Path, dev: Path, base: Path, folder: Path, tmp_path: Path, monkeypatch
) -> None:
    from classifier import course

    whole, done = course.Run._step, []

    def step(run: course.Run, *given: object) -> float:
        if len(done) == 33:
            raise KilledError
        done.append(given)
        return whole(run, *given)  # type: ignore[arg-type]

    out = tmp_path / "killed"
    more = ("--dev", str(dev), "--steps", "40", "--keep-every", "15", "--measure-every", "20")
    monkeypatch.setattr(course.Run, "_step", step)
    with pytest.raises(KilledError):
        train(corpus, base, out, *more)
    assert not (out / "encoder.safetensors").exists()
    monkeypatch.setattr(course.Run, "_step", whole)
    assert train(corpus, base, out, "--resume", *more) == 0
    found, expected = weights(out), weights(folder)
    assert set(found) == set(expected)
    for name, one in found.items():
        np.testing.assert_array_equal(one, expected[name], err_msg=name)


def test_a_run_is_not_written_over(corpus: Path, base: Path, folder: Path, capsys) -> None:
    assert train(corpus, base, folder, "--steps", "40") == 1
    assert "--resume" in capsys.readouterr().err


def test_another_plan_does_not_go_on(corpus: Path, base: Path, folder: Path, capsys) -> None:
    assert train(corpus, base, folder, "--steps", "41", "--resume") == 1
    assert "other rows or another plan" in capsys.readouterr().err


def test_a_damaged_run_is_refused(corpus: Path, base: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "run.safetensors").write_bytes(b"\x80\x04\x95" * 99)
    assert train(corpus, base, tmp_path, "--resume") == 1
    assert "cannot be gone on with" in capsys.readouterr().err


def test_a_folder_without_a_bert_is_refused(corpus: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "gpt2"}')
    assert train(corpus, tmp_path, tmp_path / "run") == 1
    assert "not a BERT" in capsys.readouterr().err


def test_exporting_nothing_is_refused(tmp_path: Path, capsys) -> None:
    out = str(tmp_path / "reader.safetensors")
    assert main(["export-reader", "--from", str(tmp_path), "--out", out]) == 1
    assert "no trained encoder" in capsys.readouterr().err
    assert main(["export-reader", "--from", str(tmp_path), "--out", f"{tmp_path}/no/where"]) == 1
    assert "no folder" in capsys.readouterr().err


def test_too_few_pieces_are_refused(folder: Path, tmp_path: Path, capsys) -> None:
    given = ["export-reader", "--from", str(folder), "--out", str(tmp_path / "reader")]
    assert main([*given, "--pieces", "20"]) == 1
    assert "characters alone are" in capsys.readouterr().err


def test_the_manifest_says_where_it_comes_from(reader: Reader) -> None:
    manifest = reader.manifest
    assert re.fullmatch(r"reader-\d{4}\.\d\d-[0-9a-f]{8}", reader.version)
    assert manifest["base"]["name"] == "tiny"
    assert all(one["licence"] and one["rows"] for one in manifest["training"].values())
    assert manifest["training"]["jigsaw_multilabel"]["rows"]
    assert manifest["metrics"]["neighbours"]["toxicity"]["rows"]
    assert manifest["plan"]["best_step"] in (20, 40)
    assert set(manifest["versions"]) == {"torch", "tokenizers", "onnx"}


def test_scores_are_those_of_torch_but_for_eight_bits(
    base: Path, folder: Path, reader: Reader
) -> None:
    import torch

    from classifier.encoder import Encoder

    encoder = Encoder.start(base, seed=0)
    known = encoder.state_dict()
    trained = weights(folder).items()
    encoder.load_state_dict({name: torch.tensor(one) for name, one in trained if name in known})
    found, expected = reader.score(COMMENTS), encoder.score(COMMENTS)
    apart = np.ptp(expected, axis=0).max()
    assert apart > 0.05
    assert np.abs(found - expected).max() < 0.03
    assert np.sqrt(((found - expected) ** 2).mean()) < 0.1 * apart


def test_a_text_scores_the_same_alone_and_in_a_batch(reader: Reader) -> None:
    together = reader.score(COMMENTS)
    alone = np.concatenate([reader.score([text]) for text in COMMENTS])
    np.testing.assert_allclose(together, alone, atol=1e-3, rtol=0)
    assert np.isfinite(together).all()
    assert reader.score([]).shape == (0, len(LABELS))


def test_the_end_of_a_long_text_is_read(reader: Reader) -> None:
    long = "what a lovely answer and " * 2000
    found = reader.log_odds([long + "thank you", long + "disgusting trash " * 8])
    assert np.abs(found[0] - found[1]).max() > 1e-3


def test_scoring_loads_nothing_that_trains(file: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from classifier.reader import Reader;"
        f"Reader.load(Path({str(file)!r})).score(['hello']);"
        "print(*sorted({'torch', 'onnx', 'sklearn', 'pandas', 'transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_graph_that_is_none_is_refused(file: Path, tmp_path: Path) -> None:
    graph, tokenizer, manifest = readerfile.read(file)
    path = tmp_path / "reader.safetensors"
    for parts in ((graph[:-9], tokenizer), (graph, "{}")):
        readerfile.write(path, *parts, {"series": manifest["series"]})
        with pytest.raises(ReaderError, match="cannot use"):
            Reader.load(path).start()


def test_words_of_kept_pieces_are_cut_as_before(base: Path) -> None:
    from classifier.pruning import prune
    from classifier.wordpieces import WordPieces

    whole = (base / "tokenizer.json").read_text(encoding="utf-8")
    counts = np.array([piece in ("stupid", "##ing", "you") for piece in PIECES]).astype(np.int64)
    characters = sum(len(piece.removeprefix("##")) == 1 for piece in PIECES)
    text, kept = prune(whole, counts, characters + 4 + 3)
    before, after = WordPieces(whole), WordPieces(text)
    assert len(after) == len(kept) == characters + 7
    for words in ("You stupid ZXing!", "stupiding", "Qq 7я 😀 é \u4e2d", ""):
        assert [kept[token] for token in after.encode(words)] == before.encode(words)
    # What is not kept is spelt, not lost.
    unknown = before.encode("\u4e2d")[1]
    assert list(kept).index(unknown) not in after.encode("lovely garden")


def test_a_text_has_at_most_144_tokens(base: Path) -> None:
    from classifier.wordpieces import WordPieces

    pieces = WordPieces((base / "tokenizer.json").read_text(encoding="utf-8"))
    assert {2 <= len(pieces.encode(text)) <= 144 for text in COMMENTS} == {True}
    ends = [PIECES.index("[CLS]"), PIECES.index("[SEP]")]
    for text in ODD:
        tokens = pieces.encode(text)
        assert [tokens[0], tokens[-1]] == ends


def test_a_run_can_begin_where_another_has_ended(
    corpus: Path, base: Path, folder: Path, tmp_path: Path, capsys
) -> None:
    out = tmp_path / "next"
    given = ("--from", str(folder), "--steps", "1", "--rate", "0.00000001")
    assert train(corpus, base, out, *given) == 0
    found, before = weights(out), weights(folder)
    for name, one in found.items():
        np.testing.assert_allclose(one, before[name], atol=1e-5, err_msg=name)
    with safe_open(out / "encoder.safetensors", framework="numpy") as file:
        facts = json.loads(file.metadata()["winnow"])
    assert [one["steps"] for one in facts["earlier_plans"]] == [40]
    both, alone = tmp_path / "both", tmp_path / "alone"
    assert main(["export-reader", "--from", str(folder), str(out), "--out", str(both)]) == 0
    assert main(["export-reader", "--from", str(out), "--out", str(alone)]) == 0
    assert Reader.load(both).manifest["averaged"] == 2
    found = [Reader.load(path).log_odds(["You stupid person"]) for path in (both, alone)]
    np.testing.assert_allclose(*found, atol=0.05)
    assert train(corpus, base, tmp_path / "none", "--from", str(tmp_path)) == 1
    assert "no trained encoder" in capsys.readouterr().err
