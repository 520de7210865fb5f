"""`winnow compare`: stored answers of Perspective beside our scores for the same texts."""

import json
import math
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO, Any

import click
from rich.console import Console
from rich.progress import Progress

from api.comparing.answers import FORMATS, Read, read_answers
from api.comparing.curves import find_curve, write_policy
from api.comparing.drawing import draw
from api.comparing.findings import Finding, find, find_moved
from api.comparing.pairing import Gathered, gather
from api.comparing.shapes import Answer
from api.comparing.telling import Comparison, show, tell
from api.errors import StartupError
from api.moderation.scoring import Scorer
from api.moderation.secondstage import SecondStage
from api.settings import read_model_path, read_reader_path
from api.web.dropin.perspective import attributes

USUAL = (0.5, 0.7, 0.8, 0.9)

Examples = dict[tuple[str, float], list[dict[str, Any]]]


def _check_attributes(_: object, __: object, given: tuple[str, ...]) -> frozenset[str]:
    wanted = frozenset(name.upper() for name in given)
    for name in sorted(wanted):
        known = attributes.find(name)
        if known is None or known.label is None:
            raise click.BadParameter(f"Winnow has no score for {name}.")
    return wanted


def _check_thresholds(_: object, __: object, given: tuple[float, ...]) -> list[float]:
    if any(map(math.isnan, given)):
        raise click.BadParameter("nan is no number.")
    return sorted(set(given))


@click.command()
@click.argument("file", type=click.File("rb"), default="-")
@click.option(
    "--threshold",
    "thresholds",
    multiple=True,
    callback=_check_thresholds,
    default=USUAL,
    show_default=True,
    type=click.FloatRange(0, 1, min_open=True),
    help="A threshold of theirs; may be repeated.",
)
@click.option(
    "--attribute",
    "wanted",
    multiple=True,
    callback=_check_attributes,
    help="Only this attribute; may be repeated.",
)
@click.option("--plot", type=click.Path(dir_okay=False), help="Draw score against score, as SVG.")
@click.option(
    "--curve",
    type=click.Path(dir_okay=False, allow_dash=True),
    help="Write the policy that keeps old thresholds; - is standard output.",
)
@click.option(
    "--show", "many", default=0, type=click.IntRange(0), help="Lines of so many that change sides."
)
@click.option("--texts", is_flag=True, help="And their texts.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--format", "form", type=click.Choice(FORMATS), help="Default: told by the input.")
@click.option("--text-field", help="Where the text is, if not in text or comment.")
def compare(
    file: IO[bytes],
    thresholds: list[float],
    wanted: frozenset[str],
    plot: str | None,
    curve: str | None,
    many: int,
    texts: bool,
    as_json: bool,
    form: str | None,
    text_field: str | None,
) -> None:
    """Compare Perspective's stored answers in FILE with our scores, without a server.

    FILE is JSONL or CSV: texts with the attributes' scores. Nothing of it is kept, and no text is
    printed without --texts.
    """
    if texts and not file.seekable():
        raise click.UsageError("--texts reads the input twice: give a file, not a pipe.")
    scorer, model = _load_scorer()
    reading = partial(read_answers, file, form, text_field)
    gathered = _gather(scorer, file, reading, wanted)
    findings = [find(one, pairs, thresholds) for one, pairs in sorted(gathered.pairs.items())]
    examples = _find_examples(gathered, findings, many)
    if texts:
        file.seek(0)
        _add_texts(examples, reading())
    found = Comparison(model, gathered, findings, examples)
    if curve != "-":
        click.echo(json.dumps(show(found)) if as_json else tell(found))
    if not gathered.compared:
        raise StartupError("No stored answer could be compared.")
    curves = {one: find_curve(pairs, thresholds) for one, pairs in gathered.pairs.items()}
    if plot:
        _write(plot, draw(found, curves))
    if curve:
        _write(curve, write_policy(curves, gathered.compared, found.model))
        if not any(curves.values()):
            click.echo("The curve is empty: there are too few answers.", err=True)


def _load_scorer() -> tuple[Scorer, str]:
    scorer = Scorer(read_model_path(), SecondStage.load(read_reader_path()))
    if scorer.model is None:
        raise StartupError(str(scorer.failure))
    return scorer, scorer.model.version


def _gather(
    scorer: Scorer,
    file: IO[bytes],
    reading: Callable[[], Iterator[Read]],
    wanted: frozenset[str],
) -> Gathered:
    """All pairs of scores, with a bar that shows how far the file is read."""
    quiet = not sys.stderr.isatty()
    size = os.fstat(file.fileno()).st_size if file.seekable() and not quiet else None
    try:
        with Progress(console=Console(stderr=True), transient=True, disable=quiet) as bar:
            task = bar.add_task("Comparing", total=size)
            return gather(
                scorer,
                reading(),
                lambda one: not wanted or one in wanted,
                lambda: bar.update(task, completed=file.tell() if size else None),
            )
    except ValueError as error:
        raise StartupError(str(error)) from error


def _find_examples(gathered: Gathered, findings: Sequence[Finding], many: int) -> Examples:
    return {
        (finding.attribute, level.theirs): [
            {"line": line, "ours": ours, "theirs": theirs}
            for line, ours, theirs in find_moved(gathered.pairs[finding.attribute], level, many)
        ]
        for finding in findings
        for level in finding.levels
        if many
    }


def _add_texts(examples: Examples, read: Iterator[Read]) -> None:
    """Put the texts beside the lines; they were not kept while everything was read."""
    wanted = defaultdict(list)
    for one in chain.from_iterable(examples.values()):
        wanted[one["line"]].append(one)
    for line, found in read if wanted else ():
        for one in wanted.get(line, ()):
            if isinstance(found, Answer):
                one["text"] = found.text


def _write(path: str, content: str) -> None:
    if path == "-":
        click.echo(content, nl=False)
        return
    try:
        Path(path).write_text(content, encoding="utf-8")
    except OSError as error:
        raise StartupError(f"{path} cannot be written: {error.strerror}.") from error
