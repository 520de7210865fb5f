"""Fifty requests with one key, at once, to the processes of a real server: one act, one answer."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from sqlalchemy import text

from api.moderation import access
from api.moderation.services import Services
from api.store import schema
from api.store.database import Database
from tests.conftest import BOTH
from tests.factories import make_key, words_scorer
from tests.reliability.serving import Server

HOW_MANY = 50


@pytest.fixture(params=BOTH)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database."""
    if request.param == "postgresql":
        found = Database(request.getfixturevalue("make_postgresql_url")())
    else:
        found = Database(f"sqlite:///{tmp_path / 'winnow.sqlite3'}")
    schema.migrate(found)
    yield found
    found.dispose()


@pytest.fixture
def server(database: Database, tmp_path: Path) -> Iterator[Server]:
    """A server of two processes, with threads enough to have many requests under way."""
    found = Server(tmp_path, database.url, WINNOW_THREADS="8")
    yield found
    found.close()


@pytest.fixture
def pool(database: Database) -> Iterator[urllib3.PoolManager]:
    """Connections of a moderator's tool."""
    services = Services(database, words_scorer())
    key = make_key(services, access.create_site(services, "gazette"), "moderator")
    with urllib3.PoolManager(
        maxsize=HOW_MANY, headers={"Authorization": f"Bearer {key}"}, retries=False, timeout=30
    ) as found:
        yield found


def at_once(send: Callable[[], urllib3.BaseHTTPResponse]) -> list[urllib3.BaseHTTPResponse]:
    start = threading.Barrier(HOW_MANY)
    answers: list[urllib3.BaseHTTPResponse] = []

    def work() -> None:
        start.wait()
        answers.append(send())

    threads = [threading.Thread(target=work) for _ in range(HOW_MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == HOW_MANY
    return answers


def assert_one(answers: list[urllib3.BaseHTTPResponse], status: int) -> bytes:
    """One did it; all others have its answer, or are told to come again. That answer."""
    done = [one for one in answers if one.status == status]
    assert [one.headers.get("Idempotency-Replayed") for one in done].count(None) == 1
    assert len({one.data for one in done}) == 1
    for one in answers:
        assert one.status == status or (one.status, one.headers["Retry-After"]) == (409, "1")
    return done[0].data


def numbers(database: Database) -> dict[str, int]:
    tables = ("comments", "revisions", "verdicts", "decisions", "events", "kept_answers")
    with database.engine.connect() as connection:
        return {
            table: connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0 for table in tables
        }


def test_one_comment_and_one_decision_come_of_fifty_and_outlive_the_server(
    server: Server, pool: urllib3.PoolManager, database: Database
) -> None:
    server.start()

    def post(path: str, body: dict[str, Any], key: str) -> urllib3.BaseHTTPResponse:
        sent = {**pool.headers, "Idempotency-Key": key}
        return pool.request("POST", f"{server.url}/v1/comments{path}", json=body, headers=sent)

    def submit() -> urllib3.BaseHTTPResponse:
        return post("", {"article": {"id": "a-1"}, "text": "A fine day."}, "k-1")

    kept = assert_one(at_once(submit), 201)

    once = {"comments": 1, "revisions": 1, "verdicts": 1, "events": 1, "kept_answers": 1}
    assert numbers(database) == {**once, "decisions": 0}
    name = submit().json()["id"]

    def decide() -> urllib3.BaseHTTPResponse:
        return post(f"/{name}/decision", {"action": "reject", "note": "Because."}, "k-2")

    decided = assert_one(at_once(decide), 200)

    after = {**once, "decisions": 1, "events": 2, "kept_answers": 2}
    assert numbers(database) == after

    server.kill()
    server.start()

    for again, first in ((submit(), kept), (decide(), decided)):
        assert again.data == first
        assert again.headers["Idempotency-Replayed"] == "true"
    assert numbers(database) == after
