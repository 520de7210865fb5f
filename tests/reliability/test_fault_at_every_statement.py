"""The database fails at the 1st, 2nd … nth statement of an act: all of it is kept, or nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from api.store import inserting
from api.store.database import Database
from api.store.tables import Base
from tests.factories import comment, decide, submit

MOST = 60
"""More statements than any act here takes: the loop must end before."""


class Breaking:
    """Lets so many statements of an engine pass and fails the next, once."""

    def __init__(self, after: int) -> None:
        self.left = after
        self.broke = False

    def __call__(self, *_: Any) -> None:
        if self.broke:
            return
        if self.left == 0:
            self.broke = True
            raise OperationalError("a statement", {}, Exception("the disk is on fire"))
        self.left -= 1


@contextmanager
def breaking(database: Database, name: str, after: int) -> Iterator[Breaking]:
    """Fail one event of the engine: a statement, or the commit."""
    fault = Breaking(after)
    run = inserting.run

    def run_or_fail(connection: Connection, sql: str, arguments: Any) -> Any:
        # On SQLite new rows go straight to the driver, past the engine's events.
        if name == "before_cursor_execute" and connection.dialect.name == "sqlite":
            fault()
        return run(connection, sql, arguments)

    inserting.run = run_or_fail
    event.listen(database.engine, name, fault)
    try:
        yield fault
    finally:
        event.remove(database.engine, name, fault)
        inserting.run = run


def rows(database: Database) -> dict[str, set[str]]:
    """Everything there is."""
    with database.reading() as session:
        return {
            table.name: {repr(tuple(row)) for row in session.execute(table.select())}
            for table in Base.metadata.sorted_tables
        }


ACTS: dict[str, Callable[[FlaskClient], TestResponse]] = {
    "submit": lambda c: c.post("/v1/comments", json=comment("spam0.60", id="c-new")),
    "submit another text": lambda c: c.post("/v1/comments", json=comment("Two.", id="c-1")),
    "submit a batch": lambda c: c.post(
        "/v1/comments/batch",
        json={"items": [comment("New.", id=one) for one in ("c-7", "c-1", "c-8", "c-7")]},
    ),
    "edit": lambda c: c.patch("/v1/comments/c-1", json={"text": "Two."}),
    "edit what was rejected": lambda c: c.patch("/v1/comments/c-2", json={"text": "Two."}),
    "decide": lambda c: c.post("/v1/comments/c-1/decision", json={"action": "reject"}),
    "decide otherwise": lambda c: c.post("/v1/comments/c-2/decision", json={"action": "approve"}),
    "undo": lambda c: c.delete("/v1/comments/c-2/decision"),
    "delete": lambda c: c.delete("/v1/comments/c-2"),
    "make a key": lambda c: c.post("/v1/keys", json={"role": "backend"}),
}


@pytest.fixture
def admin(connect: Callable[..., FlaskClient]) -> FlaskClient:
    """Somebody who may do all of it, on a site where something has happened already."""
    client = connect("admin")
    for one in ("c-1", "c-2"):
        submit(client, "spam0.60", id=one)
    decide(client, "c-2", "approve")
    decide(client, "c-2", "reject")
    return client


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("fault", ["before_cursor_execute", "commit"])
def test_an_act_that_fails_anywhere_leaves_nothing_and_can_be_done_again(
    admin: FlaskClient, database: Database, act: str, fault: str
) -> None:
    before = rows(database)

    for after in range(MOST):
        with breaking(database, fault, after) as broken:
            answer = ACTS[act](admin)
        if not broken.broke:
            break
        assert answer.status_code == 503, after
        assert answer.content_type == "application/problem+json"
        assert "Retry-After" in answer.headers
        assert rows(database) == before, after

    assert after >= 1
    assert answer.status_code in (200, 201, 204, 207)
    changed = rows(database)
    assert changed["events" if act != "make a key" else "api_keys"] != before["events"]
    assert changed != before


@pytest.mark.parametrize("act", ["submit", "submit another text", "edit", "decide", "undo"])
def test_an_act_that_is_done_has_all_its_rows(
    admin: FlaskClient, database: Database, act: str
) -> None:
    before = rows(database)

    shown = ACTS[act](admin).json

    new = {table: len(now - before[table]) for table, now in rows(database).items()}
    assert new["comments"] == 1
    assert new["events"] == 1
    expected = {"submit": 1, "submit another text": 1, "edit": 1, "decide": 0, "undo": 0}[act]
    assert (new["revisions"], new["verdicts"]) == (expected, expected)
    assert new["decisions"] == (1 if act in ("decide", "undo") else 0)
    assert admin.get(f"/v1/comments/{shown['id']}").json == shown


def test_a_connection_that_is_cut_is_replaced(admin: FlaskClient, database: Database) -> None:
    submit(admin, id="c-3")

    def cut(connection: Any, *_: Any) -> None:
        event.remove(database.engine, "before_cursor_execute", cut)
        connection.connection.dbapi_connection.close()

    event.listen(database.engine, "before_cursor_execute", cut)
    failed = admin.get("/v1/comments/c-3")

    assert failed.status_code == 503
    assert admin.get("/v1/comments/c-3").status_code == 200
    assert submit(admin, id="c-4")["status"] == "approved"
