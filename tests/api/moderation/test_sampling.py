"""Audit samples: drawn by chance from what nobody looks at, and asked about blind."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store.database import Database
from api.store.tables import Comment
from tests.api.work.doing import work
from tests.factories import Clock, decide, put_policy, submit, walk

APPROVED, HELD, REJECTED = "A fine day.", "spam0.60", "spam0.97"


class Chance:
    """A chance that gives what it is told, again and again."""

    def __init__(self) -> None:
        self.value = 0.0
        self.asked = 0

    def __call__(self) -> float:
        self.asked += 1
        return self.value


@pytest.fixture
def chance() -> Chance:
    """Always 0 until told otherwise: everything is drawn."""
    return Chance()


@pytest.fixture
def services(database: Database, scorer: Scorer, clock: Clock, chance: Chance) -> Services:
    """What the rules are given, with a chance of ours."""
    return Services(database, scorer, clock, chance=chance)


@pytest.fixture
def audited(services: Services, site: int) -> None:
    """One automatic decision in ten is looked at."""
    put_policy(services, site, {"audit": 0.1})


def sampled(services: Services) -> dict[str, float | None]:
    with services.database.reading() as session:
        return dict(session.execute(select(Comment.public_id, Comment.sampled)).all())


def queued(client: FlaskClient, **query: Any) -> list[str]:
    return [item["id"] for item in walk(client, "/v1/queue", **query)]


def claim(client: FlaskClient, **wanted: Any) -> list[dict[str, Any]]:
    answer = client.post("/v1/queue/claims", json=wanted)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["items"]
    return found


@pytest.mark.usefixtures("audited")
@pytest.mark.parametrize(
    ("text", "status", "kept"),
    [(APPROVED, "approved", 0.1), (REJECTED, "rejected", 0.1), (HELD, "pending", None)],
)
def test_what_nobody_would_look_at_is_drawn_and_stays_as_it_is(
    services: Services, backend: FlaskClient, text: str, status: str, kept: float | None
) -> None:
    assert submit(backend, text, id="c-1")["status"] == status
    assert sampled(services) == {"c-1": kept}


@pytest.mark.usefixtures("audited")
@pytest.mark.parametrize(("drawn", "kept"), [(0.0999, 0.1), (0.1, None), (0.9, None)])
def test_chance_decides(
    services: Services, backend: FlaskClient, chance: Chance, drawn: float, kept: float | None
) -> None:
    chance.value = drawn
    submit(backend, APPROVED, id="c-1")
    assert sampled(services) == {"c-1": kept}


def test_without_an_audit_chance_is_not_even_asked(
    services: Services, backend: FlaskClient, chance: Chance
) -> None:
    submit(backend, APPROVED, id="c-1")
    assert sampled(services) == {"c-1": None}
    assert chance.asked == 0


@pytest.mark.usefixtures("audited")
def test_another_wording_is_drawn_anew(
    services: Services, backend: FlaskClient, chance: Chance
) -> None:
    submit(backend, APPROVED, id="c-1")
    chance.value = 0.5
    backend.patch("/v1/comments/c-1", json={"text": "A finer day."})
    assert sampled(services) == {"c-1": None}
    chance.value = 0.05
    submit(backend, "The finest day.", id="c-1")
    assert sampled(services) == {"c-1": 0.1}
    backend.patch("/v1/comments/c-1", json={"text": HELD})
    assert sampled(services) == {"c-1": None}


@pytest.mark.usefixtures("audited")
def test_a_verdict_that_came_late_may_be_drawn(
    services: Services, backend: FlaskClient, scorer: Scorer
) -> None:
    model, scorer.model = scorer.model, None
    submit(backend, APPROVED, id="c-1")
    assert sampled(services) == {"c-1": None}
    scorer.model = model
    work(services)
    assert sampled(services) == {"c-1": 0.1}


@pytest.fixture
def samples(audited: None, backend: FlaskClient) -> None:
    """Three samples and one that waits."""
    submit(backend, APPROVED, id="c-1", article={"id": "a-1"})
    submit(backend, REJECTED, id="c-2")
    submit(backend, HELD, id="c-3")
    submit(backend, "toxicity0.45", id="c-4")


@pytest.mark.usefixtures("samples")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, "c-3"),
        ({"queue": "default"}, "c-3"),
        ({"queue": "audit"}, "c-4 c-2 c-1"),
        ({"queue": "audit", "limit": 1}, "c-4 c-2 c-1"),
        ({"queue": "audit", "sort": "priority"}, "c-4 c-2 c-1"),
        ({"queue": "audit", "sort": "oldest", "limit": 2}, "c-1 c-2 c-4"),
        ({"queue": "audit", "article": "a-1"}, "c-1"),
    ],
)
def test_samples_have_a_queue_of_their_own_the_newest_first(
    moderator: FlaskClient, query: dict[str, Any], found: str
) -> None:
    assert queued(moderator, **query) == found.split()


@pytest.mark.usefixtures("samples")
def test_a_sample_does_not_tell_what_the_machine_said(moderator: FlaskClient) -> None:
    plain = moderator.get("/v1/comments/c-2").json
    [item] = [one for one in walk(moderator, "/v1/queue", queue="audit") if one["id"] == "c-2"]
    blind = ("status", "verdict", "decision", "priority", "priority_terms", "claim")
    assert [item.pop(name) for name in blind] == [None] * 6
    assert (item.pop("queue"), item.pop("waiting_since")) == ("audit", item["received_at"])
    assert item.pop("to_learn") is False
    assert item == {name: value for name, value in plain.items() if name not in blind}


@pytest.mark.usefixtures("samples")
def test_a_reason_cannot_be_asked_for(moderator: FlaskClient) -> None:
    answer = moderator.get("/v1/queue?queue=audit&reason=spam_score")
    assert answer.status_code == 422
    [wrong] = answer.json["errors"]
    assert wrong["parameter"] == "reason"
    assert moderator.get("/v1/queue?queue=default&reason=spam_score").status_code == 200


@pytest.mark.usefixtures("samples")
@pytest.mark.parametrize("action", ["approve", "reject"])
def test_an_answer_ends_it_and_undoing_asks_again(moderator: FlaskClient, action: str) -> None:
    after = {"approve": "approved", "reject": "rejected"}[action]
    for name in ("c-1", "c-2"):
        assert decide(moderator, name, action)["status"] == after
    assert queued(moderator, queue="audit") == ["c-4"]
    undone = moderator.delete("/v1/comments/c-1/decision").json
    assert undone["status"] == "approved"
    assert queued(moderator, queue="audit") == ["c-4", "c-1"]


@pytest.mark.usefixtures("samples")
def test_an_escalated_sample_waits_with_what_is_escalated(moderator: FlaskClient) -> None:
    assert decide(moderator, "c-1", "escalate")["status"] == "pending"
    assert queued(moderator, queue="audit") == ["c-4", "c-2"]
    assert queued(moderator, queue="escalated") == ["c-1"]


@pytest.mark.usefixtures("samples")
def test_samples_are_claimed_by_the_name_of_their_queue(
    moderator: FlaskClient, connect: Callable[..., FlaskClient]
) -> None:
    assert [one["id"] for one in claim(moderator)] == ["c-3"]
    taken = claim(moderator, queue="audit", count=2)
    assert [(one["id"], one["verdict"]) for one in taken] == [("c-4", None), ("c-2", None)]

    other = connect("moderator")
    assert [one["id"] for one in claim(other, queue="audit")] == ["c-1"]
    body = {"action": "reject"}
    assert other.post("/v1/comments/c-4/decision", json=body).status_code == 409
    mine = taken[0]["claim"]["id"]
    assert moderator.put(f"/v1/queue/claims/{mine}").status_code == 200
    decide(moderator, "c-4", "reject", claim=mine)
    assert moderator.put(f"/v1/queue/claims/{mine}").status_code == 404


@pytest.mark.usefixtures("samples")
def test_another_site_sees_none_of_them(stranger: FlaskClient) -> None:
    assert queued(stranger, queue="audit") == []
    assert claim(stranger, queue="audit") == []
