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
    """Run the migrations up to `revision` that the database has not seen, in one transaction."""
    with database.migrating() as connection:
        if connection.dialect.name == "postgresql":
            _check_encoding(connection)
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


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
