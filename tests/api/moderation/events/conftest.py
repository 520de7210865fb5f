"""Who acts on keys, moderators and sessions, and what the log says of it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from api.moderation.events.outcomes import SECURITY
from api.moderation.services import Services
from api.store.database import Database
from api.store.outbox import Event
from tests.api.moderation.events.told import BO, NEW, SIGNING, New, Said, find
from tests.factories import make_moderator
from tests.security.people import ADA, PASSWORD, browser_of, try_with, use_quick_hashes


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords cost nothing here."""
    use_quick_hashes(monkeypatch)


@pytest.fixture
def by(admin: FlaskClient) -> str:
    """By which name the log knows that tool."""
    return f"key:{admin.environ_base['HTTP_AUTHORIZATION'].removeprefix('Bearer ')[:12]}"


@pytest.fixture
def ada(app: Flask, services: Services, site: int, new: New) -> FlaskClient:
    """The browser of an admin who has signed in, which is told of already."""
    make_moderator(services, site, ADA, PASSWORD, "admin")
    browser = browser_of(app)
    assert try_with(browser, password=PASSWORD).status_code == 303
    new()
    return browser


@pytest.fixture
def bo(services: Services, site: int) -> str:
    """The id of another moderator."""
    make_moderator(services, site, BO, PASSWORD)
    return find(services, site, BO)


@pytest.fixture
def new(database: Database) -> New:
    """What the log tells since it was asked last, and without any secret."""
    seen = [0]

    def read() -> list[Said]:
        with database.reading() as session:
            found = session.scalars(
                select(Event).where(Event.id > seen[0]).order_by(Event.id)
            ).all()
        seen[0] = max([seen[0], *(one.id for one in found)])
        for one in found:
            assert one.type in SECURITY
            assert one.comment_id is None
            kept = repr(one.data)
            assert not any(secret in kept for secret in ("@", PASSWORD, NEW, SIGNING, "argon2"))
            assert one.actor.startswith(("key:", "moderator:", "winnow"))
        return [(one.type, one.actor, one.data) for one in found]

    return read
