"""What a caller may not set is not set, whichever way it is sent; answers hold what is described.

Made from the OpenAPI document: every operation that takes a body is sent every field that any
answer has, and that its own body does not.
"""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.moderation.services import Services
from api.store.database import Database
from api.store.tables import Base
from tests.conftest import ON_SQLITE
from tests.factories import rows
from tests.security.estate import Estate, Rewinding, build, by_key, by_session
from tests.security.routes import WRITING, Call, list_calls, make_form, make_json, send

CLASSICS = (
    *("site_id", "site", "tenant", "id", "public_id", "status", "state", "version", "revision"),
    *("score", "scores", "verdict", "decision", "action", "role", "is_admin", "admin", "actor"),
    *("approved", "priority", "created_at", "updated_at", "received_at", "digest", "password_hash"),
    *("__proto__", "constructor", "__class__", "_method", "$set", "queue", "model", "policy"),
)
"""What people try first."""

FREE = {"/metadata", "/policy"}
"""Objects of a body with fields of their own: kept as they are, or read by the policy's rules."""

OPEN_ANSWERS = {"GateReportOut"}
"""Schemas of answers that say of themselves that they may hold more: a training's report."""


@pytest.fixture
def gazette(app: Flask, services: Services) -> Estate:
    """A site with one of everything."""
    return build(app, services, "gazette")


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    """The OpenAPI document."""
    found: dict[str, Any] = client.get("/openapi.json").json
    return found


def follow(document: dict[str, Any], schema: Any) -> dict[str, Any]:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return dict(schema)


def answered(document: dict[str, Any]) -> set[str]:
    """The names of all fields of all answers, at whatever depth."""
    names: set[str] = set(CLASSICS)
    for schema in document["components"]["schemas"].values():
        names |= set(schema.get("properties", {}))
    return names


def objects(body: Any, pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects of a body that have fields of the API's, each with its pointer."""
    if pointer in FREE:
        return
    if isinstance(body, dict):
        yield pointer, body
        for name, inside in body.items():
            yield from objects(inside, f"{pointer}/{name}")
    elif isinstance(body, list):
        for number, inside in enumerate(body):
            yield from objects(inside, f"{pointer}/{number}")


def writes(app: Flask, gazette: Estate) -> list[Call]:
    return [
        call
        for call in list_calls(app)
        if call.is_native
        and call.method in WRITING
        and make_json(call.endpoint, gazette) is not None
    ]


def taken_by(document: dict[str, Any], call: Call, pointer: str) -> set[str]:
    """The fields that the document lets a body have at a place."""
    path = document_path(document, call)
    operation = document["paths"][path][call.method.lower()]
    schema = follow(document, operation["requestBody"]["content"]["application/json"]["schema"])
    for step in pointer.split("/")[1:]:
        schema = inside(document, schema, step)
    return set(schema["properties"])


def inside(document: dict[str, Any], schema: dict[str, Any], step: str) -> dict[str, Any]:
    found = schema["items"] if step.isdigit() else schema["properties"][step]
    found = follow(document, found)
    for way in ("anyOf", "allOf", "oneOf"):
        for one in found.get(way, ()):
            if "$ref" in one or "properties" in one:
                return follow(document, one)
    return found


def document_path(document: dict[str, Any], call: Call) -> str:
    path = str(call.rule.rule)
    for name, converter in call.converters.items():
        path = path.replace(f"<{converter}:{name}>", f"{{{name}}}")
    assert path in document["paths"], path
    return path


@ON_SQLITE
def test_every_operation_with_a_body_has_one_here(
    app: Flask, gazette: Estate, document: dict[str, Any]
) -> None:
    described = {
        (method.upper(), path)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if isinstance(operation, dict) and "requestBody" in operation
    }

    assert {(one.method, document_path(document, one)) for one in writes(app, gazette)} == described


@ON_SQLITE
def test_no_body_may_set_what_only_answers_say(
    app: Flask, gazette: Estate, document: dict[str, Any], database: Database
) -> None:
    wrong: list[tuple[Any, ...]] = []
    client, before, names = by_key(app, gazette), rows(database), answered(document)

    for call in writes(app, gazette):
        whole = make_json(call.endpoint, gazette)
        for pointer, _ in objects(whole):
            refused = names - taken_by(document, call, pointer)
            body = json.loads(json.dumps(whole))
            next(one for at, one in objects(body) if at == pointer).update(
                dict.fromkeys(refused, 1)
            )
            answer = client.open(call.path(app, gazette.ids), method=call.method, json=body)
            named = set(named_by(answer.json, call, pointer))
            missing = {f"{pointer}/{name}" for name in refused} - named
            if missing or rows(database) != before:
                wrong.append((call.name, pointer, answer.status_code, sorted(missing)[:5]))
                before = rows(database)

    assert wrong == []


def named_by(answer: Any, call: Call, pointer: str) -> Iterator[str]:
    """The fields that an answer refuses; a batch answers each of its items by itself."""
    if call.endpoint == "comments.submit_batch" and pointer:
        [item] = answer["items"]
        for error in item["problem"]["errors"]:
            yield f"/items/0{error['pointer']}"
    else:
        for error in answer.get("errors", ()):
            yield error["pointer"]


@ON_SQLITE
def test_one_such_field_alone_is_enough_to_be_refused(
    app: Flask, gazette: Estate, document: dict[str, Any], database: Database
) -> None:
    client, before = by_key(app, gazette), rows(database)
    values = itertools.cycle([None, True, 1, "admin", {}, []])
    for call in writes(app, gazette):
        whole = make_json(call.endpoint, gazette)
        for name in sorted(set(CLASSICS) - taken_by(document, call, "")):
            path = call.path(app, gazette.ids)
            answer = client.open(path, method=call.method, json={**whole, name: next(values)})
            assert answer.status_code == 422, (call.name, name)
            assert f"/{name}" in [one["pointer"] for one in answer.json["errors"]]

    assert rows(database) == before


@ON_SQLITE
def test_no_form_sets_more_than_it_asks_for(
    app: Flask, gazette: Estate, database: Database, tmp_path: Any
) -> None:
    """Every column of every table is sent with every form; nothing of it is kept anywhere."""
    intruder = "zqintruder"
    columns = {column.name for table in Base.metadata.sorted_tables for column in table.columns}
    names = sorted(columns | set(CLASSICS) - {"__class__"})
    rewind, wrong, served = Rewinding(database, tmp_path), [], 0

    for call in list_calls(app):
        if not call.is_page or call.method != "POST" or call.endpoint == "pages.sign_out":
            continue
        rewind.go_back()
        asked = {*make_form(call.endpoint, gazette), *TAKEN.get(call.endpoint, ())}
        form = {name: intruder for name in names if name not in asked}
        session = by_session(app, gazette)
        plain = send(app, session, call, gazette, gazette.ids)
        rewind.go_back()
        data = {**form, "token": "0" * 32, **make_form(call.endpoint, gazette)}
        answer = send(app, session, call, gazette, gazette.ids, data=data)
        served += answer.status_code in (201, 303)
        kept = [name for name, some in rows(database).items() if intruder in "".join(some)]
        if answer.status_code != plain.status_code or kept:
            wrong.append((call.name, plain.status_code, answer.status_code, kept))

    assert wrong == []
    assert served > 20


_VIEW = ("reason", "article", "section", "author", "language", "score", "q", "campaign", "queue")
TAKEN: dict[str, tuple[str, ...]] = {
    "pages.author_note": ("id",),
    "pages.author_say": ("id",),
    "pages.bulk_begin": (*_VIEW, "status", "note"),
    "pages.campaign_decide": ("reason",),
    "pages.decide": ("reason", "note", "queue"),
    "pages.moderator_change": ("sections",),
    "pages.moderator_create": ("sections",),
    "pages.person_erase": ("address", "email"),
    "pages.person_export": ("address", "email"),
    "pages.privacy_save": ("address", "email", "rejected", "spam", "text"),
    "pages.queue_create": (*_VIEW, "sort", "key", "within_minutes"),
    "pages.saved_queue_change": (*_VIEW, "sort", "key", "within_minutes"),
    "pages.webhook_create": ("description",),
}
"""Fields that a form may have beside those that it is sent here."""


@ON_SQLITE
def test_every_answer_is_described_to_its_last_field(document: dict[str, Any]) -> None:
    """So that `test_answers`, which holds every answer against the document, notices one more."""
    schemas = document["components"]["schemas"]
    described = {
        name for name, schema in schemas.items() if schema.get("additionalProperties") is not False
    }

    assert described == OPEN_ANSWERS
    for path, status, kind, schema in contents(document):
        known = "$ref" in schema or all("$ref" in one for one in schema.get("oneOf", [{}]))
        assert known or schema.get("type") == "string", (path, status, kind)


def contents(document: dict[str, Any]) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """The schema of every answer, with its path, its status and its kind."""
    for path, item in document["paths"].items():
        for operation in (one for one in item.values() if isinstance(one, dict)):
            for status, answer in operation["responses"].items():
                for kind, content in answer.get("content", {}).items():
                    yield path, status, kind, content["schema"]
