"""`python -m classifier`: what each command prints, and the sentence when it cannot."""

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from classifier import LABELS, Model, load
from classifier.__main__ import main
from classifier.model import SHIPPED
from tests.classifier.conftest import write_csv

ALONE = ("--reader", "none")
RUDE, KIND = "You stupid, worthless idiot", "Thank you for the kind words"


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    rows = [(RUDE, 1, "north", "Ada"), (KIND, 0, "south", "Bo")] * 10
    return write_csv(tmp_path / "mixed.csv", ["text", "toxic", "region", "author"], rows)


def test_evaluate_prints_figures_and_writes_a_report(
    mixed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report"
    words = ["--out", str(out), "--group", "region", "--rounds", "20", *ALONE]
    assert main(["evaluate", str(mixed), *words]) == 0
    printed = capsys.readouterr()
    for word in ("mixed", "1.000", "hold", "north", "south"):
        assert word in printed.out
    assert str(out / "report.html") in printed.err
    assert {path.suffix for path in out.iterdir()} == {".html", ".md", ".svg"}


def test_evaluate_of_comments_that_should_stand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_csv(tmp_path / "published.csv", ["text"], [(KIND,)] * 5)
    assert main(["evaluate", str(path), *ALONE]) == 1
    assert "--ordinary" in capsys.readouterr().err
    assert main(["evaluate", "--ordinary", str(path), *ALONE]) == 0
    assert "0.00%" in capsys.readouterr().out


def test_compare_a_model_with_itself(mixed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [str(SHIPPED), str(SHIPPED), "--on", str(mixed), "--rounds", "20"]
    assert main(["compare", *words]) == 0
    printed = capsys.readouterr().out
    assert "0 changed verdicts" in printed
    assert load().version in printed


def test_a_file_and_standard_input_are_scored_alike(
    tmp_path: Path, model: Model, capsys: pytest.CaptureFixture[str], monkeypatch
) -> None:
    lines = [RUDE, "", KIND, "naïve 🙂", *(f"comment {n}" for n in range(300))]
    content = "\n".join(lines) + "\n"
    path = tmp_path / "lines.txt"
    path.write_text(content, encoding="utf-8")
    assert main(["score", str(path), *ALONE]) == 0
    from_file = capsys.readouterr().out
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
    assert main(["score", *ALONE]) == 0
    assert capsys.readouterr().out == from_file
    scores = [list(json.loads(line)["scores"].values()) for line in from_file.splitlines()]
    np.testing.assert_array_equal(scores, np.round(model.score(lines), 4))


def test_a_line_of_no_known_encoding_is_scored_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lines.txt").write_bytes(b"caf\xe9\n")
    assert main(["score", str(tmp_path / "lines.txt"), *ALONE]) == 0
    assert list(json.loads(capsys.readouterr().out)["scores"]) == list(LABELS)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["evaluate", "FOLDER/none.csv"], "there is no file FOLDER/none.csv"),
        (["evaluate", "FOLDER/mixed.csv", "--model", "FOLDER/none"], "There is no model file"),
        (["evaluate", "FOLDER/mixed.csv", "--group", "age"], "no column named age"),
        (["compare", "FOLDER/a", "FOLDER/b", "--on", "FOLDER/mixed.csv"], "There is no model file"),
        (["score", "FOLDER/none.txt"], "there is no file FOLDER/none.txt"),
    ],
)
def test_a_failure_is_one_sentence(
    mixed: Path, words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(mixed.parent)
    given = [] if words[0] == "compare" else ALONE
    assert main([*(word.replace("FOLDER", folder) for word in words), *given]) == 1
    printed = capsys.readouterr()
    assert sentence.replace("FOLDER", folder) in printed.err
    assert printed.err.startswith("classifier: ")
    assert printed.err.count("\n") == 1
    assert printed.out == ""


def test_a_missing_library_is_named(
    mixed: Path, capsys: pytest.CaptureFixture[str], monkeypatch
) -> None:
    # What `import` finds for a module that is not installed.
    monkeypatch.setitem(sys.modules, "classifier.plots", None)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    words = ["--rounds", "5", "--out", str(mixed.parent / "r"), *ALONE]
    assert main(["evaluate", str(mixed), *words]) == 1
    assert "pip install 'winnow[train]'" in capsys.readouterr().err


@pytest.mark.parametrize("count", ["-1", "many", "10000000"])
def test_a_number_of_resamples_that_makes_no_sense(
    mixed: Path, count: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["evaluate", str(mixed), "--rounds", count])
    assert "--rounds" in capsys.readouterr().err


def test_scoring_imports_nothing_that_only_training_needs() -> None:
    code = (
        "import sys, classifier; classifier.load().score(['hello'])\n"
        "heavy = {'sklearn', 'scipy', 'pandas', 'matplotlib', 'rich', 'flask', 'sqlalchemy'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_it_runs_as_a_module(tmp_path: Path) -> None:
    shutil.copy(SHIPPED, tmp_path / "model")
    run = subprocess.run(
        [sys.executable, "-m", "classifier", "score", "--model", str(tmp_path / "model"), *ALONE],
        input=f"{RUDE}\n".encode(),
        capture_output=True,
        check=True,
    )
    assert json.loads(run.stdout)["scores"]["toxicity"] > 0.5
