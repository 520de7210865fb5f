"""One file's figures by when the second stage is asked, side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from classifier.bothstages import Progress, look
from classifier.cascade import Cascade
from classifier.evaluation import Evaluation, evaluate
from classifier.hatecheck import HATE, WAYS, Case, meaning
from classifier.intervals import ROUNDS
from classifier.labelled import Labelled, LabelledFile
from classifier.report import Picture, Section
from classifier.reporttables import (
    table_groups,
    table_ranking,
    table_touched,
    table_verdicts,
)
from classifier.tables import Table

_WHEN: Final = "second stage"
_MEANING: Final = (
    "Second stage: never, the first stage alone, at its own thresholds; when_unsure, the second is "
    "asked where the first is not sure; always, both read every comment. The last two are judged "
    "at the thresholds of both stages."
)


@dataclass(frozen=True, slots=True)
class Staged:
    """A file's figures by when the second stage is asked, and how many of its rows that was."""

    name: str
    rows: int
    asked: Mapping[str, int]
    by: Mapping[str, Evaluation]

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be measured, and what the tables' words mean."""
        return (*next(iter(self.by.values())).notes, _MEANING)


def evaluate_stages(
    file: LabelledFile,
    cascade: Cascade,
    whens: Sequence[str],
    rounds: int = ROUNDS,
    seed: int = 0,
    ordinary: bool = False,
    progress: Progress | None = None,
) -> Staged:
    """Measure `file` for each of `whens`, of `cascade.OPINIONS`; each stage looks at a row once.

    Raises ValueError, with a sentence, where the file lets nothing be measured.
    """
    seen = look(cascade, file.items, whens, progress)
    by = {}
    for when in whens:
        scored = Labelled(file.name, file.truth, seen.scores(when), file.groups)
        thresholds = (cascade.model if when == "never" else cascade).thresholds
        by[when] = evaluate(scored, thresholds, rounds, seed, ordinary)
    asked = {when: int(seen.asked(when).sum()) for when in whens}
    return Staged(file.name, len(file.items), asked, by)


def tables(staged: Staged) -> list[Table]:
    """Return the tables that say what was measured; those without a row are left out."""
    by = staged.by
    labels = range(len(next(iter(by.values())).qualities))
    made = [
        _table_asked(staged),
        _beside({when: table_ranking(one) for when, one in by.items()}, 1),
        _beside({when: table_verdicts(one, counts=False) for when, one in by.items()}, 2),
        _beside({when: table_touched(one) for when, one in by.items()}, 0),
        *(_beside_groups(staged, place) for place in labels),
        *(_table_cases(staged, way) for way in WAYS),
    ]
    return [table for table in made if table.rows]


def _table_asked(staged: Staged) -> Table:
    rows = [
        (when, f"{count:,}", f"{count / staged.rows:.1%}", f"{staged.rows:,}")
        for when, count in staged.asked.items()
    ]
    return Table(f"{staged.name}: rows that were read", (_WHEN, "read", "share", "rows"), rows)


def _beside(tables: Mapping[str, Table], keys: int, title: str = "") -> Table:
    """Put the rows of like `keys` cells under each other, and after those say when it asks."""
    fullest = sorted(tables.values(), key=lambda table: -len(table.rows))
    order = dict.fromkeys(tuple(row[:keys]) for table in fullest for row in table.rows)
    rows = [
        (*key, when, *row[keys:])
        for key in order
        for when, table in tables.items()
        for row in table.rows
        if tuple(row[:keys]) == key
    ]
    first = next(iter(tables.values()))
    head = (*first.head[:keys], _WHEN, *first.head[keys:])
    return Table(title or first.title, head, rows)


def _beside_groups(staged: Staged, place: int) -> Table:
    found = {when: one.qualities[place] for when, one in staged.by.items()}
    label = next(iter(found.values())).label
    spreads = [
        f"{one.auc_spread:.3f} {when}" for when, one in found.items() if one.auc_spread is not None
    ]
    spread = f", AUC spread {', '.join(spreads)}" if spreads else ""
    made = {when: table_groups(staged.name, one) for when, one in found.items()}
    return _beside(made, 1, f"{staged.name}: {label} by group{spread}")


def _table_cases(staged: Staged, way: str) -> Table:
    """One row a group and one column a way of asking: a set has dozens of groups."""
    first = next(iter(staged.by.values())).cases
    found = zip(*(one.cases for one in staged.by.values()), strict=True)
    rows = [
        (case.name, f"{case.rows:,}", f"{case.hateful:,}", *(_accuracy(one, way) for one in cases))
        for case, cases in zip(first, found, strict=True)
    ]
    head = ("group", "rows", f"with {HATE}", *(f"accuracy, {when}" for when in staged.by))
    return Table(f"{staged.name}: {meaning(way)}", head, rows)


def _accuracy(case: Case, way: str) -> str:
    one = case.accuracy[way]
    return f"{one.value:.1%} ({one.low * 100:.0f} to {one.high * 100:.0f})"


def section(staged: Staged) -> Section:
    """Return what a report says of one file. Needs matplotlib."""
    from classifier.stageplots import draw_stages

    pictures = []
    for place, one in enumerate(next(iter(staged.by.values())).qualities):
        found = {when: each.qualities[place] for when, each in staged.by.items()}
        aucs = ", ".join(f"{quality.auc} {when}" for when, quality in found.items())
        words = f"precision and recall, ROC curve and calibration of each stage; AUC {aucs}"
        pictures.append(Picture(one.label, words, draw_stages(found)))
    return Section(staged.name, staged.rows, staged.notes, tables(staged), pictures)
