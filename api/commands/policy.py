"""`winnow policy`: a site's policy as a file: tried out, put in force, and brought back."""

import sys
from collections.abc import Sized
from pathlib import Path
from typing import NoReturn

import click

from api.commands import open_services
from api.errors import StartupError
from api.moderation import access, policies
from api.moderation.access import Caller
from api.moderation.drafts import candidates
from api.moderation.policy.reading import Written, read_policy
from api.moderation.policy.reading.faults import DoubtfulError, Fault, PolicyError
from api.moderation.policy.reading.lines import LONGEST_TEXT
from api.moderation.scoring import Scorer
from api.moderation.secondstage import SecondStage
from api.moderation.services import Services, utc_now
from api.settings import read_model_path, read_reader_path, read_settings

ACTOR = "command line"

_site = click.option("--site", "site_name", required=True, help="Whose policy.")


@click.group()
def policy() -> None:
    """The policy: what a site wants held, as a document with versions."""


@policy.command()
@_site
@click.option("--version", type=int, help="Which one; by default the one in force.")
def show(site_name: str, version: int | None) -> None:
    """Print a site's policy as it was written; the defaults, explained, where it has none."""
    services, caller = open_site(site_name)
    click.echo(policies.show(services, caller, version).text, nl=False)


@policy.command()
@click.argument("file")
def check(file: str) -> None:
    """Read the policy in FILE and try its examples, without a server; - is standard input.

    Faults are printed as FILE:LINE: place: what is wrong, and the exit status is 1.
    """
    written = read_file(file)
    scorer = Scorer(read_model_path(), SecondStage.load(read_reader_path()))
    checked = candidates.try_out(scorer, written, utc_now())
    if checked.doubts:
        fail(file, checked.doubts)
    tried = f"; {_count(checked.examples, 'example')} as expected" if checked.examples else ""
    click.echo(f"{file}: no faults{tried}.")


@policy.command()
@_site
@click.option("--version", type=int, help="Refused if another one is in force.")
@click.option("--force", is_flag=True, help="Whatever becomes of its examples.")
@click.argument("file")
def apply(site_name: str, version: int | None, force: bool, file: str) -> None:
    """Have the policy in FILE in force from the next comment on; - is standard input."""
    written = read_file(file)
    services, caller = open_site(site_name)
    seen = version or policies.find(services, caller.site_id).version
    try:
        put = policies.put(services, caller, written, seen, force)
    except DoubtfulError as error:
        fail(file, error.faults, "Mend it, or use --force.")
    click.echo(f"Version {put.version} is in force.")


@policy.command()
@_site
def versions(site_name: str) -> None:
    """List the versions there were, newest first."""
    services, caller = open_site(site_name)
    cursor = None
    while True:
        page = policies.list_versions(services, caller, 200, cursor)
        for one in page.items:
            when = f"{one.created_at:%Y-%m-%d %H:%M}"
            click.echo(f"{one.version:>4}  {when}  {one.actor}  {one.note}".rstrip())
        cursor = page.next
        if cursor is None:
            return


@policy.command()
@_site
@click.argument("version", type=click.IntRange(min=1))
def restore(site_name: str, version: int) -> None:
    """Put an earlier VERSION in force again, as a new version; 1 is the defaults."""
    services, caller = open_site(site_name)
    seen = policies.find(services, caller.site_id).version
    put = policies.restore(services, caller, version, seen)
    click.echo(f"Version {put.version} is in force; it says what version {version} said.")


def open_site(name: str) -> tuple[Services, Caller]:
    """The services, and the operator as who asks for the site of that name."""
    services = open_services(read_settings())
    return services, Caller(access.find_site(services, name), "admin", ACTOR)


def read_file(file: str) -> Written:
    """The policy in a file; print its faults and exit where it cannot be used."""
    try:
        return read_policy(_read_text(file))
    except PolicyError as error:
        fail(file, error.faults)


def fail(file: str, faults: list[Fault], advice: str = "") -> NoReturn:
    """Print what is wrong with a policy, each fault with its line, and exit with 1."""
    for one in faults:
        where = f"{file}:{one.line}" if one.line else file
        click.echo(f"{where}: {one}")
    raise click.ClickException(f"{_count(faults, 'fault')}. {advice}".strip())


def _count(found: Sized, name: str) -> str:
    return f"{len(found)} {name}" if len(found) == 1 else f"{len(found)} {name}s"


def _read_text(file: str) -> str:
    try:
        if file == "-":
            content = sys.stdin.buffer.read(LONGEST_TEXT + 1)
        else:
            with Path(file).open("rb") as opened:
                content = opened.read(LONGEST_TEXT + 1)
        return content.decode("utf-8-sig")
    except OSError as error:
        raise StartupError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise StartupError(f"{file}:{line}: a policy is text in UTF-8.") from error
