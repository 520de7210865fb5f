"""The image and the compose file of `docs/deploying.md`, built and started; `make test-containers`.

Images of others are fetched, which takes a network and minutes: no part of the other tests.
"""

import os
import re
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
import yaml

from tests.reliability.load import Load

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"
PATIENCE_SECONDS = 60
AUTHORITY = "/data/caddy/pki/authorities/local/root.crt"
STEP = 100

pytestmark = [
    pytest.mark.skipif(
        "WINNOW_TEST_CONTAINERS" not in os.environ, reason="`make test-containers` runs it"
    ),
    pytest.mark.skipif(shutil.which("docker") is None, reason="install Docker and its compose"),
]


class Stack:
    """All containers of the compose file, on a port of their own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"https://localhost:{free.getsockname()[1]}"
        password = secrets.token_urlsafe(12)
        given = {
            "WINNOW_SECRET_KEY": secrets.token_urlsafe(48),
            "WINNOW_DATABASE_URL": f"postgresql://winnow:{password}@database/winnow",
            "POSTGRES_PASSWORD": password,
            "WINNOW_PUBLIC_URL": f"{self.url}/",
        }
        env = (DEPLOY / "winnow.env").read_text()
        for name, value in given.items():
            env = re.sub(rf"^{name}=.*$", f"{name}={value}", env, flags=re.M)
        (folder / "winnow.env").write_text(env)
        (folder / "docs" / "deploy").mkdir(parents=True)
        site = (DEPLOY / "Caddyfile").read_text().replace("winnow.example {", "localhost {")
        (folder / "docs" / "deploy" / "Caddyfile").write_text(site)
        found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
        found["services"]["proxy"]["ports"] = [f"127.0.0.1:{self.url.rpartition(':')[2]}:443"]
        (folder / "compose.yaml").write_text(yaml.safe_dump(found))
        self._folder = folder
        self._compose = ["docker", "compose", "--project-name", f"winnow-test-{os.getpid()}"]
        self._compose += ["--file", "compose.yaml", "--env-file", "winnow.env"]

    def compose(self, *command: str, check: bool = True) -> str:
        """What the command prints."""
        run = [*self._compose, *command]
        done = subprocess.run(run, cwd=self._folder, capture_output=True, text=True)
        assert done.returncode == 0 or not check, done.stderr
        return done.stdout

    def inside(self, *command: str, service: str = "server-1") -> str:
        """What a command prints in a container."""
        return self.compose("exec", "--no-TTY", service, *command)

    def wait(self, service: str) -> None:
        """Until it is healthy."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while "healthy" not in self.compose("ps", "--format", "{{.Health}}", service).split():
            assert time.monotonic() < give_up, self.compose("logs", service)
            time.sleep(0.2)

    def replace(self, service: str) -> None:
        """A new container in the place of one, as with a new release."""
        self.compose("stop", service)
        self.compose("up", "--detach", "--no-deps", "--force-recreate", service)
        self.wait(service)

    def ask(self, path: str) -> urllib3.BaseHTTPResponse:
        return urllib3.request("GET", f"{self.url}{path}", retries=False, redirect=False)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    subprocess.run(["docker", "build", "--tag", "winnow", str(ROOT)], check=True)
    folder = tmp_path_factory.mktemp("stack")
    found = Stack(folder)
    try:
        found.compose("up", "--detach", "--no-build")
        for service in ("server-1", "server-2"):
            found.wait(service)
        found.compose("cp", f"proxy:{AUTHORITY}", "root.crt")
        with pytest.MonkeyPatch.context() as patch:
            # Whom the clients trust.
            patch.setenv("SSL_CERT_FILE", str(folder / "root.crt"))
            yield found
    finally:
        found.compose("down", "--volumes", "--timeout", "60", check=False)


@pytest.fixture(scope="module")
def key(stack: Stack) -> str:
    """The one that the first start shows."""
    shown = stack.compose("logs", "--no-log-prefix", "migrate")
    assert f"{stack.url}/moderate" in shown
    found = re.search(r"backend key +(\S+)", shown)
    assert found is not None, shown
    return found[1]


def test_the_doctor_finds_nothing(stack: Stack) -> None:
    said = stack.inside("winnow", "doctor")

    assert "No problems, no warnings." in said, said
    assert "The second stage is" in said
    assert "The store redis://valkey:6379/0 answers." in said


def test_it_is_nobodys_root_and_writes_where_it_may(stack: Stack) -> None:
    assert stack.inside("id", "-u").strip() == "10001"
    tried = "for d in /data /tmp /opt /etc /; do touch $d/x 2>/dev/null && echo $d; done; true"
    assert stack.inside("sh", "-c", tried).split() == ["/data", "/tmp"]


def test_the_proxy_shows_what_it_should(stack: Stack) -> None:
    assert stack.ask("/ready").json()["status"] == "ready"
    assert stack.ask("/metrics").status == 403
    found = stack.ask("/moderate")
    assert found.headers["Location"].startswith("/moderate/sign-in")
    assert "Strict-Transport-Security" in found.headers


def test_a_comment_is_read_by_both_stages(stack: Stack, key: str) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    body = {"article": {"id": "a"}, "text": "I hate this law, and those who wrote it."}
    url = f"{stack.url}/v1/comments/check"

    found = urllib3.request("POST", url, json=body, headers=headers, retries=False).json()

    assert found["verdict"]["second_opinion"] == "given", found


def test_servers_are_replaced_unnoticed(stack: Stack, key: str) -> None:
    load = Load(stack.url, key, clients=4, timeout=30)
    load.start()
    load.wait_for(STEP)
    for service in ("server-1", "server-2"):
        stack.replace(service)
        load.wait_for(STEP)
    stack.compose("stop", "valkey")
    load.wait_for(STEP)
    stack.compose("start", "valkey")
    load.wait_for(STEP)
    load.stop()

    assert {status for one in load.clients for status in one.answers} == {201}
    assert load.breaks == []
    count = "SELECT count(*), count(DISTINCT public_id) FROM comments"
    ask = f'PGPASSWORD=$POSTGRES_PASSWORD psql -h 127.0.0.1 -U winnow -At -c "{count}"'
    kept = stack.inside("sh", "-c", ask, service="database")
    assert kept.strip() == f"{load.done}|{load.done}"


def test_a_server_that_is_told_to_stop_while_it_starts_stops(stack: Stack) -> None:
    stack.compose("stop", "server-2")
    stack.compose("start", "server-2")
    stack.compose("stop", "server-2")

    code = stack.compose("ps", "--all", "--format", "{{.ExitCode}}", "server-2").strip()

    # 137 would be one that was killed as it did not listen.
    assert code in ("0", "143")
    stack.compose("start", "server-2")
    stack.wait("server-2")
