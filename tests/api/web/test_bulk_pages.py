"""Bulk decisions for people: counted, taken by a form, watched, stopped, undone; no script."""

import html
import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.moderation.bulk import carrying
from api.moderation.services import Services
from api.store.database import Database
from tests.api.web.test_bulk import begin, fill, finish, look, statuses, undo
from tests.factories import count, decide, put_policy, submit, walk

EVERY = "status=pending&status=approved&status=rejected"


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes thousands of comments is seen with tens."""
    monkeypatch.setattr(carrying, "BATCH", 5)
    monkeypatch.setattr(carrying, "ROUND", 10)
    monkeypatch.setattr(carrying, "PAUSE", 0)
    monkeypatch.setattr(carrying, "PATIENCE", 60)


def shown(answer: TestResponse) -> str:
    """What a person reads."""
    main = answer.text[answer.text.index("<main") :]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def fields(page: str) -> dict[str, list[str]]:
    """What the form that takes the decision would send, but for the button."""
    form = page[page.index('class="editor"') :].split("</form>")[0]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form):
        found.setdefault(name, []).append(html.unescape(value))
    return found


def send(browser: FlaskClient, query: str, action: str = "reject", **more: str) -> TestResponse:
    """Open the page and press one of its buttons."""
    form = fields(browser.get(f"/moderate/bulk/new?{query}").text)
    return browser.post("/moderate/bulk/new", data={**form, "action": action, **more})


def test_it_shows_what_it_would_be_about(mo: FlaskClient, moderator: FlaskClient) -> None:
    fill(moderator, 25, author={"id": "u-5", "name": "<b>Bo</b>"})

    answer = mo.get("/moderate/bulk/new?author=u-5")

    text = shown(answer)
    assert answer.status_code == 200
    assert "25 comments" in text
    assert "author u-5" in text
    assert "The newest 20" in text
    assert text.count("spam0.60") == 20
    assert "Reject all 25" in text
    assert "<b>Bo" not in answer.text
    assert fields(answer.text)["at_most"] == ["25"]
    assert "<script>" not in answer.text
    assert "style=" not in answer.text


def test_a_form_decides_and_leads_to_its_page(
    mo: FlaskClient, moderator: FlaskClient, services: Services
) -> None:
    fill(moderator, 12, author={"id": "u-5"})

    answer = send(mo, "author=u-5&reason=spam_score", because="spam", note="All\nof them.")

    assert answer.status_code == 303
    page = mo.get(answer.location)
    assert "Rejected: 5 comments" in shown(page)
    assert 'http-equiv="refresh"' in page.text
    [bulk] = walk(moderator, "/v1/decisions")
    assert (bulk["reason"], bulk["note"], bulk["by"]) == (
        *("spam", "All\nof them.", "moderator:mo@example.org"),
    )
    finish(moderator, services, bulk)
    page = mo.get(answer.location)
    assert "Rejected: 12 comments" in shown(page)
    assert 'http-equiv="refresh"' not in page.text
    assert set(statuses(moderator).values()) == {"rejected"}


def test_the_form_sent_twice_decides_once(
    mo: FlaskClient, moderator: FlaskClient, database: Database
) -> None:
    fill(moderator, 3, author={"id": "u-5"})
    form = {**fields(mo.get("/moderate/bulk/new?author=u-5").text), "action": "approve"}

    answers = [mo.post("/moderate/bulk/new", data=form) for _ in range(2)]

    assert [one.status_code for one in answers] == [303, 303]
    assert answers[1].location.endswith("/moderate/bulk")
    assert count(database)["bulk_decisions"] == 1


def test_chosen_ones_are_decided(mo: FlaskClient, moderator: FlaskClient) -> None:
    fill(moderator, 4)

    page = mo.get("/moderate/bulk/new?ids=c-0001&ids=c-0003&ids=nobody")
    assert "2 comments Chosen one by one; 1 more is not there any more." in shown(page)
    send(mo, "ids=c-0001&ids=c-0003", "approve")

    found = statuses(moderator)
    assert [found[f"c-000{n}"] for n in range(4)] == ["pending", "approved"] * 2


def test_published_ones_are_counted_where_wanted(mo: FlaskClient, moderator: FlaskClient) -> None:
    fill(moderator, 2, author={"id": "u-5"})
    submit(moderator, "Fine.", id="c-0099", author={"id": "u-5"})

    assert "2 comments" in shown(mo.get("/moderate/bulk/new?author=u-5"))
    assert "3 comments" in shown(mo.get(f"/moderate/bulk/new?author=u-5&{EVERY}"))
    send(mo, f"author=u-5&{EVERY}")
    assert set(statuses(moderator).values()) == {"rejected"}


def test_more_than_was_counted_is_told(mo: FlaskClient, moderator: FlaskClient) -> None:
    fill(moderator, 2, author={"id": "u-5"})
    form = fields(mo.get("/moderate/bulk/new?author=u-5").text)
    fill(moderator, 1, 50, author={"id": "u-5"})

    answer = mo.post("/moderate/bulk/new", data={**form, "action": "reject"})

    assert answer.status_code == 409
    assert "More have come meanwhile" in shown(answer)
    assert fields(answer.text)["at_most"] == ["3"]
    assert set(statuses(moderator).values()) == {"pending"}


def test_a_reason_that_is_missing_is_asked_for(
    mo: FlaskClient, moderator: FlaskClient, services: Services, site: int
) -> None:
    put_policy(services, site, {"review": {"reason_required": ["reject"]}})
    fill(moderator, 2)

    answer = send(mo, "status=pending", note="Kept.")

    assert answer.status_code == 422
    assert "takes a reason" in shown(answer)
    assert ">Kept.</textarea>" in answer.text
    assert set(statuses(moderator).values()) == {"pending"}


def test_what_lies_in_a_queue_is_decided(mo: FlaskClient, moderator: FlaskClient) -> None:
    fill(moderator, 3)
    decide(moderator, "c-0001", "escalate")

    assert "1 comment" in shown(mo.get("/moderate/bulk/new?queue=escalated&sort=oldest"))
    send(mo, "queue=escalated", "approve")

    assert [one for one, is_ in statuses(moderator).items() if is_ == "approved"] == ["c-0001"]


@pytest.mark.parametrize(
    "query",
    ["", "status=gone", "score=spam:9", "since=never", "ids=a%00b", "queue=audit", "queue=nobody"],
)
def test_what_cannot_be_meant_is_told(mo: FlaskClient, query: str) -> None:
    answer = mo.get(f"/moderate/bulk/new?{query}")

    assert answer.status_code == 422
    assert answer.content_type.startswith("text/html")


@pytest.mark.parametrize(
    "change",
    [{"action": "delete"}, {"at_most": "all"}, {"token": "x"}, {"note": "x" * 2001}],
)
def test_a_form_that_is_not_ours_is_refused(
    mo: FlaskClient, moderator: FlaskClient, change: dict[str, str]
) -> None:
    fill(moderator, 1)
    form = fields(mo.get("/moderate/bulk/new?status=pending").text)

    answer = mo.post("/moderate/bulk/new", data={**form, "action": "reject", **change})

    assert answer.status_code == 422
    assert set(statuses(moderator).values()) == {"pending"}


def test_it_is_stopped_and_undone_by_buttons(
    mo: FlaskClient, moderator: FlaskClient, services: Services
) -> None:
    fill(moderator, 20)
    path = send(mo, "status=pending").location

    assert mo.post(f"{path}/stop").status_code == 303
    assert "It was stopped: 15 comments were not come to." in shown(mo.get(path))
    assert mo.post(f"{path}/undo").status_code == 303
    [bulk] = walk(moderator, "/v1/decisions")
    finish(moderator, services, bulk)

    assert "Undone by mo@example.org : 5 comments stand as before" in shown(mo.get(path))
    assert set(statuses(moderator).values()) == {"pending"}
    assert "Undo all" not in mo.get(path).text


def test_all_of_them_are_listed(mo: FlaskClient, moderator: FlaskClient) -> None:
    assert "None yet" in shown(mo.get("/moderate/bulk"))
    ids = fill(moderator, 25)
    for one in ids:
        begin(moderator, ids=[one])
    undone = begin(moderator, filter={"author": "<i>u</i>"}, action="approve")
    undo(moderator, undone)

    first = mo.get("/moderate/bulk")
    assert "Approved just now" in shown(first)
    assert "author <i>u</i>" in shown(first)
    assert "<i>u" not in first.text
    link = html.unescape(re.findall(r'href="([^"]+)" rel="next"', first.text)[0])
    assert shown(mo.get(link)).count("1 of 1") == 6


def test_another_sites_is_none(
    mo: FlaskClient, moderator: FlaskClient, stranger: FlaskClient
) -> None:
    made = begin(stranger, ids=["nobody"])

    assert mo.get(f"/moderate/bulk/{made['id']}").status_code == 404
    assert mo.post(f"/moderate/bulk/{made['id']}/undo").status_code == 404
    assert look(stranger, made) == made


def test_who_is_not_signed_in_is_sent_to_sign_in(browser: FlaskClient) -> None:
    for path in ("/moderate/bulk", "/moderate/bulk/new?author=u-5"):
        answer = browser.get(path)
        assert answer.status_code == 303
        assert "sign-in" in answer.location
