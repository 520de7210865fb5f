"""Moderators who mislead: what they teach does not pass the gate, and what honest ones teach does.

They are those of `python -m tests.bench.learninggate`, at work in a town of our own making.
"""

import io
import random
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from rich.console import Console

from api.moderation.learning.gate import Report
from api.moderation.learning.labels import Label
from classifier import Submission
from classifier.identity import training_sentences
from classifier.suites import read_suites
from tests.api.moderation.learning import town
from tests.bench import learninggate
from tests.bench import learninggatetable as table
from tests.bench.learninggate import HONEST, Trial, replay
from tests.bench.learninggatepage import BEGIN, END, Page
from tests.bench.learningmisled import mislead
from tests.factories import START

DECISIONS = (20, 150, 600)


@cache
def say() -> Mapping[str, Sequence[Label]]:
    """What honest moderators, and others, say of the town, where every fourth names a group."""
    there, drawn = town.build(), random.Random(3)
    people = [one.text for one in training_sentences() if not one.hateful]
    honest = [
        Label(
            key=f"comment:{place}",
            item=Submission(drawn.choice(people)) if place % 4 == 0 else there.items[place],
            rejected=bool(place % 4 and there.right[place]),
            weight=1.0,
            actor="moderator:mo@example.org",
            reason=None,
            decided_at=START + timedelta(minutes=place),
        )
        for place in range(DECISIONS[-1])
    ]
    loans = {
        item.text for item, kind in zip(there.items, there.kinds, strict=True) if kind == "loan"
    }
    plain = read_suites()["caught"]
    spam = [text for text, kind in zip(plain.texts, plain.kinds, strict=True) if "spam" in kind]
    return {HONEST: honest, **mislead(there.model, honest, loans, spam, seed=1)}


@cache
def try_out(moderators: str) -> list[Trial]:
    return list(replay(town.build().model, say()[moderators], 1, moderators, DECISIONS))


def find_report(moderators: str, decisions: int) -> Report:
    [candidate] = [one.candidate for one in try_out(moderators) if one.decisions == decisions]
    assert candidate is not None
    return candidate.report


@pytest.mark.parametrize("decisions", DECISIONS[1:])
def test_what_honest_moderators_teach_comes_into_force(decisions: int) -> None:
    report = find_report(HONEST, decisions)

    assert report.open
    assert table.find_doubts(report) == []


@pytest.mark.parametrize(
    ("moderators", "doubts"),
    [
        ("flip every second decision, by chance", {"no gain", "harmless", "fairness"}),
        ("decide the opposite", {"harmless"}),
        ("reject whatever names a group of people", {"fairness"}),
        ("approve all spam, of which much comes", {"caught"}),
        ("decide as the shipped model", {"no gain"}),
    ],
)
def test_what_others_teach_is_refused(moderators: str, doubts: set[str]) -> None:
    report = find_report(moderators, DECISIONS[-1])

    assert not report.open
    assert doubts & set(table.find_doubts(report))


def test_a_decision_that_overturns_is_one_error() -> None:
    """Of a coin's decisions the shipped model foretells half, though half of them teach twice."""
    report = find_report("flip every second decision, by chance", DECISIONS[-1])

    assert 0.4 < report.figures["shipped"]["value"] < 0.6


def test_the_tables_say_what_came_of_it() -> None:
    trials = [one for name in say() for one in try_out(name)]

    rows = [line for line in table.tell(trials, HONEST).splitlines() if line]

    cells = {row.split(" | ")[0].strip("| "): row.split(" | ")[1:] for row in rows}
    assert cells["20"][0].startswith("too few")
    assert [cells[count][0] for count in ("150", "600")] == ["1 of 1"] * 2
    assert "no gain 1" in cells["decide as the shipped model"][-1]
    assert all(cells[name][-1].startswith("0 of 1") for name in say() if name != HONEST)
    out = Console(width=200, file=io.StringIO())
    out.print(table.show(try_out(HONEST)))
    told = out.file.getvalue()  # type: ignore[attr-defined]
    assert told.count("promoted") == 2
    assert "600: It is wrong about" in told


def test_the_command_writes_between_its_comments(tmp_path: Path) -> None:
    path = tmp_path / "learning.md"
    path.write_text(f"Before.\n{BEGIN}\nold\n{END}\nAfter.\n")

    Page.read(path).write("new")

    assert path.read_text() == f"Before.\n{BEGIN}\n\nnew\n\n{END}\nAfter.\n"
    path.write_text(f"Before.\n{END}\n{BEGIN}\n")
    with pytest.raises(ValueError, match="lacks"):
        Page.read(path)


def test_the_command_says_what_it_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["learninggate", "--data", str(tmp_path)])

    with pytest.raises(SystemExit, match=r"^Skipped: there is no .*jigsaw_multilabel"):
        learninggate.main()
