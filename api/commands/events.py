"""`winnow events`: proving that the event log is what was written."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.commands import open_services
from api.errors import StartupError
from api.moderation.events import Head, playback, proof
from api.moderation.events.proof import Finding, Progress
from api.settings import read_settings
from api.store.tables import Site

SHOWN = 20
"""How many problems of each kind are shown of a site."""


@click.group()
def events() -> None:
    """The event log: what happened to every comment, chained so that changes show."""


@events.command()
@click.option("--site", "name", help="Only this site.")
@click.option("--head", help="NUMBER:HASH as it was noted elsewhere; needs --site.")
@click.option("--status", is_flag=True, help="Also play the log back and compare every comment.")
def verify(name: str | None, head: str | None, status: bool) -> None:
    """Read the whole log, and say what was changed, is missing or out of order.

    Shows the head of each site. Note it where nobody can write who can write the database, and
    give it to a later check as --head.
    """
    noted = _read_head(name, head)
    services = open_services(read_settings())
    try:
        with proof.one_moment(services) as session:
            sites = _find_sites(session, name)
            wrong = sum(_check(session, site, noted, status) for site in sites)
    finally:
        services.database.dispose()
    if wrong:
        raise click.ClickException("The log is not what was written.")


def _check(session: Session, site: Site, noted: Head | None, status: bool) -> int:
    """Print what is to be said of a site's log; return how many problems it has."""
    with _progress(session, site, f"{site.name}: chain") as tell:
        finding = proof.verify(session, site, noted, tell)
    click.echo(f"{site.name}: {_summarise(finding)}")
    wrong = _show(site, map(str, finding.problems))
    if status:
        with _progress(session, site, f"{site.name}: status") as tell:
            wrong += _show(site, playback.compare(session, site, tell))
    return wrong


def _read_head(site: str | None, head: str | None) -> Head | None:
    if head is None:
        return None
    found = re.fullmatch(r"(\d{1,10}):([0-9a-f]{64})", head)
    if found is None:
        raise click.BadParameter("a head looks like 123:9f86…, as verify shows it.")
    if site is None:
        raise click.BadParameter("a head is of one site; name it with --site.")
    return Head(int(found[1]), found[2])


def _find_sites(session: Session, name: str | None) -> list[Site]:
    wanted = select(Site).order_by(Site.id)
    found = list(session.scalars(wanted if name is None else wanted.where(Site.name == name)))
    if name is not None and not found:
        raise StartupError(f"There is no site called {name!r}.")
    return found


@contextmanager
def _progress(session: Session, site: Site, label: str) -> Iterator[Progress]:
    """A bar for a person who waits; nothing where the output goes into a file."""
    length = proof.count(session, site)
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=length, label=label, file=sys.stderr, hidden=hidden) as bar:
        yield bar.update


def _summarise(finding: Finding) -> str:
    more = [f"{finding.erased} without actor" if finding.erased else ""]
    more += [f"{finding.unsealed} not sealed yet" if finding.unsealed else ""]
    aside = ", ".join(filter(None, more))
    intact = f"{finding.intact} events intact{f' ({aside})' if aside else ''}"
    return f"{intact}; head {finding.head.number}:{finding.head.hash}"


def _show(site: Site, problems: Iterator[str]) -> int:
    """Print some of the problems; return how many there are."""
    found = 0
    for found, problem in enumerate(problems, start=1):
        if found <= SHOWN:
            click.echo(f"{site.name}: {problem}")
    if found > SHOWN:
        click.echo(f"{site.name}: {found - SHOWN} more")
    return found
