"""The disk is full: comments are refused with 503, none is half there; space mends it."""

import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, text

from api.store import schema
from api.store.database import Database
from tests import postgresql
from tests.factories import comment, count

# PostgreSQL would compress what repeats itself.
BIG = random.Random(7).randbytes(6500).hex()
MOST = 2000
"""More comments than fit on any of these disks."""


def mount(folder: Path, megabytes: int) -> None:
    """A small disk of its own, or none where we may not."""
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=777", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        pytest.skip("this may not mount file systems")


def grow(folder: Path, megabytes: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={megabytes}m", str(folder)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of a few megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if shutil.which("mount") is None:
        pytest.skip("there is no mount here")
    mount(folder, 3)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(client: FlaskClient) -> tuple[list[str], Any]:
    """Post until it is refused; what was acknowledged, and the refusal."""
    kept: list[str] = []
    for number in range(MOST):
        answer = client.post("/v1/comments", json=comment(f"{number} {BIG}", id=f"c-{number}"))
        if answer.status_code != 201:
            return kept, answer
        kept.append(answer.json["id"])
    raise AssertionError("the disk does not become full")


def check_full(client: FlaskClient, database: Database, more: Callable[[], None]) -> None:
    kept, refusal = fill(client)
    assert len(kept) > 2
    assert refusal.status_code == 503
    assert refusal.content_type == "application/problem+json"
    assert int(refusal.headers["Retry-After"]) > 0
    for _ in range(3):
        late = client.post("/v1/comments", json=comment(BIG, id="c-late"))
        assert late.status_code == 503
    # Readers are served, and see what was acknowledged and nothing else.
    assert client.get(f"/v1/comments/{kept[-1]}").status_code == 200
    rows = count(database)
    assert [rows[t] for t in ("comments", "revisions", "verdicts", "events")] == [len(kept)] * 4

    more()

    late = client.post("/v1/comments", json=comment(BIG, id="c-late"))
    assert late.status_code == 201
    rows = count(database)
    assert {rows[t] for t in ("comments", "revisions", "verdicts", "events")} == {len(kept) + 1}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_that_may_not_grow(backend: FlaskClient, database: Database) -> None:
    pages = 400

    def limit(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    def more() -> None:
        nonlocal pages
        pages = 2**31
        # The limit is each connection's own, not the file's.
        database.dispose()

    database.dispose()
    event.listen(database.engine, "connect", limit)
    try:
        check_full(backend, database, more)
    finally:
        event.remove(database.engine, "connect", limit)
    with database.reading() as session:
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"


class TestSqliteOnASmallDisk:
    """The file system itself is full."""

    @pytest.fixture
    def database(self, disk: Path, sqlite_template: Path) -> Iterator[Database]:
        """A database on it."""
        shutil.copy(sqlite_template, disk / "winnow.sqlite3")
        found = Database(f"sqlite:///{disk / 'winnow.sqlite3'}")
        yield found
        found.dispose()

    def test_it_is_well_again_as_soon_as_there_is_space(
        self, backend: FlaskClient, database: Database, disk: Path
    ) -> None:
        check_full(backend, database, lambda: grow(disk, 64))

        with database.reading() as session:
            assert session.scalar(text("PRAGMA integrity_check")) == "ok"


@pytest.mark.postgresql
class TestPostgresqlOnASmallDisk:
    """The tables' file system is full; PostgreSQL's own is not."""

    @pytest.fixture
    def database(self, disk: Path) -> Iterator[Database]:
        """A database in a tablespace on it."""
        if postgresql.find_binaries() is None:
            pytest.skip("PostgreSQL is not installed")
        grow(disk, 16)
        with postgresql.Server(durable=False) as server:
            place = server.folder / "space"
            place.mkdir()
            subprocess.run(["mount", "--bind", str(disk), str(place)], check=True)
            try:
                user = postgresql.find_user()
                if user:
                    shutil.chown(place, user.pw_uid, user.pw_gid)
                with psycopg.connect(server.url, autocommit=True) as connection:
                    connection.execute(f"CREATE TABLESPACE small LOCATION '{place}'")  # type: ignore[arg-type]
                    connection.execute("CREATE DATABASE small TABLESPACE small")
                url = server.url.removesuffix("/postgres") + "/small"
                found = Database(url.replace("postgresql://", "postgresql+psycopg://"))
                schema.migrate(found)
                yield found
                found.dispose()
                server.stop("immediate")
            finally:
                subprocess.run(["umount", "--lazy", str(place)], check=True)

    def test_it_is_well_again_as_soon_as_there_is_space(
        self, backend: FlaskClient, database: Database, disk: Path
    ) -> None:
        check_full(backend, database, lambda: grow(disk, 64))
