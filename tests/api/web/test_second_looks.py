"""Two people on one comment: neither is told what the other said, and nothing is lost."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation.services import Services
from api.store.database import Database
from tests.conftest import ON_SQLITE
from tests.factories import count, put_policy, submit, walk

URL = "/v1/comments/c-1/decision"


@pytest.fixture
def people(connect: Callable[..., FlaskClient]) -> list[FlaskClient]:
    """Three moderators of one site."""
    return [connect("moderator") for _ in range(3)]


@pytest.fixture
def two_reject(services: Services, site: int) -> None:
    """It takes two to reject, and one to approve."""
    put_policy(services, site, {"review": {"two_must_agree": ["reject"]}})


@pytest.fixture
def rechecked(services: Services, site: int) -> None:
    """Every decision is looked at again."""
    put_policy(services, site, {"review": {"recheck": 1}})


def say(client: FlaskClient, action: str, **more: Any) -> dict[str, Any]:
    answer = client.post(URL, json={"action": action, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def offered(client: FlaskClient, queue: str) -> bool:
    return [item["id"] for item in walk(client, "/v1/queue", queue=queue)] == ["c-1"]


def opinions(client: FlaskClient) -> list[dict[str, Any]]:
    answer = client.get("/v1/comments/c-1/opinions")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["items"]
    return found


def events(client: FlaskClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/v1/comments/c-1/history").json["events"]
    return found


@pytest.mark.usefixtures("two_reject")
def test_a_first_opinion_changes_nothing_and_is_told_to_nobody(
    people: list[FlaskClient], database: Database
) -> None:
    anna, ben, _ = people
    before = submit(anna, "spam0.60", id="c-1")

    found = say(anna, "reject", reason="spam", note="An advert.")

    assert found == {**before, "awaits_second": True}
    assert not offered(anna, "default")
    assert offered(ben, "default")
    assert ben.get("/v1/comments/c-1").json == before
    assert [one["type"] for one in events(ben)] == ["comment.created"]
    assert opinions(ben) == []
    [mine] = opinions(anna)
    assert (mine["kind"], mine["agreed"], mine["second"]) == ("agree", None, None)
    assert (mine["first"]["action"], mine["first"]["reason"]) == ("reject", "spam")
    assert count(database)["decisions"] == 0


@pytest.mark.usefixtures("two_reject")
def test_the_second_who_agrees_decides(people: list[FlaskClient]) -> None:
    anna, ben, _ = people
    submit(anna, "spam0.60", id="c-1")
    say(anna, "reject", reason="spam")
    first = opinions(anna)[0]["first"]["actor"]

    found = say(ben, "reject", reason="abusive")

    assert (found["status"], found["version"], found["awaits_second"]) == ("rejected", 2, False)
    assert found["decision"]["reason"] == "abusive"
    assert found["decision"]["actor"] != first
    assert events(ben)[-1]["data"]["agreed_with"] == first
    [both] = opinions(people[2])
    assert both["agreed"] is True
    assert (both["first"]["reason"], both["second"]["reason"]) == ("spam", "abusive")


@pytest.mark.usefixtures("two_reject")
def test_what_takes_one_is_in_force_at_once(people: list[FlaskClient]) -> None:
    submit(people[0], "spam0.60", id="c-1")

    found = say(people[0], "approve")

    assert (found["status"], found["awaits_second"]) == ("approved", False)
    assert opinions(people[0]) == []


@pytest.mark.usefixtures("two_reject")
def test_to_overturn_one_that_is_published_takes_two_as_well(people: list[FlaskClient]) -> None:
    anna, ben, _ = people
    submit(anna, "spam0.60", id="c-1")
    say(anna, "approve")

    held_up = say(anna, "reject")

    assert (held_up["status"], held_up["awaits_second"]) == ("approved", True)
    assert offered(ben, "default")
    assert not offered(anna, "default")
    assert say(ben, "reject")["status"] == "rejected"
    assert not offered(people[2], "default")


@pytest.mark.usefixtures("two_reject")
@pytest.mark.parametrize(("action", "status"), [("approve", "approved"), ("reject", "rejected")])
def test_where_two_differ_a_third_decides_with_both_shown(
    people: list[FlaskClient], action: str, status: str
) -> None:
    anna, ben, carl = people
    submit(anna, "spam0.60", id="c-1")
    say(anna, "reject")

    disputed = say(ben, "approve")

    assert (disputed["status"], disputed["version"]) == ("pending", 1)
    assert [offered(one, "disputed") for one in people] == [False, False, True]
    assert not offered(carl, "default")
    [both] = opinions(carl)
    assert both["agreed"] is False
    assert (both["first"]["action"], both["second"]["action"]) == ("reject", "approve")
    found = say(carl, action)
    assert (found["status"], found["version"], found["awaits_second"]) == (status, 2, False)
    fellow = both["first" if action == "reject" else "second"]["actor"]
    assert events(carl)[-1]["data"]["agreed_with"] == fellow
    assert not any(offered(one, "disputed") for one in people)


@pytest.mark.usefixtures("two_reject")
@pytest.mark.parametrize(("who", "action"), [(0, "approve"), (1, "reject")])
def test_one_of_two_who_differ_may_give_way(
    people: list[FlaskClient], who: int, action: str
) -> None:
    submit(people[0], "spam0.60", id="c-1")
    say(people[0], "reject")
    say(people[1], "approve")

    found = say(people[who], action)

    assert found["decision"]["action"] == action
    assert events(people[2])[-1]["data"]["agreed_with"]


@pytest.mark.usefixtures("two_reject")
def test_the_same_opinion_again_changes_nothing(
    people: list[FlaskClient], database: Database
) -> None:
    anna, ben, _ = people
    submit(anna, "spam0.60", id="c-1")
    first = say(anna, "reject", version=1)
    before = count(database)

    assert say(anna, "reject", version=1) == first
    assert count(database) == before
    say(ben, "approve", version=1)
    for client, action in ((anna, "reject"), (ben, "approve")):
        assert say(client, action, version=1)["version"] == 1
    assert offered(people[2], "disputed")


@pytest.mark.usefixtures("two_reject")
def test_the_first_may_change_their_mind_while_nobody_has_answered(
    people: list[FlaskClient],
) -> None:
    anna, ben, _ = people
    submit(anna, "spam0.60", id="c-1")
    say(anna, "reject", reason="spam")

    say(anna, "reject", reason="abusive")
    assert [one["first"]["reason"] for one in opinions(anna)] == ["abusive"]

    found = say(anna, "approve")
    assert (found["status"], found["awaits_second"]) == ("approved", False)
    assert not offered(ben, "default")


@pytest.mark.usefixtures("two_reject")
def test_the_first_may_withdraw_their_opinion(
    people: list[FlaskClient], database: Database
) -> None:
    anna, ben, _ = people
    before = submit(anna, "spam0.60", id="c-1")
    say(anna, "reject")
    assert ben.delete(URL).status_code == 409

    answer = anna.delete(URL)

    assert (answer.status_code, answer.json) == (200, before)
    assert count(database)["second_looks"] == 0
    assert offered(anna, "default")
    assert anna.delete(URL).status_code == 409


@pytest.mark.usefixtures("two_reject")
def test_the_second_may_take_back_what_made_it_disputed(people: list[FlaskClient]) -> None:
    anna, ben, carl = people
    submit(anna, "spam0.60", id="c-1")
    say(anna, "reject")
    say(ben, "approve")

    assert ben.delete(URL).status_code == 200

    assert not any(offered(one, "disputed") for one in people)
    assert [offered(one, "default") for one in people] == [False, True, True]
    assert say(carl, "reject")["status"] == "rejected"


@pytest.mark.usefixtures("two_reject")
def test_undoing_an_agreement_leaves_the_first_opinion_as_it_stood(
    people: list[FlaskClient],
) -> None:
    anna, ben, carl = people
    submit(anna, "spam0.60", id="c-1")
    say(anna, "reject")
    say(ben, "reject")

    undone = ben.delete(URL).json

    assert (undone["status"], undone["version"], undone["decision"]) == ("pending", 3, None)
    assert [offered(one, "default") for one in people] == [False, True, True]
    assert events(carl)[-1]["type"] == "comment.undone"
    assert say(carl, "reject")["status"] == "rejected"


@pytest.mark.usefixtures("two_reject")
def test_when_the_first_undoes_an_agreement_nothing_is_left_of_it(
    people: list[FlaskClient],
) -> None:
    anna, ben, _ = people
    submit(anna, "spam0.60", id="c-1")
    say(anna, "reject")
    say(ben, "reject")

    anna.delete(URL)

    assert all(offered(one, "default") for one in people)
    assert say(ben, "reject")["awaits_second"] is True


@pytest.mark.usefixtures("two_reject")
def test_undoing_the_word_of_the_third_brings_the_dispute_back(people: list[FlaskClient]) -> None:
    anna, ben, carl = people
    submit(anna, "spam0.60", id="c-1")
    say(anna, "reject")
    say(ben, "approve")
    say(carl, "reject")

    carl.delete(URL)

    assert [offered(one, "disputed") for one in people] == [False, False, True]
    assert say(carl, "approve")["status"] == "approved"


@pytest.mark.usefixtures("two_reject")
def test_escalating_is_never_held_up_and_undoing_it_brings_the_opinion_back(
    people: list[FlaskClient],
) -> None:
    anna, ben, _ = people
    submit(anna, "spam0.60", id="c-1")
    say(anna, "reject")

    assert say(ben, "escalate")["decision"]["action"] == "escalate"
    assert all(offered(one, "escalated") for one in people)

    ben.delete(URL)
    assert [offered(one, "default") for one in people] == [False, True, True]
    assert say(ben, "reject")["status"] == "rejected"


@pytest.mark.usefixtures("two_reject")
def test_an_edit_ends_what_was_said_of_the_wording_before(people: list[FlaskClient]) -> None:
    anna, ben, _ = people
    submit(anna, "spam0.60", id="c-1")
    say(anna, "reject")

    submit(anna, "spam0.61", id="c-1")

    assert offered(anna, "default")
    assert opinions(anna) == []
    assert say(ben, "reject")["awaits_second"] is True


@pytest.mark.usefixtures("two_reject")
def test_an_opinion_about_an_older_version_is_409(people: list[FlaskClient]) -> None:
    submit(people[0], "spam0.60", id="c-1")
    submit(people[0], "spam0.61", id="c-1")

    answer = people[0].post(URL, json={"action": "reject", "version": 1})

    assert (answer.status_code, answer.json["comment"]["version"]) == (409, 2)
    assert opinions(people[0]) == []


@pytest.mark.usefixtures("rechecked")
def test_a_decision_that_was_drawn_is_looked_at_again_blind_by_others(
    people: list[FlaskClient],
) -> None:
    anna, ben, carl = people
    submit(anna, "spam0.60", id="c-1")

    found = say(anna, "reject", reason="spam")

    assert (found["status"], found["awaits_second"]) == ("rejected", False)
    assert [offered(one, "audit") for one in people] == [False, True, True]
    [item] = walk(ben, "/v1/queue", queue="audit")
    assert [item[name] for name in ("status", "verdict", "decision", "priority")] == [None] * 4
    assert opinions(ben) == []
    skipped = say(carl, "skip")
    assert [skipped[name] for name in ("status", "verdict", "decision")] == [None] * 3


@pytest.mark.usefixtures("rechecked")
def test_a_colleague_who_says_the_same_changes_nothing(
    people: list[FlaskClient], database: Database
) -> None:
    anna, ben, carl = people
    submit(anna, "spam0.60", id="c-1")
    decided = say(anna, "reject", reason="spam")

    assert say(ben, "reject") == decided
    assert say(ben, "reject") == decided

    assert count(database)["decisions"] == 1
    assert not any(offered(one, "audit") for one in people)
    [both] = opinions(carl)
    assert (both["kind"], both["agreed"]) == ("recheck", True)


@pytest.mark.usefixtures("rechecked")
@pytest.mark.parametrize(("action", "status"), [("approve", "approved"), ("reject", "rejected")])
def test_a_colleague_who_says_otherwise_leaves_it_to_a_third(
    people: list[FlaskClient], database: Database, action: str, status: str
) -> None:
    anna, ben, carl = people
    submit(anna, "spam0.60", id="c-1")
    decided = say(anna, "reject")

    assert say(ben, "approve") == decided

    assert [offered(one, "disputed") for one in people] == [False, False, True]
    found = say(carl, action)
    assert (found["status"], found["version"]) == (status, 3)
    assert not any(offered(one, name) for one in people for name in ("disputed", "audit"))
    assert count(database)["decisions"] == 2
    assert count(database)["second_looks"] == 1


@pytest.mark.usefixtures("rechecked")
def test_a_colleague_may_take_their_answer_back_and_nothing_else(people: list[FlaskClient]) -> None:
    anna, ben, _ = people
    submit(anna, "spam0.60", id="c-1")
    say(anna, "reject")
    say(ben, "approve")

    undone = ben.delete(URL).json

    assert (undone["status"], undone["version"]) == ("rejected", 2)
    assert [offered(one, "audit") for one in people] == [False, True, True]


@pytest.mark.usefixtures("rechecked")
def test_undoing_a_decision_ends_the_look_at_it(people: list[FlaskClient]) -> None:
    anna, ben, _ = people
    submit(anna, "spam0.60", id="c-1")
    say(anna, "reject")

    anna.delete(URL)

    assert [offered(ben, name) for name in ("audit", "default")] == [False, True]


@pytest.mark.usefixtures("rechecked")
def test_escalations_and_what_two_have_agreed_on_are_not_looked_at_again(
    people: list[FlaskClient], services: Services, site: int
) -> None:
    anna, ben, carl = people
    submit(anna, "spam0.60", id="c-1")
    say(anna, "escalate")
    assert not offered(carl, "audit")
    put_policy(services, site, {"review": {"recheck": 1, "two_must_agree": ["reject", "approve"]}})

    say(anna, "reject")
    say(ben, "reject")

    assert not offered(carl, "audit")


@pytest.mark.usefixtures("rechecked")
def test_a_report_makes_of_the_sample_what_everybody_sees(
    people: list[FlaskClient], backend: FlaskClient
) -> None:
    anna, ben, _ = people
    submit(anna, "spam0.60", id="c-1")
    say(anna, "approve")
    for number in range(9):
        said = {"reason": "spam", "reporter": {"id": f"u-{number}"}}
        backend.post("/v1/comments/c-1/reports", json=said)
    assert offered(ben, "reported")

    found = say(ben, "reject")

    assert (found["status"], found["version"]) == ("rejected", 3)


def test_a_sample_that_two_must_agree_on_stays_blind(
    people: list[FlaskClient], services: Services, site: int
) -> None:
    put_policy(services, site, {"audit": 1, "review": {"two_must_agree": ["reject"]}})
    anna, ben, _ = people
    submit(anna, id="c-1")

    first = say(anna, "reject")

    assert (first["awaits_second"], first["status"], first["verdict"]) == (True, None, None)
    assert [offered(one, "audit") for one in people] == [False, True, True]
    assert say(ben, "reject")["status"] == "rejected"


def test_a_conflict_about_a_sample_tells_nothing_of_it(
    people: list[FlaskClient], services: Services, site: int
) -> None:
    put_policy(services, site, {"audit": 1})
    submit(people[0], id="c-1")
    held = people[0].post("/v1/queue/claims", json={"queue": "audit"}).json["items"]
    assert len(held) == 1

    answer = people[1].post(URL, json={"action": "reject"})

    assert answer.status_code == 409
    shown = answer.json["comment"]
    assert (shown["id"], shown["text"]) == ("c-1", "A fine day.")
    assert [shown[name] for name in ("status", "verdict", "decision")] == [None] * 3


@ON_SQLITE
def test_opinions_are_for_moderators_of_the_site(
    backend: FlaskClient, stranger: FlaskClient
) -> None:
    submit(backend, id="c-1")

    assert backend.get("/v1/comments/c-1/opinions").status_code == 403
    assert stranger.get("/v1/comments/c-1/opinions").status_code == 404
