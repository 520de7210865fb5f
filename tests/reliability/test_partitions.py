"""Tables cut into partitions by `docs/deploy/partitions.sql`: Winnow notices nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from flask.testing import FlaskClient

from api import create_app
from api.moderation import access
from api.moderation.services import Services
from api.store import schema
from api.store.database import Database
from tests.factories import decide, make_key, plain_settings, submit, walk, words_scorer

SCRIPT = Path(__file__).parents[2] / "docs" / "deploy" / "partitions.sql"

pytestmark = pytest.mark.postgresql


@pytest.fixture
def database(make_postgresql_url: Callable[[], str]) -> Iterator[Database]:
    """A database of its own."""
    found = Database(make_postgresql_url())
    schema.migrate(found)
    yield found
    found.dispose()


@pytest.fixture
def client(database: Database, tmp_path: Path) -> FlaskClient:
    """An admin of a site on it."""
    services = Services(database, words_scorer())
    key = make_key(services, access.create_site(services, "gazette"), "admin")
    found = create_app(plain_settings(tmp_path, database.url), services).test_client()
    found.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return found


def connect(database: Database) -> psycopg.Connection[tuple[object, ...]]:
    url = database.url.replace("postgresql+psycopg://", "postgresql://")
    return psycopg.connect(url, autocommit=True)


def cut(database: Database) -> None:
    """Run the script, as psql does: one statement after the other."""
    whole, _, call = SCRIPT.read_text().rpartition("CALL")
    database.dispose()
    with connect(database) as connection:
        connection.execute(whole)
        connection.execute(f"CALL{call}")


def partitions(database: Database, table: str) -> dict[str, int]:
    """How many rows are where."""
    with connect(database) as connection:
        rows = connection.execute(
            f"SELECT tableoid::regclass::text, count(*) FROM {table} GROUP BY 1"
        )
        return {str(name): int(str(number)) for name, number in rows}


def test_what_was_there_and_what_comes_is_served(client: FlaskClient, database: Database) -> None:
    for number in range(5):
        submit(client, f"spam0.60 number {number}", id=f"old-{number}")
    decide(client, "old-0", "reject")

    cut(database)

    for number in range(5):
        submit(client, f"spam0.60 again {number}", id=f"new-{number}")
    assert submit(client, "Another wording.", id="old-1")["revision"] == 2
    assert decide(client, "new-0", "approve")["status"] == "approved"
    assert client.delete("/v1/comments/old-0/decision").status_code == 200
    assert len(walk(client, "/v1/comments")) == 10
    held = partitions(database, "revisions")
    assert held == {"revisions_before": 6, "revisions_6": 5}


def test_deleting_a_comment_takes_its_rows_along(client: FlaskClient, database: Database) -> None:
    cut(database)
    submit(client, "A fine day.", id="c-1")

    assert client.delete("/v1/comments/c-1").status_code == 204

    assert partitions(database, "revisions") == partitions(database, "verdicts") == {}


def test_what_went_beyond_the_last_partition_moves_into_the_next(
    client: FlaskClient, database: Database
) -> None:
    cut(database)
    with connect(database) as connection:
        connection.execute("ALTER SEQUENCE comments_id_seq RESTART WITH 3000000")
    submit(client, "Beyond.", id="c-1")
    assert partitions(database, "revisions") == {"revisions_rest": 1}

    with connect(database) as connection:
        connection.execute("CALL winnow_next_partitions()")

    assert partitions(database, "revisions") == {"revisions_1000001": 1}
    assert client.get("/v1/comments/c-1").json["text"] == "Beyond."


def test_names_and_keys_are_as_before(database: Database) -> None:
    def keys() -> list[tuple[object, ...]]:
        with connect(database) as connection:
            return connection.execute(
                "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
                " FROM pg_constraint WHERE contype IN ('p', 'f')"
                " AND conrelid = ANY(winnow_partitioned()::regclass[]) ORDER BY 1, 2"
            ).fetchall()

    with connect(database) as connection:
        start, end = "CREATE OR REPLACE FUNCTION winnow_partitioned", "CREATE FUNCTION"
        script = SCRIPT.read_text()
        connection.execute(script[script.index(start) : script.index(end)])
    before = keys()

    cut(database)

    assert keys() == before
    assert len(before) >= 12
