"""What a site's rules of review make of bulk decisions: reasons, places, two people, rechecks."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from api.moderation.bulk import carrying
from api.moderation.services import Services
from api.store.database import Database
from tests.api.web.test_bulk import begin, fill, finish, pointers, post, standings, statuses, undo
from tests.factories import count, decide, put_policy, submit, walk

TWO = {"two_must_agree": ["reject"]}


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes thousands of comments is seen with tens."""
    monkeypatch.setattr(carrying, "BATCH", 5)
    monkeypatch.setattr(carrying, "ROUND", 10)
    monkeypatch.setattr(carrying, "PAUSE", 0)
    monkeypatch.setattr(carrying, "PATIENCE", 60)


@pytest.fixture
def rule(services: Services, site: int) -> Callable[..., int]:
    """Puts rules of review in force: `rule(recheck=1.0)`."""
    return lambda **review: put_policy(services, site, {"review": review})


@pytest.fixture
def colleague(connect: Callable[..., FlaskClient]) -> FlaskClient:
    return connect("moderator")


def waiting(client: FlaskClient) -> dict[str, str]:
    """Which comments wait, and in which queue."""
    return {one["id"]: one["queue"] for one in walk(client, "/v1/queue")}


def test_a_reason_that_is_required_is_required(
    moderator: FlaskClient, rule: Callable[..., int], database: Database
) -> None:
    rule(reason_required=["reject"])
    ids = fill(moderator, 2)

    assert pointers(post(moderator, ids=ids)) == ["/reason"]
    assert count(database)["bulk_decisions"] == 0
    assert begin(moderator, ids=ids, reason="spam")["done"] == 2


def test_only_the_sites_reasons_are_taken(moderator: FlaskClient, rule: Callable[..., int]) -> None:
    rule(only_these_reasons=True)
    ids = fill(moderator, 2)

    assert pointers(post(moderator, ids=ids, reason="because")) == ["/reason"]
    assert begin(moderator, ids=ids, reason="spam")["done"] == 2


def test_they_are_escalated_to_a_place(
    moderator: FlaskClient, connect: Callable[..., FlaskClient]
) -> None:
    connect("admin").put("/v1/queues/lawyers", json={"title": "Lawyers"})
    ids = fill(moderator, 3)

    unknown = post(moderator, ids=ids, action="escalate", queue="nobody")
    made = begin(moderator, ids=ids, action="escalate", queue="lawyers")

    assert pointers(unknown) == ["/queue"]
    assert (made["queue"], made["done"]) == ("lawyers", 3)
    assert waiting(moderator) == dict.fromkeys(ids, "lawyers")
    undo(moderator, made)
    assert waiting(moderator) == dict.fromkeys(ids, "default")


def test_what_lies_in_a_queue_is_decided_and_nothing_else(
    moderator: FlaskClient, connect: Callable[..., FlaskClient], services: Services
) -> None:
    connect("admin").put(
        "/v1/queues/politics", json={"title": "Politics", "filter": {"section": "politics"}}
    )
    ids = fill(moderator, 8, article={"id": "a-1", "section": "politics"})
    other = fill(moderator, 2, 50)
    decide(moderator, ids[0], "escalate")

    made = begin(moderator, filter={"queue": "politics"})
    ended = finish(moderator, services, made)

    assert (ended["done"], ended["filter"]) == (7, {"queue": "politics"})
    found = statuses(moderator)
    assert {found[one] for one in ids[1:]} == {"rejected"}
    assert waiting(moderator) == {ids[0]: "escalated", **dict.fromkeys(other, "default")}
    assert begin(moderator, filter={"queue": "escalated"}, action="approve")["done"] == 1


@pytest.mark.parametrize("queue", ["nobody", "audit"])
def test_a_queue_that_cannot_be_decided_so_is_named(moderator: FlaskClient, queue: str) -> None:
    assert pointers(post(moderator, filter={"queue": queue})) == ["/filter/queue"]


def test_no_colleague_is_asked_about_it_again(
    moderator: FlaskClient, colleague: FlaskClient, rule: Callable[..., int], database: Database
) -> None:
    rule(recheck=1.0)

    begin(moderator, ids=fill(moderator, 4))

    assert count(database)["second_looks"] == count(database)["waiting"] == 0


def test_it_takes_no_claim_where_others_must_have_one(
    moderator: FlaskClient, rule: Callable[..., int]
) -> None:
    rule(claims="required")

    assert begin(moderator, ids=fill(moderator, 4))["done"] == 4


def test_where_two_must_agree_it_is_one_persons_word(
    moderator: FlaskClient, colleague: FlaskClient, services: Services, rule: Callable[..., int]
) -> None:
    rule(**TWO)
    ids = fill(moderator, 7)

    first = finish(moderator, services, begin(moderator, ids=ids))
    assert (first["done"], first["awaiting_second"], first["left"]) == (0, 7, 0)
    assert set(statuses(moderator).values()) == {"pending"}
    assert waiting(moderator) == {}
    assert waiting(colleague) == dict.fromkeys(ids, "default")
    again = finish(moderator, services, begin(moderator, ids=ids))
    assert (again["awaiting_second"], again["passed_by"]["already_so"]) == (0, 7)

    second = finish(colleague, services, begin(colleague, ids=ids))

    assert (second["done"], second["awaiting_second"]) == (7, 0)
    assert set(statuses(moderator).values()) == {"rejected"}


def test_two_who_disagree_leave_it_to_a_third(
    moderator: FlaskClient, colleague: FlaskClient, rule: Callable[..., int]
) -> None:
    rule(**TWO)
    ids = fill(moderator, 2)
    begin(moderator, ids=ids)

    assert begin(colleague, ids=ids, action="approve")["awaiting_second"] == 2
    assert set(statuses(moderator).values()) == {"pending"}


def test_undone_opinions_are_withdrawn(
    moderator: FlaskClient, colleague: FlaskClient, services: Services, rule: Callable[..., int]
) -> None:
    rule(**TWO)
    ids = fill(moderator, 8)
    first = finish(moderator, services, begin(moderator, ids=ids))
    decide(colleague, ids[0], "reject")

    undo(moderator, first)
    ended = finish(moderator, services, first)

    assert ended["undone"]["taken_back"] == 7
    assert ended["undone"]["passed_by"] == 1
    assert waiting(moderator) == dict.fromkeys(ids[1:], "default")
    assert statuses(moderator)[ids[0]] == "rejected"


def test_a_second_word_is_taken_back_and_the_first_stands(
    moderator: FlaskClient, colleague: FlaskClient, services: Services, rule: Callable[..., int]
) -> None:
    rule(**TWO)
    ids = fill(moderator, 7)
    finish(moderator, services, begin(moderator, ids=ids))
    before = standings(colleague)

    second = finish(colleague, services, begin(colleague, ids=ids))
    undo(colleague, second)
    ended = finish(colleague, services, second)

    assert ended["undone"] == {"by": second["by"], "taken_back": 7, "passed_by": 0}
    assert standings(colleague) == before
    assert waiting(moderator) == {}


def test_what_was_reported_is_settled(moderator: FlaskClient, services: Services) -> None:
    submit(moderator, "Fine.", id="c-1")
    moderator.post("/v1/comments/c-1/reports", json={"reason": "rude", "reporter": {"id": "u-7"}})
    assert waiting(moderator) == {"c-1": "reported"}

    made = begin(moderator, filter={"queue": "reported"}, action="approve")

    assert made["done"] == 1
    assert waiting(moderator) == {}
