"""Archives of a PostgreSQL database, by its own pg_dump, pg_restore and psql."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, text

from api.errors import StartupError
from api.store import dropin, learning, outbox, policies, privacy, review  # noqa: F401  (tables)
from api.store.database import Database
from api.store.engines import has_pooler
from api.store.tables import Base

Tell = Callable[[str, int, int | None], None]

PACKAGED = Path("/usr/lib/postgresql")
"""Where Debian has them, a folder for each version, if there is none on the PATH."""

_CHUNK = 1 << 16
_POLL_SECONDS = 0.2


def save(database: Database, target: Path, tell: Tell) -> tuple[str, int]:
    """Archive the database of this moment into a file; its schema, and how many comments."""
    _refuse_pooler(database)
    program = _find("pg_dump")
    with database.engine.connect() as connection:
        # The archive and the count are of one moment.
        connection.execution_options(isolation_level="REPEATABLE READ")
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        found = _describe(connection)
        snapshot, here = connection.execute(
            text("SELECT pg_export_snapshot(), current_schema()")
        ).one()
        how = ["--format=custom", f"--schema={here}", f"--snapshot={snapshot}", f"--file={target}"]
        _run([program, *how], database, lambda: tell("Copying", target.stat().st_size, None))
    return found


def load(database: Database, source: Path, tell: Tell) -> None:
    """Replace every table of ours with those of the archive, in one transaction."""
    _refuse_pooler(database)
    reading = [_find("pg_restore"), "--clean", "--if-exists", "--no-owner", "--no-privileges"]
    address, environment = _address(database)
    writing = [_find("psql"), "--no-psqlrc", "--quiet", "--no-password", "--single-transaction"]
    writing += ["--set=ON_ERROR_STOP=1", f"--dbname={address}", "--file=-"]
    pipe = subprocess.PIPE
    with tempfile.TemporaryFile() as complaints, tempfile.TemporaryFile() as words:
        reader = _spawn([*reading, "--file=-", str(source.absolute())], pipe, complaints)
        writer = _spawn(writing, subprocess.DEVNULL, words, stdin=pipe, env=environment)
        poured = False
        # When psql goes before the end, its words say why.
        with suppress(BrokenPipeError), reader, writer:
            try:
                _pour(cast("IO[bytes]", reader.stdout), cast("IO[bytes]", writer.stdin), tell)
                # At the end of its input psql commits: it must not see one that came too early.
                _check(reader.wait(), "pg_restore", complaints)
                poured = True
            except BrokenPipeError:
                reader.kill()
            except BaseException:
                reader.kill()
                writer.kill()
                raise
        _check(writer.returncode or int(not poured), "psql", words)


def _refuse_pooler(database: Database) -> None:
    if has_pooler(database.url):
        raise StartupError(
            "Backups and restores do not go through a pooler: name the server itself in"
            " WINNOW_DATABASE_URL, without pooler=transaction."
        )


def _pour(source: IO[bytes], target: IO[bytes], tell: Tell) -> None:
    """Put the archive's SQL in place of our tables, whatever release they are of."""
    ours = ", ".join(
        f'"{name}"' for name in ["alembic_version", "comment_words", *Base.metadata.tables]
    )
    target.write(
        f"SET client_min_messages = warning;\nDROP TABLE IF EXISTS {ours} CASCADE;\n".encode()
    )
    done = 0
    while chunk := source.read(_CHUNK):
        target.write(chunk)
        done += len(chunk)
        tell("Restoring", done, None)
    target.flush()


def _describe(connection: Connection) -> tuple[str, int]:
    known = "to_regclass('alembic_version') IS NOT NULL AND to_regclass('comments') IS NOT NULL"
    if not connection.scalar(text(f"SELECT {known}")):
        raise StartupError("The database is not Winnow's.")
    revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    comments = connection.scalar(text("SELECT count(*) FROM comments"))
    return str(revision), int(comments or 0)


def _run(command: list[str], database: Database, tell: Callable[[], None]) -> None:
    """Run a program on the database to its end."""
    address, environment = _address(database)
    with tempfile.TemporaryFile() as words:
        whole = [*command, "--no-password", f"--dbname={address}"]
        process = _spawn(whole, words, words, env=environment)
        with process:
            try:
                while _runs(process):
                    tell()
            except BaseException:
                process.kill()
                raise
        _check(process.returncode, Path(command[0]).name, words)


def _spawn(
    command: list[str],
    output: int | IO[bytes],
    complaints: IO[bytes],
    stdin: int = subprocess.DEVNULL,
    env: dict[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    # PostgreSQL's own programs, with arguments of ours and no shell.
    return subprocess.Popen(  # noqa: S603
        command, stdin=stdin, stdout=output, stderr=complaints, env=env
    )


def _runs(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(_POLL_SECONDS)
    except subprocess.TimeoutExpired:
        return True
    return False


def _check(status: int, program: str, words: IO[bytes]) -> None:
    """Raise StartupError with what a program said first, unless all went well."""
    if status == 0:
        return
    words.seek(0)
    said = words.read(2000).decode(errors="replace").strip().splitlines()
    reason = said[0] if said else f"status {status}"
    raise StartupError(f"{program} failed: {reason.rstrip('.')}.")


def _find(program: str) -> str:
    packaged = sorted(PACKAGED.glob(f"[0-9]*/bin/{program}"))
    found = shutil.which(program) or next(map(str, reversed(packaged)), None)
    if found is None:
        raise StartupError(
            f"This needs PostgreSQL's own {program}, which is not installed; "
            "on Debian: apt install postgresql-client."
        )
    return found


def _address(database: Database) -> tuple[str, dict[str, str]]:
    """Where the database is, for libpq, and an environment that holds the password.

    Everybody on the machine can read a command line; an environment only its owner.
    """
    found = dict(database.dialect.create_connect_args(database.engine.url)[1])
    found.pop("context", None)  # what Python makes of values: nothing for libpq
    password = found.pop("password", None)
    environment = {**os.environ, "PGPASSWORD": password} if password else dict(os.environ)
    return make_conninfo("", **found), environment
