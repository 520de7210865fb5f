"""Both stages measured side by side, and scoring with both, with a reader made for the test."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifier import LABELS, Model, bothstages
from classifier.__main__ import main
from classifier.bothstages import look
from classifier.cascade import OPINIONS, Cascade
from classifier.evaluation import Labelled, evaluate
from classifier.labelled import read_labelled
from classifier.stageplots import draw_stages
from classifier.stagesreport import evaluate_stages, tables
from tests.classifier.cascades import cascade, facts
from tests.classifier.conftest import write_csv

SURE = "What a lovely recipe, thank you for sharing it with us."
HATE = "People like her are so stupid it hurts to read this."
HARMLESS = "A stupid mistake of mine, and so stupid to make it twice."
TOXICITY = LABELS.index("toxicity")


def says(text: str) -> dict[str, float]:
    """A reader that knows better than the first stage."""
    return dict.fromkeys(LABELS, 5.0 if text.startswith("People") else -5.0)


@pytest.fixture
def both(model: Model) -> Cascade:
    return cascade(model, says)


def read(both: Cascade) -> list[str]:
    found: list[str] = both.reader.read  # type: ignore[attr-defined]
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    rows = [(HATE, 1, 1, "north"), (HARMLESS, 0, 0, "south"), (SURE, 0, 0, "south")] * 30
    head = ["text", "toxic", "identity_attack", "group_region"]
    return write_csv(tmp_path / "mixed.csv", head, rows)


@pytest.fixture
def given(both: Cascade, monkeypatch: pytest.MonkeyPatch) -> Cascade:
    """What the commands find instead of the shipped second stage."""
    monkeypatch.setattr(bothstages, "open_cascade", lambda *_: both)
    return both


@pytest.fixture
def missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "missing.safetensors"
    monkeypatch.setattr("classifier.reader.SHIPPED", path)
    return path


def test_each_comment_is_read_once_and_serves_all_three(both: Cascade) -> None:
    items, steps = [SURE, HATE] * 100, []
    seen = look(both, items, OPINIONS, steps.append)
    assert read(both) == items
    assert sum(steps) == len(items)
    assert len(steps) > 1
    for when in OPINIONS:
        np.testing.assert_array_equal(seen.scores(when), both.score(items, when))


@pytest.mark.parametrize(("whens", "expected"), [(["never"], []), (["when_unsure"], [HATE])])
def test_only_what_somebody_asks_for_is_read(
    both: Cascade, whens: list[str], expected: list[str]
) -> None:
    look(both, [SURE, HATE], whens)
    assert read(both) == expected


def test_nothing_at_all_is_looked_at(both: Cascade) -> None:
    assert look(both, [], OPINIONS).scores("always").shape == (0, len(LABELS))


def test_three_stages_are_measured_each_at_its_own_thresholds(both: Cascade, file: Path) -> None:
    found = evaluate_stages(read_labelled(file), both, OPINIONS, rounds=10)
    assert found.asked == {"never": 0, "when_unsure": 60, "always": 90}
    holds = {when: one.qualities[0].verdicts[0].at for when, one in found.by.items()}
    assert holds["never"] == both.model.thresholds["toxicity"].hold
    assert holds["when_unsure"] == holds["always"] == 0.5
    accuracy = {when: one.qualities[0].verdicts[0].precision for when, one in found.by.items()}
    assert accuracy["always"] is not None
    assert accuracy["always"].value == 1.0
    labelled = read_labelled(file)
    alone = Labelled("mixed", labelled.truth, both.model.score(labelled.items), labelled.groups)
    assert (
        found.by["never"].qualities[0].auc
        == evaluate(alone, both.model.thresholds, rounds=10).qualities[0].auc
    )


def test_tables_put_the_three_under_each_other(both: Cascade, file: Path) -> None:
    made = tables(evaluate_stages(read_labelled(file), both, OPINIONS, rounds=5))
    ranking = next(table for table in made if "ranking" in table.title)
    assert [row[:2] for row in ranking.rows[:3]] == [("toxicity", when) for when in OPINIONS]
    ordinary = next(table for table in made if "read" in table.title)
    assert [row[1] for row in ordinary.rows] == ["0", "60", "90"]
    cases = next(table for table in made if "accuracy" in table.title)
    assert cases.head[-3:] == tuple(f"accuracy, {when}" for when in OPINIONS)
    assert [row[0] for row in cases.rows[-2:]] == ["north", "south"]
    assert all(row[-1].startswith("100.0%") for row in cases.rows)
    assert {len(row) for table in made for row in table.rows if row} <= set(range(4, 9))


def test_a_threshold_that_one_stage_lacks_leaves_a_row_out(model: Model, file: Path) -> None:
    never = {label: {"hold": 0.5, "reject": None} for label in LABELS}
    both = cascade(model, says, thresholds=never)
    made = tables(evaluate_stages(read_labelled(file), both, OPINIONS, rounds=5))
    verdicts = next(table for table in made if "thresholds" in table.title)
    rejecting = [row[2] for row in verdicts.rows if row[:2] == ("toxicity", "reject")]
    assert rejecting == ["never"]


def test_ordinary_comments_alone(both: Cascade, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "published.csv", ["text"], [(SURE,), (HARMLESS,)] * 5)
    found = evaluate_stages(read_labelled(path), both, OPINIONS, rounds=5, ordinary=True)
    touched = [one.touched for one in found.by.values()]
    assert touched[1] is not None
    assert touched[1].held.value == 0.0
    assert [table.title for table in tables(found)][-1] == "published: ordinary comments"


def test_the_same_figures_give_the_same_picture(both: Cascade, file: Path) -> None:
    found = evaluate_stages(read_labelled(file), both, OPINIONS, rounds=5)
    by = {when: one.qualities[0] for when, one in found.by.items()}
    assert draw_stages(by) == draw_stages(by)
    for name in ("first stage alone", "asked when unsure", "both always"):
        assert name in draw_stages(by).decode()


def test_evaluate_reports_all_three(
    given: Cascade, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report"
    assert main(["evaluate", str(file), "--rounds", "5", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    for word in (*OPINIONS, "identity_attack", "66.7%", "north", "accuracy"):
        assert word in printed
    page = (out / "report.html").read_text(encoding="utf-8")
    assert given.version in page
    assert page.count("data:image/svg+xml") == len(list(out.glob("*.svg"))) == 2


def test_evaluate_of_one_way_of_asking(
    given: Cascade, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(file), "--rounds", "5", "--second", "when_unsure"]) == 0
    assert "│ always" not in capsys.readouterr().out
    assert len(read(given)) == 60


@pytest.mark.parametrize("words", [["--reader", "none"], ["--second", "never"]])
def test_the_first_stage_alone_is_reported_as_before(
    words: list[str], given: Cascade, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(file), "--rounds", "5", *words]) == 0
    printed = capsys.readouterr()
    assert "second" not in printed.out
    assert "hits" in printed.out
    assert (read(given), printed.err) == ([], "")


def test_where_the_shipped_one_is_missing_a_sentence_says_so(
    missing: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(file), "--rounds", "5"]) == 0
    printed = capsys.readouterr()
    assert printed.err == (
        f"classifier: the first stage alone: There is no second stage at {missing}.\n"
    )
    assert "second stage" not in printed.out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--reader", "FOLDER/none"], "There is no second stage at FOLDER/none."),
        (["--reader", "FOLDER/mixed.csv"], "is not a whole second stage"),
        (["--reader", "none", "--second", "always"], "--reader none leaves it out."),
        (["--second", "always"], "There is no second stage at FOLDER/missing.safetensors."),
    ],
)
@pytest.mark.parametrize("command", ["evaluate", "score"])
def test_a_second_stage_that_was_asked_for_has_to_be_there(
    command: str,
    words: list[str],
    sentence: str,
    missing: Path,
    file: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = str(file.parent)
    assert main([command, str(file), *(word.replace("FOLDER", folder) for word in words)]) == 1
    printed = capsys.readouterr()
    assert sentence.replace("FOLDER", folder) in printed.err
    assert (printed.err.count("\n"), printed.out) == (1, "")


def test_a_reader_of_another_model_is_refused(
    model: Model, file: Path, monkeypatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other: Any = facts(model, model="linear-1999.01-00000000")
    reader = cascade(model, says).reader
    reader.manifest = other  # type: ignore[misc]
    monkeypatch.setattr("classifier.reader.Reader.load", lambda *_: reader)
    assert main(["score", str(file), "--reader", "other"]) == 1
    assert "goes with linear-1999.01-00000000" in capsys.readouterr().err


def scored(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    assert main(["score", *words]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture
def lines(tmp_path: Path) -> str:
    path = tmp_path / "lines.txt"
    path.write_text(f"{SURE}\n{HATE}\n\n", encoding="utf-8")
    return str(path)


def test_score_says_what_the_second_stage_did(
    given: Cascade, lines: str, capsys: pytest.CaptureFixture[str], monkeypatch
) -> None:
    found = scored(capsys, lines)
    opinions = [one["second_opinion"] for one in found]
    assert opinions == ["not_needed", "given", "not_needed"]
    expected = given.score([SURE, HATE, ""]).round(4).tolist()
    assert [list(one["scores"].values()) for one in found] == expected
    content = Path(lines).read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert scored(capsys) == found


@pytest.mark.parametrize(
    ("words", "opinion", "count"),
    [
        (["--second", "always"], "given", 3),
        (["--second", "never"], "off", 0),
        (["--reader", "none"], "off", 0),
    ],
)
def test_score_when_the_second_stage_is_asked(
    words: list[str],
    opinion: str,
    count: int,
    given: Cascade,
    lines: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert {one["second_opinion"] for one in scored(capsys, lines, *words)} == {opinion}
    assert len(read(given)) == count


def test_score_without_a_second_stage(
    missing: Path, model: Model, lines: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", lines]) == 0
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    found = [json.loads(line) for line in printed.out.splitlines()]
    assert {one["second_opinion"] for one in found} == {"absent"}
    alone = model.score([SURE, HATE, ""]).round(4).tolist()
    assert [list(one["scores"].values()) for one in found] == alone
