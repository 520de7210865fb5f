"""One app for many hostile requests; what they must not do is leave anything behind."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from api import create_app
from api.moderation import access
from api.moderation.services import Services
from api.settings import Settings
from api.store import schema
from api.store.database import Database
from tests.conftest import BOTH
from tests.factories import Clock, words_scorer


@pytest.fixture(scope="module", params=BOTH)
def admin(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FlaskClient]:
    """A client that may do everything, on an app that all tests of a file share."""
    home = tmp_path_factory.mktemp("home")
    if request.param == "sqlite":
        url = f"sqlite:///{home / 'winnow.sqlite3'}"
    else:
        url = request.getfixturevalue("make_postgresql_url")()
    services = Services(Database(url), words_scorer(), Clock())
    schema.migrate(services.database)
    settings = Settings(
        home=home,
        database_url=url,
        model=None,
        secret_key="k" * 32,
        workers=1,
        threads=1,
        max_body=1024 * 1024,
        trusted_proxies=0,
        session_hours=12,
    )
    client = create_app(settings, services).test_client()
    key = access.create_key(services, access.create_site(services, "gazette"), "admin")
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    yield client
    services.database.dispose()
