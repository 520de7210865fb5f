"""Behind a pooler that gives each transaction another connection, Winnow works as ever."""

import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import urllib3

from api.commands import open_services
from api.errors import StartupError
from api.settings import read_settings
from api.store import archives
from api.store.database import Database
from tests.pooling import Pooler, find_pooler
from tests.postgresql import Server as PostgreSQL
from tests.postgresql import find_binaries
from tests.reliability.load import Load
from tests.reliability.serving import Server

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.skipif(find_binaries() is None, reason="PostgreSQL is not installed"),
    pytest.mark.skipif(find_pooler() is None, reason="pgbouncer is not installed"),
]


@pytest.fixture(scope="module")
def postgresql() -> Iterator[PostgreSQL]:
    """The server behind it."""
    with PostgreSQL(durable=False) as found:
        yield found


@pytest.fixture(scope="module")
def pooler(postgresql: PostgreSQL) -> Iterator[Pooler]:
    """Two connections for all of Winnow's processes and threads."""
    with Pooler(postgresql, size=2) as found:
        yield found


@pytest.fixture
def url(pooler: Pooler) -> str:
    """What WINNOW_DATABASE_URL says."""
    return f"{pooler.url}?pooler=transaction"


def test_comments_are_kept_once_and_decided(
    url: str, postgresql: PostgreSQL, tmp_path: Path
) -> None:
    server = Server(tmp_path, url)
    try:
        backend, moderator = server.make_key("backend"), server.make_key("moderator")
        server.start()
        load = Load(server.url, backend, clients=6, posts=300)
        load.start()
        load.finish()
        assert load.strange == []
        kept = [one.id for one in load.acknowledged]
        for name in kept[:20]:
            answer = urllib3.request(
                "POST",
                f"{server.url}/v1/comments/{name}/decision",
                json={"action": "reject", "reason": "spam"},
                headers={"Authorization": f"Bearer {moderator}"},
                retries=False,
            )
            assert answer.status == 200, answer.data
        assert "320 events intact" in server.run("events", "verify", "--site", "gazette")
        server.signal(signal.SIGTERM)
        assert server.process is not None
        assert server.process.wait(40) == 0
    finally:
        server.close()
    with psycopg.connect(postgresql.url) as connection:
        [stored] = connection.execute("SELECT count(*), count(DISTINCT public_id) FROM comments")
    assert stored == (len(kept), len(set(kept))) == (300, 300)


def test_a_day_is_a_day_in_utc(url: str, postgresql: PostgreSQL) -> None:
    with psycopg.connect(postgresql.url, autocommit=True) as connection:
        connection.execute("ALTER ROLE postgres SET timezone = 'Asia/Tokyo'")
    try:
        with Pooler(postgresql, size=1) as pooler:
            databases = [Database(_named(f"{pooler.url}?pooler=transaction")) for _ in range(2)]
            for database in databases * 3:
                with database.looking() as connection:
                    assert connection.exec_driver_sql("SHOW timezone").scalar() == "UTC"
            for database in databases:
                database.dispose()
    finally:
        with psycopg.connect(postgresql.url, autocommit=True) as connection:
            connection.execute("ALTER ROLE postgres RESET timezone")


def test_statements_are_asked_again_and_again(url: str) -> None:
    # Prepared by one connection of the server, unknown to another: the sixth would fail.
    databases = [Database(_named(url)) for _ in range(4)]
    for _ in range(12):
        for database in databases:
            with database.looking() as connection:
                assert connection.exec_driver_sql("SELECT count(*) FROM pg_class").scalar()
    for database in databases:
        database.dispose()


def test_a_backup_asks_for_the_server_itself(url: str, tmp_path: Path) -> None:
    database = Database(_named(url))

    with pytest.raises(StartupError, match="name the server itself"):
        archives.save(database, tmp_path / "copy", lambda *_: None)

    database.dispose()


def test_another_kind_of_pooler_is_refused(
    monkeypatch: pytest.MonkeyPatch, pooler: Pooler, tmp_path: Path
) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path))
    monkeypatch.setenv("WINNOW_DATABASE_URL", f"{pooler.url}?pooler=session")

    with pytest.raises(StartupError, match="pooler=transaction, nothing else"):
        read_settings()


def test_the_command_line_migrates_through_it(
    monkeypatch: pytest.MonkeyPatch, url: str, tmp_path: Path
) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path))
    monkeypatch.setenv("WINNOW_DATABASE_URL", url)

    services = open_services(read_settings())

    services.database.ping()
    services.database.dispose()


def _named(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")
