"""Migrations: up from nothing and from every earlier release's rows, once, whoever comes first."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.types.json import Json
from sqlalchemy import (
    JSON,
    Boolean,
    Date,
    DateTime,
    Double,
    Integer,
    LargeBinary,
    MetaData,
    String,
    insert,
    inspect,
    select,
    text,
)

from api import create_app
from api.errors import StartupError
from api.moderation import access
from api.moderation.queues import tending
from api.moderation.services import Services
from api.store import schema
from api.store.database import Database
from api.store.outbox import Report
from api.store.tables import Base, Comment
from tests.conftest import BOTH
from tests.factories import (
    START,
    count,
    decide,
    make_key,
    plain_settings,
    submit,
    walk,
    words_scorer,
)

SCRIPTS = ScriptDirectory(str(Path(schema.__file__).parent / "migrations"))
REVISIONS = [script.revision for script in SCRIPTS.walk_revisions()][::-1]
RELEASES = ["0001", "0002", "0003", "0004", "0006", "0007"]
"""Schemas that a release was published with; each has its `release_NNNN.json`."""


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    make: Callable[[], str] = request.getfixturevalue("make_postgresql_url")
    return make()


@pytest.fixture
def empty(url: str) -> Iterator[Database]:
    """The same, opened."""
    database = Database(url)
    yield database
    database.dispose()


def is_ours(name: str | None, kind: str, *_: object) -> bool:
    """Whether a table is one of the code's classes; what texts are searched by is not."""
    return not (name or "").startswith("comment_words")


def compare(database: Database) -> list[object]:
    """What the database has otherwise than the code."""
    options = {"compare_type": True, "include_name": is_ours}
    with database.engine.connect() as connection:
        found: list[object] = compare_metadata(
            MigrationContext.configure(connection, opts=options), Base.metadata
        )
    return found


def fill(database: Database) -> dict[str, int]:
    """Write a row into every table, whatever tables and columns there are."""
    tables = MetaData()
    tables.reflect(database.engine, only=lambda name, _: is_ours(name, "table"))
    with database.engine.begin() as connection:
        for table in tables.sorted_tables:
            if table.name != "alembic_version":
                row = {column.name: sample(column) for column in table.columns}
                connection.execute(insert(table).values(row))
    return {name: 1 for name in tables.tables if name != "alembic_version"}


def sample(column: object) -> object:
    kind = getattr(column, "type", None)
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Integer):
        return 1
    if isinstance(kind, Double):
        return 0.5
    if isinstance(kind, DateTime):
        return START
    if isinstance(kind, Date):
        return START.date()
    if isinstance(kind, LargeBinary):
        return b"1"
    if isinstance(kind, JSON):
        return {}
    if isinstance(kind, String):
        return "1"
    raise AssertionError(f"a row for {column!r} is wanted")


def test_from_nothing_to_head_gives_the_tables_of_the_code(empty: Database) -> None:
    schema.migrate(empty)

    assert compare(empty) == []


def test_constraints_and_indexes_have_the_names_of_the_code(empty: Database) -> None:
    schema.migrate(empty)

    inspector = inspect(empty.engine)
    for table in Base.metadata.sorted_tables:
        there = inspector.get_pk_constraint(table.name)
        assert there["name"] == table.primary_key.name
        names = {one["name"] for one in inspector.get_foreign_keys(table.name)}
        assert names == {one.name for one in table.foreign_key_constraints}


@pytest.mark.parametrize("revision", REVISIONS)
def test_rows_of_every_earlier_release_survive_the_way_to_head(
    empty: Database, revision: str
) -> None:
    schema.migrate(empty, revision)
    before = fill(empty)

    schema.migrate(empty)

    after = count(empty)
    assert {name: after[name] for name in before if name in after} == {
        name: before[name] for name in before if name in after
    }
    assert schema.is_current(empty)
    assert compare(empty) == []


def replay(database: Database, release: str) -> None:
    """Run what a release ran when it was filled: see `recording.py`."""
    recorded = json.loads((Path(__file__).parent / f"release_{release}.json").read_text())
    with database.engine.begin() as connection:
        for sql, rows in recorded[database.dialect.name]:
            for row in rows:
                connection.exec_driver_sql(sql, driven(row))


def driven(value: Any) -> Any:
    """Parameters as the driver takes them."""
    if isinstance(value, list):
        return tuple(map(special, value))
    return {name: special(one) for name, one in value.items()}


def special(value: Any) -> Any:
    match value:
        case {"$time": time}:
            return datetime.fromisoformat(time)
        case {"$json": content}:
            return Json(content)
    return value


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("schema_then", ["of its own", "of today"])
def test_what_an_earlier_release_wrote_is_served(
    empty: Database, tmp_path: Path, release: str, schema_then: str
) -> None:
    schema.migrate(empty, release if schema_then == "of its own" else "head")
    replay(empty, release)
    schema.migrate(empty)

    services = Services(empty, words_scorer())
    # Its servers knew nothing of the queue's own table.
    tending.tend(services)
    client = create_app(plain_settings(tmp_path, empty.url), services).test_client()
    key = make_key(services, access.find_site(services, "gazette"), "admin")
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"

    found = {one["id"]: one for one in walk(client, "/v1/comments", limit=2)}
    del found[next(name for name in found if len(name) > 5)]
    assert {name: one["status"] for name, one in found.items()} == {
        "c-1": "approved",
        "c-2": "pending",
        "c-3": "rejected",
    }
    assert found["c-1"]["text"] == "The same day, edited: spam0.70"
    assert found["c-1"]["decision"]["note"] == "Because."
    assert found["c-2"]["metadata"] == {"any": ["thing", {"at": None}]}
    # Recorded without a second stage; releases before 0007 knew of none.
    opinions = {one["verdict"]["second_opinion"] for one in found.values()}
    assert opinions == {None if release < "0007" else "off"}
    assert {one["verdict"]["second_model"] for one in found.values()} == {None}
    kept = client.get("/v1/comments/c-1/history").json
    assert kept["revisions"][0]["text"] == "Ä fine day ☀, \U0001f600, 'quotes' \\ and \t."
    assert [one["action"] for one in kept["decisions"]] == ["reject", "approve"]
    assert [one["id"] for one in client.get("/v1/queue").json["items"]] == ["c-2"]

    events = walk(client, "/v1/events", limit=5)
    assert [one["number"] for one in events] == list(range(1, len(events) + 1))
    assert [one["type"] for one in events].count("comment.created") == 5
    assert events[-1]["type"] == "comment.deleted"

    assert submit(client, "A new wording.", id="c-2")["revision"] == 2
    assert decide(client, "c-1", "reject")["status"] == "rejected"
    assert client.delete("/v1/comments/c-1/decision").json["status"] == "approved"
    assert client.delete("/v1/comments/c-3").status_code == 204
    assert len(walk(client, "/v1/events")) == len(events) + 4


def test_what_was_decided_since_it_was_reported_is_judged(empty: Database) -> None:
    schema.migrate(empty, "0003")
    replay(empty, "0003")
    # c-1 is approved and c-3 undecided; c-2 is escalated, which judges nobody.
    reporting = text(
        "INSERT INTO reports (comment_id, reporter, reason, actor, created_at)"
        " SELECT id, :who, 'spam', 'x', :time FROM comments"
        " WHERE public_id IN ('c-1', 'c-2', 'c-3')"
    )
    with empty.engine.begin() as connection:
        for who, year in (("before", 2020), ("after", 2100)):
            time = f"{year}-01-01 00:00:00.000000"
            given = datetime(year, 1, 1, tzinfo=UTC) if empty.dialect.name != "sqlite" else time
            connection.execute(reporting, {"who": who, "time": given})
    schema.migrate(empty)

    with empty.reading() as session:
        rows = session.execute(
            select(Comment.public_id, Report.reporter, Report.outcome, Report.decision_version)
            .join(Report, Report.comment_id == Comment.id)
            .where(Report.reporter.in_(["before", "after"]))
        )
        found = {(name, who): (outcome, version) for name, who, outcome, version in rows}
    assert found.pop(("c-1", "before")) == ("dismissed", 4)
    assert set(found.values()) == {(None, None)}


def test_migrating_again_changes_nothing(empty: Database) -> None:
    schema.migrate(empty)
    before = fill(empty)

    schema.migrate(empty)

    assert count(empty) == before


def test_an_empty_database_is_not_current(empty: Database) -> None:
    assert not schema.is_current(empty)


def test_revisions_follow_each_other_in_one_line() -> None:
    assert len(SCRIPTS.get_heads()) == 1
    assert [int(revision) for revision in REVISIONS] == list(range(1, len(REVISIONS) + 1))


def test_two_servers_that_start_at_once_migrate_once(url: str) -> None:
    databases = [Database(url) for _ in range(4)]
    start = threading.Barrier(len(databases))
    failures: list[BaseException] = []

    def migrate(database: Database) -> None:
        start.wait()
        try:
            schema.migrate(database)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=migrate, args=[database]) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert all(schema.is_current(database) for database in databases)
    for database in databases:
        database.dispose()


def test_a_migration_that_fails_leaves_nothing_behind(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic import command

    upgrade = command.upgrade

    def fail_at_the_end(config: object, revision: str) -> None:
        upgrade(config, revision)  # type: ignore[arg-type]
        raise OSError("the machine stumbles")

    monkeypatch.setattr(command, "upgrade", fail_at_the_end)
    with pytest.raises(OSError, match="stumbles"):
        schema.migrate(empty)
    monkeypatch.undo()

    assert inspect(empty.engine).get_table_names() == []
    schema.migrate(empty)
    assert schema.is_current(empty)


@pytest.mark.postgresql
def test_a_database_of_another_encoding_is_refused_in_a_sentence(
    make_postgresql_url: Callable[..., str],
) -> None:
    database = Database(make_postgresql_url("SQL_ASCII"))

    with pytest.raises(StartupError, match="encoding is SQL_ASCII; Winnow needs UTF8"):
        schema.migrate(database)

    database.dispose()
