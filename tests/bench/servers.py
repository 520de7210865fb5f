"""The servers that the benchmarks compare, as their users start them."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

WORKERS, THREADS = "2", "4"
STARTUP_SECONDS = 30
UNLIMITED = dict.fromkeys(
    ("WINNOW_LIMIT_KEY", "WINNOW_LIMIT_ADDRESS", "WINNOW_LIMIT_AUTHOR"), "none"
)
"""Clients that measure send as much as they can, by few authors: see `tests.bench.limits`."""
_WINNOW = str(Path(sys.executable).with_name("winnow"))


class Winnow:
    """A running `winnow serve` with a site; `port` and a backend's `key` to post with."""

    def __init__(self, folder: Path, url: str | None, **given: str) -> None:
        folder.mkdir(exist_ok=True)
        basic = {"WINNOW_HOME": str(folder), "WINNOW_WORKERS": WORKERS, "WINNOW_THREADS": THREADS}
        self.environment = {**os.environ, **UNLIMITED, **basic, **given}
        self.url = url or f"sqlite:///{folder / 'winnow.sqlite3'}"
        self.environment["WINNOW_DATABASE_URL"] = self.url
        self.port = free_port()
        self.run("site", "create", "bench")
        self.key = self.make_key("backend")

    def run(self, *command: str) -> str:
        """Another command on the same home."""
        program = [_WINNOW, *command]
        return subprocess.check_output(program, env=self.environment, text=True)

    def make_key(self, role: str) -> str:
        """A key of the site."""
        return self.run("key", "create", "--site", "bench", "--role", role).strip()

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve while the block runs."""
        command = [_WINNOW, "serve", "--port", str(self.port)]
        with _running(command, self.port, self.environment):
            yield


@contextmanager
def winnow(folder: Path, url: str | None = None, **given: str) -> Iterator[Winnow]:
    """Winnow on a new database: SQLite in `folder`, or the empty one at `url`."""
    found = Winnow(folder, url, **given)
    with found.serving():
        yield found


@contextmanager
def bare(where: str, kept: bool) -> Iterator[int]:
    """A Flask view that does one insert, under the same server; gives its port."""
    with _gunicorn(f"tests.bench.bare:create_bare_app({where!r}, {kept})") as port:
        yield port


@contextmanager
def echo() -> Iterator[int]:
    """A Flask view that parses JSON and sends it back, under the same server; gives its port."""
    with _gunicorn("tests.bench.bare:create_echo_app()") as port:
        yield port


@contextmanager
def _gunicorn(app: str) -> Iterator[int]:
    port = free_port()
    options = ["--workers", WORKERS, "--threads", THREADS, "--worker-class", "gthread"]
    bind = ["--bind", f"127.0.0.1:{port}", "--no-control-socket", "--log-level", "warning"]
    command = [sys.executable, "-m", "gunicorn", *options, *bind, "--preload", app]
    with _running(command, port, dict(os.environ)):
        yield port


@contextmanager
def _running(command: list[str], port: int, environment: dict[str, str]) -> Iterator[None]:
    with subprocess.Popen(command, env=environment) as process:
        try:
            _wait_for(port, process)
            yield
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            HTTPConnection("127.0.0.1", port, timeout=1).connect()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"The server on port {port} did not start.")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
