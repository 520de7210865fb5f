"""Who may do what: every route that there is, against every way of not being allowed."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from api.moderation import access
from api.moderation.services import Services
from api.store.database import Database
from api.web.auth import ADMINS_SIGNED_IN, FOREIGN, PERMISSIONS, PUBLIC, SIGNED_IN
from tests.factories import comment, count, make_key, revoke_key, submit

MISSING = {
    "comment_id": "c-1",
    "campaign_id": f"cmp_{'0' * 24}",
    "claim_id": f"claim-{'0' * 32}",
    "job_id": 999,
    "key_id": "wnw_00000000",
    "bulk_id": f"bulk_{'0' * 24}",
    "erasure_id": f"era_{'0' * 24}",
    "note_id": f"note_{'0' * 24}",
    "preview_id": f"preview-{'0' * 24}",
    "message_id": f"msg_{'0' * 24}",
    "model_id": f"mdl_{'0' * 16}",
    "moderator_id": f"mod_{'0' * 24}",
    "sheet": "volumes",
    "name": "nothing",
    "standing_id": f"std_{'0' * 24}",
    "version": 999,
    "webhook_id": f"wh_{'0' * 24}",
    "filename": "none.css",
}
BODIES: dict[str, Any] = {
    "comments.submit": comment(),
    "comments.check": comment(),
    "comments.submit_batch": {"items": [comment()]},
    "comments.edit": {"text": "Two."},
    "decisions.decide": {"action": "approve"},
    "campaigns.decide": {"action": "approve"},
    "bulk.decide": {"ids": ["c-1"], "action": "approve"},
    "claims.claim": {"count": 1},
    "previews.begin": {"policy": {}},
    "shadow.put": {"policy": {}},
    "shadow.promote": {"version": 1},
    "queues.put": {"title": "Night"},
    "reports.report": {"reason": "spam"},
    "site.create_key": {"role": "backend"},
    "site.set_secret": {"secret": "empsec_0123456789abcdef"},
    "moderators.create": {"email": "eve@gazette.example", "password": "a long password"},
    "moderators.change": {"role": "admin"},
    "standings.put": {
        "kind": "author",
        "value": "u-5",
        "standing": "banned",
        "reason": "Spam.",
    },
    "notes.note_comment": {"text": "Known to us."},
    "notes.note_author": {"kind": "author", "value": "u-5", "text": "Known to us."},
    "policy.check": {"policy": {}},
    "policy.put": {"policy": {}, "version": 1},
    "policy.restore": {"version": 1},
    "webhooks.create": {"url": "https://gazette.example/"},
    "webhooks.change": {"active": False},
    "webhooks.rotate": {},
    "webhooks.redeliver_failed": {"since": "2026-01-01T00:00:00Z"},
}
"""What each route wants, so that nothing but the key can be at fault."""
OWN = {("queues.put", "PUT"), ("stats.export", "GET"), ("stats.export", "HEAD")}
"""What has something of the caller's own site for every path, and nothing of another's."""


def routes(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """Each route of the API with a method and a path."""
    for rule in app.url_map.iter_rules():
        if PERMISSIONS[rule.endpoint] not in (PUBLIC, SIGNED_IN, ADMINS_SIGNED_IN, FOREIGN):
            path = app.url_map.bind("localhost").build(
                rule.endpoint, {name: MISSING[name] for name in rule.arguments}
            )
            for method in sorted(rule.methods or ()):
                yield rule, method, path


def call(client: FlaskClient, rule: Rule, method: str, path: str, **more: Any) -> TestResponse:
    body = BODIES.get(rule.endpoint) if method in ("POST", "PUT", "PATCH") else None
    return client.open(path, method=method, json=body, **more)


def test_only_these_routes_are_open_to_all() -> None:
    assert {name for name, role in PERMISSIONS.items() if role == PUBLIC} == {
        "health.live",
        "health.ready",
        "metrics.metrics",
        "openapi.document",
        "pages.docs",
        "pages.static",
        "pages.sign_in",
        "pages.oidc_start",
        "pages.oidc_return",
    }


def test_every_route_is_in_the_table_and_the_table_has_no_other(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(PERMISSIONS)
    assert set(PERMISSIONS.values()) <= {
        *(PUBLIC, SIGNED_IN, ADMINS_SIGNED_IN, FOREIGN),
        *access.ROLES,
    }


def test_a_route_that_is_not_in_the_table_keeps_the_app_from_starting(app: Flask) -> None:
    from api.web import auth

    bare = Flask("bare")
    bare.add_url_rule("/forgotten", "forgotten", lambda: "")

    with pytest.raises(LookupError, match="forgotten"):
        auth.register(bare)


def test_whatever_is_wrong_with_the_key_the_answer_is_the_same_401(
    app: Flask, client: FlaskClient, services: Services, site: int, database: Database
) -> None:
    revoked = make_key(services, site, "admin")
    revoke_key(services, site, access.key_prefix(revoked))
    key = make_key(services, site, "admin")
    wrong = {
        "none": None,
        "empty": "",
        "no scheme": key,
        "scheme alone": "Bearer",
        "scheme and space": "Bearer ",
        "other scheme": f"Basic {key}",
        "unknown": "Bearer wnw_00000000_" + "x" * 43,
        "revoked": f"Bearer {revoked}",
        "cut": f"Bearer {key[:-1]}",
        "longer": f"Bearer {key}x",
        "other letters": f"Bearer {key.swapcase()}",
        "prefix alone": f"Bearer {access.key_prefix(key)}",
        "two": f"Bearer {key} {key}",
        "huge": "Bearer " + "x" * 10_000,
        "not ASCII": "Bearer wnw_\xe9",
        "SQL": "Bearer ' OR 1=1 --",
    }
    before = count(database)

    answers = {
        (rule.endpoint, method, name): call(client, rule, method, path, headers=headers)
        for rule, method, path in routes(app)
        for name, given in wrong.items()
        for headers in [{} if given is None else {"Authorization": given}]
    }

    assert {key: a.status_code for key, a in answers.items() if a.status_code != 401} == {}
    [body] = {a.data for (_, method, _), a in answers.items() if method != "HEAD"}
    assert json.loads(body) == {
        "type": "urn:winnow:problem:unauthorized",
        "title": "Unauthorized",
        "status": 401,
        "detail": "Send a key of your site as Authorization: Bearer <key>.",
    }
    assert {a.headers["WWW-Authenticate"] for a in answers.values()} == {"Bearer"}
    assert {a.content_type for a in answers.values()} == {"application/problem+json"}
    assert count(database) == before


def test_the_scheme_may_be_spelt_in_any_case(
    client: FlaskClient, services: Services, site: int
) -> None:
    key = make_key(services, site, "backend")

    for scheme in ("Bearer", "bearer", "BEARER", "Bearer "):
        answer = client.get("/v1/site", headers={"Authorization": f"{scheme} {key}"})
        assert answer.status_code == 200


@pytest.mark.parametrize("role", access.ROLES)
def test_every_role_may_do_what_the_table_says_and_nothing_else(
    app: Flask, connect: Callable[..., FlaskClient], role: str
) -> None:
    client = connect(role)
    rank = access.ROLES.index(role)
    wrong = []

    for rule, method, path in routes(app):
        if method == "OPTIONS":
            # All methods of a path answer it alike, whatever each of them needs.
            continue
        allowed = access.ROLES.index(PERMISSIONS[rule.endpoint]) <= rank
        status = call(client, rule, method, path).status_code
        if (status == 403) is allowed or status in (401, 500):
            wrong.append((rule.endpoint, method, status))

    assert wrong == []


def test_a_role_that_is_too_low_is_told_which_it_needs(backend: FlaskClient) -> None:
    answer = backend.get("/v1/keys")

    assert answer.status_code == 403
    assert answer.content_type == "application/problem+json"
    assert answer.json["detail"] == "This key's role is backend; this needs admin."


def test_what_is_forbidden_changes_nothing(backend: FlaskClient, database: Database) -> None:
    submit(backend, "spam0.60", id="c-1")
    before = count(database)

    backend.post("/v1/comments/c-1/decision", json={"action": "approve"})
    backend.post("/v1/keys", json={"role": "admin"})

    assert count(database) == before
    assert backend.get("/v1/comments/c-1").json["status"] == "pending"


def test_another_sites_object_looks_like_one_that_never_was(
    app: Flask, stranger: FlaskClient, services: Services, site: int, backend: FlaskClient
) -> None:
    key_id = access.key_prefix(make_key(services, site, "backend"))
    # Each answer has the id of its own request, which says nothing.
    stranger.environ_base["HTTP_X_REQUEST_ID"] = "the-same"
    with_id = [
        (r, m, p)
        for r, m, p in routes(app)
        if r.arguments and m != "OPTIONS" and (r.endpoint, m) not in OWN
    ]
    before = {(r.endpoint, m): call(stranger, r, m, p) for r, m, p in with_id}
    mine = submit(backend, "spam0.60", id="c-1")

    after = {
        (r.endpoint, m): call(stranger, r, m, p.replace(MISSING["key_id"], key_id))
        for r, m, p in with_id
    }

    assert len(with_id) >= 7
    assert {a.status_code for a in [*before.values(), *after.values()]} == {404}
    for place, answer in after.items():
        shown = answer.data.replace(key_id.encode(), MISSING["key_id"].encode())
        assert shown == before[place].data, place
        assert dict(answer.headers) == dict(before[place].headers), place
    assert backend.get("/v1/comments/c-1").json == mine
    assert access.list_keys(services, site)[-1].revoked_at is None


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/", "/v1/comments/", "/v2/comments", "/admin"])
def test_a_path_that_is_no_route_is_404_with_a_key_and_without(
    client: FlaskClient, backend: FlaskClient, path: str
) -> None:
    answers = [client.get(path), backend.get(path)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].data == answers[1].data


def test_a_key_in_the_address_or_a_cookie_is_no_key(
    client: FlaskClient, services: Services, site: int
) -> None:
    key = make_key(services, site, "admin")
    client.set_cookie("key", key)

    assert client.get(f"/v1/site?key={key}&access_token={key}").status_code == 401
    assert client.get("/v1/site", headers={"X-Api-Key": key}).status_code == 401
