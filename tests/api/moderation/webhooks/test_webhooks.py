"""Which events a webhook is sent, as what, and what a message says."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation import events, webhooks
from api.moderation.access import Caller
from api.moderation.services import Services
from api.moderation.webhooks.messages import compose
from api.store.outbox import Delivery, Webhook
from tests.factories import Clock, count, decide, submit

URL = "https://gazette.example/hook"


@pytest.fixture
def owner(site: int) -> Caller:
    """Who owns the webhooks."""
    return Caller(site, "admin", "key:test")


def sent(services: Services, webhook: Webhook) -> list[str]:
    """The types of what a webhook is to be sent, once everything is sealed."""
    events.seal(services)
    with services.database.reading() as session:
        found = session.query(Delivery).filter_by(webhook_id=webhook.id).order_by(Delivery.id)
        return [one.type for one in found]


def messages(services: Services, webhook: Webhook) -> list[dict[str, Any]]:
    events.seal(services)
    with services.database.reading() as session:
        found = session.query(Delivery).filter_by(webhook_id=webhook.id).order_by(Delivery.id)
        now = services.now()
        return [json.loads(compose(session, webhook, one, now).body) for one in found]


def live(moderator: FlaskClient) -> None:
    """A comment's whole life."""
    submit(moderator, "spam0.60", id="c-1")
    decide(moderator, "c-1", "approve", reason="fine")
    moderator.delete("/v1/comments/c-1/decision")
    moderator.post("/v1/comments/c-1/reports", json={"reason": "rude", "note": "He is rude."})
    decide(moderator, "c-1", "reject")
    moderator.patch("/v1/comments/c-1", json={"text": "Fine."})
    moderator.delete("/v1/comments/c-1")


WANTED: dict[str, tuple[list[str], list[str]]] = {
    "all": (
        [],
        [
            "comment.created",
            "comment.decided",
            "comment.undone",
            "comment.reported",
            "comment.decided",
            "comment.edited",
            "comment.deleted",
        ],
    ),
    "an act": (["comment.decided"], ["comment.decided", "comment.decided"]),
    "an outcome": (["comment.held"], ["comment.held", "comment.held", "comment.held"]),
    "an act and its outcome, once": (
        ["comment.created", "comment.held", "comment.approved"],
        ["comment.created", "comment.approved", "comment.held", "comment.held"],
    ),
    "what never happens": (["comment.rejudged"], []),
}


@pytest.mark.parametrize("name", WANTED)
def test_a_webhook_is_sent_what_it_asked_for(
    services: Services, owner: Caller, moderator: FlaskClient, name: str
) -> None:
    types, expected = WANTED[name]
    webhook = webhooks.create(services, owner, URL, types)

    live(moderator)

    assert sent(services, webhook) == expected


def test_each_webhook_of_the_site_and_no_other(
    services: Services,
    owner: Caller,
    backend: FlaskClient,
    connect: Callable[..., FlaskClient],
    stranger: FlaskClient,
) -> None:
    two = [webhooks.create(services, owner, URL) for _ in range(2)]
    off = webhooks.create(services, owner, URL)
    webhooks.change(services, owner, off.public_id, active=False)
    submit(stranger)
    for _ in range(3):
        submit(backend)

    assert [len(sent(services, one)) for one in [*two, off]] == [3, 3, 0]
    assert count(services.database)["jobs"] == 6


def test_events_are_passed_on_once(services: Services, owner: Caller, backend: FlaskClient) -> None:
    webhook = webhooks.create(services, owner, URL)
    submit(backend)

    for _ in range(3):
        assert len(sent(services, webhook)) == 1


def test_a_message_tells_the_event_and_nothing_that_people_wrote(
    services: Services, owner: Caller, moderator: FlaskClient
) -> None:
    webhook = webhooks.create(services, owner, URL)
    submit(
        moderator,
        "spam0.60 My doctor says it is psoriasis.",
        id="c-1",
        author={"name": "Ada", "email": "ada@psoriasis.example", "ip": "192.0.2.7"},
        article={"id": "a-17", "title": "Psoriasis"},
    )
    decide(moderator, "c-1", "reject", reason="spam", note="Not his doctor.")

    _, message = messages(services, webhook)

    actor = message["data"].pop("actor")
    assert actor.startswith("key:wnw_")
    assert message == {
        "type": "comment.decided",
        "timestamp": "2026-11-22T12:00:00Z",
        "data": {
            "event": 2,
            "act": "comment.decided",
            "outcome": "comment.rejected",
            "comment_id": "c-1",
            "status": "rejected",
            "was": "pending",
            "version": 2,
            "article": "a-17",
            "action": "reject",
            "reason": "spam",
            "comment": {
                "id": "c-1",
                "status": "rejected",
                "version": 2,
                "revision": 1,
                "article": {"id": "a-17"},
                "verdict": {"action": "hold", "reasons": [{"code": "spam_score"}]},
                "decision": {"action": "reject", "reason": "spam"},
                "updated_at": "2026-11-22T12:00:00Z",
            },
        },
    }
    written = json.dumps(messages(services, webhook))
    for word in ("doctor", "soriasis", "Ada", "192.0.2.7"):
        assert word not in written


def test_of_a_comment_that_is_no_more_only_the_event_speaks(
    services: Services, owner: Caller, moderator: FlaskClient
) -> None:
    webhook = webhooks.create(services, owner, URL)
    live(moderator)

    found = messages(services, webhook)

    assert [one["data"]["comment"] for one in found] == [None] * 7
    assert found[-1]["data"]["status"] == "deleted"


def test_secrets_are_long_and_new_ones_push_out_the_oldest(
    services: Services, owner: Caller, clock: Clock
) -> None:
    webhook = webhooks.create(services, owner, URL)
    found = [webhooks.signing_secrets(webhook, clock())[0]]
    for _ in range(6):
        webhook = webhooks.rotate(services, owner, webhook.public_id, timedelta(hours=24))
        found.insert(0, webhooks.signing_secrets(webhook, clock())[0])

    assert webhooks.signing_secrets(webhook, clock()) == found[: webhooks.MOST_SECRETS]
    assert len(set(found)) == 7
    for secret in found:
        assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"))) <= 64
    webhook = webhooks.rotate(services, owner, webhook.public_id, timedelta())
    assert len(webhooks.signing_secrets(webhook, clock())) == 1


def test_a_later_rotation_gives_an_old_secret_no_more_time(
    services: Services, owner: Caller, clock: Clock
) -> None:
    name = webhooks.create(services, owner, URL).public_id
    webhooks.rotate(services, owner, name, timedelta(hours=1))
    clock.move(minutes=30)
    webhook = webhooks.rotate(services, owner, name, timedelta(hours=24))
    assert len(webhooks.signing_secrets(webhook, clock())) == 3

    clock.move(minutes=30)

    assert len(webhooks.signing_secrets(webhook, clock())) == 2
