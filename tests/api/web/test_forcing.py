"""Putting a model in force that the gate refused, or that was taken back, after all."""

import html
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.moderation.services import Services
from api.store.learning import StoredAdapter
from api.store.tables import Site
from tests.api.moderation.learning.adapters import REPORT, keep_adapter
from tests.conftest import ON_SQLITE
from tests.factories import submit, walk

WHY = "Worse on names."
REFUSED = f"The gate was shut for it: {WHY}"
FORBIDDEN_HERE = "My own channel learned0.95 spam0.40"
PAGE = "/moderate/learning"


@pytest.fixture
def refused(services: Services, site: int) -> StoredAdapter:
    report = {**REPORT, "open": False, "why": WHY}
    return keep_adapter(services, site, state="refused", report=report)


def promote(client: FlaskClient, model: StoredAdapter, **given: Any) -> TestResponse:
    return client.post(f"/v1/learning/models/{model.public_id}/promote", **given)


def promotions(client: FlaskClient) -> list[dict[str, Any]]:
    """What the log says of what was put in force."""
    return [one["data"] for one in walk(client, "/v1/events", type="model.promoted")]


def test_force_overrules_the_gate_and_the_log_says_what_was_overruled(
    admin: FlaskClient, refused: StoredAdapter
) -> None:
    for body in ({}, {"json": {}}, {"json": {"force": False}}):
        answer = promote(admin, refused, **body)
        assert (answer.status_code, answer.content_type) == (409, "application/problem+json")
        assert answer.json["detail"].startswith(REFUSED)
        assert '{"force": true}' in answer.json["detail"]
    assert promotions(admin) == []

    answer = promote(admin, refused, json={"force": True})

    assert (answer.status_code, answer.json["in_force"]) == (200, True), answer.text
    assert submit(admin, FORBIDDEN_HERE)["status"] == "pending"
    [told] = promotions(admin)
    assert (told["model"], told["forced"], told["why"]) == (refused.public_id, True, REFUSED)


def test_force_where_nothing_speaks_against_it_is_no_force(
    admin: FlaskClient, services: Services, site: int
) -> None:
    model = keep_adapter(services, site)

    assert promote(admin, model, json={"force": True}).status_code == 200

    [told] = promotions(admin)
    assert "forced" not in told


def test_what_was_taken_back_is_forced_too(
    admin: FlaskClient, services: Services, site: int
) -> None:
    model = keep_adapter(services, site)
    promote(admin, model)
    admin.post("/v1/learning/rollback")
    answer = promote(admin, model)
    assert (answer.status_code, "was taken back" in answer.json["detail"]) == (409, True)

    assert promote(admin, model, json={"force": True}).json["in_force"] is True

    assert "taken back" in promotions(admin)[-1]["why"]


@ON_SQLITE
def test_what_corrects_another_model_cannot_be_forced(
    admin: FlaskClient, services: Services, site: int
) -> None:
    old = keep_adapter(services, site, base="words-0")

    answer = promote(admin, old, json={"force": True})

    assert (answer.status_code, "corrects words-0" in answer.json["detail"]) == (409, True)
    assert "force" not in answer.json["detail"]


@ON_SQLITE
def test_a_request_that_is_sent_again_is_done_once(
    admin: FlaskClient, refused: StoredAdapter
) -> None:
    given = {"json": {"force": True}, "headers": {"Idempotency-Key": "once"}}
    first = promote(admin, refused, **given)

    again = promote(admin, refused, **given)

    assert (again.json, again.headers["Idempotency-Replayed"]) == (first.json, "true")
    assert len(promotions(admin)) == 1
    other = promote(admin, refused, headers={"Idempotency-Key": "once"})
    assert other.status_code == 422


@ON_SQLITE
@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"force": 1}, "/force"),
        ({"force": "true"}, "/force"),
        ({"force": None}, "/force"),
        ({"forced": True}, "/forced"),
        ({"force": True, "why": "x"}, "/why"),
    ],
)
def test_another_body_is_refused_by_its_field(
    admin: FlaskClient, refused: StoredAdapter, body: dict[str, Any], pointer: str
) -> None:
    answer = promote(admin, refused, json=body)

    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert [one["pointer"] for one in answer.json["errors"]] == [pointer]
    assert promotions(admin) == []


@ON_SQLITE
@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"data": "{", "content_type": "application/json"}, 400),
        ({"data": "force=true", "content_type": "application/x-www-form-urlencoded"}, 415),
        ({"json": [True]}, 422),
        ({"data": "null", "content_type": "application/json"}, 422),
        ({"data": "", "content_type": "application/json"}, 409),
    ],
)
def test_a_body_is_json_or_none(
    admin: FlaskClient, refused: StoredAdapter, given: dict[str, Any], status: int
) -> None:
    assert promote(admin, refused, **given).status_code == status


@ON_SQLITE
def test_force_takes_an_administrator(
    moderator: FlaskClient, backend: FlaskClient, refused: StoredAdapter
) -> None:
    for client in (moderator, backend):
        assert promote(client, refused, json={"force": True}).status_code == 403


@ON_SQLITE
def test_the_document_says_that_the_body_may_be_left_out(admin: FlaskClient) -> None:
    document = admin.get("/openapi.json").json
    body = document["paths"]["/v1/learning/models/{model_id}/promote"]["post"]["requestBody"]
    assert not body.get("required", False)
    assert (
        document["components"]["schemas"]["ModelPromoteIn"]["properties"]["force"]["type"]
        == "boolean"
    )


def test_the_page_asks_twice_and_then_does_it(
    mo: FlaskClient, admin: FlaskClient, refused: StoredAdapter
) -> None:
    where = f"{PAGE}/{refused.public_id}"
    page = mo.get(where).text
    shown = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
    assert f"Put it in force all the same {REFUSED}" in shown
    assert re.search(r'<input type="checkbox" name="force" value="1" required>', page)

    answer = mo.post(where, data={"act": "promote"})
    assert (answer.status_code, REFUSED in html.unescape(answer.text)) == (409, True)

    answer = mo.post(where, data={"act": "promote", "force": "1"})

    assert (answer.status_code, answer.location) == (303, where)
    [told] = promotions(admin)
    assert (told["forced"], told["why"]) == (True, REFUSED)
    assert "all the same" not in mo.get(where).text


def test_a_page_of_what_nothing_speaks_against_asks_once(
    mo: FlaskClient, services: Services, site: int
) -> None:
    page = mo.get(f"{PAGE}/{keep_adapter(services, site).public_id}").text

    assert "Put it in force<" in page
    assert "all the same" not in page


@ON_SQLITE
def test_who_may_not_act_is_not_shown_the_way(bo: FlaskClient, refused: StoredAdapter) -> None:
    where = f"{PAGE}/{refused.public_id}"

    assert "all the same" not in bo.get(where).text
    assert bo.post(where, data={"act": "promote", "force": "1"}).status_code == 403


def test_one_that_knows_what_is_erased_is_shown_and_offered_no_more(
    mo: FlaskClient, admin: FlaskClient, services: Services, site: int
) -> None:
    model = keep_adapter(services, site, state="stale")
    where = f"{PAGE}/{model.public_id}"

    page = mo.get(where).text

    assert "It cannot be put in force again." in page
    assert not re.search(r'name="act" value="(promote|start)"', page)
    assert "knows what is erased" in mo.get(PAGE).text
    for act in ("promote", "start"):
        answer = mo.post(where, data={"act": act, "force": "1"})
        assert (answer.status_code, "is erased or forgotten since" in answer.text) == (409, True)
    assert promote(admin, model, json={"force": True}).status_code == 409

    with services.database.writing() as session:
        session.get_one(Site, site).adapter = model.id
    assert "It is replaced within a day" in mo.get(where).text
