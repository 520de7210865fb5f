"""Backups: one file that holds the whole database as of one moment, and the way back.

The file is what the database's own tools write (a SQLite file, or a custom archive of pg_dump)
with one line after it: what is in it, and a digest of all of it. Without that line, or with one
that does not fit, a file is not restored.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlalchemy import inspect, select

from api.errors import StartupError
from api.store import archives, copies, schema
from api.store.database import Database
from api.store.tables import Comment
from api.version import VERSION

Tell = Callable[[str, int, int | None], None]
"""Told what is being done, how much of it is done, and of how much in all, if that is known."""

_MARK = b"\nwinnow-backup "
_LONGEST_LINE = 1000
_CHUNK = 1 << 20
_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: of which kind of database, with which schema, made when by what."""

    database: str
    schema: str
    comments: int
    made_at: str
    version: str


def back_up(database: Database, target: Path, now: datetime, tell: Tell) -> Manifest:
    """Write the database as it stands now to `target`, while others go on writing.

    The file appears under its name when it is complete and on disk, readable by its owner alone.
    Raises StartupError when there is such a file already, or no database, or no room.
    """
    with _written_aside(target) as part:
        source = copies if _is_sqlite(database) else archives
        revision, comments = source.save(database, part, tell)
        kind = database.dialect.name
        manifest = Manifest(kind, revision, comments, now.isoformat(timespec="seconds"), VERSION)
        _sign(part, manifest, tell)
    return manifest


def restore(database: Database, source: Path, replace: bool, tell: Tell) -> Manifest:
    """Make the database what it was when `source` was written, then migrate it.

    All of it is replaced in one transaction, or nothing is. Raises StartupError when the file is
    damaged, not a backup, or of a newer release, and when the database has comments, unless
    `replace` says that they may go.
    """
    manifest = read(source, tell)
    if manifest.database != database.dialect.name:
        there, here = _NAMES.get(manifest.database), _NAMES[database.dialect.name]
        raise StartupError(f"{source} is a backup of a {there} database, and this one is {here}.")
    if not schema.is_known(manifest.schema):
        raise StartupError(
            f"{source} was written by Winnow {manifest.version}, which is newer than this one."
        )
    if not replace and _has_comments(database):
        raise StartupError(
            "The database has comments, which would be lost; say --replace if they may be."
        )
    (copies if _is_sqlite(database) else archives).load(database, source, tell)
    schema.migrate(database)
    return manifest


def read(source: Path, tell: Tell) -> Manifest:
    """What a backup holds; raise StartupError unless it is whole."""
    try:
        with source.open("rb") as file:
            found = _read(file, tell)
    except OSError as error:
        raise StartupError(f"Cannot read {source}: {error.strerror}.") from error
    except (ValueError, TypeError) as error:
        raise StartupError(f"{source} is damaged, or not a backup, or not all of one.") from error
    return found


def _read(file: IO[bytes], tell: Tell) -> Manifest:
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - _LONGEST_LINE))
    _, mark, line = file.read().rpartition(_MARK)
    described, digest = line.removesuffix(b"\n").rsplit(b" ", 1)
    size = end - len(mark) - len(line)
    file.seek(0)
    if not mark or _digest(file, size, described, tell) != digest or not line.endswith(b"\n"):
        raise ValueError("the digest is of something else")
    return Manifest(**json.loads(described))


def _sign(part: Path, manifest: Manifest, tell: Tell) -> None:
    described = json.dumps(asdict(manifest)).encode()
    with part.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        digest = _digest(file, size, described, tell)
        file.seek(size)
        file.write(_MARK + described + b" " + digest + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _digest(file: IO[bytes], size: int, described: bytes, tell: Tell) -> bytes:
    """SHA-256 of the first `size` bytes and of what is said about them."""
    found = hashlib.sha256(described)
    for start in range(0, size, _CHUNK):
        found.update(file.read(min(_CHUNK, size - start)))
        tell("Checking", start, size)
    return found.hexdigest().encode()


@contextmanager
def _written_aside(target: Path) -> Iterator[Path]:
    """A new file beside `target`, which becomes `target` when the block ends well."""
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        _refuse_to_overwrite(target)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield part
        _refuse_to_overwrite(target)
        part.rename(target)
        _sync_folder(target.parent)
    except OSError as error:
        raise StartupError(f"Cannot write {target}: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)


def _refuse_to_overwrite(target: Path) -> None:
    if target.exists():
        raise StartupError(f"There is a {target} already, and it is not overwritten.")


def _sync_folder(folder: Path) -> None:
    """Have the name of a new file outlive a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _is_sqlite(database: Database) -> bool:
    return database.dialect.name == "sqlite"


def _has_comments(database: Database) -> bool:
    with database.engine.connect() as connection:
        if not inspect(connection).has_table(Comment.__tablename__):
            return False
        return connection.scalar(select(Comment.id).limit(1)) is not None
