"""Workers and master are killed under load: no comment that was acknowledged is missing."""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import urllib3

COMMAND = [sys.executable, "-c", "from api.cli import main; main()"]
CLIENTS = 4
KILLS = 4
POSTS_BETWEEN_KILLS = 60


class Server:
    """`winnow serve` on one port and one home, as often as it must be started."""

    def __init__(self, home: Path, database_url: str | None) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {**os.environ, "WINNOW_HOME": str(home), "WINNOW_WORKERS": "2"}
        if database_url:
            self.env["WINNOW_DATABASE_URL"] = database_url
        self.log = (home / "server.log").open("wb")
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, *command: str) -> str:
        """Another command on the same home."""
        program = [*COMMAND, *command]
        return subprocess.check_output(program, env=self.env, text=True)

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.process = subprocess.Popen(
            [*COMMAND, "serve", "--port", str(self.port)],
            env=self.env,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        for _ in range(600):
            try:
                urllib3.request("GET", f"{self.url}/live", retries=False, timeout=2)
            except urllib3.exceptions.HTTPError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("the server does not answer")

    def workers(self) -> list[int]:
        """The processes that the master has made."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(number) for number in children.split()]

    def kill(self) -> None:
        """End master and workers at once, with no chance to tidy up."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Load:
    """Threads that post until told to stop, and what was acknowledged to them."""

    def __init__(self, url: str, key: str) -> None:
        self.url, self.stopping = url, threading.Event()
        self.pool = urllib3.PoolManager(
            maxsize=CLIENTS,
            headers={"Authorization": f"Bearer {key}"},
            timeout=urllib3.Timeout(5),
            retries=False,
        )
        self.sent: set[str] = set()
        self.acknowledged: dict[str, str] = {}
        self.strange: list[int] = []
        self.threads = [threading.Thread(target=self._post, args=[n]) for n in range(CLIENTS)]

    def _post(self, client: int) -> None:
        number = 0
        while not self.stopping.is_set():
            number += 1
            name, text = f"c-{client}-{number}", f"Comment {number} of client {client}."
            self.sent.add(name)
            while not self.stopping.is_set() and not self._try(name, text):
                time.sleep(0.02)

    def _try(self, name: str, text: str) -> bool:
        body = {"id": name, "article": {"id": "a-1"}, "text": text}
        try:
            answer = self.pool.request("POST", f"{self.url}/v1/comments", json=body)
        except urllib3.exceptions.HTTPError:
            return False
        if answer.status in (200, 201):
            self.acknowledged[name] = text
        elif answer.status != 503:
            self.strange.append(answer.status)
        return answer.status in (200, 201)

    def wait_for(self, more: int) -> None:
        """Until so many more are acknowledged."""
        wanted = len(self.acknowledged) + more
        for _ in range(3000):
            if len(self.acknowledged) >= wanted:
                return
            time.sleep(0.01)
        raise AssertionError("the server takes no comments")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A server that does not run yet."""
    url = None
    if request.param == "postgresql":
        make: Callable[[], str] = request.getfixturevalue("make_postgresql_url")
        url = make()
    found = Server(tmp_path, url)
    yield found
    found.kill()
    found.log.close()


def kept(pool: urllib3.PoolManager, url: str) -> list[tuple[str, str]]:
    found, cursor = [], ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        page = pool.request("GET", f"{url}/v1/comments?limit=200{more}").json()
        found += [(item["id"], item["text"]) for item in page["items"]]
        cursor = page["next"]
    return found


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_nothing_that_was_acknowledged_is_lost(server: Server) -> None:
    chance = random.Random(7)
    server.run("site", "create", "gazette")
    key = server.run("key", "create", "--site", "gazette", "--role", "backend").strip()
    server.start()
    load = Load(server.url, key)
    for thread in load.threads:
        thread.start()

    try:
        for round_ in range(KILLS):
            load.wait_for(POSTS_BETWEEN_KILLS)
            if round_ % 2:
                server.kill()
                server.start()
            else:
                os.kill(chance.choice(server.workers()), signal.SIGKILL)
        load.wait_for(POSTS_BETWEEN_KILLS)
        server.kill()
    finally:
        load.stopping.set()
        for thread in load.threads:
            thread.join()
    server.start()
    found = kept(load.pool, server.url)
    load.pool.clear()

    assert load.strange == []
    assert load.acknowledged.items() - set(found) == set()
    assert len(found) == len({name for name, _ in found})
    assert {name for name, _ in found} <= load.sent
