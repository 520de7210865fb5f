"""What a comment teaches, on its page, and having it forgotten there."""

import html
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.moderation.access import Caller
from api.moderation.dropin import Check, suggestions
from api.moderation.dropin.suggestions import Suggestion
from api.moderation.learning import labels
from api.moderation.policy.subject import Draft
from api.moderation.services import Services
from tests.api.web.conftest import EMAIL
from tests.conftest import ON_SQLITE
from tests.factories import Clock, decide, put_policy, submit, walk

HELD = "insult0.6 here"
NASTY = '"><script>alert(1)</script>'
NOTHING = "It teaches nothing."
AGAIN = "Teach with it again"


def look(client: FlaskClient, comment_id: str) -> str:
    """What a person reads of what a comment teaches; nothing where the page does not say."""
    answer = client.get(f"/moderate/comments/{comment_id}")
    assert answer.status_code == 200
    found = re.search(r'<section id="learning".*?</section>', answer.text, re.S)
    text = re.sub(r"<[^>]+>", " ", found[0]) if found else ""
    return re.sub(r" ([.,;])", r"\1", " ".join(html.unescape(text).split()))


def ask(client: FlaskClient, comment_id: str, act: str, **more: Any) -> TestResponse:
    path = f"/moderate/comments/{comment_id}/label"
    return client.post(path, data={"act": act}, **more)


def test_a_label_is_forgotten_and_learnt_of_again(
    mo: FlaskClient, backend: FlaskClient, services: Services, site: int, clock: Clock
) -> None:
    one = submit(backend, HELD)["id"]
    path = f"/moderate/comments/{one}"
    said = {"action": "reject", "reason": "abusive", "version": 1}
    assert mo.post(f"{path}/decision", data=said).status_code == 303
    clock.move(hours=1)
    look(mo, one)  # who does nothing for two hours is signed out
    clock.move(hours=1)
    page = look(mo, one)
    assert f"It teaches what was decided: rejected by {EMAIL}, because: abusive 2 hours" in page
    assert "Weight 1." in page
    assert "Forget this" in page
    assert AGAIN not in page

    answer = ask(mo, one, "forget")

    assert (answer.status_code, answer.location) == (303, f"{path}#learning")
    clock.move(hours=1)
    page = look(mo, one)
    assert f"{NOTHING} {EMAIL} had it forgotten 1 hour ago" in page
    assert AGAIN in page
    assert "Forget this" not in page
    assert labels.gather(services, site) == []
    assert "It was taken out of learning" in html.unescape(mo.get(path).text)

    assert ask(mo, one, "remember").status_code == 303
    assert "It teaches what was decided" in look(mo, one)
    assert len(labels.gather(services, site)) == 1
    assert "It was put back into learning" in html.unescape(mo.get(path).text)


@ON_SQLITE
def test_it_is_the_same_act_as_over_http(
    mo: FlaskClient, backend: FlaskClient, moderator: FlaskClient
) -> None:
    one = submit(backend, HELD)["id"]
    decide(moderator, one, "reject")
    for _ in range(2):
        ask(mo, one, "forget")
    assert [label["forgotten"] for label in walk(moderator, "/v1/labels")] == [True]
    for _ in range(2):
        ask(mo, one, "remember")
    assert [label["forgotten"] for label in walk(moderator, "/v1/labels")] == [False]
    for act in ("label.forgotten", "label.remembered"):
        [event] = walk(moderator, "/v1/events", type=act)
        assert event["actor"] == f"moderator:{EMAIL}"


@ON_SQLITE
@pytest.mark.parametrize(
    ("text", "given", "says"),
    [
        (HELD, None, f"{NOTHING} No decision about its present wording is in force"),
        (HELD, {"action": "escalate"}, f"{NOTHING} It was escalated"),
        (
            *(HELD, {"action": "reject", "reason": "off-topic"}),
            f"{NOTHING} Of rejections as off-topic nothing is learnt",
        ),
        (HELD, {"action": "approve", "reason": "off-topic"}, "approved by"),
        ("fine", {"action": "reject"}, "Weight 2, as it overturned what was said before"),
    ],
)
def test_what_a_decision_teaches_is_told_and_why_not(
    mo: FlaskClient,
    backend: FlaskClient,
    moderator: FlaskClient,
    text: str,
    given: dict[str, Any] | None,
    says: str,
) -> None:
    one = submit(backend, text)["id"]
    if given:
        decide(moderator, one, **given)
    page = look(mo, one)
    assert says in page
    assert ("Forget this" in page) == (NOTHING not in page)


@ON_SQLITE
def test_one_of_many_weighs_half(
    mo: FlaskClient, backend: FlaskClient, moderator: FlaskClient
) -> None:
    ids = [submit(backend, f"{HELD} {letter}")["id"] for letter in "ab"]
    assert moderator.post("/v1/decisions", json={"action": "reject", "ids": ids}).status_code < 300
    assert "Weight 0.5, as one of many decided at once" in look(mo, ids[0])


@ON_SQLITE
def test_a_suggested_score_weighs_half_and_is_forgotten_too(
    mo: FlaskClient, services: Services, site: int
) -> None:
    check = Check("perspective", Draft("Some of this.", {"id": "a-1"}, id="p-1"), "Some of this.")
    suggestion = Suggestion({}, {"INSULT": [(0, 4, 0.9)]})
    suggestions.take(services, Caller(site, "backend", "key:site"), check, suggestion)
    page = look(mo, "p-1")
    assert "rejected by site just now" in page
    assert "Weight 0.5, as a score that was suggested and no decision." in page

    ask(mo, "p-1", "forget")

    assert f"{NOTHING} {EMAIL} had it forgotten" in look(mo, "p-1")
    assert labels.gather(services, site) == []


def test_an_edit_takes_the_label_away(
    mo: FlaskClient, backend: FlaskClient, moderator: FlaskClient
) -> None:
    one = submit(backend, HELD)["id"]
    decide(moderator, one, "reject")
    backend.patch(f"/v1/comments/{one}", json={"text": f"{HELD} again"})
    assert f"{NOTHING} No decision about its present wording" in look(mo, one)


@ON_SQLITE
def test_learning_that_is_off_says_so_and_what_it_would_teach(
    mo: FlaskClient, backend: FlaskClient, moderator: FlaskClient, services: Services, site: int
) -> None:
    one = submit(backend, HELD)["id"]
    decide(moderator, one, "reject")
    put_policy(services, site, {"learning": {"on": False}})
    page = look(mo, one)
    assert f"{NOTHING} Learning is off, by the site's policy." in page
    assert "Else it would teach what was decided: rejected by" in page
    assert "Forget this" in page


def test_what_is_older_than_the_newest_that_count_teaches_no_more(
    mo: FlaskClient,
    backend: FlaskClient,
    moderator: FlaskClient,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(labels, "MOST", 2)
    for name in "abc":
        decide(moderator, submit(backend, f"{HELD} {name}", id=name)["id"], "reject")
        clock.move(minutes=1)
    assert f"{NOTHING} The newest" in look(mo, "a")
    assert "It teaches what" in look(mo, "b")
    ask(mo, "c", "forget")
    assert "It teaches what" in look(mo, "a")


@ON_SQLITE
def test_moderators_see_it_and_admins_act(
    bo: FlaskClient, backend: FlaskClient, moderator: FlaskClient
) -> None:
    one = submit(backend, HELD)["id"]
    decide(moderator, one, "reject")
    page = look(bo, one)
    assert "It teaches what was decided" in page
    assert "Forget this" not in page
    for act in ("forget", "remember"):
        assert ask(bo, one, act).status_code == 403
    assert [label["forgotten"] for label in walk(moderator, "/v1/labels")] == [False]


@ON_SQLITE
def test_other_forms_do_nothing(
    mo: FlaskClient, backend: FlaskClient, moderator: FlaskClient, stranger: FlaskClient
) -> None:
    one, theirs = submit(backend, HELD)["id"], submit(stranger, HELD, id="theirs")["id"]
    decide(moderator, one, "reject")
    assert ask(mo, theirs, "forget").status_code == 404
    assert ask(mo, "c-0", "remember").status_code == 404
    assert ask(mo, one, "burn").status_code == 422
    assert ask(mo, one, "forget", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    mo.delete_cookie("winnow")
    assert ask(mo, one, "forget").location.startswith("/moderate/sign-in")
    assert [label["forgotten"] for label in walk(moderator, "/v1/labels")] == [False]


@ON_SQLITE
def test_who_is_to_judge_for_themselves_is_told_nothing(
    mo: FlaskClient, backend: FlaskClient, moderator: FlaskClient, services: Services, site: int
) -> None:
    put_policy(services, site, {"review": {"recheck": 1}})
    one = submit(backend, HELD)["id"]
    decide(moderator, one, "reject")
    assert look(mo, one) == ""


@ON_SQLITE
def test_reasons_are_inert(mo: FlaskClient, backend: FlaskClient, moderator: FlaskClient) -> None:
    one = submit(backend, HELD)["id"]
    decide(moderator, one, "reject", reason=NASTY)
    page = mo.get(f"/moderate/comments/{one}").text
    assert f"because: {NASTY}" in look(mo, one)
    assert "<script>alert" not in page
