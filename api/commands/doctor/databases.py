"""The database: whether it answers, keeps what it says it keeps, and is of this release."""

import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, func, make_url, select, text

from api.commands.doctor.findings import Finding, ok, problem, warning
from api.commands.doctor.machine import OF_NETWORKS, file_system
from api.settings import Settings
from api.store import schema
from api.store.database import Database
from api.store.outbox import Event

AREA = "database"

MAKES = "`winnow serve` or `winnow init` makes that."

OLDEST_POSTGRESQL = 150_000

FAR_SECONDS = 0.02
"""A database that takes longer for nothing is not beside its server."""

OFF = timedelta(seconds=1)
"""By how much the clocks of a server and its database may differ."""

FAR_OFF = timedelta(seconds=30)

DURABLE = ("fsync", "synchronous_commit", "full_page_writes")
"""Settings of PostgreSQL without which acknowledged comments can be lost."""


def find_file(settings: Settings) -> Path | None:
    """The file of an SQLite database; None for PostgreSQL."""
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite":
        return None
    return Path(url.database) if url.database else None


def check_file(path: Path) -> Iterator[Finding]:
    """Where an SQLite database lies."""
    kind = file_system(path.parent if not path.exists() else path)
    if kind in OF_NETWORKS:
        said = f"The SQLite file is on a network's file system ({kind}): it will be damaged."
        yield problem(AREA, said, "Put WINNOW_HOME on a local disk, or use PostgreSQL.")
    if not path.exists():
        yield warning(AREA, "There is no database yet.", MAKES)
    elif path.stat().st_mode & 0o044 and path.parent.stat().st_mode & 0o011:
        said = f"Others on this machine may read {path}."
        yield warning(AREA, said, f"chmod 700 {path.parent}")


def check_server(database: Database) -> Iterator[Finding]:
    """How it answers, and what it keeps."""
    with database.engine.connect() as connection:
        times = [_time(connection) for _ in range(9)]
        took = statistics.median(times)
        if connection.dialect.name == "postgresql":
            yield from _check_postgresql(connection)
        else:
            yield from _check_sqlite(connection)
        said = f"It answers in {1000 * took:.1f} ms."
        if took > FAR_SECONDS:
            yield warning(AREA, said, "A comment takes several questions: bring them closer.")
        else:
            yield ok(AREA, said)


def check_schema(database: Database) -> Iterator[Finding]:
    """Whether its tables are those of this release."""
    found = schema.find_revision(database)
    if found is None:
        yield warning("schema", "It has no tables yet.", MAKES)
    elif not schema.is_known(found):
        said = f"It is of a newer release (schema {found[:20]}); this one does not start on it."
        yield problem("schema", said, "Install the newer release, or restore the backup before it.")
    elif schema.is_current(database):
        yield ok("schema", f"It is of this release ({found}).")
    else:
        said = f"It is of an older release (schema {found})."
        yield warning("schema", said, "Take a backup; `winnow serve` migrates when it starts.")


def check_clock(database: Database, now: datetime) -> Iterator[Finding]:
    """Whether the clock of this machine is right, as far as the database can tell."""
    with database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            before = datetime.now(UTC)
            there = connection.scalar(text("SELECT clock_timestamp()"))
            yield from _compare(before, there)
        if schema.find_revision(database) is None:
            return
        last = connection.scalar(
            select(Event.created_at).where(Event.id == select(func.max(Event.id)).scalar_subquery())
        )
    if last is not None and last - now > FAR_OFF:
        said = f"The last event is from the future ({last:%Y-%m-%d %H:%M} UTC)."
        yield problem("clock", said, "This clock is slow, or another host's was fast: use NTP.")
    else:
        yield ok("clock", "Nothing in the database is from the future.")


def _compare(here: datetime, there: datetime | None) -> Iterator[Finding]:
    apart = abs(there - here) if there is not None else timedelta()
    said = f"This clock and the database's are {apart.total_seconds():.1f} s apart."
    if apart > FAR_OFF:
        yield problem("clock", said, "Leases and waits go wrong: set both by NTP.")
    elif apart > OFF:
        yield warning("clock", said, "Set both by NTP.")
    else:
        yield ok("clock", said)


def _time(connection: Connection) -> float:
    began = time.perf_counter()
    connection.execute(text("SELECT 1"))
    return time.perf_counter() - began


def _show(connection: Connection, name: str) -> str:
    return str(connection.scalar(text(f"SHOW {name}")))


def _check_postgresql(connection: Connection) -> Iterator[Finding]:
    number = int(_show(connection, "server_version_num"))
    version = _show(connection, "server_version").partition(" ")[0]
    if number < OLDEST_POSTGRESQL:
        yield problem(AREA, f"It is PostgreSQL {version}.", "Winnow needs 15 or newer.")
    else:
        yield ok(AREA, f"It is PostgreSQL {version}.")
    encoding = _show(connection, "server_encoding")
    if encoding != "UTF8":
        yield problem(AREA, f"Its encoding is {encoding}.", "createdb --encoding=UTF8, and move.")
    off = [name for name in DURABLE if _show(connection, name) == "off"]
    if off:
        said = f"It runs with {', '.join(off)} off: acknowledged comments can be lost."
        yield problem(AREA, said, "Switch these on in postgresql.conf, or for the role.")
    else:
        yield ok(AREA, "What it acknowledges is on disk.")
    if connection.scalar(text("SELECT pg_is_in_recovery()")):
        yield problem(AREA, "It is a standby: nothing can be written.", "Name the primary.")
    elif _show(connection, "default_transaction_read_only") == "on":
        yield problem(AREA, "This role may only read.", "Set default_transaction_read_only off.")
    isolation = _show(connection, "default_transaction_isolation")
    if isolation != "read committed":
        said = f"Transactions are by default {isolation}."
        yield problem(AREA, said, "Winnow is made for read committed: set that for its role.")


def _check_sqlite(connection: Connection) -> Iterator[Finding]:
    version = connection.scalar(text("SELECT sqlite_version()"))
    yield ok(AREA, f"It is SQLite {version}.")
    encoding = connection.scalar(text("PRAGMA encoding"))
    if encoding != "UTF-8":
        yield problem(AREA, f"Its encoding is {encoding}.", "Make another, and restore into it.")
    mode = connection.scalar(text("PRAGMA journal_mode"))
    if mode != "wal":
        said = f"Its journal is {mode}, not a write-ahead log: readers and writers wait."
        yield problem(AREA, said, "Some file systems have none; put WINNOW_HOME on another.")
    else:
        yield ok(AREA, "What it acknowledges is on disk.")
