"""Brings a database to the schema of this release."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from api.errors import StartupError
from api.store.database import Database

_LOCK = 0x77696E6E6F77
"""Any number, the same for all: two servers that start at once migrate one after the other."""


def migrate(database: Database, revision: str = "head") -> None:
    """Run the migrations up to `revision` that the database has not seen, each in a transaction.

    One that changed all tables that servers are at work on would wait for them with some locked,
    while they wait for those.
    """
    while _migrate_once(database, revision):
        pass


def _migrate_once(database: Database, revision: str) -> bool:
    """Run the next migration; whether there are others after it."""
    config = _config()
    with database.migrating() as connection:
        if connection.dialect.name == "postgresql":
            _check_encoding(connection)
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        here = MigrationContext.configure(connection).get_current_revision()
        config.attributes["connection"] = connection
        if here is not None and not is_known(here):
            # Raises what says so.
            command.upgrade(config, revision)
        steps = ScriptDirectory.from_config(config).iterate_revisions(revision, here or "base")
        # The last comes first.
        ahead = [one.revision for one in steps]
        if ahead:
            command.upgrade(config, ahead[-1])
    return len(ahead) > 1


def _check_encoding(connection: Connection) -> None:
    # Any other either refuses letters or gives bytes back.
    encoding = connection.scalar(text("SHOW server_encoding"))
    if encoding != "UTF8":
        raise StartupError(f"The database's encoding is {encoding}; Winnow needs UTF8.")


def is_current(database: Database) -> bool:
    """Whether the database has the schema of this release."""
    with database.engine.connect() as connection:
        here = MigrationContext.configure(connection).get_current_revision()
    return here == ScriptDirectory.from_config(_config()).get_current_head()


def find_revision(database: Database) -> str | None:
    """Of which schema the database is; None where it has no tables."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_known(revision: str) -> bool:
    """Whether this release can bring a database of that schema to its own."""
    return any(
        one.revision == revision for one in ScriptDirectory.from_config(_config()).walk_revisions()
    )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
