"""Two servers behind a proxy go from one release to the next, under load, and nobody notices.

As docs/deploying.md says: the database is migrated while the old code serves, then one server
after the other is told to stop and started anew.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from api.store import schema
from api.store.database import Database
from tests.reliability.counting import count_all
from tests.reliability.load import Load
from tests.reliability.reverse import Front, find, running
from tests.reliability.serving import Server
from tests.reliability.test_old_release import SCHEMA, old_code  # noqa: F401

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")

STEP = 40
"""Comments between one step and the next."""

STOP_SECONDS = 40
COUNT = 'winnow_http_requests_total{endpoint="comments.submit"'
SETTINGS = {
    "WINNOW_SECRET_KEY": "k" * 32,
    "WINNOW_WORKERS": "1",
    "WINNOW_WORKER": "no",
    "WINNOW_TRUSTED_PROXIES": "1",
    # Longer than a proxy takes to notice that /ready is red.
    "WINNOW_DRAIN_SECONDS": "2",
}


PAIRS = [
    ("sqlite", "haproxy"),
    pytest.param(("postgresql", "nginx"), marks=pytest.mark.postgresql),
    ("sqlite", "caddy"),
]


@pytest.fixture(params=PAIRS, ids="-".join)
def pair(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A database and a proxy; skips where there is no such proxy."""
    found: tuple[str, str] = request.param
    if find(found[1]) is None:
        pytest.skip(f"{found[1]} is not installed")
    return found


@pytest.fixture
def database(
    pair: tuple[str, str], request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Database]:
    """A database as the release before has made it."""
    if pair[0] == "postgresql":
        found = Database(request.getfixturevalue("make_postgresql_url")())
    else:
        found = Database(f"sqlite:///{tmp_path / 'winnow.sqlite3'}")
    schema.migrate(found, SCHEMA)
    yield found
    found.dispose()


class Host:
    """A host of one server, of the old release at first."""

    def __init__(self, folder: Path, url: str, code: Path) -> None:
        folder.mkdir()
        self._new = folder / "new"
        self._new.mkdir()
        self._url = url
        path = os.pathsep.join([str(code), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
        # Its code comes before that of the folder in which the tests run.
        old = {"PYTHONPATH": path, "PYTHONSAFEPATH": "1"}
        self.server = Server(folder, url, **SETTINGS, **old)
        self.port = self.server.port

    def replace(self) -> None:
        """Stop the old release as a service manager does, and start this one in its place."""
        process = self.server.process
        assert process is not None
        self.server.signal(signal.SIGTERM)
        assert process.wait(STOP_SECONDS) == 0
        self.server.close()
        self.server = Server(self._new, self._url, **SETTINGS)
        self.server.port, self.server.url = self.port, f"http://127.0.0.1:{self.port}"
        self.server.start()
        # Only when the proxy uses it, it may do without the other one.
        give_up = time.monotonic() + STOP_SECONDS
        while not self.kept():
            assert time.monotonic() < give_up, "the proxy does not come back"
            time.sleep(0.05)

    def kept(self) -> int:
        """How many comments the new release has kept."""
        told = urllib3.request("GET", f"{self.server.url}/metrics", retries=False).data.decode()
        lines = [one for one in told.splitlines() if COUNT in one and 'status="201"' in one]
        return int(sum(float(one.rpartition(" ")[2]) for one in lines))


@pytest.fixture
def hosts(old_code: Path, database: Database, tmp_path: Path) -> Iterator[list[Host]]:  # noqa: F811
    """Two of them, on one database."""
    url = database.engine.url.render_as_string(hide_password=False)
    found = [Host(tmp_path / name, url, old_code) for name in ("one", "two")]
    # Otherwise the first that starts would make one, and show its secrets.
    found[0].server.run("site", "create", "gazette")
    for one in found:
        one.server.start()
    yield found
    for one in found:
        one.server.close()


@pytest.fixture
def front(
    pair: tuple[str, str],
    hosts: list[Host],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Front]:
    """The proxy in front of both."""
    folder = tmp_path / "front"
    folder.mkdir()
    with running(pair[1], folder, (hosts[0].port, hosts[1].port)) as found:
        # Whom the clients trust.
        monkeypatch.setenv("SSL_CERT_FILE", found.authority)
        yield found


def test_nobody_notices_a_new_release(front: Front, hosts: list[Host], database: Database) -> None:
    key = hosts[0].server.run("key", "create", "--site", "gazette", "--role", "backend").strip()
    load = Load(f"https://127.0.0.1:{front.port}", key, clients=4, timeout=30)
    load.start()
    load.wait_for(STEP)

    schema.migrate(database)
    load.wait_for(STEP)
    for host in hosts:
        host.replace()
        load.wait_for(STEP)
    load.wait_for(STEP)
    load.stop()

    # No request failed, and none was sent twice.
    assert {status for one in load.clients for status in one.answers} == {201}
    assert load.breaks == []
    assert load.retries == 0
    assert schema.is_current(database)
    for host in hosts:
        ready = urllib3.request("GET", f"{host.server.url}/ready", retries=False).json()
        assert ready["status"] == "ready"
    url = database.engine.url.render_as_string(hide_password=False)
    count = count_all(load, url, 1)
    assert count.fine, str(count)
    assert count.found == count.acknowledged >= 5 * STEP
