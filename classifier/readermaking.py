"""Commands for who makes the second stage: train-reader, export-reader and fit-cascade."""

import argparse
from pathlib import Path
from typing import Any, Final

from classifier.working import working

STEPS: Final = 9000
"""Nearly two rounds over what the sets give, at the batch of 32."""


def add_commands(commands: Any) -> None:
    """Add `train-reader`, `export-reader` and `fit-cascade` to a parser's subcommands."""
    train = commands.add_parser("train-reader", help="fine-tune an encoder for the second stage")
    train.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    train.add_argument("--dev", type=Path, help="folder of the sets to measure on")
    train.add_argument("--out", type=Path, required=True, help="folder to keep the run in")
    train.add_argument("--resume", action="store_true", help="go on with the run kept there")
    train.add_argument("--base", type=Path, help="folder of a BERT, if not all-MiniLM-L6-v2")
    train.add_argument("--from", type=Path, dest="earlier", help="folder of a run to begin with")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--steps", type=_positive, default=STEPS)
    train.add_argument("--batch", type=_positive, default=32, help="texts a step")
    train.add_argument("--rate", type=float, default=1.2e-4, help="the highest learning rate")
    train.add_argument("--keep-every", type=_positive, default=200, metavar="STEPS")
    train.add_argument("--measure-every", type=_positive, default=1000, metavar="STEPS")
    train.set_defaults(run=_train)
    export = commands.add_parser("export-reader", help="a trained encoder as a file to score with")
    export.add_argument(
        "--from",
        type=Path,
        required=True,
        nargs="+",
        dest="folders",
        metavar="DIR",
        help="the run's folder; of several, the mean of their weights is taken",
    )
    export.add_argument("--out", type=Path, required=True, help="the file to write")
    export.add_argument("--pieces", type=_positive, help="word pieces to keep")
    export.set_defaults(run=_export)
    fit = commands.add_parser("fit-cascade", help="how a reader goes together with a linear model")
    fit.add_argument("--reader", type=Path, required=True, help="file that export-reader wrote")
    fit.add_argument("--model", type=Path, help="the shipped model when not given")
    fit.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    fit.add_argument("--dev", type=Path, required=True, help="folder of the sets to choose on")
    fit.add_argument("--out", type=Path, required=True, help="the file to write")
    fit.add_argument("--card", type=Path, help="write the card of both stages here")
    fit.add_argument("--seed", type=int, default=0, help="that of both trainings")
    fit.set_defaults(run=_fit)


def _positive(text: str) -> int:
    if not 1 <= (number := int(text)) <= 10_000_000:
        raise argparse.ArgumentTypeError("a number from 1 to 10,000,000")
    return number


def _train(options: argparse.Namespace) -> None:
    from classifier.checkpoints import Plan
    from classifier.gathering import Training
    from classifier.readertraining import Start, train_reader

    names = ("steps", "batch", "seed", "rate", "keep_every", "measure_every")
    plan = Plan(**{name: getattr(options, name) for name in names})
    start = Start(options.out, options.resume, options.base, options.earlier)
    with working("training") as report:
        written = train_reader(
            Training(options.data, options.dev, options.seed), start, plan, report
        )
        report(f"wrote {written}")


def _export(options: argparse.Namespace) -> None:
    from classifier.readerexport import PIECES, export_reader

    with working("exporting") as report:
        export_reader(options.folders, options.out, options.pieces or PIECES, report)
        report(f"wrote {options.out}, {options.out.stat().st_size / 1e6:.1f} MB")


def _fit(options: argparse.Namespace) -> None:
    from classifier import readerfile
    from classifier.cascadefitting import fit_cascade
    from classifier.gathering import Training
    from classifier.model import load
    from classifier.readercard import write_reader_card

    training = Training(options.data, options.dev, options.seed)
    with working("fitting") as report:
        model = load(options.model)
        fit_cascade(options.reader, model, training, options.out, report)
        if options.card:
            _, _, manifest = readerfile.read(options.out)
            write_reader_card(options.card, manifest, options.out.stat().st_size)
        report(f"wrote {options.out}")
