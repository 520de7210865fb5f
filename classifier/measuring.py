"""Commands that measure models on labelled files: evaluate and compare."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from classifier.bothstages import open_wanted
from classifier.cascade import OPINIONS, Cascade
from classifier.model import Model, load
from classifier.working import quiet

if TYPE_CHECKING:
    from classifier.labelled import LabelledFile
    from classifier.report import Section
    from classifier.tables import Table

# Measuring needs scikit-learn, pandas and matplotlib, which scoring must not wait for: each
# command imports what it needs.
_GROUP: Final = "report on each value of this column, too; group and group_… always are"
_WIDE: Final = 140
_WHENS: Final = "when the second stage is asked; all three side by side when not given"


def add_commands(commands: Any) -> None:
    """Add `evaluate` and `compare` to a parser's subcommands."""
    evaluate = commands.add_parser("evaluate", help="measure a model on labelled CSV files")
    evaluate.add_argument("files", nargs="+", type=Path, metavar="FILE.csv")
    evaluate.add_argument("--out", type=Path, help="folder for a report in Markdown and HTML")
    evaluate.add_argument(
        "--ordinary", action="store_true", help="every row is a comment that should be published"
    )
    evaluate.add_argument("--model", type=Path, help="the shipped model when not given")
    evaluate.add_argument("--reader", metavar="FILE|none", help="the shipped one when not given")
    evaluate.add_argument("--second", nargs="+", choices=OPINIONS, help=_WHENS)
    evaluate.add_argument("--group", action="append", default=[], metavar="COLUMN", help=_GROUP)
    evaluate.set_defaults(run=_evaluate)
    compare = commands.add_parser("compare", help="two models on the same labelled CSV files")
    compare.add_argument("models", nargs=2, type=Path, metavar="MODEL", help="A, then B")
    compare.add_argument("--on", nargs="+", type=Path, required=True, metavar="FILE.csv")
    compare.add_argument("--examples", type=int, default=10, help="changed comments to show")
    compare.set_defaults(run=_compare)
    for command in (evaluate, compare):
        command.add_argument("--rounds", type=_count, default=1000, help="resamples of a bootstrap")
        command.add_argument("--seed", type=int, default=0)


def _count(text: str) -> int:
    if not 0 <= (number := int(text)) <= 1_000_000:
        raise argparse.ArgumentTypeError("a number from 0 to 1,000,000")
    return number


def _evaluate(options: argparse.Namespace) -> None:
    from rich.console import Console

    from classifier.labelled import read_labelled
    from classifier.report import write_report

    model, console, sections = load(options.model), Console(), []
    # All are read before the first is scored: a wrong column is told at once.
    files = [read_labelled(path, options.group) for path in options.files]
    cascade = open_wanted(model, options.reader, options.second)
    if cascade and not console.is_terminal:
        # A file has room for the columns of three.
        console = Console(width=max(console.width, _WIDE))
    for file in files:
        tables, notes, section = _measure(file, cascade or model, options)
        for table in tables:
            table.show(console)
        for note in notes:
            console.print(note, markup=False)
        sections.append(section)
    if options.out:
        drawn = [section() for section in sections]
        written = write_report(options.out, drawn, (cascade or model).version)
        print(f"wrote {written[0]} and {written[1]}", file=sys.stderr)


def _measure(
    file: "LabelledFile", scorer: Model | Cascade, options: argparse.Namespace
) -> "tuple[list[Table], Sequence[str], Callable[[], Section]]":
    """Return the tables of one file, its notes, and what draws its section of a report."""
    from classifier import report, stagesreport
    from classifier.evaluation import evaluate
    from classifier.labelled import score_labelled

    fixed = (options.rounds, options.seed, options.ordinary)
    with _bar(file) as advance:
        if isinstance(scorer, Cascade):
            whens = [when for when in OPINIONS if when in (options.second or OPINIONS)]
            staged = stagesreport.evaluate_stages(file, scorer, whens, *fixed, advance)
            made = stagesreport.tables(staged)
            return made, staged.notes, lambda: stagesreport.section(staged)
        labelled = score_labelled(file, scorer, advance)
    found = evaluate(labelled, scorer.thresholds, *fixed)
    return report.tables(found), found.notes, lambda: report.section(found)


def _compare(options: argparse.Namespace) -> None:
    from rich.console import Console

    from classifier.comparison import compare, tables
    from classifier.labelled import read_labelled

    first, second = (load(path) for path in options.models)
    console = Console()
    console.print(f"A is {first.version}, B is {second.version}", highlight=False)
    for file in [read_labelled(path) for path in options.on]:
        with _bar(file, times=2) as advance:
            fixed = (options.rounds, options.seed, options.examples)
            comparison = compare(file, (first, second), *fixed, advance)
        for table in tables(comparison):
            table.show(console)


@contextmanager
def _bar(file: "LabelledFile", times: int = 1) -> Iterator[Callable[[int], object]]:
    """Show on a terminal how many rows are scored; yield what to tell the rows of each step."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=quiet()) as progress:
        task = progress.add_task(file.name, total=times * len(file.items))
        yield lambda rows: progress.advance(task, rows)
