"""The `winnow` command."""

import secrets
import sys
from dataclasses import replace

import click

from api import create_app
from api.commands import Sentences, open_services
from api.commands.backup import backup, restore
from api.commands.checking import secret
from api.commands.comparing import compare
from api.commands.doctor import doctor
from api.commands.events import events
from api.commands.exporting import export_comments
from api.commands.importing import import_comments
from api.commands.jobs import jobs
from api.commands.labels import erase, import_labels
from api.commands.learning import learn, model
from api.commands.people import erase_person, export_person
from api.commands.policy import policy
from api.commands.previewing import preview
from api.commands.privacy import privacy
from api.commands.scoring import score
from api.commands.webhooks import webhook
from api.commands.worker import worker
from api.errors import StartupError
from api.moderation import access, credentials, foreignkeys, keys, people
from api.moderation.access import Caller
from api.moderation.errors import TakenError
from api.moderation.identity import letting
from api.moderation.people import Newcomer
from api.moderation.services import Services
from api.serving.server import Server, check_port
from api.settings import read_settings
from api.telemetry import instrumenting, logs
from api.version import VERSION

FIRST_MODERATOR = "moderator@localhost"

WELCOME = """
A first site was made. Its secrets are shown this once:

  backend key  {key}
  moderator    {email}
  password     {password}

Post a comment:

  curl -s {url}/v1/comments \\
    -H 'Authorization: Bearer {key}' \\
    -H 'Content-Type: application/json' \\
    -d '{{"article": {{"id": "a-1"}}, "text": "What a thoughtful article, thank you."}}'

Work through the queue: {url}/moderate
"""


@click.group(cls=Sentences)
@click.version_option(VERSION, prog_name="winnow")
def main() -> None:
    """Winnow moderates comments: it scores them, decides, explains, and keeps a queue."""


main.add_command(backup)
main.add_command(restore)
main.add_command(doctor)
main.add_command(events)
main.add_command(import_comments)
main.add_command(export_comments)
main.add_command(worker)
main.add_command(jobs)
main.add_command(webhook)
main.add_command(policy)
main.add_command(compare)
main.add_command(score)
main.add_command(learn)
learn.add_command(import_labels)
learn.add_command(erase)
main.add_command(model)
main.add_command(privacy)
privacy.add_command(export_person)
privacy.add_command(erase_person)
policy.add_command(secret)
policy.add_command(preview)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--no-worker", is_flag=True, help="Start no worker beside it; see `winnow worker`.")
def serve(host: str, port: int, no_worker: bool) -> None:
    """Migrate, make a first site if there is none, and serve, with a worker."""
    check_port(host, port)
    settings = read_settings()
    settings = replace(settings, worker=settings.worker and not no_worker)
    logs.configure(settings.log, settings.log_level)
    services = open_services(settings)
    _welcome_once(services, settings.public_url or f"http://{host}:{port}")
    app = create_app(settings, services)
    instrumenting.prepare(settings.traces, services.database.engine, app)
    if services.scorer.failure:
        logs.announce(f"No classifier, comments will be held: {services.scorer.failure}")
    if services.scorer.second.failure:
        logs.announce(f"No second opinions: {services.scorer.second.failure}")
    logs.announce(f"Winnow {VERSION} serves on http://{host}:{port}")
    services.database.dispose()
    Server(app, settings, host, port).run()


def _welcome_once(services: Services, url: str) -> None:
    if access.has_sites(services):
        return
    try:
        site = access.create_site(services, "default")
    except TakenError:
        # Another host started at the same moment, and shows the secrets.
        return
    password = secrets.token_urlsafe(12)
    operator = Caller(site, "admin", access.COMMAND_LINE)
    people.create(services, operator, Newcomer(FIRST_MODERATOR, "admin", password=password))
    key = keys.create(services, operator, "backend")
    shown = {"email": FIRST_MODERATOR, "password": password, "url": url.rstrip("/")}
    click.echo(WELCOME.format(key=key, **shown))


@main.command()
def init() -> None:
    """Migrate, and make a first site if there is none; serve does so too."""
    settings = read_settings()
    _welcome_once(open_services(settings), settings.public_url or "http://127.0.0.1:8000")


@main.group()
def site() -> None:
    """Sites: tenants with their own keys, moderators and comments."""


@site.command("create")
@click.argument("name")
def create_site(name: str) -> None:
    """Make a site."""
    access.create_site(open_services(read_settings()), name)
    click.echo(f"Site {name} was made. Next: winnow key create --site {name} --role backend")


@main.group()
def key() -> None:
    """Keys: what a website's backend or a tool calls the API with."""


@key.command("create")
@click.option("--site", "site_name", required=True)
@click.option("--role", type=click.Choice(access.ROLES), help="Needed for the style winnow.")
@click.option(
    "--style",
    default=foreignkeys.WINNOW,
    show_default=True,
    type=click.Choice(foreignkeys.STYLES),
    help="Which protocols it is for; a key of the style winnow is for them all.",
)
def create_key(site_name: str, role: str | None, style: str) -> None:
    """Make a key and print it, alone and this once."""
    if style == foreignkeys.WINNOW and role is None:
        raise click.UsageError("Missing option '--role'.")
    if style != foreignkeys.WINNOW and role not in (None, foreignkeys.ROLE):
        raise click.UsageError(f"A key of the style {style} has the role {foreignkeys.ROLE}.")
    services = open_services(read_settings())
    made = foreignkeys.create(
        services, _operator(services, site_name), style, role or foreignkeys.ROLE
    )
    click.echo(made.key)
    if style != foreignkeys.WINNOW:
        click.echo(f"To revoke it: winnow key revoke --site {site_name} {made.id}", err=True)
    if style == foreignkeys.CORAL:
        click.echo(f"Its secret next: winnow key secret --site {site_name} {made.id}", err=True)


@key.command("list")
@click.option("--site", "site_name", required=True)
def list_keys(site_name: str) -> None:
    """Show a site's keys by their first letters."""
    services = open_services(read_settings())
    for one in access.list_keys(services, access.find_site(services, site_name)):
        state = f"revoked {one.revoked_at:%Y-%m-%d}" if one.revoked_at else "in use"
        made = f"made {one.created_at:%Y-%m-%d}"
        click.echo(f"{one.prefix}  {one.role:<9}  {one.style:<7}  {made}  {state}")


@key.command("revoke")
@click.option("--site", "site_name", required=True)
@click.argument("key_id")
def revoke_key(site_name: str, key_id: str) -> None:
    """End a key's power at once. KEY_ID is what `key list` shows."""
    services = open_services(read_settings())
    keys.revoke(services, _operator(services, site_name), key_id)
    click.echo(f"Key {key_id} is revoked.")


@key.command("secret")
@click.option("--site", "site_name", required=True)
@click.argument("key_id")
def set_secret(site_name: str, key_id: str) -> None:
    """Keep Coral's signing secret, from a prompt or standard input, for a key of its style."""
    services = open_services(read_settings())
    operator = _operator(services, site_name)
    foreignkeys.set_secret(services, operator, key_id, _read_line("Signing secret", twice=False))
    click.echo(f"The phase can be called: POST /coral/{key_id}, signed with this secret.")


@main.group()
def moderator() -> None:
    """Moderators: people who sign in to work through a site's queue."""


@moderator.command("create")
@click.option("--site", "site_name", required=True)
@click.option(
    "--role",
    default="moderator",
    show_default=True,
    type=click.Choice(people.ROLES),
    help="An admin makes keys, webhooks and moderators besides.",
)
@click.argument("email")
def create_moderator(site_name: str, role: str, email: str) -> None:
    """Let a person sign in; the password comes from a prompt or standard input."""
    services = open_services(read_settings())
    operator = _operator(services, site_name)
    people.create(services, operator, Newcomer(email, role, password=_read_password()))
    click.echo(f"{email} can sign in at /moderate.")


@moderator.command("list")
@click.option("--site", "site_name", required=True)
def list_moderators(site_name: str) -> None:
    """Show who may sign in to a site, with their roles and sections."""
    services = open_services(read_settings())
    for one in people.list_people(services, _operator(services, site_name)):
        sections = ", ".join(one.sections) or "all sections"
        click.echo(f"{one.email}  {one.role}  since {one.created_at:%Y-%m-%d}  {sections}")


@moderator.command("password")
@click.argument("email")
def set_password(email: str) -> None:
    """Change a moderator's password and sign them out everywhere."""
    credentials.set_password(open_services(read_settings()), email, _read_password())
    click.echo(f"The password of {email} is changed.")


@moderator.command("forget-account")
@click.argument("email")
def forget_account(email: str) -> None:
    """Have a moderator's next sign-in at the identity provider bind another account to them."""
    letting.forget(open_services(read_settings()), email)
    click.echo(f"{email} may come with another account, of the same verified address.")


def _operator(services: Services, site_name: str) -> Caller:
    """Whoever runs this command, for a site."""
    return Caller(access.find_site(services, site_name), "admin", access.COMMAND_LINE)


def _read_line(asked: str, twice: bool) -> str:
    """What is not to be seen, from a prompt or the first line of standard input."""
    if sys.stdin.isatty():
        typed: str = click.prompt(asked, hide_input=True, confirmation_prompt=twice)
        return typed
    return sys.stdin.buffer.readline().rstrip(b"\r\n").decode(errors="replace")


def _read_password() -> str:
    password = _read_line("Password", twice=True)
    if "\ufffd" in password:
        raise StartupError("A password is text in UTF-8.")
    return password
