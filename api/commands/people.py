"""`winnow privacy export` and `erase`: a person who wants to know, or wants it gone."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import click

from api.commands.policy import open_site
from api.moderation.errors import FieldError
from api.moderation.privacy import erasures, exporting, forgetting, persons
from api.moderation.privacy.persons import Person
from api.moving import writing

AGAIN = 1.0
"""Seconds between two tries to empty the journal, where somebody reads old pages."""


def _who(command: Callable[..., None]) -> Callable[..., None]:
    for name, what in (
        ("--moderator", "E-mail address of somebody who moderated; then nothing else."),
        ("--address", "IP address."),
        ("--email", "E-mail address."),
        ("--author-id", "The site's id of the author."),
    ):
        command = click.option(name, help=what)(command)
    return click.option("--site", "site_name", required=True)(command)


@click.command("export")
@_who
@click.option(
    "--out",
    default="-",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="A file, JSON a line, for its owner alone; by default standard output.",
)
def export_person(site_name: str, out: Path, **given: str | None) -> None:
    """Write everything that a site holds of a person: JSON a line."""
    person = _name(given)
    if out.suffix.lower() == ".parquet":
        raise click.UsageError("--out: It is JSON a line, whatever the file is called.")
    services, caller = open_site(site_name)
    count = 0
    with writing.open_writer(out) as write:
        for line in exporting.export(services, caller, person):
            write([line])
            count += line["kind"] not in (exporting.PERSON, exporting.END)
    click.echo(f"{count:,} things.", err=True)


@click.command("erase")
@_who
@click.option("--yes", is_flag=True, help="Do not ask; nothing brings it back.")
def erase_person(site_name: str, yes: bool, **given: str | None) -> None:
    """Have everything go that a site holds of a person, and wait for it."""
    person = _name(given)
    services, caller = open_site(site_name)
    if not yes:
        click.confirm("Nothing brings it back. Erase?", abort=True)
    row = erasures.begin(services, caller, person)
    click.echo(f"Erasure {row.public_id}")
    # Beside a worker nothing is done twice.
    while forgetting.go_on(services, row.id):
        if sys.stderr.isatty():
            found = erasures.find(services, caller, row.public_id)
            click.echo(f"\r{_count(found.counts)}", nl=False, err=True)
    if not forgetting.finish(services, row.id):
        click.echo("Waiting for whoever reads old pages of the database's file.", err=True)
        while not forgetting.finish(services, row.id):
            time.sleep(AGAIN)
    done = erasures.find(services, caller, row.public_id)
    click.echo(f"{_count(done.counts)}.")
    for place in done.counts.get(forgetting.LEFT, ()):
        click.echo(f"Still named in: {place}")


def _count(counts: dict[str, int]) -> str:
    shown = (f"{name} {one:,}" for name, one in counts.items() if isinstance(one, int))
    return ", ".join(shown) or "nothing found"


def _name(given: dict[str, str | None]) -> Person:
    try:
        return persons.name(given)
    except FieldError as error:
        option = error.pointer.strip("/").replace("_", "-")
        raise click.UsageError(f"--{option}: {error}") from error
