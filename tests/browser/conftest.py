"""A real Winnow, a real website before it, and real browsers that visit both."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from urllib3.util import Retry

ROOT = Path(__file__).parents[2]
COMMAND = str(Path(sys.executable).with_name("winnow"))
LOOPBACK = "127.0.0.1/32"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = Retry(total=80, backoff_factor=0.05, backoff_max=0.5)
"""Asks a server that is starting again and again, for half a minute."""


@dataclass(frozen=True)
class Winnow:
    """A running Winnow and what its first start printed."""

    url: str
    home: Path
    key: str
    email: str
    password: str

    def run(self, *command: str) -> str:
        """Run a command of `winnow` on this home; what it prints."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("WINNOW_")}
        ours = {"WINNOW_HOME": str(self.home), "WINNOW_WEBHOOK_NETWORKS": LOOPBACK}
        environment = {**kept, **ours, "WINNOW_READER": "none"}
        made = subprocess.run(
            [COMMAND, *command], env=environment, capture_output=True, text=True, check=True
        )
        return made.stdout.strip()

    def make_webhook(self, url: str) -> str:
        """Have events sent to a URL; the secret that signs them."""
        return self.run("webhook", "create", "--site", "default", url)

    def ask(self, method: str, path: str, body: Any = None, *, key: str = "") -> Any:
        """Call the API with a key, by default the website's; what it answers."""
        headers = {"Authorization": f"Bearer {key or self.key}"}
        answer = urllib3.request(method, f"{self.url}{path}", json=body, headers=headers)
        assert answer.status < 400, (path, answer.status, answer.data)
        return answer.json()

    def hold_everything(self) -> None:
        """Have every comment wait for a person, whatever its scores."""
        draft = self.home / "hold.yaml"
        draft.write_text("mode: pre\n")
        self.run("policy", "apply", "--site", "default", str(draft))

    def check(self, text: str) -> str:
        """What the shipped model would do with a text."""
        body = {"article": {"id": "a-17"}, "text": text}
        headers = {"Authorization": f"Bearer {self.key}"}
        answer = urllib3.request(
            "POST", f"{self.url}/v1/comments/check", json=body, headers=headers
        )
        return answer.json()["verdict"]["action"]


class Visitor:
    """A person's browser, and all that went wrong in it or left this machine."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.complaints: list[str] = []
        self.hosts: set[str | None] = set()
        context.on("console", self._listen)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname))

    def open(self, url: str) -> Page:
        page = self.context.new_page()
        page.goto(url)
        return page

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


@contextmanager
def running(command: list[str], url: str, log: Path, **environment: str) -> Iterator[None]:
    """Start a server, wait until it answers, stop it at the end."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("WINNOW_")}
    with log.open("wb") as output, urllib3.PoolManager(retries=PATIENCE) as pool:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, cwd=log.parent, env={**kept, **environment}
        )
        try:
            with suppress(urllib3.exceptions.HTTPError):
                pool.request("GET", url)
            assert process.poll() is None, log.read_text()
            yield
        finally:
            process.terminate()
            process.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def winnow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Winnow]:
    """`winnow serve` on an empty home."""
    home, port = tmp_path_factory.mktemp("winnow"), free_port()
    log, url = home / "log", f"http://127.0.0.1:{port}"
    environment = {
        "WINNOW_HOME": str(home),
        "WINNOW_WEBHOOK_NETWORKS": LOOPBACK,
        "WINNOW_READER": "none",
        # Its hundreds of comments are one author's, as no real person writes them.
        "WINNOW_LIMIT_AUTHOR": "100000/minute",
    }
    with running([COMMAND, "serve", "--port", str(port)], f"{url}/live", log, **environment):
        printed = dict(
            re.findall(r"^  (backend key|moderator|password) +(\S+)$", log.read_text(), re.M)
        )
        yield Winnow(url, home, printed["backend key"], printed["moderator"], printed["password"])


@pytest.fixture(scope="module")
def site(winnow: Winnow, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The example site before that Winnow: the URL of its article."""
    home, port = tmp_path_factory.mktemp("site"), free_port()
    article = f"http://127.0.0.1:{port}/"
    environment = {
        "WINNOW_URL": winnow.url,
        "WINNOW_KEY": winnow.key,
        "WINNOW_WEBHOOK_SECRET": winnow.make_webhook(f"{article}webhook"),
        "DEMO_DATABASE": str(home / "comments.db"),
        "PORT": str(port),
    }
    command = [sys.executable, str(ROOT / "docs/example-site/app.py")]
    with running(command, article, home / "log", **environment):
        yield article


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no Chromium is installed: none of {', '.join(CHROMIUM)} is in PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[*ARGUMENTS])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors; `visit(java_script_enabled=False)` has JavaScript switched off."""
    visitors: list[Visitor] = []

    def make(**options: object) -> Visitor:
        visitors.append(Visitor(chromium.new_context(**options)))
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.context.close()
    assert {host for one in visitors for host in one.hosts} <= {"127.0.0.1"}
