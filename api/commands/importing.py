"""`winnow import`: the comments of another system, with what was decided about them."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from api.commands.policy import open_site
from api.errors import StartupError
from api.moderation.access import Caller
from api.moderation.moving import PREFIX, runs
from api.moderation.moving.runs import Counts, Run
from api.moderation.moving.taking import Taker
from api.moderation.services import Services
from api.moderation.standings import Said
from api.moving import sources
from api.moving.batching import read_batches
from api.moving.checking import Checker, check_prefix
from api.moving.items import Ban, FileError
from api.moving.reports import Report
from api.moving.sources import FORMATS, Source

_SAID = "Moved from {form}: it was said there."


def _check_prefix(_: object, __: object, given: str) -> str:
    if not check_prefix(given):
        raise click.BadParameter("up to 40 of letters, digits and _ - . ~ : @ + =.")
    return given


@click.command("import")
@click.option("--site", "site_name", required=True, help="Into which site.")
@click.option("--format", "form", type=click.Choice(FORMATS), help="Default: told by the file.")
@click.option("--prefix", default="", callback=_check_prefix, help="What ids are to begin with.")
@click.option("--dry-run", is_flag=True, help="Read and count, and keep nothing.")
@click.option("--again", is_flag=True, help="Also where this very file was taken in before.")
@click.option(
    "--report",
    "report_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a line of JSON for each comment that was left out, and why.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what became of them as JSON.")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
def import_comments(
    site_name: str,
    form: str | None,
    prefix: str,
    dry_run: bool,
    again: bool,
    report_path: Path | None,
    as_json: bool,
    file: Path,
) -> None:
    """Take in the comments of FILE, from another system or from another Winnow.

    FILE is WordPress's or Disqus's XML, Isso's database, JSONL or CSV, packed by gzip or zip or
    not; or a folder with Coral's collections. Comments keep their ids, times and statuses; what
    was decided about them is learnt of. What is interrupted goes on where it was, run again.
    """
    form = form or sources.find_form(file)
    services, caller = open_site(site_name)
    caller = Caller(caller.site_id, caller.role, PREFIX + form)
    checker = Checker(form, prefix)
    with sources.open_source(file, form, services.now()) as source:
        if dry_run:
            counts = _try(source, checker, report_path)
        else:
            if services.scorer.failure:
                raise StartupError(services.scorer.failure)
            known = sources.digest(file, form, prefix)
            run = runs.begin(services, caller, known, form, again)
            counts = _take(services, caller, run, source, checker, report_path)
    click.echo(json.dumps(counts.show()) if as_json else _tell(counts, dry_run))


def _take(
    services: Services,
    caller: Caller,
    run: Run,
    source: Source,
    checker: Checker,
    report_path: Path | None,
) -> Counts:
    if run.finished_at is not None:
        click.echo(f"This file was taken in on {run.finished_at:%Y-%m-%d}.", err=True)
        return run.counts
    if run.position:
        click.echo(f"Going on after {run.position:,} comments.", err=True)
    taker, report = Taker(services, caller, run), Report(report_path, run.position)
    try:
        with _bar(source, run.position) as advance:
            for batch in read_batches(source, checker, report, run.position):
                report.flush()
                known = taker.take(batch)
                for id_ in known:
                    report.tell(run.position, "known", id_, "the site has this id already")
                advance(run.position)
        taker.ban([(one.author_id, _say(run.form, one)) for one in source.content.bans])
        runs.finish(services, caller, run)
    except FileError:
        click.echo(_tell(run.counts, dry_run=False), err=True)
        raise
    finally:
        report.close()
    return run.counts


def _try(source: Source, checker: Checker, report_path: Path | None) -> Counts:
    """Count what would be taken in, as if the site were empty and had no policy."""
    counts, report = Counts(), Report(report_path, 0)
    try:
        with _bar(source) as advance:
            for batch in read_batches(source, checker, report, 0):
                counts.add(batch.other)
                counts.read += len(batch.arrivals)
                statuses = (one.status or "to be judged" for one in batch.arrivals)
                counts.taken.update(statuses)
                advance(counts.read)
    finally:
        report.close()
    counts.bans = len(source.content.bans)
    return counts


def _say(form: str, ban: Ban) -> Said:
    return Said("author", ban.author_id, ban.standing, _SAID.format(form=form), ban.until)


@contextmanager
def _bar(source: Source, before: int = 0) -> Iterator[Any]:
    """A bar by the bytes that are read, with comments a second; nothing where nobody looks.

    So many comments were dealt with `before`.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[done]:,} comments, {task.fields[rate]:,.0f} a second"),
        TimeRemainingColumn(),
    )
    quiet = not sys.stderr.isatty()
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as bar:
        task = bar.add_task("Importing", total=source.size, done=0, rate=0.0)

        def advance(done: int) -> None:
            # What an earlier run has done was not done in this time.
            rate = (done - before) / (bar.tasks[task].elapsed or 1.0)
            bar.update(task, completed=source.tell() or 0, done=done, rate=rate)

        yield advance


def _tell(counts: Counts, dry_run: bool) -> str:
    """What became of the comments, a line for each kind."""
    taken = sum(counts.taken.values())
    verb = "would be taken in" if dry_run else "taken in"
    lines = [f"{counts.read:,} comments read, {taken:,} {verb}."]
    lines += [f"  {number:>9,} {status}" for status, number in sorted(counts.taken.items())]
    if counts.known:
        lines.append(f"{counts.known:,} were there already and are as they were.")
    if counts.bans:
        lines.append(f"{counts.bans:,} authors are held, suspended or banned as they were there.")
    if counts.skipped:
        lines.append(f"{sum(counts.skipped.values()):,} were skipped:")
        lines += [f"  {number:>9,} {why}" for why, number in counts.skipped.most_common()]
    if counts.dropped:
        lines.append("Left out of comments that are there, as it could not be kept:")
        lines += [f"  {number:>9,} {name}" for name, number in counts.dropped.most_common()]
    return "\n".join(lines)
