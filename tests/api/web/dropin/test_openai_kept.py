"""What comes by OpenAI's endpoint is a comment like any other, once for each text."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from api.moderation import rejudging
from api.moderation.dropin import expiring
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store import jobs
from api.store.database import Database
from api.store.dropin import DropinCheck
from tests.api.web.dropin.openai import PATH, ask, find, refused
from tests.conftest import ON_SQLITE
from tests.factories import Clock, count, decide, put_policy, submit


def kept(client: FlaskClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/v1/comments").json["items"]
    return found


def test_a_text_is_kept_judged_and_waits_as_any_comment_does(
    backend: FlaskClient, moderator: FlaskClient
) -> None:
    scores = find(backend, "insult0.6")["category_scores"]

    [comment] = moderator.get("/v1/queue").json["items"]
    assert comment["text"] == "insult0.6"
    assert comment["article"] == {"id": "openai"}
    assert comment["metadata"] == {"door": "openai"}
    assert comment["status"] == "pending"
    assert comment["verdict"]["scores"]["insult"] == scores["harassment"] == 0.6
    assert comment["id"].startswith("openai-")


def test_the_same_text_sent_again_is_the_same_comment(
    backend: FlaskClient, database: Database
) -> None:
    first = find(backend, "insult0.6")
    before = count(database)

    assert find(backend, "insult0.6") == first
    assert ask(backend, ["insult0.6"] * 3)["results"] == [first] * 3
    assert count(database) == before


def test_the_same_text_twice_in_a_list_is_kept_once(backend: FlaskClient) -> None:
    results = ask(backend, ["insult0.6", "A fine day.", "insult0.6"])["results"]

    assert [one["flagged"] for one in results] == [True, False, True]
    assert sorted(one["text"] for one in kept(backend)) == ["A fine day.", "insult0.6"]


@ON_SQLITE
def test_texts_of_two_sites_are_two_comments(backend: FlaskClient, stranger: FlaskClient) -> None:
    find(backend, "insult0.6")
    find(stranger, "insult0.6")

    assert [one["text"] for one in kept(backend)] == ["insult0.6"]
    assert [one["text"] for one in kept(stranger)] == ["insult0.6"]


@ON_SQLITE
def test_what_people_decide_changes_no_scores(backend: FlaskClient, moderator: FlaskClient) -> None:
    first = find(backend, "insult0.6")
    [comment] = kept(backend)
    decide(moderator, comment["id"], "approve")

    assert find(backend, "insult0.6") == first
    [comment] = kept(backend)
    assert comment["status"] == "approved"


def test_it_is_kept_as_long_as_the_policy_says(
    backend: FlaskClient, services: Services, site: int, clock: Clock, database: Database
) -> None:
    find(backend, "One.")
    put_policy(services, site, {"dropin": {"keep_days": 2}})
    find(backend, "Two.")
    submit(backend, "Three.")

    clock.move(days=3)
    expire(services)
    assert {one["text"] for one in kept(backend)} == {"One.", "Three."}

    clock.move(days=30)
    expire(services)
    assert {one["text"] for one in kept(backend)} == {"Three."}
    assert count(database)["dropin_checks"] == 0


def expire(services: Services) -> None:
    now = services.now()
    services.database.write(lambda at: jobs.enqueue(at, expiring.JOB, {}, now))
    taken = jobs.take(services.database, now, "w", 99)
    expiring.expire(services, next(one for one in taken if one.kind == expiring.JOB))


@ON_SQLITE
def test_later_calls_can_find_it(backend: FlaskClient, services: Services, site: int) -> None:
    find(backend, "insult0.6")

    with services.database.reading() as session:
        [row] = session.scalars(select(DropinCheck))
    assert (row.site_id, row.door, len(row.fingerprint)) == (site, "openai", 64)


@pytest.mark.parametrize("fault", ["missing", "raises", "no probability"])
def test_a_classifier_that_fails_is_503_and_the_texts_wait_for_it(
    backend: FlaskClient, scorer: Scorer, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    find(backend, "A fine day.")
    break_it(monkeypatch, scorer, fault)

    answer = backend.post(PATH, json={"input": ["insult0.6", "A fine day.", "insult0.6"]})

    status, error = refused(answer)
    assert (status, error["type"], error["param"], error["code"]) == (
        503,
        "server_error",
        None,
        None,
    )
    assert int(answer.headers["Retry-After"]) > 0
    assert "insult" not in error["message"]
    states = {one["text"]: one["status"] for one in kept(backend)}
    assert states == {"insult0.6": "pending", "A fine day.": "approved"}


def test_when_the_classifier_is_back_the_text_is_judged_and_answered(
    backend: FlaskClient,
    services: Services,
    scorer: Scorer,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as broken:
        break_it(broken, scorer, "raises")
        assert backend.post(PATH, json={"input": "insult0.6"}).status_code == 503

    clock.move(seconds=5)
    taken = jobs.take(services.database, clock(), "w", 9)
    rejudging.rejudge(services, next(one for one in taken if one.kind == "comment.rejudge"))

    assert find(backend, "insult0.6")["category_scores"]["harassment"] == 0.6
    assert len(kept(backend)) == 1


def break_it(monkeypatch: pytest.MonkeyPatch, scorer: Scorer, fault: str) -> None:
    def fail(items: Any) -> Any:
        raise RuntimeError("inner workings")

    doings: dict[str, Callable[[], None]] = {
        "missing": lambda: monkeypatch.setattr(scorer, "model", None),
        "raises": lambda: monkeypatch.setattr(scorer.model, "score", fail),
        "no probability": lambda: monkeypatch.setattr(
            type(scorer.model), "_find", lambda *_: (1.5, 0, 0)
        ),
    }
    doings[fault]()


@ON_SQLITE
def test_nothing_is_kept_of_what_is_refused(backend: FlaskClient, database: Database) -> None:
    before = count(database)
    given: list[Any] = [
        [],
        ["insult0.6", 5],
        [{"type": "text", "text": "insult0.6"}, {"type": "image_url", "image_url": {"url": "x"}}],
        ["insult0.6"] * 1_001,
    ]

    for one in given:
        assert backend.post(PATH, json={"input": one}).status_code == 400
    assert backend.post(PATH, json={"input": "a", "model": "gpt-4"}).status_code == 400
    assert count(database) == before


def test_as_many_texts_as_a_batch_may_have(backend: FlaskClient) -> None:
    texts = [f"Day {number}. " + "A fine one. " * 100 for number in range(1_000)]

    results = ask(backend, texts)["results"]

    assert len(results) == 1_000
    assert not any(one["flagged"] for one in results)
