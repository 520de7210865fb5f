"""The event log: every event gets its place in the chain of its site, once."""

import hashlib
import json
from collections.abc import Sequence

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.moderation import events, webhooks
from api.moderation.events import Head, chain
from api.moderation.services import Services
from api.store.outbox import Event
from tests.factories import START, decide, submit


def log(services: Services) -> list[Event]:
    """All events, in the order in which they were written."""
    with services.database.reading() as session:
        return list(session.scalars(select(Event).order_by(Event.id)))


def test_sealing_numbers_each_site_from_one_without_gaps(
    services: Services, moderator: FlaskClient, stranger: FlaskClient
) -> None:
    submit(moderator, "spam0.60", id="c-1")
    submit(stranger, id="c-1")
    decide(moderator, "c-1", "reject")

    assert events.seal(services) == 3
    assert events.seal(services) == 0
    submit(moderator, id="c-2")
    assert events.seal(services) == 1

    found = [(event.site_id, event.number) for event in log(services)]
    first, other = found[0][0], found[1][0]
    assert found == [(first, 1), (other, 1), (first, 2), (first, 3)]


def test_each_hash_covers_the_one_before(services: Services, moderator: FlaskClient) -> None:
    for number in range(5):
        submit(moderator, id=f"c-{number}")
    events.seal(services, most=2)
    events.seal(services)

    before = chain.START
    for number, event in enumerate(log(services), start=1):
        assert event.hash == chain.link(event, number, before)
        before = str(event.hash)


def test_no_more_are_sealed_at_once_than_wanted(services: Services, moderator: FlaskClient) -> None:
    for number in range(5):
        submit(moderator, id=f"c-{number}")

    assert [events.seal(services, most=2) for _ in range(4)] == [2, 2, 1, 0]


def test_one_site_can_be_sealed_alone(
    services: Services, site: int, moderator: FlaskClient, stranger: FlaskClient
) -> None:
    submit(stranger)
    submit(moderator)

    assert events.seal(services, site_id=site, wait=True) == 1
    assert [event.site_id for event in log(services) if event.number] == [site]


def test_what_is_sealed_is_passed_on_with_its_number_in_the_same_transaction(
    services: Services, moderator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(moderator, id="c-1")
    passed: list[tuple[str | None, int | None, str | None]] = []

    def fail(session: Session, services: Services, sealed: Sequence[Event]) -> None:
        passed.extend((event.comment_id, event.number, event.hash) for event in sealed)
        raise LookupError

    with monkeypatch.context() as patch:
        patch.setattr(webhooks, "fan_out", fail)
        with pytest.raises(LookupError):
            events.seal(services)

    [(comment_id, number, hash_)] = passed
    assert (comment_id, number) == ("c-1", 1)
    assert hash_ is not None
    assert [event.number for event in log(services)] == [None]
    assert events.seal(services) == 1


def test_the_head_is_the_last_sealed_event(
    services: Services, site: int, moderator: FlaskClient
) -> None:
    with services.database.reading() as session:
        assert events.read_head(session, site) == Head(0, chain.START)
    submit(moderator)
    submit(moderator)
    events.seal(services)

    with services.database.reading() as session:
        assert events.read_head(session, site) == Head(2, str(log(services)[-1].hash))


def test_nothing_but_a_read_happens_when_there_is_nothing_to_seal(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise AssertionError("no transaction is needed")

    monkeypatch.setattr(services.database, "writing", refuse)
    assert events.seal(services) == 0


def test_a_hash_does_not_depend_on_the_database(services: Services) -> None:
    """Nor on the version: this one was worked out by hand, and every release must know it."""
    event = Event(
        site_id=1,
        comment_id="c-1",
        type="comment.decided",
        actor="moderator:anna@example.org",
        data={
            "status": "approved",
            "was": "pending",
            "version": 2,
            "article": "a-17",
            "reason": "fine",
            "action": "approve",
        },
        created_at=START,
        salt="0123456789abcdef" * 2,
    )
    details = {"action": "approve", "reason": "fine"}
    standing = {"article": "a-17", "status": "approved", "version": 2, "was": "pending"}

    def sha256(content: object) -> str:
        return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()

    digest = sha256(["0123456789abcdef" * 2, "moderator:anna@example.org", details])
    when = "2026-11-22T12:00:00.000000+00:00"
    row = ["0" * 64, 1, 1, "c-1", "comment.decided", when, standing, digest]
    assert chain.link(event, 1, chain.START) == sha256(row)
