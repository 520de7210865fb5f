"""The policy over HTTP."""

import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from api.moderation.policy.document import MOST_RULES
from api.moderation.policy.reading.defaults import TEXT
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.moderation.webhooks.messages import compose
from api.store.outbox import Delivery, Webhook
from classifier import LABELS
from tests.conftest import ON_SQLITE
from tests.factories import submit, walk

HOLD_ALL = "# for a while\nnote: all\nmode: pre\n"
BROKEN = "note: a\nrules:\n- word: b\n  do: holf\nprofil: strict\n"
UNMET = "examples:\n- text: spam0.60\n  expect: approve\n"


def put(client: FlaskClient, **body: Any) -> TestResponse:
    return client.put("/v1/policy", json=body)


def put_yaml(
    client: FlaskClient,
    text: str,
    seen: str | None = '"1"',
    kind: str = "application/yaml",
    **more: Any,
) -> TestResponse:
    headers = {} if seen is None else {"If-Match": seen}
    return client.put("/v1/policy", data=text, content_type=kind, headers=headers, **more)


def version(client: FlaskClient) -> int:
    found: int = client.get("/v1/policy").json["version"]
    return found


def test_the_policy_in_force_is_shown_with_its_thresholds(moderator: FlaskClient) -> None:
    answer = moderator.get("/v1/policy")

    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"1"'
    found = answer.json
    assert (found["version"], found["profile"], found["note"]) == (1, "balanced", "")
    assert (found["actor"], found["created_at"]) == ("winnow", "2026-11-22T12:00:00Z")
    assert found["text"] == TEXT
    assert found["policy"]["mode"] == "post"
    assert set(found["thresholds"]) == set(LABELS)
    assert found["thresholds"]["spam"] == {"hold": 0.5, "reject": 0.9}


def test_a_threshold_that_is_never_is_null(admin: FlaskClient, scorer: Scorer) -> None:
    never = {
        "spam": {"hold": 0.4, "reject": "never"},
        "insult": {"hold": "never", "reject": "never"},
    }
    found = put(admin, version=1, policy={"thresholds": never}).json

    assert found["thresholds"]["spam"] == {"hold": 0.4, "reject": None}
    assert found["thresholds"]["insult"] == {"hold": None, "reject": None}
    scorer.model = None
    assert admin.get("/v1/policy").json["thresholds"] is None


@pytest.mark.parametrize("kind", ["application/yaml", "text/yaml", "application/x-yaml"])
def test_the_text_alone_is_there_for_the_asking(admin: FlaskClient, kind: str) -> None:
    put(admin, version=1, text=HOLD_ALL)

    answer = admin.get("/v1/policy", headers={"Accept": kind})

    assert answer.text == HOLD_ALL
    assert answer.content_type == f"{kind}; charset=utf-8"
    assert (answer.headers["ETag"], answer.headers["Vary"]) == ('"2"', "Accept")
    assert admin.get("/v1/policy", headers={"Accept": "*/*"}).json["text"] == HOLD_ALL


@pytest.mark.parametrize(
    "body", [{"text": HOLD_ALL}, {"policy": {"note": "all", "mode": "pre"}}], ids=["text", "policy"]
)
def test_a_policy_that_is_put_decides_about_the_next_comment(
    admin: FlaskClient, body: dict[str, Any]
) -> None:
    assert submit(admin)["status"] == "approved"

    answer = put(admin, version=1, **body)

    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert answer.json == admin.get("/v1/policy").json
    assert answer.json["policy"] == {"note": "all", "mode": "pre"}
    comment = submit(admin)
    assert (comment["status"], comment["verdict"]["policy"]) == ("pending", 2)


@pytest.mark.parametrize("kind", ["application/yaml", "text/yaml; charset=utf-8"])
def test_yaml_is_put_as_it_is(admin: FlaskClient, kind: str) -> None:
    answer = put_yaml(admin, HOLD_ALL, kind=kind)

    assert (answer.status_code, answer.json["text"]) == (200, HOLD_ALL)


def test_a_json_body_may_name_the_version_in_its_header(admin: FlaskClient) -> None:
    body = {"policy": {"mode": "pre"}}

    answer = admin.put("/v1/policy", json=body, headers={"If-Match": '"1"'})

    assert answer.json["version"] == 2


@pytest.mark.parametrize(
    "attempt",
    [
        lambda client: put(client, version=1, policy={"mode": "closed"}),
        lambda client: put(client, version=3, policy={"mode": "closed"}),
        lambda client: put_yaml(client, "mode: closed"),
        lambda client: client.post("/v1/policy/versions/1/restore", json={"version": 1}),
    ],
)
def test_who_saw_another_version_is_told_the_present_one(
    admin: FlaskClient, attempt: Callable[[FlaskClient], TestResponse]
) -> None:
    put(admin, version=1, text=HOLD_ALL)

    answer = attempt(admin)

    assert answer.status_code == 409
    assert answer.json["type"] == "urn:winnow:problem:stale-version"
    assert answer.json["version"] == 2
    assert admin.get("/v1/policy").json["text"] == HOLD_ALL


def test_nobody_puts_a_policy_blindly(admin: FlaskClient) -> None:
    for answer in (put(admin, policy={}), put_yaml(admin, "{}", seen=None)):
        assert answer.status_code == 428
        assert "If-Match" in answer.json["detail"]
    assert version(admin) == 1


@pytest.mark.parametrize(
    "seen", ["1", "*", 'W/"1"', '"1", "2"', '"0"', '"01"', '"x"', '"9999999999"', ""]
)
def test_a_header_that_is_no_version_is_refused(admin: FlaskClient, seen: str) -> None:
    answer = put_yaml(admin, "{}", seen=seen)

    assert answer.status_code == 422
    assert answer.json["errors"][0]["parameter"] == "If-Match"


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, [""]),
        ({"policy": {}, "text": ""}, [""]),
        ({"policy": []}, ["/policy"]),
        ({"policy": None}, ["/policy"]),
        ({"text": 1}, ["/text"]),
        ({"policy": {}, "version": 0}, ["/version"]),
        ({"policy": {}, "version": "1"}, ["/version"]),
        ({"policy": {}, "version": 2**31}, ["/version"]),
        ({"policy": {}, "force": "yes"}, ["/force"]),
        ({"policy": {}, "forced": True}, ["/forced"]),
    ],
)
def test_a_body_of_another_shape_is_refused(
    admin: FlaskClient, body: dict[str, Any], pointers: list[str]
) -> None:
    answer = put(admin, **{"version": 1, **body})

    assert answer.status_code == 422
    assert answer.json["type"] == "urn:winnow:problem:validation"
    assert [one["pointer"] for one in answer.json["errors"]] == pointers


@pytest.mark.parametrize("as_text", [True, False])
def test_faults_of_a_text_have_their_lines(admin: FlaskClient, as_text: bool) -> None:
    answer = put(admin, version=1, text=BROKEN, force=True) if as_text else put_yaml(admin, BROKEN)

    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert answer.json["type"] == "urn:winnow:problem:policy-invalid"
    assert answer.json["errors"] == [
        {
            "pointer": "/rules/0/do",
            "detail": "Must be one of: reject, hold, flag, approve, replace.",
            "line": 4,
            "column": 3,
        },
        {
            "pointer": "/profil",
            "detail": "Unknown field. Did you mean “profile”?",
            "line": 5,
            "column": 1,
        },
    ]
    assert version(admin) == 1


def test_faults_of_json_have_their_places(admin: FlaskClient) -> None:
    answer = put(admin, version=1, policy={"rules": [{"word": "a", "do": "x"}], "a~/b": 1})

    assert [(one["pointer"], "line" in one) for one in answer.json["errors"]] == [
        ("/rules/0/do", False),
        ("/a~0~1b", False),
    ]


@pytest.mark.parametrize("text", ["note: \x00", "a: &b c", "note: a\nnote: b", "[]", "{}\n---\n{}"])
def test_bad_yaml_is_an_answer_and_no_mistake_of_ours(admin: FlaskClient, text: str) -> None:
    for answer in (put_yaml(admin, text), put(admin, version=1, text=text)):
        assert answer.status_code == 422
        assert answer.json["errors"][0]["line"] >= 1


def test_half_a_surrogate_pair_is_refused_wherever_it_stands(admin: FlaskClient) -> None:
    for policy in ({"note": "\ud800"}, {"\ud800": 1}, {"sections": {"\ud800": {}}}):
        body = json.dumps({"version": 1, "policy": policy})
        assert (
            admin.put("/v1/policy", data=body, content_type="application/json").status_code == 422
        )
    body = json.dumps({"version": 1, "text": "note: \ud800"})
    assert admin.put("/v1/policy", data=body, content_type="application/json").status_code == 422


def test_bytes_that_are_no_text_are_refused(admin: FlaskClient) -> None:
    answer = admin.put("/v1/policy", data=b"note: \xff", content_type="application/yaml")

    assert (answer.status_code, answer.json["detail"]) == (400, "The body is not UTF-8 at byte 6.")


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", ""])
def test_another_kind_of_body_is_refused(admin: FlaskClient, kind: str) -> None:
    assert put_yaml(admin, "{}", kind=kind).status_code == 415


def test_an_example_that_comes_out_otherwise_refuses_it_unless_forced(admin: FlaskClient) -> None:
    answer = put(admin, version=1, text=UNMET)

    assert answer.status_code == 422
    assert answer.json["type"] == "urn:winnow:problem:policy-doubtful"
    [error] = answer.json["errors"]
    assert (error["pointer"], error["line"]) == ("/examples/0/expect", 3)
    assert error["detail"].startswith("Must approve, but would hold (spam_score).")
    assert "force" in answer.json["detail"]
    assert version(admin) == 1
    assert put(admin, version=1, text=UNMET, force=True).json["version"] == 2
    forced = put_yaml(admin, UNMET + "\n", seen='"2"', query_string={"force": "true"})
    assert forced.json["version"] == 3


def test_force_is_true_or_false(admin: FlaskClient) -> None:
    assert put_yaml(admin, "{}", query_string={"force": "1"}).status_code == 422
    assert put_yaml(admin, UNMET, query_string={"force": "false"}).status_code == 422
    assert version(admin) == 1


def test_a_rule_that_matches_everything_refuses_it_unless_forced(admin: FlaskClient) -> None:
    rules = {"rules": [{"regex": "(spam)?", "do": "reject"}]}

    answer = put(admin, version=1, policy=rules)

    assert answer.json["errors"] == [
        {"pointer": "/rules/0", "detail": "This rule would match everything."}
    ]
    assert put(admin, version=1, policy=rules, force=True).status_code == 200


def test_a_policy_is_tried_out_and_nothing_kept(moderator: FlaskClient) -> None:
    text = UNMET + "- {text: insult0.95, expect: reject}\nprofile: strict\n"

    found = moderator.post("/v1/policy/check", json={"text": text})

    assert found.status_code == 200
    assert [(one["line"], one["pointer"]) for one in found.json["errors"]] == [
        (3, "/examples/0/expect")
    ]
    assert found.json["forcible"] is True
    first, second = found.json["examples"]
    assert (first["index"], first["expect"], first["action"], first["ok"]) == (
        0,
        "approve",
        "hold",
        False,
    )
    assert first["reasons"][0]["code"] == "spam_score"
    assert "spam" in first["flips_if"]
    assert (second["index"], second["action"], second["ok"]) == (1, "reject", True)
    assert set(found.json["thresholds"]) == set(LABELS)
    assert version(moderator) == 1


def test_trying_out_tells_faults_too(moderator: FlaskClient) -> None:
    found = moderator.post("/v1/policy/check", data=BROKEN, content_type="application/yaml")

    assert found.status_code == 200
    assert [one["line"] for one in found.json["errors"]] == [4, 5]
    assert (found.json["forcible"], found.json["examples"]) == (False, [])
    assert found.json["thresholds"] is None


def test_trying_yaml_out_may_be_sent_again(moderator: FlaskClient) -> None:
    def send(text: str) -> TestResponse:
        return moderator.post(
            "/v1/policy/check",
            data=text,
            content_type="application/yaml",
            headers={"Idempotency-Key": "k-1"},
        )

    first, again, other = send(UNMET), send(UNMET), send("{}")

    assert (again.json, again.headers["Idempotency-Replayed"]) == (first.json, "true")
    assert other.status_code == 422
    assert other.json["type"] == "urn:winnow:problem:idempotency-key-reused"


def test_without_a_classifier_examples_cannot_be_tried(admin: FlaskClient, scorer: Scorer) -> None:
    scorer.model = None

    found = admin.post("/v1/policy/check", json={"text": UNMET}).json

    assert found["errors"][0]["pointer"] == "/examples"
    assert "classifier" in found["errors"][0]["detail"]
    assert put(admin, version=1, text=UNMET).status_code == 422
    assert put(admin, version=1, text=UNMET, force=True).status_code == 200


def test_every_version_is_kept_and_comes_back_in_one_call(admin: FlaskClient) -> None:
    put(admin, version=1, text=HOLD_ALL)
    put(admin, version=2, text="note: open again")

    listed = walk(admin, "/v1/policy/versions", limit=1)
    back = admin.post("/v1/policy/versions/2/restore", json={"version": 3})

    assert [(one["version"], one["note"]) for one in listed] == [
        (3, "open again"),
        (2, "all"),
        (1, ""),
    ]
    assert set(listed[0]) == {"version", "note", "actor", "created_at"}
    assert (back.status_code, back.json["version"], back.json["text"]) == (200, 4, HOLD_ALL)
    assert admin.get("/v1/policy/versions/3").json["text"] == "note: open again"
    assert admin.get("/v1/policy/versions/1").json["text"] == TEXT
    assert submit(admin)["status"] == "pending"


@pytest.mark.parametrize("number", ["5", "999999999"])
def test_a_version_that_never_was_is_404(admin: FlaskClient, number: str) -> None:
    assert admin.get(f"/v1/policy/versions/{number}").status_code == 404
    restore = admin.post(f"/v1/policy/versions/{number}/restore", json={"version": 1})
    assert restore.status_code == 404


@pytest.mark.parametrize("number", ["0", "01", "-1", "x", "1.0", "9999999999"])
def test_what_can_be_no_version_is_404(admin: FlaskClient, number: str) -> None:
    assert admin.get(f"/v1/policy/versions/{number}").status_code == 404


def test_another_sites_policy_is_its_own(admin: FlaskClient, stranger: FlaskClient) -> None:
    put(admin, version=1, text=HOLD_ALL)

    assert version(stranger) == 1
    assert stranger.get("/v1/policy/versions/2").status_code == 404
    assert put(stranger, version=1, text="note: mine").json["version"] == 2
    assert admin.get("/v1/policy").json["text"] == HOLD_ALL


def test_webhooks_are_told_of_a_change(admin: FlaskClient, services: Services) -> None:
    wanted = {"url": "https://gazette.example/hook", "types": ["policy.changed"]}
    hook = admin.post("/v1/webhooks", json=wanted).json["id"]
    put(admin, version=1, text=HOLD_ALL)

    [event] = admin.get("/v1/events?type=policy.changed").json["items"]
    [message] = admin.get(f"/v1/webhooks/{hook}/deliveries").json["items"]

    assert (event["comment_id"], event["outcome"], event["data"]) == (None, None, {"version": 2})
    assert (message["type"], message["event"]) == ("policy.changed", event["number"])
    with services.database.reading() as session:
        webhook, delivery = (
            session.scalars(select(Webhook)).one(),
            session.scalars(select(Delivery)).one(),
        )
        sent = json.loads(compose(session, webhook, delivery, services.now()).body)
    assert sent == {
        "type": "policy.changed",
        "timestamp": "2026-11-22T12:00:00Z",
        "data": {
            "event": event["number"],
            "act": "policy.changed",
            "outcome": None,
            "comment_id": None,
            "actor": event["actor"],
            "version": 2,
            "comment": None,
        },
    }


def test_a_policy_may_be_as_long_as_a_batch(admin: FlaskClient) -> None:
    rules = [{"word": f"word {at}", "do": "hold", "message": "m" * 100} for at in range(MOST_RULES)]

    answer = put(admin, version=1, policy={"rules": rules})

    assert int(answer.request.headers["Content-Length"]) > 1024 * 1024
    assert answer.status_code == 200
    assert len(answer.json["policy"]["rules"]) == MOST_RULES
    too_many = put(admin, version=2, policy={"rules": [*rules, {"word": "one more", "do": "hold"}]})
    assert too_many.json["errors"] == [{"pointer": "/rules", "detail": "At most 10000 rules."}]
    assert put_yaml(admin, "#" * 8 * 1024 * 1024 + "\n{}", seen='"2"').status_code == 413


@ON_SQLITE
def test_the_answers_are_as_the_document_says(app: Flask, admin: FlaskClient) -> None:
    document = app.extensions["winnow-openapi"]

    def check(answer: TestResponse, path: str, method: str) -> None:
        schema = document["paths"][path][method]["responses"]["200"]["content"]["application/json"]
        whole = {**schema["schema"], "components": document["components"]}
        jsonschema.validate(answer.json, whole)

    check(put(admin, version=1, text=HOLD_ALL), "/v1/policy", "put")
    check(admin.get("/v1/policy"), "/v1/policy", "get")
    check(admin.get("/v1/policy/versions"), "/v1/policy/versions", "get")
    tried = admin.post("/v1/policy/check", json={"text": UNMET})
    check(tried, "/v1/policy/check", "post")
    for method in ("get", "put"):
        operation = document["paths"]["/v1/policy"][method]
        told = operation.get("requestBody") or operation["responses"]["200"]
        assert set(told["content"]) == {"application/json", "application/yaml"}
