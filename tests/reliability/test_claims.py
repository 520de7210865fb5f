"""Two people, one item: many claim at once, and each comment is one person's.

`WINNOW_TEST_ITEMS` sets how many comments wait.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

from api import create_app
from api.moderation import access
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.settings import Settings
from api.store.database import Database
from tests.factories import Clock, comment, count, submit, walk
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
        key = access.create_key(services, site, "moderator")
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
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
