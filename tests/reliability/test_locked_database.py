"""Another process holds the write lock: writers are told to come back, readers are served."""

import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from flask.testing import FlaskClient
from sqlalchemy import text

import api.store.database
from api.store import engines
from api.store.database import Database
from tests.conftest import BOTH
from tests.factories import comment, submit
from tests.reliability.counting import count_all
from tests.reliability.load import Load
from tests.reliability.serving import Server


@pytest.fixture(params=BOTH)
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database whose writers wait one second instead of five."""
    monkeypatch.setattr(api.store.database, "BUSY_SECONDS", 1)
    monkeypatch.setitem(engines._SESSION, "lock_timeout", "1s")
    monkeypatch.setitem(engines._SESSION, "statement_timeout", "2s")
    inner = request.getfixturevalue(f"{request.param}_database")
    found = Database(inner)
    yield found
    found.dispose()


@pytest.fixture
def sqlite_database(request: pytest.FixtureRequest, tmp_path: Any) -> str:
    """A migrated file."""
    template = request.getfixturevalue("sqlite_template")
    (tmp_path / "locked.sqlite3").write_bytes(template.read_bytes())
    return f"sqlite:///{tmp_path / 'locked.sqlite3'}"


@pytest.fixture
def postgresql_database(make_postgresql_url: Any) -> str:
    """A migrated database of its own."""
    from api.store import schema

    url: str = make_postgresql_url()
    database = Database(url)
    schema.migrate(database)
    database.dispose()
    return url


@pytest.fixture
def other(database: Database) -> Iterator[Any]:
    """Somebody else with a connection."""
    if database.engine.dialect.name == "sqlite":
        connection = sqlite3.connect(str(database.engine.url.database), isolation_level=None)
        yield lambda statement: connection.execute(statement)
        connection.close()
    else:
        with database.engine.connect() as session:
            yield lambda statement: session.execute(text(statement))


def lock(database: Database, other: Any) -> None:
    if database.engine.dialect.name == "sqlite":
        other("BEGIN IMMEDIATE")
    else:
        other("LOCK TABLE comments, revisions, verdicts, decisions, events IN EXCLUSIVE MODE")


def test_writers_are_told_to_come_back_and_readers_are_served(
    moderator: FlaskClient, database: Database, other: Any
) -> None:
    first = submit(moderator, id="c-1")
    lock(database, other)

    answers = [
        moderator.post("/v1/comments", json=comment(id="c-2")),
        moderator.patch("/v1/comments/c-1", json={"text": "Two."}),
        moderator.post("/v1/comments/c-1/decision", json={"action": "reject"}),
        moderator.delete("/v1/comments/c-1"),
    ]

    assert [answer.status_code for answer in answers] == [503] * 4
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
    assert {answer.content_type for answer in answers} == {"application/problem+json"}
    assert moderator.get("/v1/comments/c-1").json == first
    assert moderator.get("/v1/comments").status_code == 200
    assert moderator.get("/v1/queue").status_code == 200
    assert moderator.post("/v1/comments/check", json=comment()).status_code == 200
    assert moderator.get("/ready").status_code == 200

    other("ROLLBACK")

    assert moderator.post("/v1/comments", json=comment(id="c-2")).status_code == 201
    assert moderator.patch("/v1/comments/c-1", json={"text": "Two."}).json["revision"] == 2


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_readers_that_are_locked_out_are_told_so_in_time(
    moderator: FlaskClient, database: Database, other: Any
) -> None:
    first = submit(moderator, id="c-1")
    other("LOCK TABLE comments IN ACCESS EXCLUSIVE MODE")

    answers = [
        moderator.get("/v1/comments/c-1"),
        moderator.get("/v1/queue"),
        moderator.post("/v1/comments", json=comment(id="c-2")),
    ]

    assert [answer.status_code for answer in answers] == [503] * 3
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
    assert moderator.get("/live").status_code == 200
    other("ROLLBACK")
    assert moderator.get("/v1/comments/c-1").json == first
    assert moderator.post("/v1/comments", json=comment(id="c-2")).status_code == 201


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_statement_that_takes_too_long_is_ended(
    moderator: FlaskClient, database: Database, other: Any
) -> None:
    submit(moderator, id="c-1")
    # Every new row takes longer than a statement may.
    other(
        "CREATE FUNCTION doze() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$"
    )
    other("CREATE TRIGGER doze BEFORE INSERT ON verdicts FOR EACH ROW EXECUTE FUNCTION doze()")
    other("COMMIT")

    answers = [moderator.post("/v1/comments", json=comment(id="c-2")) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [503] * 2
    assert moderator.get("/v1/comments/c-1").status_code == 200
    assert moderator.get("/v1/comments/c-2").status_code == 404
    other("DROP TRIGGER doze ON verdicts")
    other("COMMIT")
    assert moderator.post("/v1/comments", json=comment(id="c-2")).status_code == 201


def test_what_changes_nothing_is_answered_in_spite_of_a_lock_on_reading_tables(
    moderator: FlaskClient, database: Database, other: Any
) -> None:
    lock(database, other)

    assert moderator.get("/v1/site").status_code == 200
    assert moderator.get("/live").status_code == 200


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_long_lock_costs_no_process_and_no_comment(tmp_path: Path) -> None:
    server = Server(tmp_path, WINNOW_WORKER="no")
    load = Load(server.url, server.make_key("backend"), timeout=30)
    server.start()
    try:
        load.start()
        load.wait_for(50)
        before = server.children()

        holder = sqlite3.connect(tmp_path / "winnow.sqlite3", isolation_level=None, timeout=30)
        holder.execute("BEGIN IMMEDIATE")
        # Until writers have waited as long as they do, and have been told to come back.
        while sum(one.answers[503] for one in load.clients) < 8:
            live = urllib3.request("GET", f"{server.url}/live", retries=False, timeout=30)
            assert live.status == 200
        holder.execute("ROLLBACK")
        holder.close()

        load.wait_for(50)
        load.stop()
        assert server.children() == before
        assert load.breaks == []
        found = count_all(load, server.database_url, 1)
        assert found.fine, str(found)
    finally:
        load.stopping.set()
        server.close()
