"""The database fails at the 1st, 2nd … nth statement of an act: all of it is kept, or nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from api.moderation import foreignkeys, people
from api.moderation.people import Newcomer
from api.moderation.services import Services
from api.store.database import Database
from api.store.tables import Base
from tests.factories import comment, decide, fail_a_job, operator, submit
from tests.reliability.faults import failing_commit, failing_statement
from tests.security.people import use_quick_hashes

MOST = 60
"""More statements than any act here takes: the loop must end before."""

FAULTS = {"statement": failing_statement, "commit": failing_commit}


def rows(database: Database) -> dict[str, set[str]]:
    """Everything there is."""
    with database.reading() as session:
        return {
            table.name: {repr(tuple(row)) for row in session.execute(table.select())}
            for table in Base.metadata.sorted_tables
        }


Act = Callable[..., TestResponse]


def post(path: str, body: Any = None) -> Act:
    return lambda client, **how: client.post(path.format(job=client.job), json=body, **how)


# What can be sent with an Idempotency-Key.
POSTS: dict[str, Act] = {
    "submit": post("/v1/comments", comment("spam0.60", id="c-new")),
    "submit without an id": post("/v1/comments", comment("spam0.60")),
    "submit another text": post("/v1/comments", comment("Two.", id="c-1")),
    "submit a batch": post(
        "/v1/comments/batch",
        {"items": [comment("New.", id=one) for one in ("c-7", "c-1", "c-8", "c-7")]},
    ),
    "decide": post("/v1/comments/c-1/decision", {"action": "reject"}),
    "decide otherwise": post("/v1/comments/c-2/decision", {"action": "approve"}),
    "claim": post("/v1/queue/claims", {"count": 2}),
    "report": post("/v1/comments/c-1/reports", {"reason": "rude", "note": "Look."}),
    "make a key": post("/v1/keys", {"role": "backend"}),
    "make a webhook": post("/v1/webhooks", {"url": "https://example.org/hook"}),
    "replay a job": post("/v1/jobs/{job}/replay"),
}
OTHERS: dict[str, Act] = {
    "edit": lambda c: c.patch("/v1/comments/c-1", json={"text": "Two."}),
    "edit what was rejected": lambda c: c.patch("/v1/comments/c-2", json={"text": "Two."}),
    "undo": lambda c: c.delete("/v1/comments/c-2/decision"),
    "delete": lambda c: c.delete("/v1/comments/c-2"),
    "make a moderator": lambda c: c.post("/v1/moderators", json={"email": "eve@gazette.example"}),
    "change a moderator": lambda c: c.patch(f"/v1/moderators/{c.bo}", json={"role": "admin"}),
    "remove a moderator": lambda c: c.delete(f"/v1/moderators/{c.bo}"),
    "set a key's secret": lambda c: c.put(f"/v1/keys/{c.key}/secret", json={"secret": "s" * 16}),
    "revoke a key": lambda c: c.delete(f"/v1/keys/{c.key}"),
}
CHANGED = {
    "claim": ("claims",),
    "make a key": ("api_keys", "events"),
    "make a webhook": ("webhooks",),
    "replay a job": ("jobs",),
    "make a moderator": ("moderators", "events"),
    "change a moderator": ("moderators", "events"),
    "remove a moderator": ("moderators", "events"),
    "set a key's secret": ("api_keys", "events"),
    "revoke a key": ("api_keys", "events"),
}
"""The tables in which an act can be seen, if that is not the event log alone."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords cost nothing here."""
    use_quick_hashes(monkeypatch)


@pytest.fixture
def admin(connect: Callable[..., FlaskClient], services: Services, site: int) -> FlaskClient:
    """Somebody who may do all of it, on a site where something has happened already."""
    client = connect("admin")
    for one in ("c-1", "c-2"):
        submit(client, "spam0.60", id=one)
    decide(client, "c-2", "approve")
    decide(client, "c-2", "reject")
    client.job = fail_a_job(services, site)  # type: ignore[attr-defined]
    made = Newcomer("bo@gazette.example")
    client.bo = people.create(services, operator(site), made).person.id  # type: ignore[attr-defined]
    client.key = foreignkeys.create_coral(services, operator(site)).id  # type: ignore[attr-defined]
    return client


def do_until_it_succeeds(
    database: Database, fault: str, act: Callable[[], TestResponse]
) -> tuple[TestResponse, int]:
    """Fail the act at one place after another; its answer when there is no more such place."""
    before = rows(database)
    for after in range(MOST):
        with FAULTS[fault](database, after) as broken:
            answer = act()
        if not broken.broke:
            return answer, after
        assert answer.status_code == 503, after
        assert answer.content_type == "application/problem+json"
        assert "Retry-After" in answer.headers
        assert rows(database) == before, after
    raise AssertionError("it takes more statements than that")


@pytest.mark.parametrize("act", [*POSTS, *OTHERS])
@pytest.mark.parametrize("fault", FAULTS)
def test_an_act_that_fails_anywhere_leaves_nothing_and_can_be_done_again(
    admin: FlaskClient, database: Database, act: str, fault: str
) -> None:
    before = rows(database)

    answer, places = do_until_it_succeeds(database, fault, lambda: {**POSTS, **OTHERS}[act](admin))

    assert places >= (2 if fault == "statement" else 1)
    assert answer.status_code in (200, 201, 204, 207)
    done = rows(database)
    for seen_in in CHANGED.get(act, ("events",)):
        assert done[seen_in] != before[seen_in]


@pytest.mark.parametrize("act", POSTS)
@pytest.mark.parametrize("fault", FAULTS)
def test_with_a_key_the_answer_is_kept_with_the_act_or_neither_is(
    admin: FlaskClient, database: Database, act: str, fault: str
) -> None:
    with_key = {"headers": {"Idempotency-Key": "k-1"}}

    def do() -> TestResponse:
        return POSTS[act](admin, **with_key)

    answer, _ = do_until_it_succeeds(database, fault, do)
    done = rows(database)
    again, places = do_until_it_succeeds(database, fault, do)

    assert len(done["kept_answers"]) == 1
    assert answer.status_code in (200, 201, 207)
    assert again.status_code == answer.status_code
    assert again.headers["Idempotency-Replayed"] == "true"
    # A new secret is shown once.
    assert again.data == answer.data or act in ("make a key", "make a webhook")
    assert rows(database) == done
    assert places >= 1


@pytest.mark.parametrize("act", ["submit", "submit another text", "edit", "decide", "undo"])
def test_an_act_that_is_done_has_all_its_rows(
    admin: FlaskClient, database: Database, act: str
) -> None:
    before = rows(database)

    shown = {**POSTS, **OTHERS}[act](admin).json

    new = {table: len(now - before[table]) for table, now in rows(database).items()}
    assert new["comments"] == 1
    assert new["events"] == 1
    expected = {"submit": 1, "submit another text": 1, "edit": 1, "decide": 0, "undo": 0}[act]
    assert (new["revisions"], new["verdicts"]) == (expected, expected)
    assert new["decisions"] == (1 if act in ("decide", "undo") else 0)
    # Said of a decision alone, beside the comment.
    shown.pop("awaits_second", None)
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
