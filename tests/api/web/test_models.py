"""The site's models over HTTP: listed, put in force, taken back, and tried on live comments."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation.services import Services
from tests.api.moderation.learning.adapters import REPORT, keep_adapter
from tests.factories import decide, submit, walk

MODELS = "/v1/learning/models"
FORBIDDEN_HERE = "My own channel learned0.95 spam0.40"


def look(client: FlaskClient, path: str) -> dict[str, Any]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def test_the_newest_comes_first_page_by_page_with_what_the_gate_said(
    moderator: FlaskClient, stranger: FlaskClient, services: Services, site: int
) -> None:
    shut = {"open": False, "why": "Worse on names.", "suites": {"names": {"cases": 9}}}
    kept = [keep_adapter(services, site, report=shut, state="refused").public_id]
    kept += [keep_adapter(services, site).public_id for _ in range(3)]

    found = walk(moderator, MODELS, limit=2)

    assert [one["id"] for one in found] == kept[::-1]
    last = found[-1]
    assert (last["state"], last["why"], last["report"]) == ("refused", "Worse on names.", shut)
    assert (last["labels"], last["base"], last["shared"]) == (200, "words-1", False)
    assert look(moderator, f"{MODELS}/{kept[0]}") == last
    theirs = look(stranger, MODELS)
    assert (theirs["items"], theirs["next"]) == ([], None)
    assert stranger.get(f"{MODELS}/{kept[0]}").status_code == 404


def test_one_is_put_in_force_for_the_next_comment_and_taken_back(
    admin: FlaskClient, services: Services, site: int
) -> None:
    model = keep_adapter(services, site).public_id
    assert submit(admin, FORBIDDEN_HERE)["status"] == "approved"

    answer = admin.post(f"{MODELS}/{model}/promote")

    assert answer.status_code == 200, answer.text
    assert (answer.json["in_force"], answer.json["state"]) == (True, "promoted")
    assert answer.json == look(admin, f"{MODELS}/{model}")
    assert submit(admin, FORBIDDEN_HERE)["status"] == "pending"
    assert admin.post(f"{MODELS}/{model}/promote").json == answer.json

    back = admin.post("/v1/learning/rollback")

    assert (back.status_code, back.json) == (200, {"in_force": None})
    assert submit(admin, FORBIDDEN_HERE)["status"] == "approved"
    assert look(admin, f"{MODELS}/{model}")["state"] == "withdrawn"
    assert admin.post("/v1/learning/rollback").status_code == 409


def test_going_back_says_what_is_in_force_then(
    admin: FlaskClient, services: Services, site: int
) -> None:
    first, second = (keep_adapter(services, site).public_id for _ in range(2))
    for one in (first, second):
        admin.post(f"{MODELS}/{one}/promote")

    assert admin.post("/v1/learning/rollback").json["in_force"] == look(admin, f"{MODELS}/{first}")


def test_one_the_gate_refused_is_not_put_in_force(
    admin: FlaskClient, services: Services, site: int
) -> None:
    report = {**REPORT, "open": False, "why": "Worse on names."}
    model = keep_adapter(services, site, state="refused", report=report).public_id

    answer = admin.post(f"{MODELS}/{model}/promote")

    assert (answer.status_code, answer.content_type) == (409, "application/problem+json")
    assert "Worse on names." in answer.json["detail"]
    assert not look(admin, f"{MODELS}/{model}")["in_force"]


def test_a_trial_tells_where_the_two_differ_who_was_right_and_what_it_costs(
    admin: FlaskClient, services: Services, site: int
) -> None:
    path = f"/v1/models/{keep_adapter(services, site).public_id}/shadow"
    assert look(admin, path)["model"]["on_trial"] is False
    begun = admin.put(path)
    assert (begun.status_code, begun.json["model"]["on_trial"], begun.json["judged"]) == (
        *(200, True),
        0,
    )

    submit(admin, FORBIDDEN_HERE, id="c-1")
    submit(admin, FORBIDDEN_HERE, id="c-2")
    submit(admin, "A rude learned0.05 insult0.60", id="c-3")
    submit(admin, "A fine day.")
    decide(admin, "c-1", "reject")

    found = look(admin, path)
    assert (found["judged"], found["unchanged"]) == (4, 1)
    assert (found["newly_held"], found["newly_passed"], found["newly_rejected"]) == (2, 1, 0)
    assert found["matrix"]["approve"] == {"approve": 1, "hold": 2, "reject": 0}
    assert [one["id"] for one in found["examples"]["newly_held"]] == ["c-2", "c-1"]
    assert found["examples"]["newly_held"][1] == {
        "id": "c-1",
        "now": "approve",
        "trial": "hold",
        "decision": "reject",
    }
    held = found["people"]["newly_held"]
    assert (held["approved"], held["rejected"]) == (0, 1)
    assert (held["now"]["hits"], held["trial"]["hits"], held["trial"]["value"]) == (0, 1, None)
    assert found["review"] == {
        "held_now": 1,
        "held_trial": 2,
        "minutes": 0.3,
        "seconds_per_review": 20.0,
        "measured_from": 0,
    }
    assert (found["began"], found["last"]) == ("2026-11-22T12:00:00Z",) * 2


def test_a_trial_stops_and_what_it_found_stays(
    admin: FlaskClient, services: Services, site: int
) -> None:
    path = f"/v1/models/{keep_adapter(services, site).public_id}/shadow"
    admin.put(path)
    submit(admin, FORBIDDEN_HERE)

    assert admin.delete(path).status_code == 204
    submit(admin, FORBIDDEN_HERE)

    assert look(admin, path)["judged"] == 1
    again = admin.delete(path)
    assert (again.status_code, "not on trial" in again.json["detail"]) == (404, True)


def test_one_that_could_tell_nothing_is_not_tried(
    admin: FlaskClient, services: Services, site: int
) -> None:
    live = keep_adapter(services, site).public_id
    admin.post(f"{MODELS}/{live}/promote")
    old = keep_adapter(services, site, base="words-0").public_id

    for model, says in ((live, "in force"), (old, "corrects words-0")):
        answer = admin.put(f"/v1/models/{model}/shadow")
        assert answer.status_code == 409
        assert says in answer.json["detail"]


def test_one_on_trial_that_is_put_in_force_is_on_trial_no_more(
    admin: FlaskClient, services: Services, site: int
) -> None:
    model = keep_adapter(services, site).public_id
    admin.put(f"/v1/models/{model}/shadow")

    admin.post(f"{MODELS}/{model}/promote")

    found = look(admin, f"{MODELS}/{model}")
    assert (found["in_force"], found["on_trial"]) == (True, False)


def test_moderators_look_and_administrators_act(
    moderator: FlaskClient, backend: FlaskClient, services: Services, site: int
) -> None:
    model = keep_adapter(services, site).public_id
    shadow = f"/v1/models/{model}/shadow"

    assert [moderator.get(path).status_code for path in (MODELS, shadow)] == [200, 200]
    assert [moderator.put(shadow).status_code, moderator.delete(shadow).status_code] == [403, 403]
    for path in (f"{MODELS}/{model}/promote", "/v1/learning/rollback"):
        assert moderator.post(path).status_code == 403
    assert backend.get(shadow).status_code == 403


@pytest.mark.parametrize("model", ["mdl_1", "mdl_" + "0" * 16, "omni-moderation-latest"])
def test_what_is_no_model_is_not_found(admin: FlaskClient, model: str) -> None:
    for path in (f"/v1/models/{model}/shadow", f"{MODELS}/{model}"):
        answer = admin.get(path)
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
