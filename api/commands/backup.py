"""`winnow backup` and `winnow restore`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from api.moderation.services import utc_now
from api.settings import make_home, read_settings
from api.store import backups
from api.store.backups import Tell
from api.store.database import Database

_PATH = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_PATH)
def backup(file: Path) -> None:
    """Write the whole database to FILE, while it is in use.

    FILE holds every comment that was acknowledged before. It must not be there yet. For a
    PostgreSQL database this needs its own pg_dump.
    """
    with _opened(read_settings().database_url) as database, _progress() as tell:
        made = backups.back_up(database, file, utc_now(), tell)
    click.echo(f"{made.comments} comments are in {file}.")


@click.command()
@click.option("--replace", is_flag=True, help="Lose the comments that are there now.")
@click.argument("file", type=_PATH)
def restore(replace: bool, file: Path) -> None:
    """Make the database what it was when FILE was written, and migrate it.

    FILE is checked first. All is replaced, or nothing is. Stop servers and workers before.
    """
    settings = read_settings()
    make_home(settings.home)
    with _opened(settings.database_url) as database, _progress() as tell:
        found = backups.restore(database, file, replace, tell)
    click.echo(f"{found.comments} comments of {found.made_at} are restored.")


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.dispose()


@contextmanager
def _progress() -> Iterator[Tell]:
    """Shows a bar on a terminal, and nothing elsewhere."""
    quiet = not sys.stderr.isatty()
    with Progress(console=Console(stderr=True), transient=True, disable=quiet) as bar:
        tasks = {}

        def tell(name: str, done: int, whole: int | None) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=whole)
            bar.update(tasks[name], completed=done, total=whole)

        yield tell
