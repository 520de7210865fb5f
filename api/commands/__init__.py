"""The parts of the `winnow` command, one file for each noun, and what they share."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from api import create_services
from api.errors import StartupError
from api.moderation.errors import RuleError
from api.moderation.services import Services
from api.settings import Settings, make_home
from api.store import schema
from api.store.gathering import BusyError


@contextmanager
def one_sentence() -> Iterator[None]:
    """Turn what an operator can mend into one sentence and exit status 1."""
    try:
        yield
    except (StartupError, RuleError, BusyError) as error:
        raise click.ClickException(str(error)) from error
    except DBAPIError as error:
        reason = str(error.orig).splitlines()[0]
        raise click.ClickException(f"The database cannot be used: {reason}.") from error
    except CommandError as error:
        raise click.ClickException(f"The database is of another release: {error}.") from error


def open_services(settings: Settings) -> Services:
    """The services of a database that has today's schema."""
    make_home(settings.home)
    services = create_services(settings)
    schema.migrate(services.database)
    return services


class Sentences(click.Group):
    """Commands that fail in one sentence."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; failures an operator can mend show no traceback."""
        with one_sentence():
            return super().invoke(ctx)
