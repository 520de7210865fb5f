"""`winnow policy preview`: what a policy in a file would have done, with nothing changed."""

import json
import sys
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.progress import Progress

from api.commands.policy import open_site, read_file
from api.commands.summaries import summarise
from api.moderation.access import Caller
from api.moderation.drafts import RUNNING, previews
from api.moderation.drafts.previews import MOST, USUAL, Preview
from api.moderation.services import Services
from api.web.previews import show_preview

INTERRUPTED = 130
"""The exit status of what Ctrl-C has ended."""


@click.command()
@click.option("--site", "site_name", required=True, help="Whose comments.")
@click.option(
    "--last",
    default=USUAL,
    show_default=True,
    type=click.IntRange(1, MOST),
    help="How many of the newest comments.",
)
@click.option("--since", type=click.DateTime(), help="Only what came since then, in UTC.")
@click.option("--resume", "preview_id", metavar="ID", help="Go on with what was stopped.")
@click.option(
    "--format", "form", default="text", type=click.Choice(["text", "json"]), show_default=True
)
@click.argument("file", required=False)
def preview(
    site_name: str,
    last: int,
    since: datetime | None,
    preview_id: str | None,
    form: str,
    file: str | None,
) -> None:
    """Judge stored comments by the policy in FILE; nothing of them changes.

    They are judged by the scores they have. - is standard input. Ctrl-C stops, --resume goes on.
    """
    if (file is None) == (preview_id is None):
        raise click.UsageError("Give either a FILE or --resume.")
    written = None if file is None else read_file(file)
    services, caller = open_site(site_name)
    if written is None:
        begun = previews.resume(services, caller, str(preview_id))
    else:
        moment = since and since.replace(tzinfo=UTC)
        begun = previews.begin(services, caller, written, last, moment, by_job=False)
    _finish(services, caller, begun)
    found = show_preview(previews.find(services, caller, begun.draft.public_id))
    click.echo(json.dumps(found, ensure_ascii=False) if form == "json" else summarise(found))


def _finish(services: Services, caller: Caller, begun: Preview) -> None:
    """Go on to the end, or stop when told so."""
    try:
        _go_on(services, begun)
    except KeyboardInterrupt:
        name = begun.draft.public_id
        previews.stop(services, caller, name)
        click.echo(f"Stopped. To go on: winnow policy preview … --resume {name}", err=True)
        sys.exit(INTERRUPTED)


def _go_on(services: Services, preview: Preview) -> None:
    quiet = not sys.stderr.isatty()
    with Progress(console=Console(stderr=True), transient=True, disable=quiet) as bar:
        task = bar.add_task("comments", total=None)
        while preview.draft.state == RUNNING:
            preview = previews.advance(services, preview)
            bar.update(task, completed=preview.seen, total=preview.total)
