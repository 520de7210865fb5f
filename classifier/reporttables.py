"""Evaluations as tables."""

from typing import Final

from classifier.evaluation import Evaluation, Quality
from classifier.hatecheck import HATE, WAYS, meaning
from classifier.intervals import Figure
from classifier.tables import Table
from classifier.verdicts import Verdicts

_RANKING: Final = ("label", "AUC", "average precision", "calibration error", "positives", "rows")
_VERDICTS: Final = ("label", "action", "at", "precision", "recall", "false positives")
_COUNTS: Final = ("hits", "wrong", "missed", "right")
_TOUCHED: Final = ("rows", "held", "rejected")
_GROUPS: Final = ("group", "rows", "positives", "AUC", "false positives", "from the mean")
_CASES: Final = ("group", "rows", f"with {HATE}", "accuracy")


def tables(evaluation: Evaluation) -> list[Table]:
    """Return the tables that say what was measured; those without a row are left out."""
    made = [
        table_ranking(evaluation),
        table_verdicts(evaluation),
        table_touched(evaluation),
        *(table_groups(evaluation.name, quality) for quality in evaluation.qualities),
        *(table_cases(evaluation, way) for way in WAYS),
    ]
    return [table for table in made if table.rows]


def table_ranking(evaluation: Evaluation) -> Table:
    """Return how well each label is ranked and calibrated; the first column is its key."""
    rows: list[tuple[str, ...]] = []
    for one in evaluation.qualities:
        figures = (str(one.auc), str(one.average_precision), f"{one.calibration_error:.4f}")
        rows.append((one.label, *figures, f"{one.truth.sum():,.0f}", f"{len(one.truth):,}"))
    return Table(f"{evaluation.name}: ranking and calibration", _RANKING, rows)


def table_verdicts(evaluation: Evaluation, counts: bool = True) -> Table:
    """Return what each label's thresholds do; the first two columns are its key.

    The four `counts` of each row can be left out, where the table would be too wide.
    """
    rows = []
    for quality in evaluation.qualities:
        for one in quality.verdicts:
            shares = (one.precision, one.recall, one.false_positive_rate)
            cells = (*map(percent, shares), *(_count(one) if counts else ()))
            rows.append((quality.label, one.action, f"{one.at:.4g}", *cells))
    head = (*_VERDICTS, *(_COUNTS if counts else ()))
    return Table(f"{evaluation.name}: at the thresholds", head, rows)


def _count(one: Verdicts) -> tuple[str, ...]:
    named = (one.true_positives, one.false_positives)
    return tuple(f"{count:,}" for count in (*named, one.false_negatives, one.true_negatives))


def table_touched(evaluation: Evaluation) -> Table:
    """Return what becomes of ordinary comments, in one row, or none where there are none."""
    one = evaluation.touched
    rows = [(f"{one.rows:,}", percent(one.held), percent(one.rejected))] if one else []
    return Table(f"{evaluation.name}: ordinary comments", _TOUCHED, rows)


def table_groups(name: str, quality: Quality) -> Table:
    """Return how one label fares in each group; the first column is its key."""
    rates = [one.false_positive_rate.value for one in quality.groups if one.false_positive_rate]
    mean = sum(rates) / len(rates) if rates else 0.0
    rows = []
    for one in quality.groups:
        rate = one.false_positive_rate
        auc = "-" if one.auc is None else f"{one.auc:.3f}"
        apart = f"{rate.value - mean:+.1%}" if rate else "-"
        counts = f"{one.rows:,}", f"{one.positives:,}"
        rows.append((one.name, *counts, auc, percent(rate), apart))
    spread = "" if quality.auc_spread is None else f", AUC spread {quality.auc_spread:.3f}"
    return Table(f"{name}: {quality.label} by group{spread}", _GROUPS, rows)


def table_cases(evaluation: Evaluation, way: str) -> Table:
    """Return how often each group is held, in this `way`, if and only if it is hateful."""
    rows = [
        (one.name, f"{one.rows:,}", f"{one.hateful:,}", percent(one.accuracy[way]))
        for one in evaluation.cases
    ]
    return Table(f"{evaluation.name}: {meaning(way)}", _CASES, rows)


def percent(share: Figure | None) -> str:
    """Return a share and its interval, in hundredths."""
    if share is None:
        return "-"
    low, high = share.low * 100, share.high * 100
    return f"{share.value:.2%} ({low:.2f} to {high:.2f})"
