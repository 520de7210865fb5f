"""What holds for every foreign route there is, so that a new one cannot forget it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.moderation import access, foreignkeys
from api.moderation.services import Services
from api.store.database import Database
from api.web.auth import FOREIGN, PERMISSIONS
from tests.conftest import ON_SQLITE
from tests.factories import count, make_key, operator, revoke_key

TEXT = "A fine day for a walk."
ANALYZE = {"comment": {"text": TEXT}, "requestedAttributes": {"TOXICITY": {}}, "languages": ["en"]}
SUGGEST = {
    "comment": {"text": TEXT},
    "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}},
}
AKISMET = {"blog": "https://blog.example/", "user_ip": "192.0.2.7", "comment_content": TEXT}
BATCH = """--x
Content-Type: application/http
Content-ID: <a + 1>

POST /v1alpha1/comments:analyze%s HTTP/1.1

%s
--x--
"""
OPEN = {"perspective.discover"}
"""What says nothing but how to call the others."""


def call(client: FlaskClient, endpoint: str, path: str, key: str | None) -> TestResponse:
    """A call with nothing wrong but, perhaps, its key."""
    dialect = endpoint.split(".")[0]
    query = {"key": key} if key is not None and dialect == "perspective" else {}
    if endpoint == "perspective.batch":
        within = "" if key is None else f"?key={key}"
        body = BATCH % (within, json.dumps(ANALYZE))
        return client.post(path, data=body, content_type="multipart/mixed; boundary=x")
    if endpoint == "perspective.discover":
        return client.get(path, query_string={"version": "v1alpha1", **query})
    if dialect == "perspective":
        given = ANALYZE if endpoint.endswith("analyze") else SUGGEST
        return client.post(path, json=given, query_string=query)
    if dialect == "akismet":
        keys = {} if key is None else {"api_key": key, "key": key}
        return client.post(path, data={**AKISMET, **keys})
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    if endpoint == "openai.moderate":
        return client.post(path, json={"input": TEXT}, headers=headers)
    if dialect == "openai":
        return client.get(path, headers=headers)
    return client.post(path, json={"comment": {"body": TEXT}}, headers=headers)


def routes(app: Flask) -> Iterator[tuple[str, str]]:
    """Each foreign route's endpoint and a path."""
    for rule in app.url_map.iter_rules():
        if PERMISSIONS[rule.endpoint] == FOREIGN:
            coral = rule.endpoint.startswith("coral.")
            which = "cor_00000000" if coral else "omni-moderation-latest"
            names = dict.fromkeys(rule.arguments, which)
            yield rule.endpoint, app.url_map.bind("localhost").build(rule.endpoint, names)


def refused(endpoint: str, answer: TestResponse) -> bool:
    """Whether an answer is its protocol's way to turn a caller away."""
    dialect = endpoint.split(".")[0]
    if endpoint == "perspective.batch":
        return answer.status_code in (400, 403) or b"HTTP/1.1 40" in answer.data
    if dialect == "perspective":
        found: dict[str, Any] = (answer.json or {}).get("error", {})
        return found.get("status") in ("INVALID_ARGUMENT", "PERMISSION_DENIED") and (
            answer.status_code in (400, 403)
        )
    if dialect == "akismet":
        return answer.status_code == 200 and answer.data == b"invalid"
    return answer.status_code == 401


def test_every_foreign_route_is_tried_here(app: Flask) -> None:
    assert {endpoint for endpoint, _ in routes(app)} == {
        name for name, role in PERMISSIONS.items() if role == FOREIGN
    }


@pytest.mark.parametrize("wrong", ["none", "empty", "unknown", "revoked", "short", "SQL"])
def test_without_a_good_key_nothing_is_done(
    app: Flask,
    client: FlaskClient,
    services: Services,
    site: int,
    database: Database,
    wrong: str,
) -> None:
    revoked = make_key(services, site, "admin")
    revoke_key(services, site, access.key_prefix(revoked))
    keys = {
        "none": None,
        "empty": "",
        "unknown": "wnw_00000000_" + "x" * 43,
        "revoked": revoked,
        "short": "0123456789ab",
        "SQL": "' OR 1=1 --",
    }
    before = count(database)

    for endpoint, path in routes(app):
        if endpoint in OPEN and wrong == "none":
            continue
        answer = call(client, endpoint, path, keys[wrong])
        if endpoint in OPEN and wrong == "empty":
            assert answer.status_code in (200, 400)
            continue
        assert refused(endpoint, answer), (endpoint, answer.status_code, answer.data)

    assert count(database) == before


@ON_SQLITE
def test_a_key_for_akismet_opens_no_other_door(
    app: Flask, client: FlaskClient, services: Services, site: int, database: Database
) -> None:
    key = foreignkeys.create_akismet(services, operator(site)).key
    before = count(database)

    for endpoint, path in routes(app):
        if not endpoint.startswith("akismet."):
            assert refused(endpoint, call(client, endpoint, path, key)), endpoint
    native = client.get("/v1/site", headers={"Authorization": f"Bearer {key}"})

    assert native.status_code == 401
    assert count(database) == before


@ON_SQLITE
@pytest.mark.usefixtures("database")
def test_no_answer_leads_elsewhere_or_comes_from_a_cache(
    app: Flask, client: FlaskClient, services: Services, site: int
) -> None:
    key = make_key(services, site, "backend")

    for endpoint, path in routes(app):
        for spelt in (path, f"{path.rstrip('/')}/", path[0] + path[1:].replace("/", "//")):
            answer = call(client, endpoint, spelt, key)
            assert answer.status_code not in (301, 302, 303, 307, 308), (endpoint, spelt)
            assert answer.status_code != 404, (endpoint, spelt)
            assert answer.headers["Cache-Control"] == "no-store", endpoint
            assert answer.headers["Content-Length"] == str(len(answer.data)), endpoint


def test_one_site_never_decides_about_anothers_comment(
    app: Flask, client: FlaskClient, services: Services, site: int, backend: FlaskClient
) -> None:
    ours = make_key(services, site, "backend")
    theirs = make_key(services, access.create_site(services, "elsewhere"), "admin")
    paths = dict(routes(app))
    for endpoint in ("perspective.analyze", "akismet.comment_check", "openai.moderate"):
        assert call(client, endpoint, paths[endpoint], ours).status_code == 200

    for endpoint in ("perspective.suggest_score", "akismet.submit_spam"):
        assert call(client, endpoint, paths[endpoint], theirs).status_code == 200

    kept = backend.get("/v1/comments").json["items"]
    assert [(one["metadata"]["door"], one["status"]) for one in kept] == [
        ("openai", "approved"),
        ("akismet", "approved"),
        ("perspective", "approved"),
    ]
    assert [one["decision"] for one in kept] == [None, None, None]
