"""Every answer of every operation is what the OpenAPI document says it is."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.web.auth import FOREIGN, PERMISSIONS
from tests.api.moderation.deciding import Kept, keep
from tests.api.moderation.learning.adapters import keep_adapter
from tests.conftest import ON_SQLITE
from tests.contract.document import Document
from tests.factories import comment, fail_a_job, put_policy

FULL: dict[str, Any] = comment(
    "spam0.60 insult0.95",
    id="c-1",
    parent_id="c-0",
    html=True,
    language="en-GB",
    created_at="2026-01-01T00:00:00Z",
    metadata={"any": ["thing", {"at": "all"}]},
    author={
        "id": "u-5",
        "name": "Ada",
        "email": "ada@gazette.example",
        "url": "https://ada.example",
        "ip": "192.0.2.7",
        "user_agent": "Mozilla/5.0",
        "created_at": "2020-01-01T00:00:00Z",
        "role": "staff",
    },
    form={"elapsed_ms": 5, "token": "t"},
)
FULL["article"] = {"id": "a-1", "url": "https://a.example", "title": "A", "section": "world"}


@pytest.fixture
def document(client: FlaskClient) -> Document:
    """The document of this very app."""
    return Document(client.get("/openapi.json").json)


@pytest.fixture
def call(
    connect: Callable[..., FlaskClient], client: FlaskClient, document: Document
) -> Callable[..., Any]:
    """Calls the API, holds the answer against the document, and returns what it says."""
    admin = connect("admin")

    def make(method: str, path: str, status: int, body: Any = None, keyless: bool = False) -> Any:
        sender = client if keyless else admin
        answer: TestResponse = sender.open(path, method=method, json=body)
        assert answer.status_code == status, answer.text
        document.check(answer)
        return answer.json if answer.data else None

    return make


@ON_SQLITE
def test_a_walk_through_every_operation_meets_only_what_is_described(
    call: Callable[..., Any], document: Document, services: Services, site: int
) -> None:
    call("GET", "/live", 200, keyless=True)
    call("GET", "/ready", 200, keyless=True)
    call("GET", "/metrics", 200, keyless=True)
    call("GET", "/v1/site", 200)

    call("POST", "/v1/comments", 201, FULL)
    call("POST", "/v1/comments", 200, FULL)
    call("POST", "/v1/comments", 201, comment("A fine day.", id="c-2"))
    call("POST", "/v1/comments", 201, comment("spam0.60", id="c-3", form={"honeypot": "x"}))
    call("POST", "/v1/comments", 201, comment("spam0.60", id="c-4"))
    call("POST", "/v1/comments/check", 200, FULL)
    call("POST", "/v1/comments/check?nudge=1", 200, FULL)
    call("GET", "/v1/form-token?article=a-17", 200)
    call("GET", "/v1/policy/checker", 200)
    call("GET", "/v1/privacy", 200)
    kept = {"keep": {"spam": 15, "text": None}, "addresses": "truncated"}
    call("PUT", "/v1/privacy", 200, {**kept, "dry_run": True})
    call("PUT", "/v1/privacy", 200, kept)
    asked = call("POST", "/v1/people/erase", 202, {"author_id": "u-gone"})
    call("GET", f"/v1/people/erasures/{asked['id']}", 200)
    call("POST", "/v1/people/export", 200, {"author_id": "u-5", "email": "ada@gazette.example"})
    call("POST", "/v1/comments/batch", 207, {"items": [comment("One."), {}, None, FULL]})
    call("GET", "/v1/comments/c-1", 200)
    call("GET", "/v1/comments?limit=2", 200)
    call("PATCH", "/v1/comments/c-1", 200, {"text": "spam0.60", "version": 1, "html": None})

    [claimed] = call("POST", "/v1/queue/claims", 200, {"count": 1})["items"]
    call("GET", "/v1/queue?sort=oldest", 200)
    night = {"title": "Night", "filter": {"score": ["spam:0.5-0.9"], "waits_longer": 60}}
    call("PUT", "/v1/queues/night", 201, {**night, "key": "n", "within_minutes": 60})
    call("PUT", "/v1/queues/night", 200, {**night, "sort": "oldest"})
    call("GET", "/v1/queue?queue=night", 200)
    call("GET", "/v1/queues", 200)
    call("GET", "/v1/queues/night", 200)
    call("DELETE", "/v1/queues/night", 204)
    call("PUT", f"/v1/queue/claims/{claimed['claim']['id']}", 200)
    call("DELETE", f"/v1/queue/claims/{claimed['claim']['id']}", 204)
    report = {"reason": "spam", "note": "n", "reporter": {"id": "u-7"}}
    call("POST", "/v1/comments/c-1/reports", 201, report)
    call("POST", "/v1/comments/c-1/reports", 200, report)
    call("POST", "/v1/comments/c-1/reports", 201, {"reason": "spam", "reporter": None})
    call("GET", "/v1/comments/c-1/reports", 200)
    call("GET", "/v1/reporters?id=u-7", 200)
    call("GET", "/v1/articles?id=a-1", 200)
    note = call("POST", "/v1/comments/c-1/notes", 201, {"text": "Known to us."})
    call("GET", "/v1/comments/c-1/notes", 200)
    call("DELETE", f"/v1/notes/{note['id']}", 204)
    call("POST", "/v1/comments/c-1/decision", 200, {"action": "skip"})
    call("POST", "/v1/comments/c-1/decision", 200, {"action": "reject", "reason": "r", "note": "n"})
    call("GET", "/v1/comments/c-1", 200)
    call("PATCH", "/v1/comments/c-1", 200, {"text": "Fine."})
    call("POST", "/v1/comments/c-1/decision", 200, {"action": "escalate", "reason": None})
    call("GET", "/v1/queue", 200)
    call("DELETE", "/v1/comments/c-1/decision", 200)
    call("GET", "/v1/comments/c-1/history", 200)
    call("GET", "/v1/comments/c-1/opinions", 200)
    rejecting = {"filter": {"author": "u-5", "score": "spam:0.5"}, "action": "reject"}
    call("POST", "/v1/decisions", 200, {**rejecting, "dry_run": True})
    bulk = call("POST", "/v1/decisions", 202, {**rejecting, "note": "n", "at_most": 9})
    call("POST", "/v1/decisions", 202, {"ids": ["c-3", "c-4"], "action": "escalate"})
    call("GET", "/v1/decisions?limit=1", 200)
    call("POST", f"/v1/decisions/{bulk['id']}/stop", 200)
    call("POST", f"/v1/decisions/{bulk['id']}/undo", 202)
    call("GET", f"/v1/decisions/{bulk['id']}", 200)
    call("DELETE", "/v1/comments/c-1", 204)
    call("GET", "/v1/events", 200)
    call("GET", "/v1/events/head", 200)

    said = {"kind": "author", "value": "u-5", "reason": "Insults."}
    call("POST", "/v1/standings", 201, {**said, "standing": "held", "until": None})
    made = call("POST", "/v1/standings", 201, {**said, "standing": "suspended", "hours": 24})
    call("GET", f"/v1/standings/{made['id']}", 200)
    call("GET", "/v1/standings?kind=author&value=u-5&active=true", 200)
    call("GET", "/v1/authors?id=u-5", 200)
    about = {"kind": "author", "value": "u-5", "text": "Known to us."}
    call("POST", "/v1/authors/notes", 201, about)
    call("GET", "/v1/authors/notes?kind=author&value=u-5", 200)
    call("DELETE", f"/v1/standings/{made['id']}", 204)

    half = [Kept(0.6, "hold", "reject")] * 50, [Kept(0.6, "hold", "approve")] * 50
    keep(services, site, "spam", [*half[0], *half[1]])
    call("GET", "/v1/policy/advice?score=spam&target=precision:0.4&days=30", 200)
    call("GET", "/v1/stats?days=90", 200)
    call("GET", "/v1/stats/reasons.csv?days=90", 200)

    put_policy(services, site, {"rules": [{"word": "darn", "do": "replace", "with": "d**n"}]})
    call("POST", "/v1/comments", 201, comment("A darn fine day."))
    call("GET", "/v1/policy/rules?unused=false&limit=1", 200)
    call("GET", "/v1/policy/rules/hits?rule=word:darn", 200)

    job = fail_a_job(services, site)
    call("GET", "/v1/jobs?failed=true", 200)
    call("POST", f"/v1/jobs/{job}/replay", 200)

    wanted = {"url": "https://a.example/hook", "types": ["comment.held"], "description": "d"}
    hook = f"/v1/webhooks/{call('POST', '/v1/webhooks', 201, wanted)['id']}"
    call("GET", "/v1/webhooks", 200)
    call("GET", hook, 200)
    call("PATCH", hook, 200, {"active": False})
    call("PATCH", hook, 200, {**wanted, "active": True})
    call("POST", f"{hook}/secret", 200, {"overlap_hours": 1})
    message = call("POST", f"{hook}/test", 202)["id"]
    call("POST", f"{hook}/deliveries/{message}/redeliver", 202)
    call("POST", f"{hook}/redeliver", 202, {"since": "2026-01-01T00:00:00Z"})
    call("GET", f"{hook}/deliveries?status=pending", 200)
    call("DELETE", hook, 204)

    ada = {"email": "ada@a.example", "role": "admin", "sections": ["world"]}
    person = f"/v1/moderators/{call('POST', '/v1/moderators', 201, ada)['id']}"
    call("GET", "/v1/moderators", 200)
    call("GET", person, 200)
    call("PATCH", person, 200, {"sections": []})
    call("DELETE", person, 409)
    call("POST", "/v1/moderators", 201, {"email": "bob@a.example", "role": "admin"})
    call("DELETE", person, 204)

    key = call("POST", "/v1/keys", 201, {"role": "backend"})
    call("DELETE", f"/v1/keys/{key['id']}", 204)
    phase = call("POST", "/v1/keys", 201, {"style": "coral"})
    call("PUT", f"/v1/keys/{phase['id']}/secret", 204, {"secret": "empsec_0123456789abcdef"})
    call("GET", "/v1/keys", 200)

    model = keep_adapter(services, site).public_id
    call("PUT", f"/v1/models/{model}/shadow", 200)
    call("POST", "/v1/comments", 201, comment("My own channel spam0.40 learned0.95", id="c-5"))
    call("POST", "/v1/comments/c-5/decision", 200, {"action": "reject"})
    assert call("GET", f"/v1/models/{model}/shadow", 200)["newly_held"] == 1
    call("DELETE", f"/v1/models/{model}/shadow", 204)
    call("DELETE", "/v1/labels/c-5", 204)
    assert call("GET", "/v1/labels?limit=1", 200)["items"][0]["forgotten"]
    call("PUT", "/v1/labels/c-5", 204)
    call("DELETE", "/v1/labels?author_id=u-5", 204)
    call("GET", "/v1/stats/drift?days=30", 200)
    call("GET", "/v1/learning/models?limit=1", 200)
    # What has learnt of what was forgotten is never put in force.
    call("POST", f"/v1/learning/models/{model}/promote", 409, {"force": True})
    model = keep_adapter(services, site).public_id
    call("POST", f"/v1/learning/models/{model}/promote", 200, {"force": False})
    call("GET", f"/v1/learning/models/{model}", 200)
    call("POST", "/v1/learning/rollback", 200)

    strict = {"policy": {"mode": "pre", "note": "n"}}
    preview = f"/v1/policy/preview/{call('POST', '/v1/policy/preview', 201, strict)['id']}"
    call("GET", "/v1/policy/preview", 200)
    call("GET", preview, 200)
    call("DELETE", preview, 204)
    call("PUT", "/v1/policy/shadow", 200, strict)
    call("POST", "/v1/comments", 201, comment("A fine day.", author={"id": "u-6"}))
    call("GET", "/v1/policy/shadow", 200)
    version = call("GET", "/v1/policy", 200)["version"]
    call("POST", "/v1/policy/shadow/promote", 200, {"version": version})
    call("PUT", "/v1/policy/shadow", 200, strict)
    call("DELETE", "/v1/policy/shadow", 204)

    version = call("GET", "/v1/policy", 200)["version"]
    copies = {"version": version, "policy": {"duplicates": {"do": "hold"}, "note": "n"}}
    call("POST", "/v1/policy/check", 200, copies)
    call("PUT", "/v1/policy", 200, copies)
    call("GET", "/v1/policy/versions?limit=1", 200)
    call("GET", "/v1/policy/versions/1", 200)
    for number in (1, 2):
        text = "Come and see the finest teapots of the whole town at our shop."
        call("POST", "/v1/comments", 201, comment(text, author={"id": f"u-{number}"}))
    [campaign] = call("GET", "/v1/campaigns", 200)["items"]
    path = f"/v1/campaigns/{campaign['id']}"
    call("GET", path, 200)
    call("POST", f"{path}/decision", 200, {"action": "reject", "reason": "spam", "note": "n"})
    call("DELETE", f"{path}/decision", 200)
    call("POST", "/v1/policy/versions/1/restore", 200, {"version": version + 1})

    visited = {(method, path) for method, path, status in document.seen if status < 300}
    assert visited == {(method, path) for method, path, _ in document.operations()}


@ON_SQLITE
def test_every_error_is_one_that_is_described(call: Callable[..., Any]) -> None:
    call("POST", "/v1/comments", 201, comment(id="c-1"))

    call("GET", "/v1/comments", 401, keyless=True)
    call("GET", "/v1/comments/nobody", 404)
    call("GET", "/v1/comments?limit=0", 422)
    call("GET", "/v1/queue?cursor=x", 422)
    call("POST", "/v1/comments", 422, {})
    call("POST", "/v1/comments/check", 422, [])
    call("POST", "/v1/comments/batch", 422, {"items": []})
    call("PATCH", "/v1/comments/c-1", 409, {"text": "Two.", "version": 9})
    call("PATCH", "/v1/comments/c-1", 422, {"text": ""})
    call("POST", "/v1/comments/c-1/decision", 409, {"action": "reject", "version": 9})
    call("DELETE", "/v1/comments/c-1/decision", 409)
    call("POST", "/v1/comments/c-1/decision", 409, {"action": "reject", "claim": "claim-1"})
    call("POST", "/v1/comments/c-1/reports", 422, {"reason": "In so many words."})
    call("POST", "/v1/queue/claims", 422, {"count": 0})
    call("GET", "/v1/queue?queue=night", 422)
    call("PUT", "/v1/queues/default", 409, {"title": "Mine"})
    call("DELETE", f"/v1/queue/claims/claim-{'0' * 32}", 404)
    call("GET", "/v1/events?type=nonsense", 422)
    call("GET", "/v1/policy/advice?score=spam&target=precision:0.4", 409)
    call("GET", "/v1/policy/advice?score=spam&target=much", 422)
    call("GET", "/v1/stats?days=91", 422)
    call("PUT", "/v1/privacy", 422, {"keep": {"text": 0}})
    call("DELETE", "/v1/keys/wnw_00000000", 404)
    call("PUT", "/v1/keys/cor_00000000/secret", 404, {"secret": "empsec_0123456789abcdef"})
    call("PUT", "/v1/keys/cor_00000000/secret", 422, {"secret": "short"})
    call("POST", "/v1/webhooks", 422, {"url": "http://127.0.0.1/"})
    call("POST", f"/v1/webhooks/wh_{'0' * 24}/test", 404)


@ON_SQLITE
def test_an_audit_sample_is_described_as_well(
    call: Callable[..., Any], services: Services, site: int
) -> None:
    put_policy(services, site, {"audit": 1})
    call("POST", "/v1/comments", 201, comment(id="c-1"))

    [item] = call("GET", "/v1/queue?queue=audit", 200)["items"]
    assert item["verdict"] is None
    call("POST", "/v1/queue/claims", 200, {"queue": "audit"})
    call("POST", "/v1/queue/claims", 200, {"comment": "c-1", "thread": True})
    assert call("POST", "/v1/comments/c-1/decision", 200, {"action": "skip"})["status"] is None


@ON_SQLITE
def test_two_opinions_are_described_as_well(
    call: Callable[..., Any], services: Services, site: int
) -> None:
    put_policy(services, site, {"review": {"two_must_agree": ["reject"], "claims": "required"}})
    call("POST", "/v1/comments", 201, comment("spam0.60", id="c-1"))

    call("POST", "/v1/comments/c-1/decision", 409, {"action": "reject"})
    call("POST", "/v1/queue/claims", 200, {"comment": "c-1"})
    call("POST", "/v1/comments/c-1/decision", 200, {"action": "reject", "reason": "spam"})
    [look] = call("GET", "/v1/comments/c-1/opinions", 200)["items"]
    assert look["second"] is None
    call("DELETE", "/v1/comments/c-1/decision", 200)


@ON_SQLITE
def test_a_verdict_without_scores_is_described_as_well(
    call: Callable[..., Any], scorer: Scorer
) -> None:
    scorer.model, scorer.failure = None, "There is none."

    call("POST", "/v1/comments", 201, comment(id="c-1"))
    call("POST", "/v1/comments/check", 200, comment())
    call("GET", "/v1/queue", 200)
    call("GET", "/v1/comments/c-1/history", 200)
    call("GET", "/ready", 200, keyless=True)


@ON_SQLITE
@pytest.mark.parametrize(
    "body",
    [
        comment(),
        FULL,
        comment(id=None, parent_id=None, language=None),
        comment("x" * 20_000),
    ],
)
def test_what_is_accepted_is_described_as_right(
    call: Callable[..., Any], document: Document, body: dict[str, Any]
) -> None:
    call("POST", "/v1/comments", 201, body)

    assert document.accepts("POST", "/v1/comments", body)


@ON_SQLITE
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "No article."},
        comment(""),
        comment("x" * 20_001),
        comment(html="yes"),
        comment(nonsense=1),
        comment(article={"id": ""}),
        comment(author={"role": "root"}),
        comment(form={"elapsed_ms": -1}),
    ],
)
def test_what_is_refused_is_described_as_wrong(
    call: Callable[..., Any], document: Document, body: dict[str, Any]
) -> None:
    call("POST", "/v1/comments", 422, body)

    assert not document.accepts("POST", "/v1/comments", body)


@ON_SQLITE
def test_the_document_knows_the_paths_the_app_knows(app: Flask, document: Document) -> None:
    paths = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v1") and PERMISSIONS[rule.endpoint] != FOREIGN
    }

    assert len([path for path in document.whole["paths"] if path.startswith("/v1")]) == len(paths)
