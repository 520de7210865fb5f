"""Previews over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation.drafts import previewing
from api.moderation.services import Services
from tests.api.work.doing import work
from tests.factories import Clock, decide, submit, walk

PATH = "/v1/policy/preview"


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every preview takes a job, a comment at a time."""
    monkeypatch.setattr(previewing, "AT_ONCE", 0)
    monkeypatch.setattr(previewing, "PIECE", 1)


def preview(client: FlaskClient, **body: Any) -> dict[str, Any]:
    answer = client.post(PATH, json=body)
    assert answer.status_code in (201, 202), answer.text
    found: dict[str, Any] = answer.json
    return found


def test_few_comments_are_judged_at_once(moderator: FlaskClient) -> None:
    submit(moderator, "spam0.40", id="c-1")
    submit(moderator, "spam0.60", id="c-2")
    decide(moderator, "c-2", "approve")

    answer = moderator.post(PATH, json={"text": "thresholds:\n  spam: {hold: 0.3, reject: 0.5}\n"})

    assert answer.status_code == 201
    found = answer.json
    assert (found["state"], found["share"], found["total"]) == ("done", 1.0, 2)
    assert found["matrix"]["approve"] == {"approve": 0, "hold": 1, "reject": 0}
    assert found["matrix"]["hold"] == {"approve": 0, "hold": 0, "reject": 1}
    assert found["people"] == {
        "now": {"agreed": 0, "held": 1, "approved": 0, "rejected": 0},
        "draft": {"agreed": 0, "held": 0, "approved": 0, "rejected": 1},
    }
    assert found["review"] == {
        "held_now": 1,
        "held_draft": 1,
        "minutes": 0.0,
        "seconds_per_review": 20.0,
        "measured_from": 0,
    }
    [held] = found["examples"]["newly_held"]
    assert (held["comment"]["id"], held["comment"]["text"]) == ("c-1", "spam0.40")
    assert (held["now"], held["draft"], held["codes"]) == ("approve", "hold", ["spam_score"])
    [against] = found["examples"]["approved_by_people"]
    assert (against["comment"]["id"], against["decision"]) == ("c-2", "approve")
    assert moderator.get(f"{PATH}/{found['id']}").json == found


def test_many_comments_are_judged_by_a_worker(
    moderator: FlaskClient, services: Services, slow: None
) -> None:
    for number in range(3):
        submit(moderator, "spam0.60", id=f"c-{number}")

    answer = moderator.post(PATH, json={"policy": {"note": "All", "profile": "observe"}})

    assert answer.status_code == 202
    assert (answer.json["state"], answer.json["share"], answer.json["total"]) == (
        "running",
        0,
        None,
    )
    work(services)
    found = moderator.get(f"{PATH}/{answer.json['id']}").json
    assert (found["state"], found["share"], found["total"], found["note"]) == ("done", 1, 3, "All")
    assert found["newly_passed"] == 3
    assert found["review"]["minutes"] == -1.0
    assert found["text"] == "note: All\nprofile: observe\n"


def test_progress_is_shown(moderator: FlaskClient, services: Services, slow: None) -> None:
    for _ in range(4):
        submit(moderator)
    begun = preview(moderator, policy={})
    with services.database.reading() as session:
        from api.store.policies import PolicyDraft

        [number] = session.query(PolicyDraft.id).one()

    previewing.advance(services, number)

    found = moderator.get(f"{PATH}/{begun['id']}").json
    assert (found["state"], found["share"], found["seen"]) == ("running", 0.25, 1)


def test_a_stopped_preview_goes_no_further(
    moderator: FlaskClient, services: Services, slow: None
) -> None:
    submit(moderator)
    begun = preview(moderator, policy={})

    assert moderator.delete(f"{PATH}/{begun['id']}").status_code == 204
    work(services)

    found = moderator.get(f"{PATH}/{begun['id']}").json
    assert (found["state"], found["seen"]) == ("stopped", 0)
    assert moderator.delete(f"{PATH}/{begun['id']}").status_code == 204


def test_previews_are_listed_newest_first(moderator: FlaskClient, stranger: FlaskClient) -> None:
    made = [preview(moderator, policy={"note": str(number)})["id"] for number in range(3)]

    assert [one["id"] for one in walk(moderator, PATH, limit=2)] == made[::-1]
    assert walk(stranger, PATH) == []
    assert stranger.get(f"{PATH}/{made[0]}").status_code == 404
    assert stranger.delete(f"{PATH}/{made[0]}").status_code == 404


def test_the_last_and_since_are_kept_to(moderator: FlaskClient, clock: Clock) -> None:
    submit(moderator)
    clock.move(hours=1)
    submit(moderator)
    submit(moderator)

    assert preview(moderator, policy={}, last=1)["judged"] == 1
    found = preview(moderator, policy={}, since="2026-11-22T13:30:00+01:00")
    assert (found["judged"], found["since"]) == (2, "2026-11-22T12:30:00Z")


@pytest.mark.parametrize(
    ("body", "pointer", "line"),
    [
        ({"text": "mode: post\nprofil: strict\n"}, "/profil", 2),
        ({"policy": {"links": {"most": -1}}}, "/links/most", None),
        ({"policy": {}, "text": ""}, "", None),
        ({}, "", None),
        ({"policy": {}, "last": 0}, "/last", None),
        ({"policy": {}, "last": "9"}, "/last", None),
        ({"policy": {}, "since": "2026-11-22"}, "/since", None),
        ({"policy": {}, "lst": 9}, "/lst", None),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_name(
    moderator: FlaskClient, body: dict[str, Any], pointer: str, line: int | None
) -> None:
    answer = moderator.post(PATH, json=body)

    assert answer.status_code == 422
    [fault] = answer.json["errors"]
    assert (fault["pointer"], fault.get("line")) == (pointer, line)
    assert walk(moderator, PATH) == []


def test_a_draft_may_be_sent_as_yaml(moderator: FlaskClient) -> None:
    submit(moderator)

    answer = moderator.post(PATH, data="mode: pre\n", content_type="application/yaml")

    assert answer.status_code == 201
    assert answer.json["newly_held"] == 1


def test_an_answer_that_showed_a_comment_goes_with_it(moderator: FlaskClient) -> None:
    submit(moderator, "A fine day.", id="c-1")
    key = {"Idempotency-Key": "k"}
    first = moderator.post(PATH, json={"policy": {"mode": "pre"}}, headers=key)
    assert "A fine day." in first.text

    moderator.delete("/v1/comments/c-1")

    again = moderator.post(PATH, json={"policy": {"mode": "pre"}}, headers=key)
    assert "A fine day." not in again.text


def test_a_backend_has_no_say(connect: Callable[..., FlaskClient]) -> None:
    assert connect("backend").post(PATH, json={"policy": {}}).status_code == 403
