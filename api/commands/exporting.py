"""`winnow export`: a site's comments as a file, with all that was said of them."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from api.commands.policy import open_site
from api.moderation.moving import leaving
from api.moderation.moving.leaving import Wanted
from api.moving import writing
from api.web.comment_schemas import STATUSES

_MOMENT = click.DateTime(("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"))


def _read_moment(_: object, __: object, given: datetime | None) -> datetime | None:
    """A day or a time, in UTC where it names no zone."""
    if given is None:
        return None
    return given.astimezone(UTC) if given.tzinfo else given.replace(tzinfo=UTC)


@click.command("export")
@click.option("--site", "site_name", required=True, help="Of which site.")
@click.option(
    "--since", type=_MOMENT, callback=_read_moment, help="Only what was received since, in UTC."
)
@click.option("--status", type=click.Choice(STATUSES), help="Only comments of this status.")
@click.option(
    "--without-personal",
    is_flag=True,
    help="Nothing of authors but their texts, and not who decided.",
)
@click.argument("out", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
def export_comments(
    site_name: str,
    since: datetime | None,
    status: str | None,
    without_personal: bool,
    out: Path,
) -> None:
    """Write a site's comments to OUT: a name in .parquet, or JSON a line; - is standard output.

    All are of one moment, while the server goes on. OUT is there whole, or not at all, and only
    its owner can read it. What JSONL holds can be taken in again by `winnow import`.
    """
    services, caller = open_site(site_name)
    wanted = Wanted(since, status, personal=not without_personal)
    quiet = not sys.stderr.isatty()
    with (
        writing.open_writer(out) as write,
        Progress(console=Console(stderr=True), transient=True, disable=quiet) as bar,
    ):
        task = bar.add_task("Exporting", total=None if quiet else leaving.count(services, caller))
        done = 0
        for some in leaving.read(services, caller, wanted):
            write(some)
            done += len(some)
            bar.update(task, advance=len(some))
    click.echo(f"{done:,} comments.", err=True)
