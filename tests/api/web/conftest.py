"""Browsers on the pages for people."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from api.moderation import access
from api.moderation.services import Services
from api.store.tables import Moderator, SignIn
from tests.factories import START

EMAIL = "mo@example.org"


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """A browser on one of our pages, nobody signed in."""
    client = app.test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    return client


@pytest.fixture
def mo(services: Services, site: int, browser: FlaskClient) -> FlaskClient:
    """The browser of a moderator who has signed in; here without the slow hash of a password."""
    with services.database.writing() as session:
        moderator = Moderator(site_id=site, email=EMAIL, password_hash="", created_at=START)
        session.add(moderator)
        session.flush()
        session.add(
            SignIn(
                digest=access.digest("token"),
                moderator_id=moderator.id,
                created_at=START,
                expires_at=START + timedelta(hours=12),
            )
        )
    browser.set_cookie("winnow", "token")
    return browser


@pytest.fixture
def bo(mo: FlaskClient, services: Services) -> FlaskClient:
    """The same browser; who has signed in is no admin."""
    with services.database.writing() as session:
        session.execute(update(Moderator).values(role="moderator"))
    return mo
