"""`winnow privacy`: how long a site keeps what, and how its addresses."""

from collections.abc import Callable
from typing import Any

import click

from api.commands.policy import open_site
from api.moderation.errors import FieldError
from api.moderation.privacy import due, settings
from api.moderation.privacy.addressing import WAYS

FOR_EVER = "for-ever"

GOES = {
    due.REJECTED: "Rejected comments, whole.",
    due.SPAM: "Comments rejected for spam, whole.",
    due.TEXT: "The texts of approved and rejected comments.",
    due.ADDRESS: "Authors' addresses, networks and browsers.",
    due.EMAIL: "Authors' e-mail addresses.",
}
"""What goes, by kind."""


def _read_days(_: click.Context, __: click.Parameter, value: str | None) -> int | str | None:
    if value in (None, FOR_EVER):
        return value
    if not value.isdecimal():
        raise click.BadParameter(f"Takes whole days, or {FOR_EVER}.")
    return int(value)


def _kinds(command: Callable[..., None]) -> Callable[..., None]:
    for kind, what in reversed(GOES.items()):
        command = click.option(f"--{kind}", metavar="DAYS", callback=_read_days, help=what)(command)
    return command


@click.group()
def privacy() -> None:
    """Privacy: how long a site keeps what, and how its addresses."""


@privacy.command()
@click.option("--site", "site_name", required=True)
def show(site_name: str) -> None:
    """Show how long a site keeps what, and how its addresses."""
    services, caller = open_site(site_name)
    with services.database.reading() as session:
        found = settings.read(session, caller.site_id)
    for kind, days in found.keep.items():
        click.echo(f"{kind}: {'for ever' if days is None else f'{days} days'}")
    click.echo(f"addresses: {found.addresses}")


@privacy.command("set")
@click.option("--site", "site_name", required=True)
@click.option("--dry-run", is_flag=True, help="Only say how many comments it is about.")
@_kinds
@click.option("--addresses", type=click.Choice(WAYS), help="How addresses are kept.")
def change(site_name: str, dry_run: bool, addresses: str | None, **given: Any) -> None:
    """Delete what is named so many days after a comment came; for-ever keeps it.

    What is not named stays as it is.
    """
    wanted = {kind: value for kind, value in given.items() if value is not None}
    if not wanted and addresses is None:
        raise click.UsageError("Say what to keep for how long, or how to keep addresses.")
    keep = {kind: None if value == FOR_EVER else value for kind, value in wanted.items()}
    services, caller = open_site(site_name)
    try:
        found = settings.count(services, caller.site_id, keep, addresses)
        for kind in (*keep, *(("addresses",) if addresses else ())):
            click.echo(f"{kind}: {found[kind]} comments, by the next sweep, once a day")
        if not dry_run:
            settings.change(services, caller, keep, addresses)
    except FieldError as error:
        raise click.UsageError(f"--{error.pointer.rpartition('/')[2]}: {error}") from error
