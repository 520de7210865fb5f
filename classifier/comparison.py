"""Two models on the same labelled files: which ranks better, and whose verdicts change."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.intervals import ROUNDS, Figure, percentile, rank, resamples
from classifier.labelled import Labelled, LabelledFile, Progress, score_labelled
from classifier.labels import LABELS
from classifier.model import Model
from classifier.submission import Submission
from classifier.tables import Table
from classifier.verdicts import decide

Floats = NDArray[np.float64]
Actions = NDArray[np.int64]
NAMES: Final = ("approve", "hold", "reject")
_LENGTH: Final = 80


@dataclass(frozen=True, slots=True)
class Difference:
    """One label's AUC under both models, and their difference, B - A, resampled in pairs."""

    label: str
    rows: int
    first: float
    second: float
    difference: Figure

    @property
    def verdict(self) -> str:
        """Which model ranks better, where the interval of the difference leaves out 0."""
        if self.difference.low > 0:
            return "B is better"
        return "A is better" if self.difference.high < 0 else "no difference shown"


@dataclass(frozen=True, slots=True)
class Change:
    """A comment on which the models' actions differ, and by how much its scores moved most."""

    text: str
    first: str
    second: str
    label: str
    scores: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two models make of one file.

    `actions` (3, 3) counts comments by A's action (row) and B's (column). `clean` is the same
    of ordinary comments alone, which both should approve.
    """

    name: str
    differences: tuple[Difference, ...]
    actions: Actions
    clean: Actions
    changes: tuple[Change, ...]


def compare(
    file: LabelledFile,
    models: tuple[Model, Model],
    rounds: int = ROUNDS,
    seed: int = 0,
    examples: int = 10,
    progress: Progress | None = None,
) -> Comparison:
    """Score `file` with both models, each judged at its own thresholds.

    A label of which the file has one kind only is not ranked. At most `examples` changed
    comments are kept, those whose scores moved farthest first.
    """
    first, second = (score_labelled(file, model, progress) for model in models)
    before, after = (
        decide(one.scores, model.thresholds)
        for one, model in zip((first, second), models, strict=True)
    )
    ranked = (_difference(first, second, column, rounds, seed) for column in range(len(LABELS)))
    return Comparison(
        file.name,
        tuple(one for one in ranked if one is not None),
        _crossed(before, after),
        _crossed(before[first.ordinary], after[first.ordinary]),
        _changes(file.items, (before, after), (first.scores, second.scores), examples),
    )


def _difference(
    first: Labelled, second: Labelled, column: int, rounds: int, seed: int
) -> Difference | None:
    known = ~np.isnan(first.truth[:, column])
    truth = first.truth[known, column]
    if not 0 < truth.sum() < len(truth):
        return None
    pair = [rank(one.scores[known, column], truth) for one in (first, second)]
    # The same sample for both: what is hard in it is hard for both, and falls out.
    samples = np.array(
        [
            [ranking.auc(counts) for ranking in pair]
            for counts in (np.ones(len(truth)), *resamples(truth, rounds, seed))
        ]
    )
    gaps = samples[:, 1] - samples[:, 0]
    a, b = (float(auc) for auc in samples[0])
    return Difference(LABELS[column], len(truth), a, b, percentile(gaps[0], gaps[1:]))


def _crossed(before: Actions, after: Actions) -> Actions:
    return np.bincount(before * 3 + after, minlength=9).reshape(3, 3)


def _changes(
    items: Sequence[str | Submission],
    actions: tuple[Actions, Actions],
    scores: tuple[Floats, Floats],
    examples: int,
) -> tuple[Change, ...]:
    changed = np.flatnonzero(actions[0] != actions[1])
    moved = np.abs(scores[1] - scores[0])
    farthest = changed[np.argsort(-moved[changed].max(axis=1), kind="stable")][:examples]
    found = []
    for row in farthest.tolist():
        item, column = items[row], int(moved[row].argmax())
        before, after = (NAMES[one[row]] for one in actions)
        pair = float(scores[0][row, column]), float(scores[1][row, column])
        text = item if isinstance(item, str) else item.text
        found.append(Change(text, before, after, LABELS[column], pair))
    return tuple(found)


def tables(comparison: Comparison) -> list[Table]:
    """Return the tables that say how the models differ; those without a row are left out."""
    name, changed = comparison.name, int(comparison.actions.sum() - comparison.actions.trace())
    ranked = [
        (one.label, f"{one.rows:,}", *_aucs(one), one.verdict) for one in comparison.differences
    ]
    examples = [
        (_short(one.text), one.first, one.second, one.label, *map("{:.3f}".format, one.scores))
        for one in comparison.changes
    ]
    made = [
        Table(f"{name}: AUC", ("label", "rows", "A", "B", "B - A", ""), ranked),
        _counts(f"{name}: {changed:,} changed verdicts (A down, B across)", comparison.actions),
        _counts(f"{name}: of ordinary comments", comparison.clean),
        Table(f"{name}: moved farthest", ("text", "A", "B", "label", "A says", "B says"), examples),
    ]
    return [table for table in made if table.rows]


def _aucs(one: Difference) -> tuple[str, str, str]:
    gap = one.difference
    interval = f"{gap.value:+.4f} ({gap.low:+.4f} to {gap.high:+.4f})"
    return f"{one.first:.4f}", f"{one.second:.4f}", interval


def _counts(title: str, crossed: Actions) -> Table:
    rows = [
        (name, *(f"{count:,}" for count in line))
        for name, line in zip(NAMES, crossed.tolist(), strict=True)
    ]
    return Table(title, ("", *NAMES), rows if crossed.any() else [])


def _short(text: str) -> str:
    # Control characters of a hostile comment must not reach a terminal.
    line = "".join(char if char.isprintable() else " " for char in " ".join(text.split()))
    return line if len(line) <= _LENGTH else f"{line[: _LENGTH - 1]}…"
