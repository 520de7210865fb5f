"""What is asked to learn from, as people and their tools see it."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation.services import Services
from tests.conftest import ON_SQLITE
from tests.factories import put_policy, submit, walk

WHY = "Asked because Winnow would learn from your answer."


@pytest.fixture
def asked(services: Services, site: int, backend: FlaskClient) -> None:
    """One comment is asked about to learn from, and one is a sample."""
    put_policy(services, site, {"learning": {"ask": 0.2}})
    for number in range(4):
        submit(backend, f"A fine day, number {number}.")
    submit(backend, "Just below the line toxicity0.45", id="c-1")
    put_policy(services, site, {"audit": 1})
    submit(backend, "Just below the line spam0.45", id="c-2")


@pytest.mark.usefixtures("asked")
def test_it_lies_among_the_samples_blind_and_marked(moderator: FlaskClient) -> None:
    items = {item["id"]: item for item in walk(moderator, "/v1/queue", queue="audit")}
    assert {name: item["to_learn"] for name, item in items.items()} == {"c-1": True, "c-2": False}
    blind = ("status", "verdict", "decision", "priority", "priority_terms")
    assert [items["c-1"][name] for name in blind] == [None] * 5
    claimed = moderator.post("/v1/queue/claims", json={"queue": "audit"}).json["items"]
    assert {item["id"]: item["to_learn"] for item in claimed} == {"c-1": True, "c-2": False}


@pytest.mark.usefixtures("asked")
@ON_SQLITE
def test_the_page_says_why_and_not_what_was_said(mo: FlaskClient, backend: FlaskClient) -> None:
    submit(backend, "Held spam0.60", id="c-3")
    page = mo.get("/moderate?queue=audit").text
    assert (page.count(WHY), page.count("Drawn by chance.")) == (1, 1)
    assert "0.45, limit" not in page
    assert WHY not in mo.get("/moderate").text


@pytest.mark.usefixtures("asked")
@ON_SQLITE
def test_a_comment_page_stays_blind(mo: FlaskClient) -> None:
    page: Any = mo.get("/moderate/comments/c-1")
    assert page.status_code == 200
    assert "What was said of it is not shown" in page.text


@ON_SQLITE
@pytest.mark.parametrize("share", [0.21, -0.1, "much"])
def test_a_share_that_is_none_is_refused(connect: Any, share: Any) -> None:
    body = {"policy": {"learning": {"ask": share}}}
    answer = connect("admin").put("/v1/policy", json=body, headers={"If-Match": '"1"'})
    assert answer.status_code == 422
    [wrong] = answer.json["errors"]
    assert wrong["pointer"] == "/learning/ask"
