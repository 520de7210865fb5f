"""Commands for who makes a model: learn, teach, calibrate, and see what the profiles do."""

import argparse
from pathlib import Path
from typing import Any

from classifier.model import SHIPPED, load
from classifier.working import working


def add_commands(commands: Any) -> None:
    """Add `train`, `teach`, `calibrate` and `profiles` to a parser's subcommands."""
    _add_train(commands)
    _add_teach(commands)
    _add_calibrate(commands)
    _add_profiles(commands)


def _add_train(commands: Any) -> None:
    train = commands.add_parser("train", help="train a model on a folder of labelled sets")
    train.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    train.add_argument("--dev", type=Path, help="folder of the sets that thresholds are chosen on")
    train.add_argument("--out", type=Path, required=True, help="the model file to write")
    train.add_argument("--card", type=Path, help="write the model card here")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--lessons", type=Path, help="sentences that `teach` wrote, to learn from")
    train.add_argument("--stages", type=Path, help="folder to keep stages in, to go on from")
    train.set_defaults(run=_train)


def _add_teach(commands: Any) -> None:
    teach = commands.add_parser("teach", help="have an encoder label sentences for `train`")
    teach.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    teach.add_argument("--dev", type=Path, help="folder of the sets to leave out")
    teach.add_argument("--out", type=Path, required=True, help="the .csv.gz to write")
    teach.add_argument("--seed", type=int, default=0)
    teach.set_defaults(run=_teach)


def _add_calibrate(commands: Any) -> None:
    calibrate = commands.add_parser("calibrate", help="thresholds and profiles of a model anew")
    calibrate.add_argument("--model", type=Path, default=SHIPPED, help="the shipped model if not")
    calibrate.add_argument("--out", type=Path, required=True, help="the model file to write")
    calibrate.add_argument("--card", type=Path, help="write the model card here")
    calibrate.add_argument(
        "--keep", action="store_true", help="balanced keeps the thresholds it has"
    )
    _add_sets(calibrate)
    calibrate.set_defaults(run=_calibrate)


def _add_profiles(commands: Any) -> None:
    profiles = commands.add_parser("profiles", help="what each profile of a model does")
    profiles.add_argument("--model", type=Path, help="the shipped model when not given")
    _add_sets(profiles)
    profiles.set_defaults(run=_profiles)


def _add_sets(command: argparse.ArgumentParser) -> None:
    command.add_argument("--dev", type=Path, required=True, help="folder of development sets")
    command.add_argument("--data", type=Path, help="training's, to measure on its rows kept out")
    command.add_argument("--seed", type=int, default=0, help="that of the training")


def _train(options: argparse.Namespace) -> None:
    from classifier.card import write_card
    from classifier.gathering import Training
    from classifier.training import train

    paths = (options.stages, options.lessons)
    with working("training") as report:
        training = Training(options.data, options.dev, options.seed, *paths)
        train(training, options.out, report)
        size = options.out.stat().st_size
        if options.card:
            write_card(options.card, load(options.out).manifest, size)
        report(f"wrote {options.out}, {size / 1e6:.1f} MB")


def _teach(options: argparse.Namespace) -> None:
    from classifier.gathering import Training
    from classifier.lessons import teach

    with working("teaching") as report:
        count = teach(Training(options.data, options.dev, options.seed), options.out, report)
        report(f"wrote {count:,} sentences to {options.out}")


def _calibrate(options: argparse.Namespace) -> None:
    from classifier.card import write_card
    from classifier.recalibration import Measuring, calibrate

    with working("measuring") as report:
        measuring = Measuring(options.dev, options.data, options.seed)
        calibrate(options.model, measuring, options.out, options.keep)
        if options.card:
            write_card(options.card, load(options.out).manifest, options.out.stat().st_size)
        report(f"wrote {options.out}")


def _profiles(options: argparse.Namespace) -> None:
    from rich.console import Console

    from classifier.recalibration import Measuring, show_profiles

    measuring = Measuring(options.dev, options.data, options.seed)
    for table in show_profiles(load(options.model), measuring):
        table.show(Console())
