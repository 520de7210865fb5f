"""`winnow learn` and `winnow model`: training now, and which adapters a site has."""

import json
import sys
from collections.abc import Sequence
from typing import Any

import click
from rich.console import Console
from rich.progress import track
from sqlalchemy import select

from api.commands import open_services
from api.commands.policy import ACTOR, open_site
from api.errors import StartupError
from api.moderation import access, inforce, policies
from api.moderation.access import Caller
from api.moderation.errors import ForcibleError
from api.moderation.learning import lessons, sharing, training, using, versions
from api.moderation.services import Services
from api.settings import read_settings
from api.store.learning import StoredAdapter
from api.store.tables import Site
from api.web.model_schemas import show_second_stage

_site = click.option("--site", "site_name", required=True, help="Whose adapters.")


@click.group(invoke_without_command=True)
@click.option("--site", "site_name", help="Only this site, and nothing of several.")
@click.option("--wait", is_flag=True, help="Put nothing in force; see `winnow model promote`.")
@click.pass_context
def learn(context: click.Context, site_name: str | None, wait: bool) -> None:
    """Learn what people have decided, of all sites, now.

    Each site's adapter is trained and judged, and is in force at once where it is better; then
    the one of those sites that share. The worker does the same by itself wherever there is news.
    """
    if context.invoked_subcommand is not None:
        return
    services = open_services(read_settings())
    if services.scorer.failure:
        raise StartupError(services.scorer.failure)
    sites = _find_sites(services, site_name)
    console = Console(stderr=True)
    for name, site_id in track(
        sites, "sites", console=console, transient=True, disable=not sys.stderr.isatty()
    ):
        row = training.train(services, site_id, ACTOR, promote=not wait)
        click.echo(f"{name}: {_tell_trained(services, site_id, row)}")
    if site_name is None and not wait:
        _learn_shared(services)


def _learn_shared(services: Services) -> None:
    if not sharing.find_sharing(services):
        return
    row = sharing.train(services, ACTOR)
    if row is None:
        click.echo("Of those that share: none has decided enough.")
    else:
        click.echo(f"Of those that share: {row.public_id} is {row.state}. {row.report['why']}")


def _find_sites(services: Services, name: str | None) -> Sequence[tuple[str, int]]:
    if name is not None:
        return [(name, access.find_site(services, name))]
    with services.database.reading() as session:
        return session.execute(select(Site.name, Site.id).order_by(Site.id)).all()


def _tell_trained(services: Services, site_id: int, row: StoredAdapter | None) -> str:
    if row is not None:
        return f"{row.public_id} is {row.state}, of {row.labels} labels. {row.report['why']}"
    if not policies.find(services, site_id).document.learning.on:
        return "its policy wants no learning."
    return (
        f"too little is decided: it takes {lessons.LEAST} decisions, "
        f"{lessons.LEAST_OF_EACH} of each kind."
    )


@click.group()
def model() -> None:
    """Adapters: what a site's decisions have taught, in versions."""


@model.command("list")
@_site
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000), help="Lines.")
def list_models(site_name: str, limit: int) -> None:
    """List a site's adapters, newest first, and those that several sites have taught."""
    services, caller = open_site(site_name)
    here = inforce.find(services, caller.site_id)
    page = versions.list_versions(services, caller, limit)
    for row in page.items:
        click.echo(
            f"{row.public_id}  {_name_state(row, here.adapter, here.trial):<9}  "
            f"{row.created_at:%Y-%m-%d %H:%M}  {row.labels:>6} labels  {row.version}"
            f"{'' if row.site_id else '  shared'}"
        )
    if page.next is not None:
        click.echo(f"There are more; ask for them with --limit {2 * limit}.", err=True)


@model.command("show")
@_site
@click.argument("model_id", metavar="[ID]", required=False)
def show_model(site_name: str, model_id: str | None) -> None:
    """Print what the gate has measured of an adapter, as JSON, and the second stage.

    Without an ID: the stages that score the site's comments, and whether they can.
    """
    services, caller = open_site(site_name)
    adapter = {} if model_id is None else _show_adapter(services, caller, model_id)
    shown = {**adapter, **_show_stages(services, caller)}
    click.echo(json.dumps(shown, indent=2))


def _show_stages(services: Services, caller: Caller) -> dict[str, Any]:
    """Both stages; what has come of asking them only the server knows."""
    scorer = using.find_scorer(services, inforce.find(services, caller.site_id).adapter)
    second = show_second_stage(scorer.second, {})
    del second["outcomes"]
    first = {
        "version": scorer.model and scorer.model.version,
        "usable": scorer.failure is None,
        "why_not": scorer.failure,
    }
    return {"first_stage": first, "second_stage": second}


def _show_adapter(services: Services, caller: Caller, model_id: str) -> dict[str, Any]:
    here = inforce.find(services, caller.site_id)
    row = versions.show(services, caller, model_id)
    return {
        "id": row.public_id,
        "version": row.version,
        "base": row.base,
        "state": _name_state(row, here.adapter, here.trial),
        "labels": row.labels,
        "taught_until": row.taught_until and row.taught_until.isoformat(),
        "created_at": row.created_at.isoformat(),
        "created_by": row.actor,
        "promoted_at": row.promoted_at and row.promoted_at.isoformat(),
        "report": row.report,
    }


@model.command()
@_site
@click.option("--force", is_flag=True, help="Although the gate was shut, or it was taken back.")
@click.argument("model_id", metavar="ID")
def promote(site_name: str, force: bool, model_id: str) -> None:
    """Put an adapter in force from the next comment on, in every process."""
    services, caller = open_site(site_name)
    try:
        row = versions.promote(services, caller, model_id, force)
    except ForcibleError as error:
        raise click.ClickException(f"{error} Or use --force.") from error
    click.echo(f"{row.public_id} is in force.")


@model.command()
@_site
def rollback(site_name: str) -> None:
    """Take the adapter in force back; the one before it is in force again, if there was one."""
    services, caller = open_site(site_name)
    before = versions.rollback(services, caller)
    said = f"{before.public_id} is in force again" if before else "the shipped model judges alone"
    click.echo(f"It is taken back: {said}.")


def _name_state(row: StoredAdapter, adapter: int | None, trial: int | None) -> str:
    if row.id == adapter:
        return "in force"
    return "on trial" if row.id == trial else row.state
