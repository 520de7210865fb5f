"""The wire to PostgreSQL is cut, or slow: nothing is kept twice, and nothing stays broken."""

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import urllib3
from flask.testing import FlaskClient
from sqlalchemy import URL

from api.store import schema
from api.store.database import Database
from api.store.tables import Base
from tests.factories import comment, count, submit
from tests.reliability.counting import count_all
from tests.reliability.load import Load
from tests.reliability.proxy import Proxy
from tests.reliability.serving import Server

pytestmark = pytest.mark.postgresql


@pytest.fixture(scope="module")
def straight_url(make_postgresql_url: Callable[[], str]) -> URL:
    """A migrated database without a wire between."""
    database = Database(make_postgresql_url())
    schema.migrate(database)
    database.dispose()
    return database.engine.url


@pytest.fixture
def proxy(straight_url: URL) -> Iterator[Proxy]:
    """A wire to that database."""
    if straight_url.host not in ("127.0.0.1", "localhost"):
        pytest.skip("the server is on another host")
    with Proxy(straight_url.port or 5432) as found:
        yield found


@pytest.fixture
def url(proxy: Proxy, straight_url: URL) -> str:
    """The database at the other end of the wire."""
    through = straight_url.set(host="127.0.0.1", port=proxy.port)
    return through.render_as_string(hide_password=False)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """The same, opened and emptied."""
    found = Database(url)
    with found.engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
    yield found
    found.dispose()


class Cutting:
    """Cuts the wire the first time that a message holds some words."""

    def __init__(self, proxy: Proxy, words: bytes, handed_on: bool) -> None:
        self.proxy, self.words, self.handed_on = proxy, words, handed_on
        self.cuts = 0

    def __call__(self, message: bytes) -> None:
        if self.words not in message or self.cuts:
            return
        self.cuts += 1
        if self.handed_on:
            # It arrives; the answer does not.
            threading.Timer(0, self.proxy.cut).start()
        else:
            self.proxy.cut()


PLACES = [b"INSERT INTO comments", b"INSERT INTO events", b"kept_answers", b"COMMIT"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("handed_on", [True, False])
@pytest.mark.parametrize("own_id", [True, False])
def test_a_comment_is_there_once_wherever_the_wire_is_cut(
    backend: FlaskClient,
    database: Database,
    proxy: Proxy,
    place: bytes,
    handed_on: bool,
    own_id: bool,
) -> None:
    submit(backend, id="c-0")
    body = comment(id="c-1") if own_id else comment()
    proxy.watch = cutting = Cutting(proxy, place, handed_on)
    key = {"Idempotency-Key": "k-1"}

    first = backend.post("/v1/comments", json=body, headers=key)
    again = backend.post("/v1/comments", json=body, headers=key)

    assert cutting.cuts == 1
    # Before the commit was sent the whole act is safely done anew; afterwards nobody can know.
    assert first.status_code in (201, 503)
    if first.status_code == 503:
        assert first.headers["Retry-After"]
    assert again.status_code == 201
    if first.status_code == 201:
        assert again.data == first.data
    rows = count(database)
    assert [rows[t] for t in ("comments", "revisions", "verdicts", "events")] == [2, 2, 2, 2]
    assert backend.get(f"/v1/comments/{again.json['id']}").json == again.json


def test_a_wire_that_is_cut_between_requests_is_not_noticed(
    backend: FlaskClient, moderator: FlaskClient, proxy: Proxy
) -> None:
    for number in range(5):
        assert submit(backend, id=f"c-{number}")["status"] == "approved"
        proxy.cut()
    assert len(moderator.get("/v1/comments").json["items"]) == 5


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_slow_wire_slows_and_breaks_nothing(
    database: Database, proxy: Proxy, url: str, tmp_path: Path
) -> None:
    server = Server(tmp_path, url, WINNOW_WORKER="no")
    key = server.make_key("backend")
    server.start()
    try:
        load = Load(server.url, key, clients=6, posts=60)
        proxy.delay = 0.1
        load.start()
        load.wait_for(6)
        statuses = set()
        while load.done < 30:
            live = urllib3.request("GET", f"{server.url}/live", retries=False, timeout=10)
            statuses.add(live.status)
        proxy.delay = 0.0
        seconds = load.finish()

        assert statuses == {200}
        assert load.breaks == []
        found = count_all(load, server.database_url, seconds)
        assert found.fine, str(found)
        assert found.found == 60
    finally:
        server.close()
