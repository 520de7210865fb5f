"""Two models on one file: the difference of their AUC and of their verdicts."""

from types import SimpleNamespace

import numpy as np
import pytest

from classifier import LABELS, Threshold
from classifier.comparison import Comparison, compare, tables
from classifier.labelled import LabelledFile
from classifier.submission import Submission

COUNT = 200
TRUTH = np.arange(COUNT) % 2
CHANCE = np.random.default_rng(0)
NOISE = CHANCE.random(COUNT)


def stub(scores: np.ndarray, hold: float = 0.5, reject: float | None = 0.9) -> SimpleNamespace:
    """A model that says these toxicities, whatever it reads."""
    said = np.zeros((COUNT, len(LABELS)))
    said[:, 1] = scores
    thresholds = {label: Threshold(hold, reject) for label in LABELS}
    return SimpleNamespace(score=lambda items: said[: len(items)], thresholds=thresholds)


GOOD = stub(0.7 * TRUTH + 0.3 * NOISE)
POOR = stub(0.2 * TRUTH + 0.8 * NOISE)


def file(**known: np.ndarray) -> LabelledFile:
    truth = np.full((COUNT, len(LABELS)), np.nan)
    for label, values in ({"toxicity": TRUTH} | known).items():
        truth[:, LABELS.index(label)] = values
    items = [Submission(f"\x1b[31m{n}\n") if n % 3 else f"number {n}" for n in range(COUNT)]
    return LabelledFile("set", items, truth, {})


def compared(first: SimpleNamespace, second: SimpleNamespace, **more: int) -> Comparison:
    return compare(file(), (first, second), rounds=200, **more)


def test_a_better_model_is_said_to_be_better_whichever_way_round() -> None:
    forth, back = compared(POOR, GOOD).differences[0], compared(GOOD, POOR).differences[0]
    assert (forth.verdict, back.verdict) == ("B is better", "A is better")
    assert forth.difference.value == pytest.approx(-back.difference.value)
    assert forth.second == 1.0


def test_a_model_is_no_better_than_itself() -> None:
    one = compared(POOR, POOR)
    assert one.differences[0].verdict == "no difference shown"
    assert one.differences[0].difference.low == one.differences[0].difference.high == 0
    assert one.changes == ()
    assert (one.actions == np.diag(np.diag(one.actions))).all()


def test_pairs_make_the_interval_narrower_than_two_intervals_would() -> None:
    nearly = stub(np.clip(0.2 * TRUTH + 0.8 * NOISE + 0.01 * CHANCE.random(COUNT), 0, 1))
    gap = compared(POOR, nearly).differences[0].difference
    assert gap.high - gap.low < 0.02


def test_each_model_is_judged_at_its_own_thresholds() -> None:
    strict = stub(0.7 * TRUTH + 0.3 * NOISE, hold=0.01, reject=None)
    actions = compared(GOOD, strict).actions
    assert actions.sum() == COUNT
    assert actions[:, 2].sum() == 0
    assert actions[0, 1] > 90


def test_the_farthest_moved_come_first_and_no_more_than_asked() -> None:
    changes = compared(POOR, GOOD, examples=5).changes
    moved = [abs(one.scores[1] - one.scores[0]) for one in changes]
    assert len(changes) == 5
    assert moved == sorted(moved, reverse=True)
    assert {one.label for one in changes} == {"toxicity"}


def test_ordinary_comments_are_counted_apart() -> None:
    clean = {label: np.zeros(COUNT) for label in LABELS[2:]}
    one = compare(file(**clean), (POOR, GOOD), rounds=5)
    assert one.clean.sum() == (TRUTH == 0).sum()


def test_tables_show_no_control_characters() -> None:
    shown = tables(compared(POOR, GOOD))
    assert len(shown) == 3
    cells = [cell for table in shown for row in table.rows for cell in row]
    assert all(cell.isprintable() for cell in cells)
    assert any("number" in cell for cell in cells)
