"""Two people, one item: many claim at once, and each comment is one person's.

`WINNOW_TEST_ITEMS` sets how many comments wait.
"""

import itertools
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import distinct, func, select
from werkzeug.test import TestResponse

from api import create_app
from api.moderation import access
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.settings import Settings
from api.store.database import Database
from api.store.outbox import Event
from api.web.fields import show_time
from tests.factories import Clock, comment, count, make_key, put_policy, submit, walk
from tests.reliability.test_races import at_once

ITEMS = int(os.environ.get("WINNOW_TEST_ITEMS", "400"))
PEOPLE = 8


@pytest.fixture
def people(
    settings: Settings, services: Services, scorer: Scorer, clock: Clock, site: int
) -> Iterator[list[FlaskClient]]:
    """Eight moderators, each with a server of their own on the one database."""
    databases = [Database(services.database.url) for _ in range(PEOPLE)]
    clients = []
    for database in databases:
        client = create_app(settings, Services(database, scorer, clock)).test_client()
        key = make_key(services, site, "moderator")
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
        client.environ_base["ACTOR"] = f"key:{access.key_prefix(key)}"
        clients.append(client)
    yield clients
    for database in databases:
        database.dispose()


def fill(client: FlaskClient, items: int) -> None:
    for start in range(0, items, 500):
        batch = [comment("spam0.60", id=f"c-{n}") for n in range(start, min(start + 500, items))]
        assert client.post("/v1/comments/batch", json={"items": batch}).status_code == 207


def claim_all(client: FlaskClient, most: int) -> Callable[[], dict[str, str]]:
    """Claims until nothing is left; the claims' ids by the comments'."""

    def work() -> dict[str, str]:
        mine: dict[str, str] = {}
        while True:
            answer = client.post("/v1/queue/claims", json={"count": most})
            if answer.status_code == 503:
                # The one writer of SQLite was taken for long; nothing was claimed.
                continue
            assert answer.status_code == 200, answer.text
            items = answer.json["items"]
            if not items:
                return mine
            assert not mine.keys() & {item["id"] for item in items}
            mine |= {item["id"]: item["claim"]["id"] for item in items}

    return work


def test_eight_who_claim_at_once_share_the_queue(
    people: list[FlaskClient], backend: FlaskClient, database: Database
) -> None:
    fill(backend, ITEMS)

    began = time.perf_counter()
    found = at_once([claim_all(client, 1 + n % 4) for n, client in enumerate(people)])
    seconds = time.perf_counter() - began

    times = Counter(one for mine in found for one in mine)
    twice = [one for one, often in times.items() if often > 1]
    print(f"{ITEMS} items, {len(times)} claimed, {len(twice)} twice, {ITEMS / seconds:.0f}/s")
    assert twice == []
    assert len(times) == ITEMS
    assert count(database)["claims"] == ITEMS
    claims = {item["id"]: item["claim"]["id"] for item in walk(people[0], "/v1/queue", limit=200)}
    assert claims == {one: claim for mine in found for one, claim in mine.items()}


def test_while_some_decide_others_are_given_nothing_that_is_decided(
    people: list[FlaskClient], backend: FlaskClient, database: Database
) -> None:
    fill(backend, ITEMS // 2)

    def work(client: FlaskClient) -> Callable[[], list[str]]:
        def decide_all() -> list[str]:
            done: list[str] = []
            while True:
                answer = client.post("/v1/queue/claims", json={"count": 2})
                if answer.status_code == 503:
                    continue
                if not answer.json["items"]:
                    return done
                for item in answer.json["items"]:
                    assert item["status"] == "pending"
                    body = {"action": "reject", "version": 1, "claim": item["claim"]["id"]}
                    while True:
                        url = f"/v1/comments/{item['id']}/decision"
                        decided = client.post(url, json=body)
                        if decided.status_code != 503:
                            break
                    assert decided.status_code == 200, decided.text
                    done.append(item["id"])

        return decide_all

    found = at_once([work(client) for client in people])

    done = [one for mine in found for one in mine]
    assert len(done) == len(set(done)) == ITEMS // 2
    rows = count(database)
    assert (rows["claims"], rows["decisions"]) == (0, ITEMS // 2)


class Shift:
    """Eight people at one queue: who has done what, and a clock that moves when all wait."""

    def __init__(self, clock: Clock, items: int) -> None:
        self.clock, self.items = clock, items
        self.done: list[str] = []
        self.abandoned = self.late = 0
        self._waiting: set[int] = set()
        self._lock = threading.Lock()

    def is_over(self) -> bool:
        return len(self.done) >= self.items

    def rest(self, number: int) -> None:
        """Wait until somebody is through; when all are given nothing, until their claims lapse."""
        with self._lock:
            self._waiting.add(number)
            if len(self._waiting) == PEOPLE:
                self._waiting.clear()
                self.clock.move(minutes=11)
        time.sleep(0.01)

    def go_on(self, number: int) -> None:
        """Be at work again."""
        with self._lock:
            self._waiting.discard(number)


def insist(ask: Callable[..., TestResponse], path: str, body: object = None) -> TestResponse:
    """Ask again while the one writer of SQLite is taken."""
    while (answer := ask(path, json=body)).status_code == 503:
        pass
    return answer


class Person:
    """Claims and decides until nothing is left; some with heartbeats, some go home in between."""

    def __init__(self, shift: Shift, client: FlaskClient, number: int) -> None:
        self.shift, self.client, self.number = shift, client, number
        self.actor = client.environ_base["ACTOR"]
        self.action = ("approve", "reject")[number % 2]
        self.left: list[dict[str, Any]] = []
        self.own: set[str] = set()

    def work(self) -> None:
        for turn in itertools.count():
            if self.shift.is_over():
                return
            self.come_back()
            answer = insist(self.client.post, "/v1/queue/claims", {"count": 1 + turn % 4})
            items = answer.json["items"]
            if not items:
                self.shift.rest(self.number)
                continue
            self.shift.go_on(self.number)
            if self.number % 4 == 3 and turn % 10 == 0:
                self.left += items
                self.shift.abandoned += len(items)
            else:
                for item in items:
                    self.decide(item)

    def come_back(self) -> None:
        """Find out that it is not theirs any more."""
        now = show_time(self.shift.clock()) or ""
        lapsed = [item for item in self.left if item["claim"]["expires_at"] <= now]
        self.left = [item for item in self.left if item not in lapsed]
        for item in lapsed:
            self.decide(item)

    def decide(self, item: dict[str, Any]) -> None:
        claim, url = item["claim"]["id"], f"/v1/comments/{item['id']}/decision"
        if self.number % 2 == 0:
            insist(self.client.put, f"/v1/queue/claims/{claim}")
        body = {"action": self.action, "version": item["version"], "claim": claim}
        answer = insist(self.client.post, url, body)
        own = answer.status_code == 200 and answer.json["decision"]["actor"] == self.actor
        # What lapsed may have come back to the same person, who says the same once more.
        if own and item["id"] not in self.own:
            self.own.add(item["id"])
            self.shift.done.append(item["id"])
            return
        # Somebody has it now, or has said the same already.
        assert answer.status_code in (200, 409), answer.text
        assert answer.json.get("comment", answer.json)["id"] == item["id"]
        self.shift.late += 1


def test_eight_who_claim_and_decide_leave_nothing_and_decide_nothing_twice(
    people: list[FlaskClient],
    backend: FlaskClient,
    services: Services,
    site: int,
    clock: Clock,
) -> None:
    put_policy(services, site, {"review": {"claims": "required"}})
    fill(backend, ITEMS)
    shift = Shift(clock, ITEMS)

    began = time.perf_counter()
    at_once([Person(shift, client, n).work for n, client in enumerate(people)])
    seconds = time.perf_counter() - began

    decided = count(services.database)["decisions"]
    print(
        f"{ITEMS} items, {len(set(shift.done))} decided, {decided - ITEMS} twice, "
        f"{shift.abandoned} abandoned, {shift.late} too late, {ITEMS / seconds:.0f}/s"
    )
    assert sorted(shift.done) == sorted(f"c-{n}" for n in range(ITEMS))
    assert decided == ITEMS
    assert shift.abandoned
    assert shift.late
    rows = count(services.database)
    assert (rows["waiting"], rows["claims"]) == (0, 0)
    with services.database.reading() as session:
        told = select(func.count(), func.count(distinct(Event.comment_id)))
        found = session.execute(told.where(Event.type == "comment.decided")).one()
    assert tuple(found) == (ITEMS, ITEMS)


def test_what_lapses_while_all_wait_for_it_is_claimed_once(
    people: list[FlaskClient], backend: FlaskClient, clock: Clock
) -> None:
    fill(backend, 10)
    for _ in range(5):
        found = at_once([claim_all(client, 3) for client in people])
        assert sorted(one for mine in found for one in mine) == sorted(f"c-{n}" for n in range(10))
        clock.move(minutes=10)


def test_of_who_decides_and_who_claims_at_once_one_is_first(
    people: list[FlaskClient], backend: FlaskClient
) -> None:
    """Whoever claims first has the comment; whoever decides first leaves nothing to claim."""
    for number in range(20):
        submit(backend, "spam0.60", id=f"c-{number}")
        url = f"/v1/comments/c-{number}/decision"

        decided, claimed = at_once(
            [
                lambda url=url: people[0].post(url, json={"action": "reject"}),  # type: ignore[misc]
                lambda: people[1].post("/v1/queue/claims", json={"count": 1}),
            ]
        )

        won = [item["id"] for item in claimed.json["items"]]
        expected = {200: [], 409: [f"c-{number}"]}
        assert won == expected[decided.status_code]
        if won:
            people[1].post(url, json={"action": "reject"})
