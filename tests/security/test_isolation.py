"""What one site has is nothing at all to another: every path, query and body that names it.

Made from the route map: a route with a converter that `tests.security.estate` knows no object for
fails here, and so does one that cannot be told from a route that finds what is its own site's.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.moderation.services import Services
from api.store.database import Database
from api.web.auth import FOREIGN, PUBLIC
from tests.conftest import ON_SQLITE
from tests.factories import comment, rows
from tests.security.estate import MARK, NEVER, NOBODYS, Estate, Rewinding, build, by_key, by_session
from tests.security.routes import QUERIES, Call, list_calls, make_query, send

OWN = {"PUT /v1/queues/<queue_name:name>"}
"""Each site has names of its own for its queues, so a new one is made: see its own test."""

PLAIN = {
    *("active", "after", "cursor", "days", "failed", "force", "kind", "language", "limit", "mine"),
    *("nudge", "q", "reason", "score", "since", "sort", "status", "target", "type", "until"),
    *("unused", "version", "waits_longer", "waits_shorter"),
}
"""Parameters of the API that name nothing of a site."""

NAMING: dict[str, tuple[str, str]] = {
    "article": (f"a-{MARK}", "a-never"),
    "author": (f"u-{MARK}", "u-never"),
    "author_id": (f"u-{MARK}", "u-never"),
    "campaign": ("campaign_id", "campaign_id"),
    "comment": ("comment_id", "comment_id"),
    "done": ("comment_id", "comment_id"),
    "focus": ("comment_id", "comment_id"),
    "id": (f"u-{MARK}", "u-never"),
    "ids": ("comment_id", "comment_id"),
    "queue": ("queue_name", "queue_name"),
    "reporter": (f"r-{MARK}", "r-never"),
    "rule": (f"word:{MARK}", "word:never"),
    "section": (f"s-{MARK}", "s-never"),
    "value": (f"u-{MARK}", "u-never"),
}
"""Parameters that name something: of the other site, and never; by converter or as it is."""

BESIDE: dict[str, dict[str, str]] = {"value": {"kind": "author"}}
"""What a parameter says nothing without."""


@pytest.fixture
def gazette(app: Flask, services: Services) -> Estate:
    """A site with one of everything."""
    return build(app, services, "gazette")


@pytest.fixture
def strangers(app: Flask, services: Services) -> dict[str, FlaskClient]:
    """An admin of another site that has everything too, with a key and signed in."""
    elsewhere = build(app, services, "elsewhere", "zqother")
    return {"key": by_key(app, elsewhere), "session": by_session(app, elsewhere)}


def pick(call: Call, clients: Mapping[str, FlaskClient]) -> FlaskClient:
    return clients["session" if call.is_page else "key"]


def with_objects(app: Flask) -> list[Call]:
    return [one for one in list_calls(app) if one.has_object]


def as_seen(answer: TestResponse, ids: Mapping[str, Any]) -> tuple[int, bytes, dict[str, str]]:
    """All of an answer, but for the id that was asked for and the request's own name."""
    body, headers = answer.data, dict(answer.headers)
    for value in ids.values():
        body = body.replace(str(value).encode(), b"ID")
    body = re.sub(rb'"request_id":"[^"]*"', b"", body)
    own = ("x-request-id", "content-length")
    return answer.status_code, body, {k: v for k, v in headers.items() if k.lower() not in own}


def kept(database: Database) -> dict[str, list[str]]:
    """All rows, but for when a session was last used: that is the stranger's own."""
    found = rows(database)
    del found["sign_ins"]
    return found


@ON_SQLITE
def test_every_converter_of_the_route_map_has_an_object(app: Flask, gazette: Estate) -> None:
    used = {one for call in list_calls(app) for one in call.converters.values()}

    assert used - set(NOBODYS) == set(NEVER)
    assert set(gazette.ids) - {"model in force"} == set(NEVER)
    foreign = {call.endpoint for call in list_calls(app) if call.needs == FOREIGN}
    elsewhere = {
        call.endpoint
        for call in list_calls(app)
        if "default" in call.converters.values() or "path" in call.converters.values()
    }
    assert elsewhere <= {*foreign, "pages.static"}


def test_an_object_of_another_site_answers_as_one_that_never_was(
    app: Flask, database: Database, gazette: Estate, strangers: dict[str, FlaskClient]
) -> None:
    wrong: list[tuple[str, Any]] = []
    before = kept(database)

    for call in with_objects(app):
        if call.name in OWN:
            continue
        client = pick(call, strangers)
        seen = [as_seen(send(app, client, call, gazette, ids), ids) for ids in (gazette.ids, NEVER)]
        # What may be done to a path is the same for all, and says nothing of what is there.
        expected = 200 if call.method == "OPTIONS" else 404
        if seen[0] != seen[1] or seen[0][0] != expected or MARK.encode() in seen[0][1]:
            wrong.append((call.name, seen))
        if (after := kept(database)) != before:
            wrong.append((call.name, [name for name in after if after[name] != before[name]]))
            before = after

    assert wrong == []


@ON_SQLITE
def test_a_queue_of_the_same_name_is_another_queue(
    app: Flask, database: Database, gazette: Estate, strangers: dict[str, FlaskClient]
) -> None:
    before = rows(database)["saved_queues"]

    for call in with_objects(app):
        if call.name in OWN:
            answer = send(app, strangers["key"], call, gazette, gazette.ids)
            assert answer.status_code == 201

    assert set(before) < set(rows(database)["saved_queues"])


@ON_SQLITE
def test_the_same_calls_find_what_is_of_the_caller_s_own_site(
    app: Flask, gazette: Estate, database: Database, tmp_path: Path
) -> None:
    rewind = Rewinding(database, tmp_path)
    own = {"key": by_key(app, gazette), "session": by_session(app, gazette)}
    wrong: list[tuple[str, int, str]] = []

    for call in with_objects(app):
        rewind.go_back()
        answer = send(app, pick(call, own), call, gazette, gazette.ids)
        # A conflict is told of something that is there.
        if answer.status_code not in (200, 201, 202, 204, 303, 409):
            wrong.append((call.name, answer.status_code, answer.text[-200:]))

    assert wrong == []


def parameters(client: FlaskClient) -> Iterator[str]:
    for item in client.get("/openapi.json").json["paths"].values():
        for operation in item.values():
            for one in operation.get("parameters", []) if isinstance(operation, dict) else []:
                if one["in"] == "query":
                    yield one["name"]


@ON_SQLITE
def test_every_parameter_of_the_document_is_known_to_name_something_or_not(
    client: FlaskClient,
) -> None:
    assert set(parameters(client)) <= PLAIN | set(NAMING)
    assert PLAIN.isdisjoint(NAMING)


def name_of(known: str, ids: Mapping[str, Any]) -> str:
    return str(ids.get(known, known))


@ON_SQLITE
def test_whatever_a_query_names_of_another_site_is_as_if_it_never_was(
    app: Flask, database: Database, gazette: Estate, strangers: dict[str, FlaskClient]
) -> None:
    """Every route that reads is asked with every such parameter, as it may take it unwritten."""
    wrong: list[tuple[str, str, Any]] = []
    before = kept(database)

    for call in list_calls(app):
        if not (call.method == "GET" or (call.method == "DELETE" and call.endpoint in QUERIES)):
            continue
        if call.needs in (FOREIGN, PUBLIC) or call.has_object:
            continue
        for parameter, (theirs, never) in NAMING.items():
            named = [(theirs, gazette.ids), (never, NEVER)]
            seen = [
                as_seen(
                    pick(call, strangers).open(
                        call.path(app, {}),
                        method=call.method,
                        query_string={
                            **make_query(call, gazette),
                            **BESIDE.get(parameter, {}),
                            parameter: name_of(known, ids),
                        },
                    ),
                    {parameter: name_of(known, ids)},
                )
                for known, ids in named
            ]
            if without_tokens(seen[0]) != without_tokens(seen[1]):
                wrong.append((call.name, parameter, seen))

    assert wrong == []
    assert kept(database) == before


def without_tokens(seen: tuple[int, bytes, dict[str, str]]) -> tuple[int, bytes]:
    """What a form holds once, and how much it all is, differ each time."""
    return seen[0], re.sub(rb'[0-9a-f]{32}|"(token|honeypot)":"[^"]*"', b"", seen[1])


@ON_SQLITE
def test_a_page_of_another_site_s_list_is_a_page_of_one_s_own(
    app: Flask, gazette: Estate, strangers: dict[str, FlaskClient]
) -> None:
    lists = [
        call
        for call in list_calls(app)
        if call.method == "GET" and call.needs not in (FOREIGN, PUBLIC) and not call.has_object
    ]
    for call in lists:
        for cursor in gazette.cursors:
            query = {**make_query(call, gazette), "cursor": cursor}
            answer = pick(call, strangers).get(call.path(app, {}), query_string=query)
            assert answer.status_code in (200, 409, 422, 404)
            assert b"gazette" not in answer.data, call.name


BODIES: dict[str, tuple[str, Callable[[str], dict[str, Any]], int]] = {
    "claim of a comment": ("/v1/queue/claims", lambda one: {"comment": one}, 404),
    "claim out of a queue": ("/v1/queue/claims", lambda one: {"queue": one}, 422),
    "bulk": ("/v1/decisions", lambda one: {"ids": [one], "action": "approve"}, 202),
    "bulk, dry": (
        "/v1/decisions",
        lambda one: {"ids": [one], "action": "approve", "dry_run": True},
        200,
    ),
}


@ON_SQLITE
@pytest.mark.parametrize(("path", "make", "status"), BODIES.values(), ids=BODIES)
def test_what_a_body_names_of_another_site_is_as_if_it_never_was(
    gazette: Estate,
    strangers: dict[str, FlaskClient],
    path: str,
    make: Callable[[str], dict[str, Any]],
    status: int,
) -> None:
    queue = path.endswith("claims") and "queue" in make("")
    names = [ids["queue_name" if queue else "comment_id"] for ids in (gazette.ids, NEVER)]

    theirs, never = (strangers["key"].post(path, json=make(one)) for one in names)

    assert theirs.status_code == never.status_code == status
    of = {"id": re.compile(r"bulk_[0-9a-f]{24}")}
    bodies = [
        of["id"].sub("", answer.text.replace(name, "ID"))
        for answer, name in ((theirs, names[0]), (never, names[1]))
    ]
    assert bodies[0] == bodies[1]
    assert MARK not in theirs.text


@ON_SQLITE
def test_a_reply_learns_nothing_of_another_site_s_comment(
    gazette: Estate, strangers: dict[str, FlaskClient], app: Flask
) -> None:
    mine = by_key(app, gazette)
    before = mine.get(f"/v1/comments/{gazette.ids['comment_id']}").data

    for number, parent in enumerate((gazette.ids["comment_id"], NEVER["comment_id"])):
        made = strangers["key"].post(
            "/v1/comments", json=comment(id=f"reply{number}", parent_id=parent)
        )
        assert made.status_code == 201
        assert MARK not in made.text

    assert mine.get(f"/v1/comments/{gazette.ids['comment_id']}").data == before
    page = strangers["session"].get("/moderate/comments/reply0").text
    assert f"spam0.60 {MARK}" not in page


def test_a_comment_of_the_same_id_is_another_comment(
    app: Flask, gazette: Estate, strangers: dict[str, FlaskClient]
) -> None:
    mine, path = by_key(app, gazette), f"/v1/comments/{gazette.ids['comment_id']}"
    before = mine.get(path).data
    theirs = strangers["key"]

    made = theirs.post("/v1/comments", json=comment("Ours.", id=gazette.ids["comment_id"]))

    assert (made.status_code, made.json["text"]) == (201, "Ours.")
    assert theirs.delete(path).status_code == 204
    assert mine.get(path).data == before
