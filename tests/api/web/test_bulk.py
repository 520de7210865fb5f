"""Bulk decisions over HTTP: counted, decided as one, watched, stopped, undone whole."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.moderation import retention
from api.moderation.bulk import carrying
from api.moderation.services import Services
from api.store import jobs
from api.store.database import Database
from api.store.patience import Patience
from api.store.policies import CampaignDecision
from api.work import handlers
from tests.factories import Clock, comment, count, decide, put_policy, rows, submit, walk
from tests.reliability.test_races import at_once, clients

EVERY = ["pending", "approved", "rejected"]
NO_JOB: Any = None


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes thousands of comments is seen with tens."""
    monkeypatch.setattr(carrying, "BATCH", 5)
    monkeypatch.setattr(carrying, "ROUND", 10)
    monkeypatch.setattr(carrying, "PAUSE", 0)
    monkeypatch.setattr(carrying, "PATIENCE", 60)


@pytest.fixture
def colleague(connect: Callable[..., FlaskClient]) -> FlaskClient:
    return connect("moderator")


def fill(client: FlaskClient, number: int, first: int = 0, **more: Any) -> list[str]:
    """Have so many comments wait; their ids."""
    ids = [f"c-{one:04}" for one in range(first, first + number)]
    for start in range(0, number, 500):
        batch = [comment("spam0.60", id=one, **more) for one in ids[start : start + 500]]
        assert client.post("/v1/comments/batch", json={"items": batch}).status_code == 207
    return ids


def post(client: FlaskClient, **given: Any) -> TestResponse:
    return client.post("/v1/decisions", json={"action": "reject", **given})


def begin(client: FlaskClient, **given: Any) -> dict[str, Any]:
    answer = post(client, **given)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json
    return found


def look(client: FlaskClient, bulk: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/v1/decisions/{bulk['id']}").json
    return found


def undo(client: FlaskClient, bulk: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(f"/v1/decisions/{bulk['id']}/undo")
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json
    return found


def work(services: Services) -> None:
    """One run of what is due, put off where it has more to do."""
    now = services.now()
    for job in jobs.take(services.database, now, "worker", 100):
        try:
            handlers.HANDLERS[job.kind].run(services, job)
        except jobs.LaterError as later:
            jobs.put_off(services.database, job, now + later.after, counts=later.counts)
        else:
            jobs.finish(services.database, job)


def finish(client: FlaskClient, services: Services, bulk: dict[str, Any]) -> dict[str, Any]:
    """Have a worker do all that is left."""
    while (found := look(client, bulk))["state"] in ("running", "undoing"):
        work(services)
    return found


def statuses(client: FlaskClient) -> dict[str, str]:
    return {one["id"]: one["status"] for one in walk(client, "/v1/comments", limit=200)}


def pointers(answer: TestResponse) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [one["pointer"] for one in answer.json["errors"]]


def test_a_dry_run_counts_and_shows_and_writes_nothing(
    moderator: FlaskClient, colleague: FlaskClient, database: Database
) -> None:
    fill(moderator, 25, author={"id": "u-5"})
    submit(moderator, "Fine.", id="c-0099", author={"id": "u-5"})
    fill(moderator, 3, 50, author={"id": "u-6"})
    colleague.post("/v1/queue/claims", json={"count": 2})
    before = rows(database)

    answer = post(moderator, filter={"author": "u-5"}, dry_run=True)
    whole = post(moderator, filter={"author": "u-5", "status": EVERY}, dry_run=True).json

    assert answer.status_code == 200
    found = answer.json
    sample = [one["id"] for one in found.pop("sample")]
    assert sample == [f"c-{number:04}" for number in range(24, 4, -1)]
    assert found.pop("claimed_by_others") in (0, 2)
    assert found == {
        "count": 25,
        "by_status": {"approved": 0, "pending": 25, "rejected": 0},
        "missing": 0,
    }
    assert (whole["count"], whole["by_status"]["approved"]) == (26, 1)
    assert rows(database) == before


def test_a_dry_run_of_ids_says_which_are_of_no_comment(moderator: FlaskClient) -> None:
    fill(moderator, 3)
    decide(moderator, "c-0000", "approve")

    found = post(moderator, ids=["c-0000", "c-0001", "c-0001", "nobody"], dry_run=True).json

    assert (found["count"], found["missing"]) == (2, 1)
    assert found["by_status"] == {"approved": 1, "pending": 1, "rejected": 0}
    assert [one["id"] for one in found["sample"]] == ["c-0001", "c-0000"]


def test_named_comments_are_decided_as_one(moderator: FlaskClient, services: Services) -> None:
    ids = fill(moderator, 13)
    submit(moderator, "spam0.60", id="c-0099")

    begun = begin(moderator, ids=[*ids, "nobody"], reason="advert", note="All of them.")

    assert begun["id"].startswith("bulk_")
    assert (begun["state"], begun["total"], begun["done"], begun["left"]) == ("running", 14, 5, 8)
    ended = finish(moderator, services, begun)
    assert (ended["state"], ended["done"], ended["left"]) == ("done", 13, 0)
    assert ended["passed_by"] == {"claimed": 0, "changed": 0, "already_so": 0, "missing": 1}
    assert statuses(moderator) == {**dict.fromkeys(ids, "rejected"), "c-0099": "pending"}
    made = moderator.get("/v1/comments/c-0007").json["decision"]
    assert (made["action"], made["reason"], made["note"]) == ("reject", "advert", "All of them.")
    assert made["actor"] == begun["by"]
    log = moderator.get("/v1/events?type=comment.decided").json["items"]
    assert len(log) == 13
    assert [one["id"] for one in walk(moderator, "/v1/queue")] == ["c-0099"]


def test_few_are_done_at_once(moderator: FlaskClient) -> None:
    ids = fill(moderator, 4)

    assert begin(moderator, ids=ids, action="approve")["state"] == "done"
    assert set(statuses(moderator).values()) == {"approved"}


def test_as_many_as_a_batch_leave_nothing_to_a_worker(moderator: FlaskClient) -> None:
    found = begin(moderator, ids=fill(moderator, 5))

    assert (found["state"], found["done"]) == ("done", 5)


def test_all_of_an_author_are_rejected_published_ones_too(
    moderator: FlaskClient, services: Services
) -> None:
    fill(moderator, 7, author={"id": "u-5"})
    submit(moderator, "Fine.", id="c-0098", author={"id": "u-5"})
    submit(moderator, "Fine.", id="c-0099", author={"id": "u-6"})

    begun = begin(moderator, filter={"author": "u-5", "status": ["pending", "approved"]})
    finish(moderator, services, begun)

    assert Counter(statuses(moderator).values()) == {"rejected": 8, "approved": 1}
    assert begun["filter"] == {"author": ["u-5"], "status": ["pending", "approved"]}


def test_without_a_status_it_is_about_what_waits(moderator: FlaskClient) -> None:
    fill(moderator, 2, author={"id": "u-5"})
    submit(moderator, "Fine.", id="c-0099", author={"id": "u-5"})

    assert begin(moderator, filter={"author": "u-5"})["filter"]["status"] == "pending"
    assert statuses(moderator)["c-0099"] == "approved"


def test_a_campaign_is_decided_by_its_id(
    moderator: FlaskClient, services: Services, site: int, database: Database
) -> None:
    put_policy(services, site, {"duplicates": {"do": "hold"}})
    for number in range(4):
        text = "My cousin earns four hundred a day at home, and so can whoever writes to her."
        submit(moderator, text, id=f"c-{number}", author={"id": f"u-{number}"})
    [campaign] = walk(moderator, "/v1/campaigns")

    found = begin(moderator, filter={"campaign": campaign["id"], "status": EVERY})

    assert (found["state"], found["done"]) == ("done", 4)
    assert count(database)[CampaignDecision.__tablename__] == 0


def test_what_comes_later_is_not_touched(
    moderator: FlaskClient, services: Services, clock: Clock
) -> None:
    fill(moderator, 12, author={"id": "u-5"})
    begun = begin(moderator, filter={"author": "u-5"})
    clock.move(seconds=1)
    later = fill(moderator, 3, 50, author={"id": "u-5"})

    ended = finish(moderator, services, begun)

    assert (ended["total"], ended["done"]) == (12, 12)
    assert [statuses(moderator)[one] for one in later] == ["pending"] * 3


def test_what_somebody_changes_meanwhile_is_passed_by(
    moderator: FlaskClient, colleague: FlaskClient, services: Services, clock: Clock
) -> None:
    fill(moderator, 20, author={"id": "u-5"})
    begun = begin(moderator, filter={"author": "u-5", "status": EVERY})
    clock.move(seconds=1)
    decide(colleague, "c-0010", "approve")
    colleague.patch("/v1/comments/c-0011", json={"text": "Better words, spam0.70"})
    colleague.delete("/v1/comments/c-0012")
    decide(colleague, "c-0013", "reject")
    for ahead in ("c-0018", "c-0019"):
        decide(colleague, ahead, "escalate")
        colleague.delete(f"/v1/comments/{ahead}/decision")

    ended = finish(moderator, services, begun)

    assert (ended["done"], ended["passed_by"]["changed"]) == (14, 6)
    found = statuses(moderator)
    assert [found[f"c-{n:04}"] for n in (10, 11, 13, 18)] == [
        *("approved", "pending", "rejected", "pending")
    ]


def test_what_others_hold_and_what_is_so_already_is_passed_by(
    moderator: FlaskClient, colleague: FlaskClient, services: Services
) -> None:
    ids = fill(moderator, 8)
    held = colleague.post("/v1/queue/claims", json={"count": 2}).json["items"]
    mine = moderator.post("/v1/queue/claims", json={"count": 2}).json["items"]
    free = sorted(set(ids) - {one["id"] for one in held + mine})
    decide(colleague, free[0], "reject", reason="other")

    assert post(moderator, ids=ids, dry_run=True).json["claimed_by_others"] == 2
    ended = finish(moderator, services, begin(moderator, ids=ids))

    assert ended["passed_by"] == {"claimed": 2, "changed": 0, "already_so": 1, "missing": 0}
    assert ended["done"] == 5
    assert {statuses(moderator)[one["id"]] for one in held} == {"pending"}
    assert moderator.get(f"/v1/comments/{free[0]}").json["decision"]["reason"] == "other"
    for one in held:
        claimed = {"claim": one["claim"]["id"], "version": one["version"]}
        assert decide(colleague, one["id"], "approve", **claimed)["status"] == "approved"


def test_more_than_was_reckoned_with_is_told_and_nothing_is_done(
    moderator: FlaskClient, database: Database
) -> None:
    fill(moderator, 4, author={"id": "u-5"})

    answer = post(moderator, filter={"author": "u-5"}, at_most=3)

    assert answer.status_code == 409
    assert (answer.json["type"], answer.json["count"]) == ("urn:winnow:problem:too-many", 4)
    assert count(database)["decisions"] == count(database)["bulk_decisions"] == 0
    assert begin(moderator, filter={"author": "u-5"}, at_most=4)["done"] == 4


def test_where_nothing_matches_it_is_done(moderator: FlaskClient) -> None:
    found = begin(moderator, filter={"author": "nobody"})

    assert (found["state"], found["total"], found["done"]) == ("done", 0, 0)
    assert begin(moderator, ids=["nobody"])["passed_by"]["missing"] == 1


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({}, "/ids"),
        ({"ids": ["c-0001"], "filter": {"author": "u-5"}}, "/filter"),
        ({"ids": []}, "/ids"),
        ({"ids": ["c-0001"] * 10_001}, "/ids"),
        ({"ids": ["c-0001", 2]}, "/ids/1"),
        ({"ids": ["a\0b"]}, "/ids/0"),
        ({"ids": "c-0001"}, "/ids"),
        ({"filter": {}}, "/filter"),
        ({"filter": None}, "/filter"),
        ({"filter": {"author": None}}, "/filter"),
        ({"filter": {"friend": "u-5"}}, "/filter/friend"),
        ({"filter": {"status": "gone"}}, "/filter/status/0"),
        ({"filter": {"score": "spam:2"}}, "/filter/score/0"),
        ({"ids": ["c-0001"], "action": "delete"}, "/action"),
        ({"ids": ["c-0001"], "reason": ""}, "/reason"),
        ({"ids": ["c-0001"], "note": "x" * 2001}, "/note"),
        ({"ids": ["c-0001"], "queue": "lawyers"}, "/queue"),
        ({"ids": ["c-0001"], "dry_run": "yes"}, "/dry_run"),
        ({"ids": ["c-0001"], "at_most": -1}, "/at_most"),
        ({"ids": ["c-0001"], "at_most": "3"}, "/at_most"),
        ({"ids": ["c-0001"], "everything": True}, "/everything"),
    ],
)
def test_what_is_sent_wrong_is_named(
    shared_admin: FlaskClient, given: dict[str, Any], pointer: str
) -> None:
    assert pointers(post(shared_admin, **given)) == [pointer]


def test_ten_thousand_ids_are_read(shared_admin: FlaskClient) -> None:
    ids = [f"{'c' * 100}-{number}" for number in range(10_000)]

    assert post(shared_admin, ids=ids, dry_run=True).json["missing"] == 10_000


def test_another_sites_are_none(moderator: FlaskClient, stranger: FlaskClient) -> None:
    ids = fill(moderator, 2)
    made = begin(moderator, ids=ids[:1])

    for method, path in [("GET", ""), ("POST", "/stop"), ("POST", "/undo")]:
        answer = stranger.open(f"/v1/decisions/{made['id']}{path}", method=method)
        assert answer.status_code == 404
    assert walk(stranger, "/v1/decisions") == []
    assert begin(stranger, ids=ids)["passed_by"]["missing"] == 2
    assert statuses(moderator) == {"c-0000": "rejected", "c-0001": "pending"}


def test_they_are_listed_newest_first(moderator: FlaskClient) -> None:
    ids = fill(moderator, 5)
    made = [begin(moderator, ids=[one]) for one in ids]

    assert walk(moderator, "/v1/decisions", limit=2) == made[::-1]


def test_sent_twice_with_one_key_it_is_decided_once(
    moderator: FlaskClient, database: Database
) -> None:
    fill(moderator, 7, author={"id": "u-5"})
    body = {"action": "reject", "filter": {"author": "u-5"}, "at_most": 7}
    headers = {"Idempotency-Key": "k-1"}

    first, again = (moderator.post("/v1/decisions", json=body, headers=headers) for _ in range(2))

    assert first.status_code == again.status_code == 202
    assert first.data == again.data
    assert (count(database)["bulk_decisions"], count(database)["decisions"]) == (1, 5)


def test_it_can_be_stopped_in_the_middle(
    moderator: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = fill(moderator, 20)
    begun = begin(moderator, ids=ids)

    stopped = moderator.post(f"/v1/decisions/{begun['id']}/stop").json
    work(services)

    assert (stopped["state"], stopped["done"], stopped["left"]) == ("stopped", 5, 15)
    assert look(moderator, begun) == stopped
    assert Counter(statuses(moderator).values()) == {"rejected": 5, "pending": 15}
    assert moderator.post(f"/v1/decisions/{begun['id']}/stop").json == stopped


def test_a_stop_takes_effect_after_the_batch(
    moderator: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = begin(moderator, ids=fill(moderator, 30))
    waits: list[float] = []

    def stop_at_the_second(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            moderator.post(f"/v1/decisions/{begun['id']}/stop")

    monkeypatch.setattr(carrying.time, "sleep", stop_at_the_second)
    ended = finish(moderator, services, begun)

    assert ended["state"] == "stopped"
    assert ended["done"] < 30
    assert Counter(statuses(moderator).values())["rejected"] == ended["done"]


def test_a_slow_machine_makes_smaller_batches(
    moderator: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter(range(10_000))
    impatient = partial(Patience, clock=lambda: next(moments))
    monkeypatch.setattr(carrying, "Patience", impatient)
    monkeypatch.setattr(carrying, "PATIENCE", 3)
    ids = fill(moderator, 17)

    begun = begin(moderator, ids=ids)
    assert (begun["state"], begun["done"]) == ("running", 2)
    assert finish(moderator, services, begun)["done"] == 17
    assert undo(moderator, begun)["undone"]["taken_back"] == 2
    assert finish(moderator, services, begun)["undone"]["taken_back"] == 17
    assert set(statuses(moderator).values()) == {"pending"}


def test_undone_whole_everything_stands_as_before(
    moderator: FlaskClient, colleague: FlaskClient, services: Services, clock: Clock
) -> None:
    ids = fill(moderator, 12)
    submit(moderator, "Fine.", id="c-0098")
    decide(moderator, "c-0001", "approve", reason="fine")
    decide(moderator, "c-0002", "escalate")
    before = standings(moderator)
    made = finish(moderator, services, begin(moderator, ids=[*ids, "c-0098"]))
    assert made["done"] == 13

    undoing = undo(colleague, made)
    assert (undoing["state"], undoing["undone"]["taken_back"]) == ("undoing", 5)
    ended = finish(moderator, services, made)

    assert ended["state"] == "undone"
    assert ended["undone"] == {"by": undoing["undone"]["by"], "taken_back": 13, "passed_by": 0}
    assert ended["undone"]["by"] != made["by"]
    assert standings(moderator) == before
    log = walk(moderator, "/v1/events", type="comment.undone")
    assert {one["actor"] for one in log} == {ended["undone"]["by"]}
    assert {one["data"]["decided_by"] for one in log} == {made["by"]}
    assert len(log) == 13


def standings(client: FlaskClient) -> dict[str, Any]:
    """Where each comment stands, and what it waits in."""
    waiting = {one["id"]: one["queue"] for one in walk(client, "/v1/queue")}
    found = walk(client, "/v1/comments")
    return {one["id"]: (one["status"], one["decision"], waiting.get(one["id"])) for one in found}


def test_what_people_have_changed_since_stays_when_it_is_undone(
    moderator: FlaskClient, colleague: FlaskClient, services: Services, clock: Clock
) -> None:
    ids = fill(moderator, 8)
    made = finish(moderator, services, begin(moderator, ids=ids))
    decide(colleague, "c-0001", "approve")
    moderator.patch("/v1/comments/c-0002", json={"text": "Other words, spam0.70"})
    moderator.delete("/v1/comments/c-0003/decision")
    moderator.delete("/v1/comments/c-0004")

    undo(moderator, made)
    ended = finish(moderator, services, made)

    assert ended["undone"]["taken_back"] == 4
    assert ended["undone"]["passed_by"] == 2
    found = statuses(moderator)
    assert found["c-0001"] == "approved"
    assert {found[one] for one in ids if one not in ("c-0001", "c-0004")} == {"pending"}
    colleague.delete("/v1/comments/c-0001/decision")
    assert statuses(moderator)["c-0001"] == "pending"


def test_undone_while_it_runs_it_stops_first(moderator: FlaskClient, services: Services) -> None:
    ids = fill(moderator, 23)
    begun = begin(moderator, ids=ids)
    carrying.go_on(services, 0, 10)

    assert undo(moderator, begun)["state"] == "undoing"
    ended = finish(moderator, services, begun)

    assert (ended["state"], ended["done"], ended["undone"]["taken_back"]) == ("undone", 5, 5)
    assert set(statuses(moderator).values()) == {"pending"}
    again = undo(moderator, begun)
    assert finish(moderator, services, again)["undone"] == ended["undone"]


def test_a_job_that_is_done_twice_does_nothing_twice(
    moderator: FlaskClient, services: Services, database: Database
) -> None:
    begun = begin(moderator, ids=fill(moderator, 18))
    [job] = jobs.take(database, services.now(), "worker", 10)
    for _ in range(3):
        carrying.run(services, job)

    assert look(moderator, begun)["done"] == 18
    assert count(database)["decisions"] == 18


@pytest.mark.parametrize("seed", range(6))
def test_whatever_was_done_before_undoing_restores_it(
    moderator: FlaskClient, services: Services, clock: Clock, seed: int
) -> None:
    chance = Random(seed)
    ids = fill(moderator, 12)
    for _ in range(chance.randint(0, 10)):
        clock.move(seconds=1)
        act(moderator, chance, chance.choice(ids))
    before = standings(moderator)
    clock.move(seconds=1)
    given = chance.sample(ids, 9)
    wanted = {"ids": given} if chance.random() < 0.5 else {"filter": {"status": EVERY}}
    action = chance.choice(["approve", "reject", "escalate"])

    begun = begin(moderator, action=action, **wanted)
    if chance.random() < 0.7:
        finish(moderator, services, begun)
    undo(moderator, begun)
    finish(moderator, services, begun)

    assert standings(moderator) == before


def act(client: FlaskClient, chance: Random, comment_id: str) -> None:
    """Something that a moderator may do, or not."""
    what = chance.choice(["approve", "reject", "escalate", "undo", "edit"])
    if what == "undo":
        client.delete(f"/v1/comments/{comment_id}/decision")
    elif what == "edit":
        text = f"Other words {chance.random()} spam0.60"
        client.patch(f"/v1/comments/{comment_id}", json={"text": text})
    else:
        decide(client, comment_id, what)


def test_a_year_after_its_end_it_is_forgotten(
    moderator: FlaskClient, services: Services, clock: Clock
) -> None:
    ids = fill(moderator, 12)
    ended, going = begin(moderator, ids=ids[:2]), begin(moderator, ids=ids[2:])
    clock.move(days=364)
    retention.sweep(services, NO_JOB)
    assert walk(moderator, "/v1/decisions") == [going, ended]

    clock.move(days=1)
    retention.sweep(services, NO_JOB)

    assert walk(moderator, "/v1/decisions") == [going]
    assert statuses(moderator)[ids[0]] == "rejected"


def test_three_thousand_while_a_colleague_decides_beside(
    app: Any, services: Services, site: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying, "BATCH", 100)
    monkeypatch.setattr(carrying, "ROUND", 1000)
    one, two = clients(app, services, site, 2)
    ids = fill(one, 3000)
    begun = begin(one, ids=ids)

    def carry_on() -> dict[str, Any]:
        return finish(one, services, begun)

    def decide_beside() -> int:
        done = 0
        for comment_id in ids[2950:] + ids[2000:2050]:
            body = {"action": "approve", "version": 1}
            answer = two.post(f"/v1/comments/{comment_id}/decision", json=body)
            assert answer.status_code in (200, 409), answer.text
            done += answer.status_code == 200
        return done

    ended, beside = at_once([carry_on, decide_beside])

    found = Counter(statuses(one).values())
    assert (ended["state"], ended["left"]) == ("done", 0)
    assert found["rejected"] + found["approved"] == 3000
    assert ended["done"] >= found["rejected"]
    assert ended["done"] + ended["passed_by"]["changed"] >= 3000 - beside
