"""A trained model's thresholds and profiles anew, and what the commands around it say."""

from pathlib import Path

import numpy as np
import pytest

from classifier import LABELS, load
from classifier.__main__ import main
from classifier.model import SHIPPED


def calibrate(dev: Path, out: Path, *more: str) -> int:
    return main(["calibrate", "--dev", str(dev), "--out", str(out), *more])


def test_as_if_it_had_just_been_trained(corpus: Path, dev: Path, tmp_path: Path) -> None:
    sets = ["--data", str(corpus), "--dev", str(dev)]
    assert main(["train", *sets, "--out", str(tmp_path / "trained")]) == 0
    model = ["--model", str(tmp_path / "trained")]
    again, other, fewer = (tmp_path / name for name in ("again", "other", "fewer"))
    assert calibrate(dev, again, *model, "--data", str(corpus)) == 0
    # The rows that training kept back are found without training.
    assert again.read_bytes() == (tmp_path / "trained").read_bytes()
    assert calibrate(dev, other, *model, "--data", str(corpus), "--seed", "1") == 0
    assert calibrate(dev, fewer, *model) == 0
    assert "held_back" in load(again).manifest["ordinary"]
    assert other.read_bytes() != again.read_bytes()
    assert "held_back" not in load(fewer).manifest["ordinary"]


def test_only_the_manifest_changes(dev: Path, tmp_path: Path) -> None:
    out = tmp_path / "model"
    assert calibrate(dev, out, "--keep", "--card", str(tmp_path / "card.md")) == 0
    shipped, found = load(), load(out)
    assert found.version == shipped.version
    assert np.array_equal(found.score(["You are an idiot"]), shipped.score(["You are an idiot"]))
    assert found.thresholds == shipped.thresholds == found.profiles["balanced"]
    assert found.manifest["training"] == shipped.manifest["training"]
    assert set(found.manifest["metrics"]) == {"neighbours"}
    card = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert "first shipped with" in card
    assert "| strict | 6.0% |" in card


def test_without_keep_the_rule_chooses(dev: Path, tmp_path: Path) -> None:
    assert calibrate(dev, tmp_path / "model", "--card", str(tmp_path / "card.md")) == 0
    assert load(tmp_path / "model").thresholds != load().thresholds
    assert "first shipped with" not in (tmp_path / "card.md").read_text(encoding="utf-8")


def test_a_model_may_be_written_over_itself(dev: Path, tmp_path: Path) -> None:
    path = tmp_path / "model"
    path.write_bytes(SHIPPED.read_bytes())
    mapped = load(path)
    assert calibrate(dev, path, "--model", str(path)) == 0
    assert mapped.score(["Still there"]).shape == (1, len(LABELS))
    assert load(path).manifest["metrics"].keys() == {"neighbours"}
    assert [one.name for one in tmp_path.iterdir()] == ["model"]


def test_profiles_shows_all_of_them(
    dev: Path, corpus: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["profiles", "--dev", str(dev), "--data", str(corpus)]) == 0
    printed = capsys.readouterr().out
    assert all(one in printed for one in ("relaxed", "balanced", "strict", "held_back"))
    assert "0.866 (" in printed


@pytest.mark.parametrize("command", ["profiles", "calibrate"])
def test_nothing_to_measure_on(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--out", str(tmp_path / "model")] if command == "calibrate" else []
    assert main([command, "--dev", str(tmp_path), *out]) == 1
    assert "no development set" in capsys.readouterr().err
    assert not (tmp_path / "model").exists()
