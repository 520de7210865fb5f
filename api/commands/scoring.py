"""`winnow score`: comments judged without a server: a file as it comes, or files of any size."""

import csv
import os
import sys
from pathlib import Path
from typing import Any

import click

from api.bulkscore.cluster import SCHEMES, Where, require
from api.bulkscore.joining import SUFFIX, join
from api.bulkscore.parts import FORMATS as OUT_FORMATS
from api.bulkscore.patience import load_scorer
from api.bulkscore.rows import Columns
from api.bulkscore.running import Outcome, Wish, run
from api.bulkscore.sources import PARQUET, BrokenError, Source, find_sources
from api.commands.policy import read_file
from api.errors import StartupError
from api.moderation.policy.inforce import DEFAULT, Policy
from api.moderation.policy.reading import Written
from api.moderation.services import utc_now
from api.scorefile import FORMATS, score_file
from api.settings import read_model_path, read_reader_path

INTERRUPTED = 130
"""The exit status of what Ctrl-C has ended."""
UNREAD = "Some comments could not be read; their lines hold an error."
_BULK_ONLY = (
    *("out_format", "processes", "scheduler", "text_column", "id_column", "restart"),
    *("tls_ca", "tls_cert", "tls_key", "piece_mib"),
)


@click.command()
@click.argument("files", nargs=-1, type=click.Path())
@click.option(
    "--format",
    "form",
    type=click.Choice([*FORMATS, PARQUET]),
    help="Default: told by the input.",
)
@click.option("--policy", "policy_file", help="A policy document; the defaults without it.")
@click.option("--out", help="A folder, or a file that ends in .parquet or .jsonl: judge in bulk.")
@click.option(
    "--out-format",
    type=click.Choice(OUT_FORMATS),
    help="Of a folder's parts; usually parquet.",
)
@click.option("--processes", type=click.IntRange(1, 1024), help="As many as cores if not given.")
@click.option("--scheduler", help="A Dask scheduler's address, as tcp://host:8786.")
@click.option("--tls-ca", type=click.Path(exists=True), help="Whom to believe the scheduler is.")
@click.option("--tls-cert", type=click.Path(exists=True), help="Our certificate for it.")
@click.option("--tls-key", type=click.Path(exists=True), help="And its key.")
@click.option("--text-column", help="Where the text is, if not in text.")
@click.option("--id-column", help="What a row is called by, if not by id.")
@click.option("--restart", is_flag=True, help="Begin again, whatever was done before.")
@click.option("--piece-mib", type=click.FloatRange(0, min_open=True), hidden=True)
@click.pass_context
def score(ctx: click.Context, /, files: tuple[str, ...], out: str | None, **given: Any) -> None:
    """Score comments without a server: JSONL, CSV or plain lines in, JSONL out.

    With --out, FILES of any size, Parquet, CSV or JSONL, are judged in bulk by several processes;
    what was stopped goes on when it is run again. That takes winnow[bulk].
    """
    written = read_file(given["policy_file"]) if given["policy_file"] else None
    if out is None:
        _score_plainly(ctx, files or ("-",), written)
    else:
        _score_in_bulk(ctx, files, out, written)


def _score_plainly(ctx: click.Context, files: tuple[str, ...], written: Written | None) -> None:
    bulky = [name for name in _BULK_ONLY if ctx.params[name]]
    if bulky:
        raise click.UsageError(f"--{bulky[0].replace('_', '-')} is for judging in bulk: add --out.")
    if len(files) > 1 or ctx.params["form"] == PARQUET or _is_bulky(files[0]):
        raise click.UsageError("Several files, folders and Parquet are judged in bulk: add --out.")
    with click.File("rb")(files[0], ctx=ctx) as file:
        scorer = load_scorer(read_model_path(), read_reader_path())
        if scorer.failure:
            raise StartupError(scorer.failure)
        policy = Policy(written.document).make_ready() if written else DEFAULT
        try:
            fine = score_file(scorer, file, sys.stdout, ctx.params["form"], policy)
        except (ValueError, csv.Error) as error:
            raise StartupError(str(error)) from error
    if not fine:
        raise StartupError(UNREAD)


def _is_bulky(file: str) -> bool:
    path = Path(file)
    return path.is_dir() or path.suffix.lower() in (".parquet", ".gz", ".zst")


def _score_in_bulk(
    ctx: click.Context, files: tuple[str, ...], out: str, written: Written | None
) -> None:
    given = ctx.params
    require()
    if not files or "-" in files:
        raise click.UsageError("Judging in bulk reads files twice: name them.")
    if given["scheduler"] and given["processes"]:
        raise click.UsageError("Either --processes, or a --scheduler with workers of its own.")
    target = Path(out).absolute()
    single = target.suffix in (".parquet", ".jsonl") and not target.is_dir()
    folder = target.with_name(target.name + SUFFIX) if single else target
    if single and target.exists() and not given["restart"]:
        raise StartupError(f"{out} is there already; --restart replaces it.")
    form = target.suffix[1:] if single else given["out_format"] or PARQUET
    wish = _make_wish(ctx, _find(ctx, files, folder), folder, form, written)
    outcome = run(wish, _find_where(ctx), lambda said: click.echo(said, err=True))
    if single and outcome.done == outcome.pieces:
        join(folder, form, outcome.pieces, target)
    _tell(outcome, out)


def _find(ctx: click.Context, files: tuple[str, ...], folder: Path) -> list[Source]:
    try:
        found = find_sources(files, ctx.params["form"])
    except BrokenError as error:
        raise StartupError(str(error)) from error
    for one in found:
        if Path(one.path).resolve().is_relative_to(folder.resolve()):
            raise StartupError(f"{one.path} is what would be written: name another --out.")
    if ctx.params["scheduler"] is None:
        return found
    # Workers elsewhere have another working directory.
    return [Source(str(Path(one.path).absolute()), one.form, one.packed) for one in found]


def _make_wish(
    ctx: click.Context, sources: list[Source], folder: Path, form: str, written: Written | None
) -> Wish:
    given = ctx.params
    text, name = given["text_column"], given["id_column"]
    size = given["piece_mib"]
    return Wish(
        sources=sources,
        folder=folder,
        form=form,
        columns=Columns(text or "text", name or "id", loose=bool(text or name)),
        policy=written.text if written else "",
        model=_absolute(read_model_path()),
        reader=_absolute(read_reader_path()),
        at=utc_now(),
        piece_size=size and max(1, int(size * (1 << 20))),
        restart=given["restart"],
    )


def _absolute(path: Path | None) -> Path | None:
    return path and path.absolute()


def _find_where(ctx: click.Context) -> Where:
    given = ctx.params
    tls = given["tls_ca"], given["tls_cert"], given["tls_key"]
    if any(tls) and not (all(tls) and given["scheduler"]):
        raise click.UsageError("--tls-ca, --tls-cert and --tls-key go together, with --scheduler.")
    if given["scheduler"] and not given["scheduler"].startswith(SCHEMES):
        raise click.UsageError(f"A scheduler's address begins with {' or '.join(SCHEMES)}.")
    return Where(given["processes"] or len(os.sched_getaffinity(0)), given["scheduler"], *tls)


def _tell(outcome: Outcome, out: str) -> None:
    """Say what came of it, and end as it ended."""
    before = f", {outcome.skipped:,} of them earlier" if outcome.skipped else ""
    click.echo(
        f"{outcome.rows:,} rows judged into {out}, {outcome.errors:,} with an error; "
        f"{outcome.done:,} of {outcome.pieces:,} parts are done{before}.",
        err=True,
    )
    if outcome.stopped:
        click.echo("Stopped. To go on, run the same command again.", err=True)
        sys.exit(INTERRUPTED)
    for fault in outcome.faults:
        click.echo(fault, err=True)
    if outcome.faults:
        raise StartupError("Some parts are missing. To try them again, run the same command again.")
    if outcome.errors:
        raise StartupError(UNREAD)
