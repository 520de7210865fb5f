"""Queues that a site saves: views over what waits, places to escalate to, and their clocks."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation.access import Caller
from api.moderation.queues import BUILT_IN, counting, listing, saved
from api.moderation.queues.saved import KEYS, MOST, RESERVED, Wish
from api.moderation.services import Services
from tests.conftest import ON_SQLITE
from tests.factories import Clock, decide, put_policy, submit, walk

NIGHT = {"title": "Night"}


def save(client: FlaskClient, name: str, **wish: Any) -> dict[str, Any]:
    """Save a queue and return what the API says of it."""
    answer = client.put(f"/v1/queues/{name}", json={**NIGHT, **wish})
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json
    return found


def listed(client: FlaskClient) -> dict[str, dict[str, Any]]:
    """All queues by their names."""
    return {one["name"]: one for one in client.get("/v1/queues").json["items"]}


def ids(client: FlaskClient, **query: Any) -> list[str]:
    return [item["id"] for item in walk(client, "/v1/queue", **query)]


@pytest.fixture
def waiting(backend: FlaskClient, clock: Clock) -> None:
    """Four that wait, ten minutes between them."""
    submit(backend, "spam0.60", id="c-1", article={"id": "a-17", "section": "sport"})
    clock.move(minutes=10)
    submit(backend, "threat0.50", id="c-2", article={"id": "a-18", "section": "world"})
    clock.move(minutes=10)
    submit(backend, "insult0.70 spam0.60", id="c-3", author={"id": "u-5"}, language="de")
    clock.move(minutes=10)
    submit(backend, "spam0.80", id="c-4", article={"id": "a-18", "section": "world"})


@ON_SQLITE
def test_every_site_has_its_built_in_queues(moderator: FlaskClient) -> None:
    found = moderator.get("/v1/queues").json

    assert found["next"] is None
    assert [one["name"] for one in found["items"]] == list(BUILT_IN)
    assert found["items"][0] == {
        "name": "default",
        "title": "Waiting",
        "built_in": True,
        "filter": None,
        "sort": "priority",
        "key": "d",
        "within_minutes": None,
        "waiting": 0,
        "late": 0,
        "oldest_since": None,
        "mine": None,
    }
    assert found["items"][0] == moderator.get("/v1/queues/default").json


def test_a_view_shows_what_passes_its_filter(moderator: FlaskClient, waiting: None) -> None:
    made = save(moderator, "spam", title="Spam", filter={"score": ["spam:0.7"]}, key="s")

    assert (made["waiting"], made["key"], made["built_in"]) == (1, "s", False)
    assert made["filter"] == {"score": ["spam:0.7"]}
    assert made == moderator.get("/v1/queues/spam").json == listed(moderator)["spam"]
    assert ids(moderator, queue="spam") == ["c-4"]
    assert ids(moderator, queue="default") == ["c-2", "c-3", "c-4", "c-1"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, "c-1 c-2 c-3 c-4"),
        ({"section": ["world"]}, "c-2 c-4"),
        ({"section": "world"}, "c-2 c-4"),
        ({"section": ["world", "sport"]}, "c-1 c-2 c-4"),
        ({"article": ["a-18"], "score": ["spam:0.7-0.9"]}, "c-4"),
        ({"score": ["spam:0.6", "insult:0.6"]}, "c-3"),
        ({"reason": ["insult_score", "threat_score"]}, "c-2 c-3"),
        ({"author": ["u-5"]}, "c-3"),
        ({"language": ["de"]}, ""),
        ({"waits_longer": 20}, "c-1 c-2"),
        ({"waits_shorter": 20}, "c-3 c-4"),
        ({"waits_longer": 5, "waits_shorter": 25}, "c-2 c-3"),
        ({"reporter": "u-7"}, "c-2"),
        ({"queue": "escalated"}, "c-9"),
        ({"queue": "escalated", "section": ["world"]}, ""),
    ],
)
def test_counts_and_items_of_a_view_are_the_same(
    moderator: FlaskClient, waiting: None, wanted: dict[str, Any], found: str
) -> None:
    moderator.post("/v1/comments/c-2/reports", json={"reason": "x", "reporter": {"id": "u-7"}})
    submit(moderator, "A fine day.", id="c-9")
    decide(moderator, "c-9", "escalate")

    made = save(moderator, "night", filter=wanted, sort="oldest")

    assert ids(moderator, queue="night") == found.split()
    assert made["waiting"] == len(found.split())


def test_a_view_can_be_narrowed_down_and_sorted_otherwise(
    moderator: FlaskClient, waiting: None
) -> None:
    save(moderator, "night", filter={"section": ["world"]}, sort="newest")

    assert ids(moderator, queue="night") == ["c-4", "c-2"]
    assert ids(moderator, queue="night", sort="priority") == ["c-2", "c-4"]
    assert ids(moderator, queue="night", reason="spam_score") == ["c-4"]
    assert ids(moderator, queue="night", section="sport") == []
    assert ids(moderator, queue="night", limit=1, sort="priority") == ["c-2", "c-4"]


def test_late_is_what_waits_for_longer_than_it_should(
    moderator: FlaskClient, services: Services, site: int, waiting: None, clock: Clock
) -> None:
    put_policy(services, site, {"review": {"within_minutes": 25}})
    save(moderator, "slow", filter={"section": ["world"]}, within_minutes=20)
    save(moderator, "sport", filter={"section": ["sport"]})

    found = listed(moderator)

    assert (found["default"]["within_minutes"], found["default"]["late"]) == (25, 1)
    assert found["default"]["oldest_since"] == "2026-11-22T12:00:00Z"
    assert (found["slow"]["waiting"], found["slow"]["late"]) == (2, 0)
    assert found["slow"]["oldest_since"] == "2026-11-22T12:10:00Z"
    assert (found["sport"]["late"], found["sport"]["within_minutes"]) == (0, None)
    clock.move(seconds=1)
    assert listed(moderator)["slow"]["late"] == 1
    clock.move(minutes=20)
    found = listed(moderator)
    assert (found["default"]["late"], found["slow"]["late"]) == (3, 2)
    decide(moderator, "c-2", "approve")
    assert listed(moderator)["slow"]["late"] == 1


def test_nothing_is_counted_that_the_caller_is_not_offered(
    moderator: FlaskClient, services: Services, site: int, waiting: None
) -> None:
    save(moderator, "night", filter={"section": ["world"]})
    caller = Caller(site, "moderator", "moderator:ada@gazette.example")
    for wishes in (
        {"spared": ("threat",)},
        {"spared": ("spam", "threat")},
        {"sections": ("sport", "world")},
    ):
        asking = replace(caller, **wishes)
        for one in counting.count(services, asking):
            asked = saved.resolve(services, asking, one.queue.name)
            page = listing.list_queue(services, asking, asked, 200)
            assert one.waiting == len(page.items), (wishes, one)
    [default, *_, night] = counting.count(services, replace(caller, sections=("sport", "moon")))
    assert (default.waiting, default.mine) == (4, 1)
    assert (night.waiting, night.mine) == (2, 0)
    assert counting.count_one(services, caller, "night").mine is None


def test_mine_are_the_sections_that_somebody_looks_after(
    services: Services, site: int, waiting: None
) -> None:
    caller = Caller(site, "moderator", "moderator:ada@gazette.example", sections=("sport",))

    def names(asking: Caller, mine: bool) -> list[str]:
        asked = saved.resolve(services, asking, None, sort="oldest", mine=mine)
        page = listing.list_queue(services, asking, asked, 200)
        return [one.state.comment.public_id for one in page.items]

    assert names(caller, True) == ["c-1"]
    assert names(caller, False) == ["c-1", "c-2", "c-3", "c-4"]
    assert names(replace(caller, sections=()), True) == ["c-1", "c-2", "c-3", "c-4"]


def test_a_place_holds_what_was_escalated_to_it(moderator: FlaskClient, waiting: None) -> None:
    save(moderator, "legal", title="Legal")
    decide(moderator, "c-1", "escalate", queue="legal")

    assert ids(moderator, queue="legal") == ["c-1"]
    assert listed(moderator)["legal"]["waiting"] == 1
    assert ids(moderator, queue="escalated") == []

    answer = moderator.delete("/v1/queues/legal")
    assert answer.status_code == 409
    assert answer.json["detail"].startswith("1 comment lies in this queue")
    answer = moderator.put("/v1/queues/legal", json={**NIGHT, "filter": {}})
    assert answer.status_code == 409
    assert save(moderator, "legal", title="The lawyers")["waiting"] == 1

    decide(moderator, "c-1", "approve")
    assert moderator.delete("/v1/queues/legal").status_code == 204
    assert moderator.get("/v1/queues/legal").status_code == 404


def test_who_escalates_to_a_view_or_to_nothing_is_told_so(
    moderator: FlaskClient, waiting: None
) -> None:
    save(moderator, "night", filter={})
    for name in ("night", "nothing", "reported"):
        answer = moderator.post(
            "/v1/comments/c-1/decision", json={"action": "escalate", "queue": name}
        )
        assert answer.status_code == 422
        assert [one["pointer"] for one in answer.json["errors"]] == ["/queue"]


def test_saving_again_changes_it(moderator: FlaskClient) -> None:
    first = moderator.put("/v1/queues/night", json={**NIGHT, "key": "n", "within_minutes": 30})
    again = moderator.put("/v1/queues/night", json={"title": "Nights", "filter": {}})

    assert (first.status_code, again.status_code) == (201, 200)
    assert (again.json["title"], again.json["filter"]) == ("Nights", {})
    assert (again.json["key"], again.json["within_minutes"]) == (None, None)
    assert len(listed(moderator)) == len(BUILT_IN) + 1


@ON_SQLITE
@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({"title": ""}, "/title"),
        ({"title": "x" * 101}, "/title"),
        ({"title": None}, "/title"),
        ({"sort": "worst"}, "/sort"),
        ({"sort": None}, "/sort"),
        ({"key": "N"}, "/key"),
        ({"key": "nn"}, "/key"),
        ({"key": "1"}, "/key"),
        ({"key": "d"}, "/key"),
        ({"key": "o"}, "/key"),
        ({"within_minutes": 0}, "/within_minutes"),
        ({"within_minutes": "5"}, "/within_minutes"),
        ({"within_minutes": 10**9}, "/within_minutes"),
        ({"filter": []}, "/filter"),
        ({"filter": {"nonsense": 1}}, "/filter/nonsense"),
        ({"filter": {"status": ["pending"]}}, "/filter/status"),
        ({"filter": {"since": "2026-01-01T00:00:00Z"}}, "/filter/since"),
        ({"filter": {"mine": True}}, "/filter/mine"),
        ({"filter": {"queue": "audit"}}, "/filter/queue"),
        ({"filter": {"queue": "other"}}, "/filter/queue"),
        ({"filter": {"section": []}}, "/filter/section"),
        ({"filter": {"section": [1]}}, "/filter/section/0"),
        ({"filter": {"section": ["x" * 257]}}, "/filter/section/0"),
        ({"filter": {"section": ["x"] * 51}}, "/filter/section"),
        ({"filter": {"score": ["spam:0.5", "spam:2"]}}, "/filter/score/1"),
        ({"filter": {"score": ["ham:0.5"]}}, "/filter/score/0"),
        ({"filter": {"score": ["spam:0.9-0.5"]}}, "/filter/score/0"),
        ({"filter": {"waits_longer": 1.5}}, "/filter/waits_longer"),
        ({"filter": {"waits_longer": True}}, "/filter/waits_longer"),
        ({"filter": {"waits_longer": -1}}, "/filter/waits_longer"),
        ({"filter": {"waits_longer": 60, "waits_shorter": 60}}, "/filter/waits_shorter"),
        ({"name": "night"}, "/name"),
    ],
)
def test_what_is_wrong_with_a_queue_is_named(
    moderator: FlaskClient, wish: dict[str, Any], pointer: str
) -> None:
    save(moderator, "other", key="o")

    answer = moderator.put("/v1/queues/night", json={**NIGHT, **wish})

    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json["errors"]] == [pointer]
    assert "night" not in listed(moderator)


@ON_SQLITE
@pytest.mark.parametrize("name", [*BUILT_IN, *RESERVED])
def test_some_names_are_taken(moderator: FlaskClient, name: str) -> None:
    assert moderator.put(f"/v1/queues/{name}", json=NIGHT).status_code == 409
    assert moderator.delete(f"/v1/queues/{name}").status_code == (409 if name in BUILT_IN else 404)


@ON_SQLITE
@pytest.mark.parametrize("name", ["Night", "a_b", "x" * 51, "n%C3%A4chte", "a.b", "%00", "a/b"])
def test_a_name_that_there_cannot_be_is_not_found(moderator: FlaskClient, name: str) -> None:
    assert moderator.put(f"/v1/queues/{name}", json=NIGHT).status_code == 404


@ON_SQLITE
def test_a_letter_leads_to_one_queue(moderator: FlaskClient) -> None:
    assert len(set(KEYS.values())) == len(KEYS) == len(BUILT_IN)
    save(moderator, "night", key="n")

    assert save(moderator, "night", key="n")["key"] == "n"
    answer = moderator.put("/v1/queues/day", json={**NIGHT, "key": "n"})
    assert answer.json["errors"] == [
        {"pointer": "/key", "detail": "This key leads to the queue night."}
    ]


@ON_SQLITE
def test_there_is_an_end_to_how_many_a_site_may_save(
    services: Services, site: int, moderator: FlaskClient
) -> None:
    caller = Caller(site, "moderator", "key:wnw_1")
    for number in range(MOST):
        saved.put(services, caller, f"queue-{number}", Wish("One"))

    answer = moderator.put("/v1/queues/one-more", json=NIGHT)

    assert answer.status_code == 409
    assert save(moderator, "queue-7", title="Seven")["title"] == "Seven"


def test_each_site_has_its_own(
    moderator: FlaskClient, stranger: FlaskClient, waiting: None
) -> None:
    save(moderator, "night", filter={}, key="n")

    assert "night" not in listed(stranger)
    assert stranger.get("/v1/queues/night").status_code == 404
    assert stranger.delete("/v1/queues/night").status_code == 404
    assert stranger.get("/v1/queue?queue=night").status_code == 422
    assert save(stranger, "night", filter={}, key="n")["waiting"] == 0
    assert listed(moderator)["night"]["waiting"] == 4


def test_a_queue_that_there_is_not_is_named_with_those_that_there_are(
    moderator: FlaskClient,
) -> None:
    save(moderator, "night", filter={})

    answer = moderator.get("/v1/queue?queue=nights")

    assert answer.status_code == 422
    [error] = answer.json["errors"]
    assert error["parameter"] == "queue"
    assert "default" in error["detail"]
    assert "night" in error["detail"]
    answer = moderator.post("/v1/queue/claims", json={"queue": "nights"})
    assert [one["pointer"] for one in answer.json["errors"]] == ["/queue"]


def test_claims_are_made_of_a_saved_queue(moderator: FlaskClient, waiting: None) -> None:
    save(moderator, "night", filter={"section": ["world"]})

    claimed = moderator.post("/v1/queue/claims", json={"queue": "night"}).json["items"]

    assert {one["id"] for one in claimed} == {"c-2", "c-4"}


def test_what_was_saved_is_an_event_without_what_people_wrote(moderator: FlaskClient) -> None:
    save(moderator, "night", title="About Ada", filter={"author": ["ada"]})
    moderator.delete("/v1/queues/night")

    log = walk(moderator, "/v1/events", type="queue.changed")

    assert [one["data"] for one in log] == [
        {"queue": "night", "deleted": False},
        {"queue": "night", "deleted": True},
    ]


def test_only_moderators_save_queues(
    connect: Callable[..., FlaskClient], backend: FlaskClient
) -> None:
    assert backend.put("/v1/queues/night", json=NIGHT).status_code == 403
    assert backend.get("/v1/queues").status_code == 403
    assert connect("admin").put("/v1/queues/night", json=NIGHT).status_code == 201


def test_what_is_undone_does_not_fall_into_a_place_that_is_no_more(
    moderator: FlaskClient, waiting: None
) -> None:
    save(moderator, "legal", title="Legal")
    decide(moderator, "c-1", "escalate", queue="legal")
    decide(moderator, "c-1", "approve")
    moderator.delete("/v1/queues/legal")

    moderator.delete("/v1/comments/c-1/decision")

    assert ids(moderator, queue="escalated") == ["c-1"]
    assert "c-1" not in ids(moderator, queue="default")


@ON_SQLITE
def test_claims_of_mine_are_of_any_section_where_there_are_none(
    moderator: FlaskClient, waiting: None
) -> None:
    claimed = moderator.post("/v1/queue/claims", json={"mine": True, "count": 100}).json["items"]

    assert len(claimed) == 4
    assert moderator.post("/v1/queue/claims", json={"mine": 1}).status_code == 422
