"""`winnow privacy`: how long a site keeps what."""

import click

from api.commands.policy import open_site
from api.moderation.privacy import expiring, settings

FOR_EVER = "for-ever"


@click.group()
def privacy() -> None:
    """Privacy: how long a site keeps what."""


@privacy.command()
@click.option("--site", "site_name", required=True)
def show(site_name: str) -> None:
    """Show how long a site keeps what."""
    services, caller = open_site(site_name)
    with services.database.reading() as session:
        for kind, days in settings.read(session, caller.site_id).items():
            click.echo(f"{kind}: {'for ever' if days is None else f'{days} days'}")


@privacy.command("set")
@click.option("--site", "site_name", required=True)
@click.option("--dry-run", is_flag=True, help="Only say how many comments would go.")
@click.option("--rejected", required=True, help=f"Whole days, or {FOR_EVER}.")
def change(site_name: str, dry_run: bool, rejected: str) -> None:
    """Delete rejected comments, whole, so many days after they came."""
    if rejected != FOR_EVER and not rejected.isdecimal():
        raise click.UsageError(f"--rejected takes whole days, or {FOR_EVER}.")
    services, caller = open_site(site_name)
    days = None if rejected == FOR_EVER else int(rejected)
    if days is not None and 1 <= days <= settings.LONGEST:
        gone = expiring.count(services, caller.site_id, days)
        click.echo(f"{gone} comments are older: the next sweep, once a day, deletes them.")
    if not dry_run:
        settings.change(services, caller, {"rejected": days})
