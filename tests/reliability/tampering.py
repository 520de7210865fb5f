"""Does behind our back to the event log what nobody should do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from api.moderation import events
from api.moderation.events import Head, chain, proof
from api.moderation.events.proof import Finding
from api.moderation.services import Services
from api.store.outbox import Event
from api.store.tables import Site
from tests.factories import START, Clock, decide, submit

LENGTH = 12


@pytest.fixture
def sealed(services: Services, moderator: FlaskClient, stranger: FlaskClient, clock: Clock) -> None:
    """Twelve sealed events on one site, with one of another site between them."""
    for number in range(6):
        submit(moderator, "spam0.60", id=f"c-{number}")
        clock.move(seconds=1)
    submit(stranger)
    for number in range(5):
        decide(moderator, f"c-{number}", "reject", reason="spam")
        clock.move(seconds=1)
    moderator.delete("/v1/comments/c-5")
    events.seal(services)


@contextmanager
def tampering(services: Services) -> Iterator[Session]:
    """A transaction that is rolled back in the end."""

    class UndoneError(Exception):
        pass

    try:
        with services.database.writing() as session:
            yield session
            raise UndoneError
    except UndoneError:
        pass


def look(session: Session, noted: Head | None = None) -> list[str]:
    return [str(problem) for problem in walk(session, noted).problems]


def walk(session: Session, noted: Head | None = None) -> Finding:
    return proof.verify(session, find_site(session), noted)


def find_site(session: Session) -> Site:
    return session.scalars(select(Site).where(Site.name == "gazette")).one()


def change(session: Session, number: int, /, **values: Any) -> None:
    """Write into one row what was not there."""
    here = Event.site_id == find_site(session).id, Event.number == number
    done = session.execute(update(Event.__table__).where(*here).values(values))  # type: ignore[arg-type]
    assert done.rowcount == 1


def remove(session: Session, *numbers: int) -> None:
    here = Event.site_id == find_site(session).id, Event.number.in_(numbers)
    session.execute(delete(Event).where(*here).execution_options(synchronize_session=False))


def renumber(session: Session, numbers: dict[int, int]) -> None:
    """Give rows other numbers, by way of numbers that nobody has."""
    for old in numbers:
        change(session, old, number=old + 1000)
    for old, new in numbers.items():
        change(session, old + 1000, number=new)


def sneak(session: Session, number: int, **more: Any) -> None:
    """Insert a row that was never written."""
    values = {
        "site_id": find_site(session).id,
        "comment_id": "c-1",
        "type": "comment.decided",
        "actor": "eve",
        "data": {"status": "approved", "was": "rejected", "version": 3, "article": "a-17"},
        "created_at": START,
        "number": number,
        "hash": "e" * 64,
        "salt": "e" * 32,
        **more,
    }
    session.execute(insert(Event).values(values))


def forge(session: Session, first: int) -> None:
    """Write the chain anew from a number on, as we would."""
    site = find_site(session)
    here = Event.site_id == site.id, Event.number >= first
    before = chain.START
    if first > 1:
        last = Event.site_id == site.id, Event.number == first - 1
        before = session.scalars(select(Event.hash).where(*last)).one() or ""
    for event in session.scalars(select(Event).where(*here).order_by(Event.number)):
        before = event.hash = chain.link(event, event.number or 0, before)
    session.flush()
