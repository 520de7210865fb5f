"""Two hosts serve, with a worker each, and share the database of a third; one is cut off."""

import os
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest
import urllib3

from api.moderation import access
from api.moderation.services import Services
from api.store import schema
from api.store.database import Database
from tests import postgresql
from tests.factories import make_key, words_scorer
from tests.reliability.namespaces import Network, reason_against
from tests.reliability.serving import COMMAND

DATABASE, FIRST, SECOND = 1, 2, 3
CLIENTS = 4
PORT = 8000
BACK_SECONDS = 30
"""How soon after its cable is back a host has to serve; its lost packets are sent again by then."""


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    """Three hosts, or none where there cannot be any."""
    reason = reason_against()
    if reason:
        pytest.skip(reason)
    if postgresql.find_binaries() is None:
        pytest.skip("PostgreSQL is not installed")
    with Network(3) as found:
        yield found


@pytest.fixture(scope="module")
def database(network: Network) -> Iterator[str]:
    """A migrated database on its host."""
    place = {"host": network.address(DATABASE), "namespace": network.namespace(DATABASE)}
    with postgresql.Server(**place) as server:
        url = server.url.replace("postgresql://", "postgresql+psycopg://")
        found = Database(url)
        schema.migrate(found)
        found.dispose()
        yield url


@pytest.fixture(scope="module")
def key(database: str) -> str:
    """A key of its site."""
    services = Services(Database(database), words_scorer())
    found = make_key(services, access.create_site(services, "gazette"), "admin")
    services.database.dispose()
    return found


class Host:
    """A machine with `winnow serve`, which starts a worker itself."""

    def __init__(self, network: Network, number: int, home: Path, database: str, log: IO[bytes]):
        self.url = f"http://{network.address(number)}:{PORT}"
        given = {"WINNOW_HOME": str(home), "WINNOW_DATABASE_URL": database, "WINNOW_WORKERS": "1"}
        serve = ["serve", "--host", network.address(number), "--port", str(PORT)]
        self.process = subprocess.Popen(
            [*network.inside(number), *COMMAND, *serve],
            env={**os.environ, **given},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def wait(self, seconds: float = 60) -> None:
        """Until it answers and reaches its database."""
        give_up = time.monotonic() + seconds
        while not self._is_ready():
            assert time.monotonic() < give_up, "the host does not answer"
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        try:
            answer = urllib3.request("GET", f"{self.url}/ready", retries=False, timeout=2)
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status == 200

    def kill(self) -> None:
        """End all its processes."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture(scope="module")
def hosts(
    network: Network, database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Host]]:
    """Two of them, serving."""
    made: list[Host] = []
    folder = tmp_path_factory.mktemp("hosts")
    with (folder / "log").open("wb") as log:
        for number in (FIRST, SECOND):
            home = folder / str(number)
            made.append(Host(network, number, home, database, log))
        try:
            for host in made:
                host.wait()
            yield made
        finally:
            for host in made:
                host.kill()


@pytest.fixture
def ask(hosts: list[Host], key: str) -> Iterator[Callable[..., urllib3.BaseHTTPResponse]]:
    """Asks one of the hosts, 0 or 1; raises HTTPError when it cannot be reached."""
    headers = {"Authorization": f"Bearer {key}"}
    with urllib3.PoolManager(maxsize=16, retries=False, timeout=2) as pool:

        def send(
            host: int, method: str, path: str, body: Any = None, name: str = ""
        ) -> urllib3.BaseHTTPResponse:
            sent = {**headers, **({"Idempotency-Key": name} if name else {})}
            url = f"{hosts[host].url}/v1{path}"
            return pool.request(method, url, json=body, headers=sent)

        yield send


def comment(text: str) -> dict[str, Any]:
    return {"article": {"id": "a-1"}, "text": text}


def listed(ask: Callable[..., urllib3.BaseHTTPResponse], host: int) -> list[str]:
    """All texts that a host shows, newest first."""
    found: list[str] = []
    cursor = ""
    while cursor is not None:
        page = ask(host, "GET", f"/comments?limit=200{cursor and f'&cursor={cursor}'}").json()
        found += [one["text"] for one in page["items"]]
        cursor = page["next"]
    return found


def test_what_one_host_was_told_the_other_knows(
    ask: Callable[..., urllib3.BaseHTTPResponse],
) -> None:
    names = [ask(n % 2, "POST", "/comments", comment(f"Text {n}.")).json()["id"] for n in range(6)]

    for n, name in enumerate(names):
        assert ask(1 - n % 2, "GET", f"/comments/{name}").json()["text"] == f"Text {n}."
    decided = ask(0, "POST", f"/comments/{names[1]}/decision", {"action": "reject", "version": 1})
    assert decided.status == 200
    stale = ask(1, "POST", f"/comments/{names[1]}/decision", {"action": "approve", "version": 1})
    assert (stale.status, stale.json()["version"]) == (409, 2)
    assert listed(ask, 0) == listed(ask, 1)


def test_the_same_key_at_both_is_one_comment(
    ask: Callable[..., urllib3.BaseHTTPResponse],
) -> None:
    for n in range(10):
        answers: list[urllib3.BaseHTTPResponse] = []
        start = threading.Barrier(2)

        def send(host: int, text: str, together: threading.Barrier, to: list[Any]) -> None:
            together.wait()
            to.append(ask(host, "POST", "/comments", comment(text), text[:-1].replace(" ", "-")))

        given = (f"At both {n}.", start, answers)
        threads = [threading.Thread(target=send, args=[host, *given]) for host in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        statuses = sorted(answer.status for answer in answers)
        assert statuses in ([201, 201], [201, 409])
        assert len({answer.data for answer in answers if answer.status == 201}) == 1
        assert listed(ask, n % 2).count(f"At both {n}.") == 1


class Website:
    """Posts to one host, and where that does not answer to the other, with the same key."""

    def __init__(self, number: int, ask: Callable[..., urllib3.BaseHTTPResponse]) -> None:
        self.number, self.ask = number, ask
        self.stopping = threading.Event()
        self.sent: list[str] = []
        self.acknowledged: dict[int, list[str]] = {0: [], 1: []}
        self.strange: list[bytes] = []
        self.failures = 0
        self.thread = threading.Thread(target=self._post_all)
        self.thread.start()

    def _post_all(self) -> None:
        turn = self.number
        while not self.stopping.is_set():
            self.sent.append(f"Comment {len(self.sent)} of website {self.number}.")
            name = str(uuid.uuid4())
            turn += 1
            while not self.stopping.is_set() and not self._post(turn % 2, self.sent[-1], name):
                turn += 1

    def _post(self, host: int, text: str, name: str) -> bool:
        try:
            answer = self.ask(host, "POST", "/comments", comment(text), name)
        except urllib3.exceptions.HTTPError:
            self.failures += 1
            return False
        if answer.status == 201:
            self.acknowledged[host].append(text)
        elif answer.status not in (409, 503):
            self.strange.append(answer.data)
        return answer.status == 201


def wait_until(holds: Callable[[], bool], what: str) -> None:
    give_up = time.monotonic() + BACK_SECONDS
    while not holds():
        assert time.monotonic() < give_up, what
        time.sleep(0.01)


def wait_for(websites: list[Website], more: int, host: int) -> None:
    """Until a host has acknowledged so many more."""

    def done() -> int:
        return sum(len(one.acknowledged[host]) for one in websites)

    wanted = done() + more
    wait_until(lambda: done() >= wanted, f"host {host} takes no comments")


def test_a_host_that_is_cut_off_loses_nothing_that_was_acknowledged(
    ask: Callable[..., urllib3.BaseHTTPResponse], network: Network, hosts: list[Host]
) -> None:
    websites = [Website(number, ask) for number in range(CLIENTS)]
    try:
        wait_for(websites, 20, 0)
        network.unplug(FIRST)
        wait_until(lambda: all(one.failures for one in websites), "nobody misses it")
        wait_for(websites, 5, 1)
        network.plug(FIRST)
        hosts[0].wait(BACK_SECONDS)
        wait_for(websites, 20, 0)
    finally:
        network.plug(FIRST)
        for one in websites:
            one.stopping.set()
        for one in websites:
            one.thread.join()

    found = listed(ask, 0)
    acknowledged = {
        text for one in websites for texts in one.acknowledged.values() for text in texts
    }
    assert [one.strange for one in websites] == [[]] * CLIENTS
    assert found == listed(ask, 1)
    assert acknowledged - set(found) == set()
    assert len(found) == len(set(found))
    ours = {text for text in found if text.startswith("Comment ")}
    assert ours - {text for one in websites for text in one.sent} == set()
