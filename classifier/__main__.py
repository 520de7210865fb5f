"""`python -m classifier`: train a model, evaluate one, or score lines with it."""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from classifier import LABELS, Model, ModelError, load


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, or 1 after a sentence on stderr."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except (ModelError, OSError, ValueError) as error:
        print(f"classifier: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m classifier", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    train = commands.add_parser("train", help="train a model on a folder of labelled sets")
    train.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    train.add_argument("--dev", type=Path, help="folder of the sets that thresholds are chosen on")
    train.add_argument("--out", type=Path, required=True, help="the model file to write")
    train.add_argument("--card", type=Path, help="write the model card here")
    train.add_argument("--seed", type=int, default=0)
    train.set_defaults(run=_train)
    evaluate = commands.add_parser("evaluate", help="print the AUC of each label a CSV names")
    evaluate.add_argument("files", nargs="+", type=Path, metavar="FILE.csv")
    evaluate.set_defaults(run=_evaluate)
    score = commands.add_parser("score", help="score plain lines, one JSON object a line out")
    score.add_argument("file", nargs="?", type=Path, help="standard input when not given")
    score.set_defaults(run=_score)
    for command in (evaluate, score):
        command.add_argument("--model", type=Path, help="the shipped model when not given")
    return parser


def _train(options: argparse.Namespace) -> None:
    # Training needs scikit-learn and pandas, which scoring must not wait for.
    from rich.console import Console

    from classifier.card import write_card
    from classifier.training import Training, train

    console = Console(stderr=True)
    with console.status("training") as status:

        def report(step: str) -> None:
            console.log(step)
            status.update(step)

        manifest = train(Training(options.data, options.dev, options.seed), options.out, report)
    if options.card:
        write_card(options.card, manifest, options.out.stat().st_size)
    console.log(f"wrote {options.out}, {options.out.stat().st_size / 1e6:.1f} MB")


def _evaluate(options: argparse.Namespace) -> None:
    from rich.console import Console
    from rich.table import Table

    from classifier.evaluation import measure, score_file

    model = load(options.model)
    table = Table("set", "label", "AUC", "positives", "rows")
    for path in options.files:
        labelled = score_file(path, model)
        for label, found in measure(labelled).items():
            table.add_row(labelled.name, label, f"{found['auc']:.4f}", *_counts(found))
    Console().print(table)


def _counts(found: dict[str, int]) -> tuple[str, str]:
    return f"{found['positives']:,}", f"{found['rows']:,}"


def _score(options: argparse.Namespace) -> None:
    model = load(options.model)
    if options.file is None:
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
        _print_scores(model, sys.stdin)
    else:
        with options.file.open(encoding="utf-8", errors="replace") as lines:
            _print_scores(model, lines)


def _print_scores(model: Model, lines: Iterable[str]) -> None:
    for line in lines:
        scores = model.score([line.rstrip("\r\n")])[0]
        named = {label: round(float(s), 4) for label, s in zip(LABELS, scores, strict=True)}
        print(json.dumps({"scores": named}))


if __name__ == "__main__":
    sys.exit(main())
