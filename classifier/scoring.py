"""The command that scores plain lines."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifier.bothstages import look, open_wanted
from classifier.cascade import OPINIONS
from classifier.labels import LABELS
from classifier.model import load
from classifier.working import quiet

Floats = NDArray[np.float64]
Score = Callable[[Sequence[str]], tuple[Floats, Sequence[str]]]
"""Texts to their scores (n, 7), and of each what the second stage had to do with it."""
_AT_ONCE: Final = 256


def add_commands(commands: Any) -> None:
    """Add `score` to a parser's subcommands."""
    score = commands.add_parser("score", help="score plain lines, one JSON object a line out")
    score.add_argument("file", nargs="?", type=Path, help="standard input when not given")
    score.add_argument("--model", type=Path, help="the shipped model when not given")
    score.add_argument("--reader", metavar="FILE|none", help="the shipped one when not given")
    score.add_argument("--second", choices=OPINIONS, help="when it is asked: when_unsure")
    score.set_defaults(run=_score)


def _score(options: argparse.Namespace) -> None:
    from rich.console import Console
    from rich.progress import Progress

    score = _open(options)
    if options.file is None:
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
        # One at a time: who types a line, or pipes a log, waits for its answer.
        _print_scores(score, sys.stdin, 1)
        return
    # Answers on the same terminal would run through the bar.
    hidden = quiet() or sys.stdout.isatty()
    with (
        Progress(console=Console(stderr=True), transient=True, disable=hidden) as progress,
        progress.open(options.file, "r", encoding="utf-8", errors="replace") as lines,
    ):
        _print_scores(score, lines, _AT_ONCE)


def _open(options: argparse.Namespace) -> Score:
    model, when = load(options.model), options.second or "when_unsure"
    cascade = open_wanted(model, options.reader, options.second)
    if cascade is None:
        unwanted = when == "never" or options.reader == "none"
        outcome = "off" if unwanted else "absent"
        return lambda texts: (model.score(texts), [outcome] * len(texts))

    def score(texts: Sequence[str]) -> tuple[Floats, Sequence[str]]:
        seen = look(cascade, texts, [when])
        return seen.scores(when), ["given" if one else "not_needed" for one in seen.asked(when)]

    return score


def _print_scores(score: Score, lines: Iterable[str], at_once: int) -> None:
    rest = iter(lines)
    while texts := [line.rstrip("\r\n") for line in islice(rest, at_once)]:
        found, opinions = score(texts)
        for scores, opinion in zip(found.tolist(), opinions, strict=True):
            named = {label: round(one, 4) for label, one in zip(LABELS, scores, strict=True)}
            line = json.dumps({"scores": named, "second_opinion": opinion})
            print(line, flush=at_once == 1)
