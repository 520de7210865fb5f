"""Campaigns over HTTP: copies are held, shown as one, decided as one, followed, and undone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from api.moderation.campaigns import batches
from api.moderation.services import Services
from api.store import jobs
from api.store.database import Database
from api.store.outbox import KeptAnswer
from api.store.policies import Signature
from api.store.tables import Base, Comment
from api.work import handlers
from tests.factories import Clock, comment, decide, put_policy, submit, walk
from tests.reliability.test_races import at_once, clients

TEXT = "My cousin earns four hundred a day at home, and so can whoever writes to her at once."
WORDS = ("cousin", "sister", "friend", "teacher", "barber", "doctor")
OTHER = "The bridge has been closed since March, and the mayor says that nothing is wrong with it."


@pytest.fixture(autouse=True)
def policy(services: Services, site: int) -> None:
    put_policy(services, site, {"duplicates": {"do": "hold", "follow_hours": 24}})


def send(client: FlaskClient, number: int, text: str = TEXT, **more: Any) -> dict[str, Any]:
    """The text with another word in it, by another author, under another article."""
    given = {"author": {"id": f"u-{number}"}, "article": {"id": f"a-{number}"}}
    varied = text.replace("cousin", WORDS[number % len(WORDS)])
    return submit(client, varied, **{"id": f"c-{number}", **given, **more})


def flood(client: FlaskClient, how_many: int) -> list[dict[str, Any]]:
    return [send(client, number) for number in range(how_many)]


def only(client: FlaskClient) -> dict[str, Any]:
    """The one campaign that there is."""
    [found] = walk(client, "/v1/campaigns")
    return found


def choose(client: FlaskClient, action: str = "reject", **more: Any) -> dict[str, Any]:
    """Decide about the one campaign."""
    url = f"/v1/campaigns/{only(client)['id']}/decision"
    answer = client.post(url, json={"action": action, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def take_back(client: FlaskClient) -> dict[str, Any]:
    answer = client.delete(f"/v1/campaigns/{only(client)['id']}/decision")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def codes(found: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in found["verdict"]["reasons"]]


def statuses(client: FlaskClient) -> dict[str, str]:
    return {one["id"]: one["status"] for one in walk(client, "/v1/comments")}


def work(services: Services, clock: Clock) -> None:
    """One run of what is due a minute later, put off where it has more to do."""
    clock.move(seconds=60)
    for job in jobs.take(services.database, clock(), "worker", 100):
        try:
            handlers.HANDLERS[job.kind].run(services, job)
        except jobs.LaterError as later:
            jobs.put_off(services.database, job, clock() + later.after, counts=later.counts)
        else:
            jobs.finish(services.database, job)


def test_copies_by_others_under_other_articles_are_held_from_the_second(
    moderator: FlaskClient,
) -> None:
    found = [*flood(moderator, 4), send(moderator, 9, OTHER)]

    held = ["approved", "pending", "pending", "pending", "approved"]
    assert [one["status"] for one in found] == held
    assert [codes(one) for one in found] == [[], *[["near_duplicate"]] * 3, []]
    assert "copy 4" in found[3]["verdict"]["reasons"][0]["message"]


def test_copies_are_shown_as_one(moderator: FlaskClient, clock: Clock) -> None:
    flood(moderator, 2)
    clock.move(minutes=5)
    last = send(moderator, 2, article={"id": "a-1"})
    send(moderator, 9, OTHER)

    found = only(moderator)

    assert found.pop("id") == last["verdict"]["reasons"][0]["rule"].removeprefix("campaign:")
    assert found == {
        "size": 3,
        "pending": 2,
        "authors": 3,
        "articles": 2,
        "first_at": "2026-11-22T12:00:00Z",
        "last_at": "2026-11-22T12:05:00Z",
        "sample": {"id": "c-2", "text": last["text"]},
        "decision": None,
    }


def test_campaigns_are_listed_by_their_last_copy_in_pages(moderator: FlaskClient) -> None:
    texts = [
        "The bakery on the corner has the best bread rolls in the whole of the old town.",
        "Nobody has told the tenants that the heating would be off for eleven days in winter.",
        "Our choir looks for two tenors who can come to the school hall on Thursday evenings.",
    ]
    for turn in (0, 1):
        for number, text in enumerate(texts):
            send(moderator, 10 * turn + number, text)
    send(moderator, 30, texts[0])

    found = walk(moderator, "/v1/campaigns", limit=1)

    assert [one["sample"]["text"] for one in found] == [texts[0], texts[2], texts[1]]
    assert [one["size"] for one in found] == [3, 2, 2]


def test_a_campaign_shows_its_comments_in_pages(moderator: FlaskClient) -> None:
    flood(moderator, 5)
    send(moderator, 9, OTHER)
    campaign = only(moderator)
    path = f"/v1/campaigns/{campaign['id']}"

    found = walk(moderator, path, limit=2)

    assert [one["id"] for one in found] == ["c-4", "c-3", "c-2", "c-1", "c-0"]
    assert found[0] == moderator.get("/v1/comments/c-4").json
    assert moderator.get(path).json["campaign"] == campaign


@pytest.mark.parametrize(("action", "status"), [("approve", "approved"), ("reject", "rejected")])
def test_what_waits_is_decided_as_one(moderator: FlaskClient, action: str, status: str) -> None:
    flood(moderator, 4)

    found = choose(moderator, action, reason="advert", note="the usual")

    assert (found["pending"], found["decision"]["action"]) == (0, action)
    assert found["decision"]["until"] == "2026-11-23T12:00:00Z"
    assert found["decision"]["following"] is True
    assert statuses(moderator) == {"c-0": "approved"} | dict.fromkeys(("c-1", "c-2", "c-3"), status)
    one = moderator.get("/v1/comments/c-1").json
    assert one["decision"]["reason"] == "advert"
    assert one["decision"]["note"] == "the usual"
    assert one["decision"]["actor"] == found["decision"]["actor"]
    events = moderator.get("/v1/comments/c-1/history").json["events"]
    assert [event["type"] for event in events] == ["comment.created", "comment.decided"]


@pytest.mark.parametrize(("action", "status"), [("approve", "approved"), ("reject", "rejected")])
def test_later_arrivals_follow_for_the_set_time(
    moderator: FlaskClient, clock: Clock, action: str, status: str
) -> None:
    flood(moderator, 3)
    choose(moderator, action)

    clock.move(hours=23, minutes=59)
    followed = send(moderator, 1 + len(WORDS))
    clock.move(minutes=1)
    free = send(moderator, 2 + len(WORDS))

    assert (followed["status"], codes(followed)[0]) == (status, "campaign_decided")
    assert (free["status"], codes(free)) == ("pending", ["near_duplicate"])
    assert only(moderator)["decision"]["following"] is False


def test_a_campaign_that_is_only_flagged_can_be_decided_and_followed(
    moderator: FlaskClient, services: Services, site: int
) -> None:
    put_policy(services, site, {"duplicates": {"do": "flag"}})
    assert [one["status"] for one in flood(moderator, 2)] == ["approved", "approved"]

    choose(moderator, "reject")

    assert send(moderator, 2)["status"] == "rejected"
    put_policy(services, site, {"duplicates": {"do": "off"}})
    assert (send(moderator, 3)["status"], codes(send(moderator, 3))) == ("approved", [])


def test_older_copies_than_days_do_not_count(
    moderator: FlaskClient, services: Services, site: int, clock: Clock
) -> None:
    put_policy(services, site, {"duplicates": {"do": "hold", "days": 2}})
    send(moderator, 0)

    clock.move(days=2)

    assert send(moderator, 1)["status"] == "approved"
    assert send(moderator, 2)["status"] == "pending"


def test_another_sites_copies_do_not_count(
    moderator: FlaskClient, stranger: FlaskClient, services: Services, site: int
) -> None:
    put_policy(services, site + 1, {"duplicates": {"do": "hold"}})
    send(moderator, 0)

    assert send(stranger, 1)["status"] == "approved"
    assert send(stranger, 2)["status"] == "pending"
    assert walk(moderator, "/v1/campaigns") == []
    assert moderator.get(f"/v1/campaigns/{only(stranger)['id']}").status_code == 404


def test_the_same_comment_sent_once_more_or_edited_is_no_copy(moderator: FlaskClient) -> None:
    send(moderator, 0)

    assert send(moderator, 0)["status"] == "approved"
    again = submit(moderator, f"{TEXT} Really!", id="c-0", article={"id": "a-0"})
    assert (again["revision"], again["status"], codes(again)) == (2, "approved", [])
    edited = moderator.patch("/v1/comments/c-0", json={"text": f"{TEXT} Well."}).json
    assert (edited["revision"], edited["status"]) == (3, "approved")
    assert walk(moderator, "/v1/campaigns") == []


def test_who_edits_a_comment_into_a_copy_is_held_and_out_of_it_is_none(
    moderator: FlaskClient,
) -> None:
    flood(moderator, 2)
    submit(moderator, OTHER, id="c-9")

    into = moderator.patch("/v1/comments/c-9", json={"text": TEXT}).json
    assert (into["status"], only(moderator)["size"]) == ("pending", 3)
    out = moderator.patch("/v1/comments/c-9", json={"text": OTHER}).json
    assert (codes(out), only(moderator)["size"]) == ([], 2)


def test_deleted_comments_are_gone_from_their_campaign(moderator: FlaskClient) -> None:
    flood(moderator, 3)
    campaign = only(moderator)

    moderator.delete("/v1/comments/c-2")
    assert only(moderator)["size"] == 2
    moderator.delete("/v1/comments/c-1")
    assert walk(moderator, "/v1/campaigns") == []
    moderator.delete("/v1/comments/c-0")
    assert moderator.get(f"/v1/campaigns/{campaign['id']}").status_code == 404


def test_an_answer_that_is_kept_goes_with_the_text_it_shows(
    moderator: FlaskClient, database: Database
) -> None:
    flood(moderator, 2)
    url = f"/v1/campaigns/{only(moderator)['id']}/decision"
    moderator.post(url, json={"action": "reject"}, headers={"Idempotency-Key": "k-1"})

    moderator.delete("/v1/comments/c-1")

    with database.reading() as session:
        assert session.scalars(select(KeptAnswer.key)).all() == []


def test_deciding_the_same_again_changes_nothing_but_takes_along_what_waits(
    moderator: FlaskClient, clock: Clock
) -> None:
    flood(moderator, 3)
    first = choose(moderator, reason="advert")
    decide(moderator, "c-2", "escalate")
    clock.move(hours=1)

    second = choose(moderator)

    assert second["decision"] == first["decision"]
    assert statuses(moderator)["c-2"] == "rejected"
    assert moderator.get("/v1/comments/c-1").json["version"] == 2
    assert moderator.get("/v1/comments/c-2").json["version"] == 4


def test_deciding_otherwise_needs_an_undo_first_but_not_when_it_is_over(
    moderator: FlaskClient, clock: Clock
) -> None:
    flood(moderator, 3)
    choose(moderator, "reject")
    url = f"/v1/campaigns/{only(moderator)['id']}/decision"

    refused = moderator.post(url, json={"action": "approve"})
    clock.move(hours=24)
    send(moderator, 3)
    done = moderator.post(url, json={"action": "approve"})

    assert refused.status_code == 409
    assert "rejected until 2026-11-23 12:00 UTC" in refused.json["detail"]
    assert done.json["decision"]["created_at"] == "2026-11-23T12:00:00Z"
    assert [*statuses(moderator).values()] == ["approved", "rejected", "rejected", "approved"]


def test_what_somebody_else_has_claimed_is_left_to_them(
    moderator: FlaskClient, connect: Callable[..., FlaskClient], clock: Clock
) -> None:
    flood(moderator, 4)
    [mine] = moderator.post("/v1/queue/claims", json={"count": 1}).json["items"]
    [theirs] = connect("moderator").post("/v1/queue/claims", json={"count": 1}).json["items"]

    found = choose(moderator)

    assert found["pending"] == 1
    assert statuses(moderator)[mine["id"]] == "rejected"
    assert statuses(moderator)[theirs["id"]] == "pending"
    clock.move(minutes=11)
    assert choose(moderator)["pending"] == 0


def test_undoing_takes_back_what_it_has_decided_and_nothing_else(
    moderator: FlaskClient, clock: Clock
) -> None:
    flood(moderator, 4)
    decide(moderator, "c-3", "reject")
    clock.move(seconds=1)
    choose(moderator, "reject")
    clock.move(seconds=1)
    decide(moderator, "c-2", "approve")

    found = take_back(moderator)

    assert (found["decision"], found["pending"]) == (None, 1)
    assert [*statuses(moderator).values()] == ["rejected", "approved", "pending", "approved"]
    assert send(moderator, 5)["status"] == "pending"
    again = moderator.delete(f"/v1/campaigns/{found['id']}/decision")
    assert (again.status_code, again.json["detail"]) == (
        409,
        "There is no decision on this campaign to undo.",
    )


def test_after_an_undo_what_has_followed_is_judged_again(
    moderator: FlaskClient, services: Services, clock: Clock
) -> None:
    flood(moderator, 2)
    choose(moderator, "reject")
    assert send(moderator, 2)["status"] == "rejected"
    take_back(moderator)

    work(services, clock)

    found = moderator.get("/v1/comments/c-2").json
    assert (found["status"], codes(found)) == ("pending", ["near_duplicate"])


def fill(services: Services, how_many: int) -> None:
    """Make a campaign larger by so many copies of its last comment."""
    comments, *parts = (Base.metadata.tables[n] for n in ("comments", "revisions", "verdicts"))
    with services.database.writing() as session:
        newest = select(comments).order_by(comments.c.id.desc()).limit(1)
        last = session.execute(newest).one()._asdict()
        key = last.pop("id")
        made = [{**last, "public_id": f"m-{number}"} for number in range(how_many)]
        session.execute(comments.insert(), made)
        keys = session.scalars(select(Comment.id).where(Comment.public_id.like("m-%"))).all()
        for part in parts:
            row = session.execute(select(part).where(part.c.comment_id == key)).one()._asdict()
            session.execute(part.insert(), [{**row, "comment_id": one} for one in keys])


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests and jobs that do ten comments at most."""
    monkeypatch.setattr(batches, "BATCH", 5)
    monkeypatch.setattr(batches, "BATCHES", 2)


@pytest.mark.usefixtures("small")
def test_a_large_campaign_is_gone_on_with_by_a_worker(
    moderator: FlaskClient, services: Services, clock: Clock
) -> None:
    flood(moderator, 2)
    fill(services, 40)

    first = choose(moderator, "reject")
    assert first["pending"] == 41 - 5
    assert only(moderator)["pending"] == 41 - 15
    for _ in range(4):
        work(services, clock)

    assert only(moderator)["pending"] == 0
    take_back(moderator)
    assert only(moderator)["pending"] == 15
    for _ in range(4):
        work(services, clock)
    assert only(moderator)["pending"] == 41


@pytest.mark.usefixtures("small")
def test_a_job_of_a_decision_that_was_taken_back_does_nothing(
    moderator: FlaskClient, services: Services, clock: Clock
) -> None:
    flood(moderator, 2)
    fill(services, 40)
    choose(moderator, "reject")
    take_back(moderator)

    for _ in range(6):
        work(services, clock)

    assert only(moderator)["pending"] == 41


def test_what_was_being_judged_when_it_was_decided_is_taken_along(
    moderator: FlaskClient, services: Services, clock: Clock
) -> None:
    flood(moderator, 2)
    choose(moderator, "reject")
    fill(services, 3)

    work(services, clock)

    assert only(moderator)["pending"] == 0


def test_of_two_that_decide_otherwise_at_once_one_wins(
    app: Flask, services: Services, site: int, moderator: FlaskClient
) -> None:
    flood(moderator, 6)
    url = f"/v1/campaigns/{only(moderator)['id']}/decision"
    some = clients(app, services, site, 8)

    def post(client: FlaskClient, action: str) -> Callable[[], int]:
        return lambda: client.post(url, json={"action": action}).status_code

    answers = at_once([post(one, ("approve", "reject")[n % 2]) for n, one in enumerate(some)])

    assert sorted(answers) == [200] * 4 + [409] * 4
    found = statuses(moderator)
    assert found.pop("c-0") == "approved"
    assert len(set(found.values())) == 1
    for name in found:
        assert moderator.get(f"/v1/comments/{name}").json["version"] == 2


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that moves a little whenever it is asked, as clocks do."""

    moments = count(1)

    def tick(clock: Clock) -> datetime:
        return clock.time + timedelta(microseconds=next(moments))

    monkeypatch.setattr(Clock, "__call__", tick)


@pytest.mark.usefixtures("ticking")
def test_deciding_and_undoing_at_once_leaves_all_or_nothing_decided(
    app: Flask, services: Services, site: int, moderator: FlaskClient, clock: Clock
) -> None:
    flood(moderator, 6)
    url = f"/v1/campaigns/{only(moderator)['id']}/decision"
    some = clients(app, services, site, 6)

    def act(client: FlaskClient, undo: bool) -> Callable[[], int]:
        if undo:
            return lambda: client.delete(url).status_code
        return lambda: client.post(url, json={"action": "reject"}).status_code

    answers = at_once([act(one, bool(n % 2)) for n, one in enumerate(some)])
    work(services, clock)

    assert set(answers) <= {200, 409}
    found = statuses(moderator)
    assert found.pop("c-0") == "approved"
    decided = only(moderator)["decision"] is not None
    assert set(found.values()) == {"rejected" if decided else "pending"}


def test_copies_that_come_at_once_are_one_campaign(
    app: Flask, services: Services, site: int, moderator: FlaskClient
) -> None:
    send(moderator, 0)
    some = clients(app, services, site, 8)

    def post(client: FlaskClient, number: int) -> Callable[[], dict[str, Any]]:
        return lambda: send(client, number)

    found = at_once([post(one, n + 1) for n, one in enumerate(some)])

    assert {one["status"] for one in found} == {"pending"}
    assert only(moderator)["size"] == 9


def test_a_batch_of_copies_is_held_once_one_has_come_before(moderator: FlaskClient) -> None:
    send(moderator, 0)

    items = [comment(TEXT, id=f"b-{number}") for number in range(20)]
    answer = moderator.post("/v1/comments/batch", json={"items": items})

    assert {one["comment"]["status"] for one in answer.json["items"]} == {"pending"}
    assert only(moderator)["size"] == 21


def test_a_site_that_asks_for_none_of_it_keeps_no_signatures(
    moderator: FlaskClient, services: Services, site: int, database: Database
) -> None:
    put_policy(services, site, {})
    flood(moderator, 3)

    with database.reading() as session:
        assert session.scalars(select(Signature.band)).all() == []
        assert set(session.scalars(select(Comment.campaign))) == {None}


def test_comments_that_were_kept_before_are_taken_along_when_their_copies_come(
    moderator: FlaskClient, database: Database
) -> None:
    flood(moderator, 3)
    with database.writing() as session:
        # As if these three had come at the very same moment.
        session.execute(update(Comment).values(campaign=None))
    assert walk(moderator, "/v1/campaigns") == []

    send(moderator, 3)

    assert only(moderator)["size"] == 4


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/action"),
        ({"action": "escalate"}, "/action"),
        ({"action": "reject", "reason": ""}, "/reason"),
        ({"action": "reject", "note": "x" * 2001}, "/note"),
        ({"action": "reject", "version": 1}, "/version"),
    ],
)
def test_what_is_wrong_is_named(moderator: FlaskClient, body: dict[str, Any], pointer: str) -> None:
    flood(moderator, 2)
    answer = moderator.post(f"/v1/campaigns/{only(moderator)['id']}/decision", json=body)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]
    assert only(moderator)["decision"] is None


@pytest.mark.parametrize("path", ["", "/decision"])
def test_what_is_not_there_is_404(moderator: FlaskClient, path: str) -> None:
    for name in (f"cmp_{'0' * 24}", "cmp_1", "none"):
        url = f"/v1/campaigns/{name}{path}"
        answers = [moderator.get(url), moderator.delete(url)]
        answers.append(moderator.post(url, json={"action": "reject"}))
        known = {404, 405} if name == f"cmp_{'0' * 24}" else {404}
        assert {answer.status_code for answer in answers} <= known


def test_a_cursor_of_another_list_is_refused(moderator: FlaskClient) -> None:
    answer = moderator.get("/v1/campaigns?cursor=bm8")

    assert answer.status_code == 422
    assert answer.json["errors"][0]["parameter"] == "cursor"
