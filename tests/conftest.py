"""The app on a real database, SQLite and PostgreSQL in turn, with a clock that stands still."""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as examples
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from api import configure, create_app
from api.moderation import access, scoring
from api.moderation.drafts import shadowing
from api.moderation.learning import trials
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.settings import Settings
from api.store import schema
from api.store.database import Database
from api.store.tables import Base
from api.web.metrics import Waiting
from tests.factories import Clock, make_key, plain_settings, words_scorer
from tests.postgresql import Server, find_binaries
from tests.printed import pytest_runtest_logreport as pytest_runtest_logreport
from tests.printed import search_what_is_printed as search_what_is_printed

# Whoever runs the tests twice sees the same twice; "explore" looks for what nobody has met yet.
examples.register_profile("same", derandomize=True)
examples.register_profile("explore", examples.get_profile("default"))
examples.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

# Nor does it hang on which second stage is shipped; who tests it makes one.
os.environ["WINNOW_READER"] = "none"

# Half a second may pass where the machine is taken from the tests, and then nothing hangs; who
# tests what hangs says how long it may.
scoring.LIMIT_SECONDS = shadowing.LIMIT_SECONDS = trials.LIMIT_SECONDS = 30.0

POSTGRESQL = os.environ.get("WINNOW_TEST_POSTGRESQL", "")
"""A server where the tests may create databases, e.g. postgresql://postgres@127.0.0.1/postgres.

Without it they start one of their own.
"""

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""For a test that says nothing of the database."""

ON_POSTGRESQL = pytest.mark.parametrize("database", BOTH[1:], indirect=True)
"""For a test of what SQLite does not do."""


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "winnow.sqlite3"
    database = Database(f"sqlite:///{path}")
    schema.migrate(database)
    database.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a PostgreSQL server; skips where there is none and none can be started."""
    if POSTGRESQL:
        yield POSTGRESQL
        return
    if find_binaries() is None:
        pytest.skip("install PostgreSQL, or name a server with WINNOW_TEST_POSTGRESQL")
    with Server() as server:
        yield server.url


@pytest.fixture(scope="session")
def make_postgresql_url(postgresql_server: str) -> Iterator[Callable[..., str]]:
    """Makes empty PostgreSQL databases, dropped at the end."""
    server = create_engine(
        postgresql_server.replace("postgresql://", "postgresql+psycopg://"),
        isolation_level="AUTOCOMMIT",
    )
    try:
        server.connect().close()
    except OperationalError as error:
        pytest.fail(f"The PostgreSQL server does not answer: {error}")
    made: list[str] = []

    def make(encoding: str = "UTF8") -> str:
        name = f"winnow_test_{uuid.uuid4().hex[:12]}"
        with server.connect() as connection:
            how = f"ENCODING '{encoding}' TEMPLATE template0"
            # The C locale goes with every encoding.
            how += "" if encoding == "UTF8" else " LC_COLLATE 'C' LC_CTYPE 'C'"
            connection.execute(text(f"CREATE DATABASE {name} {how}"))
        made.append(name)
        return server.url.set(database=name).render_as_string(hide_password=False)

    yield make
    with server.connect() as connection:
        for name in made:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture(scope="session")
def postgresql_url(make_postgresql_url: Callable[[], str]) -> str:
    """A migrated PostgreSQL database that all tests share, emptied before each."""
    url = make_postgresql_url()
    database = Database(url)
    schema.migrate(database)
    database.dispose()
    return url


@pytest.fixture(params=BOTH)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of today's schema."""
    if request.param == "sqlite":
        path = tmp_path / "winnow.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        found = Database(f"sqlite:///{path}")
    else:
        found = Database(request.getfixturevalue("postgresql_url"))
        with found.engine.begin() as connection:
            # Much quicker than TRUNCATE where there are few rows.
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(table.delete())
    yield found
    found.dispose()


@pytest.fixture
def clock() -> Clock:
    """The time, which only moves when told."""
    return Clock()


@pytest.fixture
def scorer() -> Scorer:
    """A scorer over `WordModel`, whose scores stand in the text."""
    return words_scorer()


@pytest.fixture
def services(database: Database, scorer: Scorer, clock: Clock) -> Services:
    """What the rules are given."""
    return Services(database, scorer, clock)


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    """Settings as `make run` has them."""
    return plain_settings(tmp_path, database.url)


@pytest.fixture(scope="session")
def made_app(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Flask:
    """An app made once: to describe its routes takes long, and they are always the same."""
    url = f"sqlite:///{sqlite_template}"
    services = Services(Database(url), words_scorer())
    return create_app(plain_settings(tmp_path_factory.mktemp("app"), url), services)


@pytest.fixture
def app(made_app: Flask, settings: Settings, services: Services) -> Iterator[Flask]:
    """The whole app; what a test changes of it is taken back."""
    config, extensions = dict(made_app.config), dict(made_app.extensions)
    hooks, wsgi_app = list(made_app.before_request_funcs[None]), made_app.wsgi_app
    configure(made_app, settings, services)
    made_app.extensions["winnow-waiting"] = Waiting(services)
    # As of an app that nobody has asked yet, so that a test may add to it.
    made_app._got_first_request = False
    yield made_app
    made_app.config.clear()
    made_app.config.update(config)
    made_app.extensions = extensions
    made_app.before_request_funcs[None][:] = hooks
    made_app.wsgi_app = wsgi_app  # type: ignore[method-assign]


@pytest.fixture
def site(services: Services) -> int:
    """A site."""
    return access.create_site(services, "gazette")


@pytest.fixture
def connect(app: Flask, services: Services, site: int) -> Callable[..., FlaskClient]:
    """Makes clients: `connect("moderator")`, or of another site `connect("admin", other)`."""

    def make(role: str, of: int = 0) -> FlaskClient:
        client = app.test_client()
        key = make_key(services, of or site, role)
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
        return client

    return make


@pytest.fixture
def admin(connect: Callable[..., FlaskClient]) -> FlaskClient:
    """The site's administrator."""
    return connect("admin")


@pytest.fixture
def backend(connect: Callable[..., FlaskClient]) -> FlaskClient:
    """A website's backend."""
    return connect("backend")


@pytest.fixture
def moderator(connect: Callable[..., FlaskClient]) -> FlaskClient:
    """A moderator's tool."""
    return connect("moderator")


@pytest.fixture
def stranger(services: Services, connect: Callable[..., FlaskClient]) -> FlaskClient:
    """An administrator of another site."""
    return connect("admin", access.create_site(services, "elsewhere"))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody without a key."""
    return app.test_client()


@pytest.fixture(scope="module", params=BOTH)
def shared_admin(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FlaskClient]:
    """A client that may do everything, on an app that all tests of a file share.

    For many requests that are to be refused, or that do not mind each other's rows.
    """
    home = tmp_path_factory.mktemp("home")
    if request.param == "sqlite":
        url = f"sqlite:///{home / 'winnow.sqlite3'}"
    else:
        url = request.getfixturevalue("make_postgresql_url")()
    services = Services(Database(url), words_scorer(), Clock())
    schema.migrate(services.database)
    client = create_app(plain_settings(home, url), services).test_client()
    key = make_key(services, access.create_site(services, "gazette"), "admin")
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    yield client
    services.database.dispose()
