"""Many at once about one thing: one wins, and all are told the same."""

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.moderation.services import Services
from api.store.database import Database
from tests.factories import comment, count, make_key, submit, walk

T = TypeVar("T")


def at_once(works: Sequence[Callable[[], T]]) -> list[T]:
    """Do all of it in threads that start together; what they return, in order."""
    start = threading.Barrier(len(works))
    found: dict[int, T] = {}

    def work(number: int) -> None:
        start.wait()
        found[number] = works[number]()

    threads = [threading.Thread(target=work, args=[number]) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [found[number] for number in range(len(works))]


def clients(app: Flask, services: Services, site: int, how_many: int) -> list[FlaskClient]:
    key = make_key(services, site, "moderator")
    made = [app.test_client() for _ in range(how_many)]
    for one in made:
        one.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return made


def post(client: FlaskClient, **given: str) -> Callable[[], TestResponse]:
    return lambda: client.post("/v1/comments", json=comment(**given))


def test_fifty_that_post_the_same_make_one_comment(
    app: Flask, services: Services, site: int, database: Database
) -> None:
    works = [post(client, id="c-1") for client in clients(app, services, site, 50)]

    answers = at_once(works)

    assert sorted(answer.status_code for answer in answers) == [200] * 49 + [201]
    assert len({answer.data for answer in answers}) == 1
    rows = count(database)
    assert [rows[t] for t in ("comments", "revisions", "verdicts", "events")] == [1, 1, 1, 1]


def test_twenty_texts_under_one_id_become_twenty_revisions(
    app: Flask, services: Services, site: int
) -> None:
    some = clients(app, services, site, 20)

    answers = at_once(
        [post(client, id="c-1", text=f"Number {n}.") for n, client in enumerate(some)]
    )

    assert {answer.status_code for answer in answers} == {201}
    assert sorted(answer.json["revision"] for answer in answers) == list(range(1, 21))
    history = some[0].get("/v1/comments/c-1/history").json
    assert len({revision["text"] for revision in history["revisions"]}) == 20
    assert len(history["events"]) == 20
    assert some[0].get("/v1/comments/c-1").json["text"] == history["revisions"][-1]["text"]


def test_eight_that_decide_otherwise_about_one_version_have_one_winner(
    app: Flask, services: Services, site: int
) -> None:
    some = clients(app, services, site, 8)
    for round_ in range(5):
        submit(some[0], "spam0.60", id=f"c-{round_}")
        url = f"/v1/comments/c-{round_}/decision"

        def choose(client: FlaskClient, action: str, url: str = url) -> Callable[[], TestResponse]:
            return lambda: client.post(url, json={"action": action, "version": 1})

        answers = at_once([choose(one, ("approve", "reject")[n % 2]) for n, one in enumerate(some)])

        won = [answer for answer in answers if answer.status_code == 200]
        assert len(won) == 4
        assert len({answer.data for answer in won}) == 1
        lost = [answer for answer in answers if answer.status_code != 200]
        assert {(answer.status_code, answer.json["version"]) for answer in lost} == {(409, 2)}
        history = some[0].get(f"/v1/comments/c-{round_}/history").json
        assert len(history["decisions"]) == 1
        assert [event["type"] for event in history["events"]] == [
            "comment.created",
            "comment.decided",
        ]


def test_edits_of_one_version_have_one_winner(app: Flask, services: Services, site: int) -> None:
    some = clients(app, services, site, 8)
    submit(some[0], id="c-1")

    def change(client: FlaskClient, number: int) -> Callable[[], TestResponse]:
        body = {"text": f"Number {number}.", "version": 1}
        return lambda: client.patch("/v1/comments/c-1", json=body)

    answers = at_once([change(client, number) for number, client in enumerate(some)])

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    assert some[0].get("/v1/comments/c-1").json["version"] == 2


def test_undoing_at_once_undoes_once(app: Flask, services: Services, site: int) -> None:
    some = clients(app, services, site, 8)
    submit(some[0], id="c-1")
    some[0].post("/v1/comments/c-1/decision", json={"action": "reject"})

    def undo(client: FlaskClient) -> Callable[[], TestResponse]:
        return lambda: client.delete("/v1/comments/c-1/decision")

    answers = at_once([undo(client) for client in some])

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7


def test_batches_that_hold_the_same_ids_in_any_order_all_end_well(
    app: Flask, services: Services, site: int, database: Database
) -> None:
    some = clients(app, services, site, 6)
    items = [comment(id=f"c-{n}") for n in range(40)]

    def send(client: FlaskClient, turned: bool) -> Callable[[], TestResponse]:
        body = {"items": items[::-1] if turned else items}
        return lambda: client.post("/v1/comments/batch", json=body)

    answers = at_once([send(client, bool(n % 2)) for n, client in enumerate(some)])

    # Two that wait for each other cannot both go on: one is told to come again.
    assert {answer.status_code for answer in answers} <= {207, 503}
    assert 207 in {answer.status_code for answer in answers}
    for client, answer in zip(some, answers, strict=True):
        again = answer if answer.status_code == 207 else send(client, False)()
        assert {entry["status"] for entry in again.json["items"]} <= {200, 201}
    assert count(database)["comments"] == 40


def test_a_walk_through_a_list_that_grows_misses_and_repeats_nothing(
    app: Flask, services: Services, site: int
) -> None:
    reader, *writers = clients(app, services, site, 4)
    old = {submit(reader, id=f"old-{n}")["id"] for n in range(30)}

    def write(client: FlaskClient, name: str) -> Callable[[], list[str]]:
        return lambda: [submit(client, id=f"{name}-{n}")["id"] for n in range(15)]

    def read() -> list[str]:
        return [item["id"] for item in walk(reader, "/v1/comments", limit=4)]

    seen, *_ = at_once([read, *(write(client, f"new{n}") for n, client in enumerate(writers))])

    assert len(seen) == len(set(seen))
    assert old <= set(seen)
