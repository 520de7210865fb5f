"""`winnow jobs`: what is still to be done, and what was given up."""

from collections.abc import Iterator

import click

from api.commands import open_services
from api.moderation import backlog
from api.moderation.errors import NotFoundError
from api.moderation.services import Services
from api.settings import read_settings
from api.store.outbox import Job


@click.group()
def jobs() -> None:
    """Jobs: what is done later, such as messages to webhooks."""


@jobs.command("list")
@click.option("--failed", is_flag=True, help="Only those that were given up.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1), help="Lines.")
def list_jobs(failed: bool, limit: int) -> None:
    """Show what is to be done, of all sites, oldest first."""
    services = open_services(read_settings())
    now = services.now()
    for number, job in enumerate(_walk(services, failed)):
        if number == limit:
            click.echo(f"There are more; ask for them with --limit {2 * limit}.", err=True)
            break
        state = backlog.state(job, now)
        tries = f"{job.attempts} {'try' if job.attempts == 1 else 'tries'}"
        click.echo(
            f"{job.id:>8}  {job.kind:<18} {state:<8} {tries:<9} due {job.due_at:%Y-%m-%d %H:%M:%S}"
            f"  {job.error or ''}".rstrip()
        )


@jobs.command()
@click.argument("job_id", type=click.IntRange(1, 2**63 - 1), metavar="ID", required=False)
@click.option("--all", "every", is_flag=True, help="All that were given up.")
def replay(job_id: int | None, every: bool) -> None:
    """Have a job that was given up done again. ID is what `jobs list` shows."""
    if (job_id is None) != every:
        raise click.UsageError("Give either an ID or --all.")
    replayed = backlog.replay_any(open_services(read_settings()), job_id)
    if not replayed and not every:
        raise NotFoundError(f"There is no job {job_id} that was given up.")
    click.echo(f"{replayed} {'job is' if replayed == 1 else 'jobs are'} done again.")


def _walk(services: Services, failed: bool) -> Iterator[Job]:
    cursor = None
    while True:
        page = backlog.list_jobs(services, None, failed or None, 200, cursor)
        yield from page.items
        cursor = page.next
        if cursor is None:
            return
