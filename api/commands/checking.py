"""`winnow policy secret`: what a site's outside checker verifies our questions with."""

import click

from api.commands import open_services
from api.moderation import access, checking
from api.settings import read_settings


@click.command()
@click.option("--site", "site_name", required=True)
def secret(site_name: str) -> None:
    """Print the secret that signs questions to the site's outside checker, alone."""
    services = open_services(read_settings())
    click.echo(checking.make_secret(services, access.find_site(services, site_name)))
