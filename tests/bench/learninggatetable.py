"""What the gate made of candidates, as tables: one for the terminal, two for the docs."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from rich.console import Group
from rich.table import Table

from api.moderation.learning import gate
from api.moderation.learning.gate import Report

if TYPE_CHECKING:
    from tests.bench.learninggate import Trial

SUITES: Final = ("harmless", "caught", "evasion", "fairness")


def show(trials: "Sequence[Trial]") -> Group:
    """One site's trials, and what the gate said; suites that speak against it have a cross."""
    head = "decisions", "rejected", "", "wrong, %", "the one in force, %", *SUITES
    table = Table(*head, title=f"Site {trials[0].seed}: moderators {trials[0].moderators}")
    said = []
    for one in trials:
        counts = f"{one.decisions:,}", f"{one.rejected:,}"
        if one.candidate is None:
            table.add_row(*counts, "too few")
            continue
        report = one.candidate.report
        table.add_row(*counts, "promoted" if report.open else "refused", *_tell_report(report))
        said.append(f"{one.decisions:,}: {report.why}")
    return Group(table, *said)


def find_doubts(report: Report) -> list[str]:
    """Why a candidate is refused: `no gain`, `in force`, and names of suites."""
    figures, found = report.figures, []
    if figures.get("better", 0.0) < gate.SURE:
        found.append("no gain")
    if figures.get("in_force", {}).get("worse", 0.0) >= gate.LOSING:
        found.append("in force")
    return found + [name for name in SUITES if f"Of the suite {name} " in report.why]


def tell(trials: "Sequence[Trial]", honest: str) -> str:
    """The tables of the docs: what honest moderators' candidates come to, and what the others'."""
    counts = list(dict.fromkeys(one.decisions for one in trials))
    usual = [one for one in trials if one.moderators == honest]
    heads = "decisions", "came into force", "wrong, %", "since the one in force, %", *SUITES
    lines = [f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|"]
    lines += [_tell_honest([one for one in usual if one.decisions == count]) for count in counts]
    columns = " | ".join(f"{count:,}" for count in counts)
    lines += ["", f"| moderators | {columns} |", "| --- " * (1 + len(counts)) + "|"]
    for name in dict.fromkeys(one.moderators for one in trials if one.moderators != honest):
        some = [one for one in trials if one.moderators == name]
        cells = [_tell_outcome([one for one in some if one.decisions == count]) for count in counts]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _tell_honest(trials: "Sequence[Trial]") -> str:
    reports = [one.candidate.report for one in trials if one.candidate is not None]
    cells = [f"{trials[0].decisions:,}", _tell_outcome(trials)]
    if not reports:
        return f"| {' | '.join(cells)} |{' |' * (2 + len(SUITES))}"
    cells.append(_mean_change([one.figures for one in reports], "shipped", "candidate"))
    compared = [one.figures["in_force"] for one in reports if "in_force" in one.figures]
    cells.append(_mean_change(compared, "first", "second") if compared else "")
    for name in SUITES:
        pairs = [one.figures["suites"][name] for one in reports]
        cells.append(_mean_change(pairs, "shipped", "candidate"))
    return f"| {' | '.join(cells)} |"


def _tell_outcome(trials: "Sequence[Trial]") -> str:
    """How many came into force, and what kept the others from it."""
    reports = [one.candidate.report for one in trials if one.candidate is not None]
    if not reports:
        return "too few"
    passed = sum(one.open for one in reports)
    doubts = Counter(doubt for one in reports for doubt in find_doubts(one))
    doubts["too few"] = len(trials) - len(reports)
    against = ", ".join(f"{name} {count}" for name, count in doubts.items() if count)
    return f"{passed} of {len(trials)}" + (f" ({against})" if against else "")


def _tell_report(report: Report) -> Iterator[str]:
    figures, against = report.figures, find_doubts(report)
    yield _change(figures, "shipped", "candidate") if "shipped" in figures else ""
    compared = figures.get("in_force")
    yield _change(compared, "first", "second") if compared else ""
    for name in SUITES:
        told = _change(figures["suites"][name], "shipped", "candidate")
        yield f"{told} x" if name in against else told


def _change(pair: Mapping[str, Any], before: str, after: str) -> str:
    return " → ".join(f"{100 * _value(pair[name]):.1f}" for name in (before, after))


def _mean_change(pairs: Sequence[Mapping[str, Any]], before: str, after: str) -> str:
    """The means before and after, and of what came after the lowest and the highest."""
    first, second = ([100 * _value(pair[name]) for pair in pairs] for name in (before, after))
    told = f"{np.mean(first):.1f} → {np.mean(second):.1f}"
    low, high = f"{min(second):.1f}", f"{max(second):.1f}"
    return told if low == high else f"{told} ({low}-{high})"


def _value(of: Any) -> float:
    """A share, with its interval or without."""
    return float(of["value"] if isinstance(of, Mapping) else of)
