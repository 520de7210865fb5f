"""Training from labelled files to a model that loads, and the commands around it."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from classifier import LABELS, load, training
from classifier.__main__ import main
from classifier.cardplots import draw_card


def train(data: Path, dev: Path, out: Path, *more: str) -> int:
    return main(["train", "--data", str(data), "--dev", str(dev), "--out", str(out), *more])


@pytest.fixture(scope="module")
def trained(corpus: Path, dev: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("trained") / "model.safetensors"
    assert train(corpus, dev, out, "--card", str(out.with_suffix(".md"))) == 0
    return out


def test_it_learns_what_the_sets_say(trained: Path) -> None:
    model = load(trained)
    rude, kind, spam = model.score(
        ["You stupid person", "What a lovely bridge", "Win now, visit http://cheap.example today"]
    )
    assert rude[LABELS.index("insult")] > kind[LABELS.index("insult")]
    assert spam[LABELS.index("spam")] > kind[LABELS.index("spam")]


def test_the_same_seed_gives_the_same_bytes(corpus: Path, dev: Path, trained: Path) -> None:
    again = trained.with_name("again.safetensors")
    assert train(corpus, dev, again) == 0
    assert again.read_bytes() == trained.read_bytes()


def test_another_seed_gives_another_model(corpus: Path, dev: Path, trained: Path) -> None:
    other = trained.with_name("other.safetensors")
    assert train(corpus, dev, other, "--seed", "1") == 0
    assert load(other).version != load(trained).version


def test_a_label_nobody_gave_stays_low_and_never_rejects(trained: Path) -> None:
    model = load(trained)
    column = model.score(["You stupid person", "anything"])[:, LABELS.index("severe_toxicity")]
    assert (column < 0.1).all()
    assert model.thresholds["severe_toxicity"].reject is None


def test_the_manifest_names_sets_figures_and_thresholds(trained: Path) -> None:
    manifest = load(trained).manifest
    own = {"winnow_templates"}
    assert set(manifest["training"]) == {"jigsaw_multilabel", "youtube_spam"} | own
    assert manifest["groups"]["groups"].keys() >= {"Muslim", "gay", "black"}
    assert manifest["metrics"]["neighbours"]["toxicity"]["auc"] > 0.9
    assert manifest["thresholds"]["toxicity"]["at_hold"]["support"] >= 0


def test_the_manifest_says_what_profiles_and_targets_are(trained: Path) -> None:
    model = load(trained)
    assert set(model.manifest["profiles"]) == {"relaxed", "balanced", "strict"}
    assert model.manifest["profiles"]["balanced"] == model.manifest["thresholds"]
    assert model.find_threshold("toxicity", "precision", 0.9) is not None


def test_the_card_has_figures_and_licences(trained: Path) -> None:
    card = trained.with_suffix(".md").read_text(encoding="utf-8")
    assert load(trained).version in card
    assert "CC BY 4.0" in card
    assert "neighbours" in card
    assert "never" in card
    assert "| Muslim |" in card
    assert f"]({trained.with_suffix('.svg').name})" in card


def test_the_card_has_a_picture_of_the_same_figures(trained: Path) -> None:
    picture = trained.with_suffix(".svg").read_bytes()
    assert picture.startswith(b"<?xml")
    assert draw_card(load(trained).manifest) == picture
    low, high = load(trained).manifest["metrics"]["neighbours"]["toxicity"]["auc_interval"]
    assert low <= load(trained).manifest["metrics"]["neighbours"]["toxicity"]["auc"] <= high


def test_development_texts_are_not_trained_on(corpus: Path, trained: Path, tmp_path: Path) -> None:
    with (corpus / "youtube_spam.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[:10]
    with (tmp_path / "seen.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        # Lower-cased and re-spaced texts are still the same texts.
        writer.writerows([["text"], *([row["text"].upper() + "  "] for row in rows)])
    assert train(corpus, tmp_path, tmp_path / "model.safetensors") == 0
    before = load(trained).manifest["training"]["youtube_spam"]["rows"]
    after = load(tmp_path / "model.safetensors").manifest["training"]["youtube_spam"]["rows"]
    assert before - after == 10


def test_without_development_sets_nothing_rejects(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "model.safetensors"
    assert main(["train", "--data", str(corpus), "--out", str(out)]) == 0
    assert all(one.reject is None and one.hold == 0.5 for one in load(out).thresholds.values())


def test_a_folder_without_known_sets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--data", str(tmp_path), "--out", str(tmp_path / "m")]) == 1
    assert "no known training set" in capsys.readouterr().err


def test_a_missing_folder_is_named_before_the_work(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "--data", str(corpus), "--out", str(tmp_path / "none" / "m")]) == 1
    assert "no folder" in capsys.readouterr().err


def test_evaluate_prints_the_labels_a_file_has(
    dev: Path, trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "--model", str(trained), str(dev / "neighbours.csv")]) == 0
    printed = capsys.readouterr().out
    assert "neighbours" in printed
    assert "toxicity" in printed
    assert "spam" not in printed


def test_evaluate_needs_a_text_column(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("comment,toxic\nhello,0\n", encoding="utf-8")
    assert main(["evaluate", str(path)]) == 1
    assert "no column named text" in capsys.readouterr().err


def test_score_answers_each_line_in_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ["You are an idiot", "", "Thank you 🙂"]
    path = tmp_path / "lines.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert main(["score", "--reader", "none", str(path)]) == 0
    printed = [json.loads(line)["scores"] for line in capsys.readouterr().out.splitlines()]
    expected = np.round(load().score(lines), 4)
    assert [list(scores.values()) for scores in printed] == expected.tolist()
    assert list(printed[0]) == list(LABELS)


@pytest.mark.parametrize("arguments", [["score", "--model", "none"], ["score", "none.txt"]])
def test_failures_are_a_sentence(
    arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main([arguments[0], *(str(tmp_path / a) if a[0] == "n" else a for a in arguments[1:])])
    assert capsys.readouterr().err.startswith("classifier: ")


def test_an_interrupted_run_goes_on_where_it_was(
    corpus: Path, dev: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "stages"
    assert train(corpus, dev, tmp_path / "first", "--stages", str(kept)) == 0
    assert len(list(kept.glob("*.npz"))) == len(LABELS)
    [spam] = kept.glob("spam-*")
    spam.write_bytes(b"cut short")
    done: list[int] = []
    fit_label = training.fit_label
    monkeypatch.setattr(training, "fit_label", lambda *given: done.append(1) or fit_label(*given))

    assert train(corpus, dev, tmp_path / "second", "--stages", str(kept)) == 0

    # Spam alone was done again, on all its rows and on those of comments.
    assert len(done) == 2
    assert (tmp_path / "second").read_bytes() == trained.read_bytes()


def test_other_rows_do_not_take_over_what_was_kept(
    corpus: Path, dev: Path, trained: Path, tmp_path: Path
) -> None:
    kept = ["--stages", str(tmp_path / "stages")]
    assert train(corpus, dev, tmp_path / "first", "--seed", "1", *kept) == 0

    assert train(corpus, dev, tmp_path / "second", *kept) == 0

    assert (tmp_path / "second").read_bytes() == trained.read_bytes()
