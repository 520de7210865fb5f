"""Backups: whole, of one moment, checked before they are used, and all or nothing on the way back.

What servers that run meanwhile have to do with it is in `tests/reliability/test_backup.py`.
"""

import errno
import os
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from api.errors import StartupError
from api.store import archives, backups, copies, schema
from api.store.backups import Manifest
from api.store.database import Database
from api.store.gathering import BusyError
from api.version import VERSION
from tests.conftest import ON_POSTGRESQL, ON_SQLITE
from tests.factories import START, decide, rows, submit


def ignore(_name: str, _done: int, _whole: int | None) -> None:
    """Progress that nobody looks at."""


def back_up(database: Database, target: Path) -> Manifest:
    return backups.back_up(database, target, START, ignore)


def restore(database: Database, source: Path, replace: bool = False) -> Manifest:
    return backups.restore(database, source, replace, ignore)


@pytest.fixture
def filled(database: Database, backend: FlaskClient, moderator: FlaskClient) -> Database:
    """A database with something in most tables."""
    submit(backend, "Ä fine day ☀, \U0001f600 and 'quotes' \\ \t.", id="c-1")
    submit(backend, "spam0.60", id="c-2")
    submit(backend, "Another text.", id="c-2")
    decide(moderator, "c-1", "reject", note="Because.")
    backend.post("/v1/comments", json={"nonsense": 1})
    return database


@pytest.fixture
def other(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> Iterator[Database]:
    """An empty database of the same kind."""
    if database.dialect.name == "sqlite":
        found = Database(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    else:
        make: Callable[[], str] = request.getfixturevalue("make_postgresql_url")
        found = Database(make())
    yield found
    found.dispose()


def test_what_was_backed_up_comes_back_in_an_empty_database(
    filled: Database, other: Database, tmp_path: Path
) -> None:
    before = rows(filled)

    made = back_up(filled, tmp_path / "backup")
    found = restore(other, tmp_path / "backup")

    assert rows(other) == before
    assert made == found
    assert (found.comments, found.version, found.database) == (2, VERSION, filled.dialect.name)
    assert found.made_at == "2026-11-22T12:00:00+00:00"
    assert schema.is_current(other)


def test_a_restored_database_goes_on(
    filled: Database, backend: FlaskClient, moderator: FlaskClient, tmp_path: Path
) -> None:
    back_up(filled, tmp_path / "backup")
    submit(backend, "Lost by will.", id="c-3")

    restore(filled, tmp_path / "backup", replace=True)

    assert backend.get("/v1/comments/c-3").status_code == 404
    submit(backend, "New.", id="c-3")
    assert decide(moderator, "c-3", "reject")["status"] == "rejected"
    assert backend.get("/v1/comments/c-1").json["decision"]["note"] == "Because."


def test_comments_are_not_replaced_unless_that_is_said(
    filled: Database, backend: FlaskClient, tmp_path: Path
) -> None:
    back_up(filled, tmp_path / "backup")
    submit(backend, id="c-3")
    before = rows(filled)

    with pytest.raises(StartupError, match="would be lost; say --replace"):
        restore(filled, tmp_path / "backup")

    assert rows(filled) == before


def test_a_backup_of_an_older_schema_is_migrated(
    database: Database, other: Database, tmp_path: Path
) -> None:
    schema.migrate(other, "0001")
    with other.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO sites (id, name, created_at) VALUES (7, 'gazette', :now)"),
            {"now": START.isoformat()},
        )

    made = back_up(other, tmp_path / "backup")
    restore(database, tmp_path / "backup")

    assert made.schema == "0001"
    assert schema.is_current(database)
    assert "gazette" in rows(database)["sites"][0]
    assert not schema.is_current(other)


def test_a_backup_of_a_newer_release_is_refused(
    filled: Database, other: Database, tmp_path: Path
) -> None:
    name = text("UPDATE alembic_version SET version_num = :name")
    with filled.engine.begin() as connection:
        ours = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(name, {"name": "9999"})
    try:
        back_up(filled, tmp_path / "backup")
    finally:
        with filled.engine.begin() as connection:
            connection.execute(name, {"name": ours})

    with pytest.raises(StartupError, match="which is newer than this one"):
        restore(other, tmp_path / "backup")

    assert not schema.is_current(other)


def test_a_file_that_lacks_or_changed_anything_is_refused(
    filled: Database, backend: FlaskClient, tmp_path: Path
) -> None:
    back_up(filled, tmp_path / "backup")
    whole = (tmp_path / "backup").read_bytes()
    submit(backend, id="c-3")
    before = rows(filled)
    broken = [whole[: len(whole) * part // 10] for part in range(10)]
    broken += [whole[:-1], whole[:-70], whole + b"\n", whole + whole]
    for place in [0, 1, 17, *range(100, len(whole), len(whole) // 40), len(whole) - 2]:
        flipped = bytes([whole[place] ^ 1])
        broken.append(whole[:place] + flipped + whole[place + 1 :])

    for number, content in enumerate(broken):
        bad = tmp_path / f"broken-{number}"
        bad.write_bytes(content)
        with pytest.raises(StartupError, match="is damaged, or not a backup"):
            restore(filled, bad, replace=True)
        bad.unlink()

    assert rows(filled) == before


@ON_SQLITE
def test_what_others_wrote_is_refused(database: Database, tmp_path: Path) -> None:
    foreign = sqlite3.connect(tmp_path / "foreign.sqlite3")
    foreign.execute("CREATE TABLE comments (id INTEGER)")
    foreign.close()
    (tmp_path / "words").write_text("Dear diary,\nwinnow-backup {} 0\n")
    (tmp_path / "list").write_text("\nwinnow-backup [] 4f53cda18c2baa0c\n")
    (tmp_path / "nothing").touch()

    for name in ("foreign.sqlite3", "words", "list", "nothing"):
        with pytest.raises(StartupError, match="is damaged, or not a backup"):
            restore(database, tmp_path / name)
    for name in ("absent", "."):
        with pytest.raises(StartupError, match="Cannot read"):
            restore(database, tmp_path / name)


def test_what_is_no_database_of_ours_is_not_backed_up(
    database: Database, other: Database, tmp_path: Path
) -> None:
    with other.engine.begin() as connection:
        connection.execute(text("CREATE TABLE something (id INTEGER)"))

    with pytest.raises(StartupError, match="is not Winnow's"):
        back_up(other, tmp_path / "backup")

    assert not (tmp_path / "backup").exists()


@ON_SQLITE
def test_no_database_is_made_to_be_backed_up(database: Database, tmp_path: Path) -> None:
    absent = Database(f"sqlite:///{tmp_path / 'absent.sqlite3'}")

    with pytest.raises(StartupError, match="There is no database in"):
        back_up(absent, tmp_path / "backup")

    assert not (tmp_path / "absent.sqlite3").exists()


def test_the_file_is_its_owners_and_nothing_is_left_beside_it(
    filled: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()

    back_up(filled, folder / "backup")

    assert [path.name for path in folder.iterdir()] == ["backup"]
    assert stat.S_IMODE((folder / "backup").stat().st_mode) == 0o600


def test_a_file_that_is_there_is_not_overwritten(filled: Database, tmp_path: Path) -> None:
    (tmp_path / "backup").write_text("precious")

    with pytest.raises(StartupError, match="already, and it is not overwritten"):
        back_up(filled, tmp_path / "backup")

    assert (tmp_path / "backup").read_text() == "precious"


def test_no_room_leaves_no_file(
    filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()

    def fail(_file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StartupError, match=r"Cannot write .*: No space left on device"):
        back_up(filled, folder / "backup")

    assert list(folder.iterdir()) == []


@ON_SQLITE
def test_a_damaged_database_is_told_and_not_backed_up(filled: Database, tmp_path: Path) -> None:
    filled.dispose()
    path = Path(filled.engine.url.database or "")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [(root,)] = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'revisions'"
        )
    connection.close()
    with path.open("r+b") as file:
        file.seek((root - 1) * 4096 + 8)
        file.write(b"\xff" * 200)

    with pytest.raises(StartupError, match=r"The database is damaged|cannot be copied"):
        back_up(filled, tmp_path / "backup")

    assert not (tmp_path / "backup").exists()


@ON_SQLITE
def test_what_others_write_between_two_pages_is_of_another_moment(
    filled: Database,
    other: Database,
    backend: FlaskClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(copies, "PAGES", 5)
    before = rows(filled)
    told: list[tuple[str, int]] = []

    def write(name: str, done: int, whole: int | None) -> None:
        told.append((name, done))
        if name == "Copying" and whole != done:
            submit(backend, f"Number {done}.", id=f"late-{done}")

    backups.back_up(filled, tmp_path / "backup", START, write)
    restore(other, tmp_path / "backup")

    steps = [done for name, done in told if name == "Copying"]
    assert len(steps) > 5
    assert steps == sorted(set(steps))
    assert rows(other) == before
    assert len(rows(filled)["comments"]) == len(before["comments"]) + len(steps) - 1


@ON_SQLITE
def test_a_backup_can_be_opened_as_the_sqlite_file_it_is(filled: Database, tmp_path: Path) -> None:
    back_up(filled, tmp_path / "backup")

    opened = sqlite3.connect(f"file:{tmp_path / 'backup'}?mode=ro", uri=True)

    assert opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert opened.execute("SELECT count(*) FROM comments").fetchall() == [(2,)]
    opened.close()


@ON_SQLITE
def test_a_database_that_others_keep_locked_is_not_waited_for_forever(
    filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(filled, tmp_path / "backup")
    monkeypatch.setattr(copies, "BUSY_SECONDS", 0.3)
    before = rows(filled)
    writer = sqlite3.connect(filled.engine.url.database or "", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")

    with pytest.raises(BusyError, match="keeps the database locked"):
        restore(filled, tmp_path / "backup", replace=True)

    writer.close()
    assert rows(filled) == before


@ON_SQLITE
def test_a_backup_of_the_other_kind_of_database_is_refused(
    filled: Database, tmp_path: Path
) -> None:
    back_up(filled, tmp_path / "backup")
    elsewhere = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")

    with pytest.raises(StartupError, match="of a SQLite database, and this one is PostgreSQL"):
        restore(elsewhere, tmp_path / "backup")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Puts a shell script in the place of one of PostgreSQL's programs; `$real` is that one."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def replace(name: str, script: str) -> None:
        real = shutil.which(name)
        (folder / name).write_text(f"#!/bin/sh\nreal={real}\n{script}\n")
        (folder / name).chmod(0o700)

    return replace


@ON_POSTGRESQL
@pytest.mark.parametrize(
    ("name", "script"),
    [
        # Stops half way with an error, which psql at its other end cannot see.
        ("pg_restore", '$real "$@" | head -n 200; echo "broken" >&2; exit 1'),
        ("pg_restore", '$real "$@"; echo "SELECT nonsense;"'),
        ("pg_restore", 'echo "COPY comments FROM stdin;"; kill -9 $$'),
        ("psql", "exit 2"),
        ("psql", "head -c 1000; exit 3"),
    ],
)
def test_a_restore_that_fails_has_changed_nothing(
    filled: Database,
    backend: FlaskClient,
    tmp_path: Path,
    programs: Callable[[str, str], None],
    name: str,
    script: str,
) -> None:
    back_up(filled, tmp_path / "backup")
    submit(backend, id="c-3")
    before = rows(filled)
    programs(name, script)

    with pytest.raises(StartupError, match=r"(pg_restore|psql) failed: .*\.$"):
        restore(filled, tmp_path / "backup", replace=True)

    assert rows(filled) == before


@ON_POSTGRESQL
def test_the_password_is_in_no_command_line(
    filled: Database, tmp_path: Path, programs: Callable[[str, str], None]
) -> None:
    url = filled.engine.url
    if url.password is None:
        url = url.set(password="sesame-open")
    known = Database(url.render_as_string(hide_password=False))
    record = tmp_path / "record"
    for name in ("pg_dump", "pg_restore", "psql"):
        programs(name, f'echo {name} "$@" >> {record}; exec $real "$@"')

    back_up(known, tmp_path / "backup")
    restore(known, tmp_path / "backup", replace=True)

    known.dispose()
    written = record.read_text()
    assert [line.split()[0] for line in sorted(written.splitlines())] == [
        "pg_dump",
        "pg_restore",
        "psql",
    ]
    assert str(url.password) not in written


@ON_POSTGRESQL
def test_where_postgresql_has_no_programs_that_is_said(
    filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(archives, "PACKAGED", tmp_path)

    with pytest.raises(StartupError, match="own pg_dump, which is not installed; on Debian"):
        back_up(filled, tmp_path / "backup")

    assert not (tmp_path / "backup").exists()
