"""An approval sticks to the wording that it was about."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation.scoring import Scorer
from api.moderation.services import Services
from tests.api.work.doing import work
from tests.factories import decide, put_policy, submit

FIRST, SECOND = "spam0.60 is what it says", "Another wording, spam0.70 too."


def edit(client: FlaskClient, text: str, **more: Any) -> dict[str, Any]:
    answer = client.patch("/v1/comments/c-1", json={"text": text, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def codes(found: dict[str, Any]) -> list[str]:
    return [one["code"] for one in found["verdict"]["reasons"]]


def test_an_approved_wording_that_comes_back_is_not_held_again(moderator: FlaskClient) -> None:
    submit(moderator, FIRST, id="c-1")
    decide(moderator, "c-1", "approve")
    assert edit(moderator, SECOND)["status"] == "pending"

    found = edit(moderator, FIRST)

    assert (found["status"], found["revision"], found["decision"]) == ("approved", 3, None)
    assert found["verdict"]["action"] == "approve"
    assert codes(found) == ["approved_before", "spam_score"]
    assert found["verdict"]["reasons"][0]["action"] == "approve"


def test_the_same_text_again_changes_nothing(moderator: FlaskClient) -> None:
    submit(moderator, FIRST, id="c-1")
    decide(moderator, "c-1", "approve")

    found = submit(moderator, FIRST, id="c-1")

    assert (found["status"], found["revision"]) == ("approved", 1)
    assert found["decision"]["action"] == "approve"


@pytest.mark.parametrize("text", [FIRST + " ", FIRST.upper(), FIRST.replace(" is", " was")])
def test_nearly_the_same_wording_is_another(moderator: FlaskClient, text: str) -> None:
    submit(moderator, FIRST, id="c-1")
    decide(moderator, "c-1", "approve")
    edit(moderator, SECOND)

    assert "approved_before" not in codes(edit(moderator, text.replace("SPAM", "spam")))


def test_as_markup_it_is_another(moderator: FlaskClient) -> None:
    submit(moderator, FIRST, id="c-1")
    decide(moderator, "c-1", "approve")
    edit(moderator, SECOND)

    assert edit(moderator, FIRST, html=True)["status"] == "pending"


def test_another_comments_approval_is_its_own(moderator: FlaskClient) -> None:
    submit(moderator, FIRST, id="c-2")
    decide(moderator, "c-2", "approve")
    submit(moderator, SECOND, id="c-1")

    assert edit(moderator, FIRST)["status"] == "pending"


def test_an_approval_that_was_undone_or_overruled_does_not_stick(moderator: FlaskClient) -> None:
    submit(moderator, FIRST, id="c-1")
    decide(moderator, "c-1", "approve")
    moderator.delete("/v1/comments/c-1/decision")
    edit(moderator, SECOND)
    undone = edit(moderator, FIRST)
    assert (undone["status"], codes(undone)) == ("pending", ["spam_score"])

    decide(moderator, "c-1", "approve")
    decide(moderator, "c-1", "reject")
    edit(moderator, SECOND)
    overruled = edit(moderator, FIRST)

    assert overruled["status"] == "pending"
    assert codes(overruled) == ["spam_score", "edited_after_rejection"]


def test_a_rejection_of_another_wording_is_not_about_this_one(moderator: FlaskClient) -> None:
    submit(moderator, FIRST, id="c-1")
    decide(moderator, "c-1", "approve")
    edit(moderator, SECOND)
    decide(moderator, "c-1", "reject")

    found = edit(moderator, FIRST)

    assert found["status"] == "approved"
    assert codes(found)[0] == "approved_before"


def test_what_is_escalated_stays_so(moderator: FlaskClient) -> None:
    submit(moderator, FIRST, id="c-1")
    decide(moderator, "c-1", "approve")
    edit(moderator, SECOND)
    decide(moderator, "c-1", "escalate")

    found = edit(moderator, FIRST)

    assert found["status"] == "pending"
    assert codes(found)[-1] == "edited_while_escalated"
    waiting = moderator.get("/v1/queue?queue=escalated").json["items"]
    assert [one["id"] for one in waiting] == ["c-1"]


def test_a_stricter_policy_since_does_not_take_it_back(
    moderator: FlaskClient, services: Services, site: int
) -> None:
    submit(moderator, FIRST, id="c-1")
    decide(moderator, "c-1", "approve")
    edit(moderator, SECOND)
    put_policy(services, site, {"thresholds": {"spam": {"hold": 0.1, "reject": 0.2}}})

    found = edit(moderator, FIRST)

    assert (found["status"], found["verdict"]["blatant"]) == ("approved", False)


def test_a_ban_since_counts_for_more(moderator: FlaskClient) -> None:
    submit(moderator, FIRST, id="c-1", author={"id": "u-5"})
    decide(moderator, "c-1", "approve")
    edit(moderator, SECOND)
    ban = {"kind": "author", "value": "u-5", "standing": "banned", "reason": "Spam."}
    assert moderator.post("/v1/standings", json=ban).status_code in (200, 201)

    found = edit(moderator, FIRST)

    assert found["status"] == "rejected"
    assert "approved_before" not in codes(found)


def test_it_needs_no_classifier(moderator: FlaskClient, scorer: Scorer, services: Services) -> None:
    submit(moderator, FIRST, id="c-1")
    decide(moderator, "c-1", "approve")
    edit(moderator, SECOND)
    model, scorer.model = scorer.model, None
    assert edit(moderator, FIRST)["status"] == "approved"
    scorer.model = model

    work(services)

    found = moderator.get("/v1/comments/c-1").json
    assert (found["status"], found["verdict"]["model"]) == ("approved", "words-1")
    assert codes(found) == ["approved_before", "spam_score"]
