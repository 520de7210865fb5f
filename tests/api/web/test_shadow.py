"""A draft in shadow: it judges every new comment and has no say."""

import threading
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from api.moderation import knowledge
from api.moderation.drafts import shadowing
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.moderation.timelimit import TimeLimit
from api.store.database import Database
from api.store.policies import ShadowVerdict
from tests.api.work.doing import work
from tests.factories import Clock, comment, decide, put_policy, submit

PATH = "/v1/policy/shadow"


def put(client: FlaskClient, **document: Any) -> dict[str, Any]:
    answer = client.put(PATH, json={"policy": document})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def look(client: FlaskClient) -> dict[str, Any]:
    answer = client.get(PATH)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def count(database: Database) -> int:
    with database.reading() as session:
        return len(session.scalars(select(ShadowVerdict)).all())


def test_a_draft_in_shadow_judges_what_comes_and_changes_nothing(admin: FlaskClient) -> None:
    submit(admin, "Before.")
    assert put(admin, note="Stricter", thresholds={"spam": {"hold": 0.3}})["judged"] == 0
    assert look(admin)["unseen"] == []

    kept = submit(admin, "spam0.40", id="c-1")
    submit(admin, "Fine.")
    submit(admin, "spam0.95")

    assert kept["status"] == "approved"
    assert kept["verdict"]["policy"] == 1
    found = look(admin)
    assert (found["judged"], found["newly_held"], found["newly_passed"]) == (3, 1, 0)
    assert (found["note"], found["since"]) == ("Stricter", "2026-11-22T12:00:00Z")
    assert found["matrix"]["approve"] == {"approve": 1, "hold": 1, "reject": 0}
    assert found["codes"] == {"spam_score": 2}
    [held] = found["examples"]["newly_held"]
    assert (held["comment"]["id"], held["now"], held["draft"]) == ("c-1", "approve", "hold")


def test_it_goes_by_what_people_have_decided_since(admin: FlaskClient) -> None:
    put(admin, mode="closed")
    submit(admin, "spam0.60", id="c-1")
    submit(admin, "spam0.60", id="c-2")
    decide(admin, "c-1", "approve")
    decide(admin, "c-2", "reject")

    people = look(admin)["people"]

    assert people["now"] == {"agreed": 0, "held": 2, "approved": 0, "rejected": 0}
    assert people["draft"] == {"agreed": 1, "held": 0, "approved": 0, "rejected": 1}
    [against] = look(admin)["examples"]["approved_by_people"]
    assert (against["comment"]["id"], against["decision"]) == ("c-1", "approve")


def test_batches_are_judged_too(admin: FlaskClient) -> None:
    put(admin, mode="pre")

    admin.post("/v1/comments/batch", json={"items": [comment(), comment("spam0.95")]})

    assert look(admin)["matrix"] == {
        "approve": {"approve": 0, "hold": 1, "reject": 0},
        "hold": {"approve": 0, "hold": 0, "reject": 0},
        "reject": {"approve": 0, "hold": 0, "reject": 1},
    }


def test_it_has_facts_of_its_own(admin: FlaskClient) -> None:
    put(admin, authors={"newcomers": 1})

    submit(admin, author={"id": "u-1"})
    submit(admin, author={"id": "u-1"})

    found = look(admin)
    assert (found["judged"], found["newly_held"], found["codes"]) == (2, 1, {"newcomer": 1})


def test_an_edit_takes_the_place_of_what_was_said(admin: FlaskClient, database: Database) -> None:
    put(admin, thresholds={"spam": {"hold": 0.3}})
    submit(admin, "spam0.40", id="c-1")

    admin.patch("/v1/comments/c-1", json={"text": "spam0.60"})

    assert count(database) == 1
    assert look(admin)["matrix"]["hold"]["hold"] == 1


def test_an_edit_after_a_rejection_is_held_by_the_draft_too(admin: FlaskClient) -> None:
    put(admin)
    submit(admin, "spam0.95", id="c-1")
    decide(admin, "c-1", "reject")

    admin.patch("/v1/comments/c-1", json={"text": "Fine."})

    assert look(admin)["matrix"]["hold"] == {"approve": 0, "hold": 1, "reject": 0}


def test_a_comment_that_had_to_wait_for_the_classifier_is_judged_with_it(
    admin: FlaskClient, services: Services, scorer: Scorer, clock: Clock
) -> None:
    put(admin, mode="pre")
    model, scorer.model = scorer.model, None
    submit(admin)
    assert look(admin)["judged"] == 0

    scorer.model = model
    clock.move(minutes=10)
    work(services)

    assert look(admin)["matrix"]["approve"]["hold"] == 1


def test_a_draft_that_fails_costs_nobody_a_comment(
    admin: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> Any:
        raise RuntimeError("the text of somebody")

    put(admin, mode="pre")
    monkeypatch.setattr(shadowing, "rule_again", fail)

    kept = submit(admin, id="c-1")

    assert kept["status"] == "approved"
    assert look(admin)["judged"] == 0
    assert "says nothing" in caplog.text
    assert "somebody" not in caplog.text
    monkeypatch.undo()
    submit(admin)
    assert look(admin)["judged"] == 1


def test_a_draft_that_dawdles_costs_nobody_a_comment(
    admin: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(admin, mode="pre")
    goes_on = threading.Event()
    monkeypatch.setattr(shadowing, "LIMIT_SECONDS", 0.01)
    monkeypatch.setattr(shadowing, "rule_again", lambda *_: goes_on.wait(60))

    assert submit(admin)["status"] == "approved"

    goes_on.set()
    assert isinstance(services.shadow_limit, TimeLimit)
    assert look(admin)["judged"] == 0


def test_without_a_shadow_nothing_is_asked_and_nothing_written(
    admin: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(admin)
    assert admin.delete(PATH).status_code == 204
    calls: list[int] = []
    gather = knowledge.gather
    monkeypatch.setattr(knowledge, "gather", lambda *given: calls.append(1) or gather(*given))
    monkeypatch.setattr(shadowing, "judge_beside", lambda *_: pytest.fail("no shadow"))

    submit(admin)

    assert (calls, count(database)) == ([1], 0)


def test_where_there_is_none_it_is_not_found(admin: FlaskClient, stranger: FlaskClient) -> None:
    put(stranger, mode="pre")

    for method in ("get", "delete"):
        assert getattr(admin, method)(PATH).status_code == 404
    assert admin.post(f"{PATH}/promote", json={"version": 1}).status_code == 404
    submit(admin)
    assert look(stranger)["judged"] == 0


def test_the_same_draft_again_goes_on_and_another_begins_anew(
    admin: FlaskClient, clock: Clock
) -> None:
    put(admin, mode="pre")
    submit(admin)
    clock.move(hours=1)

    assert put(admin, mode="pre")["judged"] == 1
    again = put(admin, mode="closed")
    assert (again["judged"], again["since"]) == (0, "2026-11-22T13:00:00Z")


def test_a_draft_is_put_in_force_and_out_of_the_shadow(admin: FlaskClient) -> None:
    put(admin, note="Ready", mode="pre")

    answer = admin.post(f"{PATH}/promote", json={"version": 1})

    assert answer.status_code == 200, answer.text
    assert (answer.json["version"], answer.json["note"]) == (2, "Ready")
    assert submit(admin)["status"] == "pending"
    assert admin.get(PATH).status_code == 404
    assert admin.post(f"{PATH}/promote", json={"version": 1}).json == answer.json
    assert admin.get("/v1/policy").json["version"] == 2


def test_a_draft_is_not_put_over_another_policy(
    admin: FlaskClient, services: Services, site: int
) -> None:
    put(admin, mode="pre")
    put_policy(services, site, {"profile": "strict"})

    answer = admin.post(f"{PATH}/promote", json={"version": 1})

    assert (answer.status_code, answer.json["version"]) == (409, 2)
    assert look(admin)["judged"] == 0


def test_a_doubtful_draft_is_put_in_force_by_force_alone(admin: FlaskClient) -> None:
    put(admin, examples=[{"text": "Fine.", "expect": "reject"}])

    assert admin.post(f"{PATH}/promote", json={"version": 1}).status_code == 422
    assert admin.post(f"{PATH}/promote", json={"version": 1, "force": True}).status_code == 200


def test_a_draft_that_cannot_be_read_is_refused_with_its_line(admin: FlaskClient) -> None:
    answer = admin.put(PATH, json={"text": "mode: post\nmodus: pre\n"})

    assert answer.status_code == 422
    [fault] = answer.json["errors"]
    assert (fault["pointer"], fault["line"]) == ("/modus", 2)


def test_moderators_look_and_administrators_put(
    admin: FlaskClient, moderator: FlaskClient, backend: FlaskClient
) -> None:
    put(admin)

    assert moderator.get(PATH).status_code == 200
    assert moderator.put(PATH, json={"policy": {}}).status_code == 403
    assert moderator.delete(PATH).status_code == 403
    assert moderator.post(f"{PATH}/promote", json={"version": 1}).status_code == 403
    assert backend.get(PATH).status_code == 403


def test_a_deleted_comment_leaves_the_counts(admin: FlaskClient) -> None:
    put(admin, mode="pre")
    submit(admin, id="c-1")

    admin.delete("/v1/comments/c-1")

    assert look(admin)["judged"] == 0
