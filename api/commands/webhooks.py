"""`winnow webhook`: where a site's events are sent."""

import click

from api.commands import open_services
from api.moderation import access, webhooks
from api.moderation.access import Caller
from api.moderation.events.outcomes import ACTS, OUTCOMES
from api.moderation.outgoing.addresses import read_url
from api.moderation.services import Services
from api.settings import read_settings

ACTOR = "command line"


@click.group()
def webhook() -> None:
    """Webhooks: where a site's events are sent as they happen."""


@webhook.command()
@click.option("--site", "site_name", required=True)
@click.option(
    "--type",
    "types",
    multiple=True,
    type=click.Choice([*ACTS, *OUTCOMES]),
    help="Send only this; may be given several times.",
)
@click.argument("url")
def create(site_name: str, types: tuple[str, ...], url: str) -> None:
    """Have events sent to URL; prints the secret that signs them, alone and this once."""
    services = open_services(read_settings())
    read_url(url, services.webhook_networks)
    made = webhooks.create(services, _administrator(services, site_name), url, types)
    click.echo(made.secrets[0]["secret"])


@webhook.command("list")
@click.option("--site", "site_name", required=True)
def list_webhooks(site_name: str) -> None:
    """Show a site's webhooks, and whether they work."""
    services = open_services(read_settings())
    for one in webhooks.list_webhooks(services, _administrator(services, site_name)):
        state = "works"
        if not one.active:
            state = f"off: {one.stopped_because}"
        elif one.failing_since is not None:
            state = f"failing since {one.failing_since:%Y-%m-%d %H:%M} UTC"
        click.echo(f"{one.public_id}  {one.url}  {', '.join(one.types) or 'everything'}  {state}")


@webhook.command()
@click.option("--site", "site_name", required=True)
@click.argument("webhook_id")
def delete(site_name: str, webhook_id: str) -> None:
    """End a webhook. WEBHOOK_ID is what `webhook list` shows."""
    services = open_services(read_settings())
    webhooks.remove(services, _administrator(services, site_name), webhook_id)
    click.echo(f"Nothing is sent to {webhook_id} any more.")


def _administrator(services: Services, site_name: str) -> Caller:
    return Caller(access.find_site(services, site_name), "admin", ACTOR)
