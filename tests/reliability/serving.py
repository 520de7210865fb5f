"""`winnow serve` as its users run it, to be started, stopped and killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import urllib3

from api.moderation import access
from api.moderation.errors import NotFoundError
from api.moderation.services import Services
from api.store import schema
from api.store.database import Database
from tests import printed
from tests.factories import make_key, words_scorer

COMMAND = [sys.executable, "-c", "from api.cli import main; main()"]

UNLIMITED = dict.fromkeys(
    ("WINNOW_LIMIT_KEY", "WINNOW_LIMIT_ADDRESS", "WINNOW_LIMIT_AUTHOR"), "none"
)
"""For clients that send as much as they can."""

READY_SECONDS = 60
"""How long a start may take; the processes of a killed master must have left before."""


class Server:
    """`winnow serve` on one port and one home, as often as it must be started.

    `given` are more variables for its environment, as `WINNOW_WORKERS="1"`.
    """

    def __init__(self, home: Path, database_url: str | None = None, **given: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.home, self.url = home, f"http://127.0.0.1:{self.port}"
        basic = {"WINNOW_HOME": str(home), "WINNOW_WORKERS": "2", **UNLIMITED}
        self.env = {**os.environ, **basic, **given}
        self.database_url = _named(database_url) or f"sqlite:///{home / 'winnow.sqlite3'}"
        self.env["WINNOW_DATABASE_URL"] = self.database_url
        self.log = (home / "server.log").open("wb")
        self.process: subprocess.Popen[bytes] | None = None
        self.groups: set[int] = set()

    def run(self, *command: str) -> str:
        """Another command on the same home."""
        return subprocess.check_output([*COMMAND, *command], env=self.env, text=True)

    def make_key(self, role: str, site: str = "gazette") -> str:
        """A key of a site, which is made where there is none; the database too."""
        database = Database(self.database_url)
        try:
            schema.migrate(database)
            services = Services(database, words_scorer())
            try:
                found = access.find_site(services, site)
            except NotFoundError:
                found = access.create_site(services, site)
            return make_key(services, found, role)
        finally:
            database.dispose()

    def start(self) -> None:
        """Start it, once its port is free, and wait until it answers."""
        give_up = time.monotonic() + READY_SECONDS
        while self._listens():
            assert time.monotonic() < give_up, "the processes of the last start do not leave"
            time.sleep(0.02)
        self.process = subprocess.Popen(
            [*COMMAND, "serve", "--port", str(self.port)],
            env=self.env,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        self.groups.add(self.process.pid)
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > give_up:
                raise AssertionError(f"the server does not start:\n{self.printed()[-2000:]}")
            time.sleep(0.02)

    def children(self) -> list[int]:
        """The processes that the master has made to serve."""
        return [number for number, command in self._made() if b"--parent" not in command]

    def job_workers(self) -> list[int]:
        """The `winnow worker` that the master has started, once it is there."""
        return [number for number, command in self._made() if b"--parent" in command]

    def _made(self) -> list[tuple[int, bytes]]:
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        found = []
        for number in children.split():
            try:
                found.append((int(number), Path(f"/proc/{number}/cmdline").read_bytes()))
            except OSError:
                continue
        return found

    def signal(self, number: signal.Signals) -> None:
        """Send the master a signal, as a service manager does."""
        assert self.process is not None
        self.process.send_signal(number)

    def kill_master(self) -> None:
        """End the master alone; its children have to notice."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def kill(self) -> None:
        """End master and children at once, with no chance to tidy up."""
        for group in self.groups:
            try:
                os.killpg(group, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.groups.clear()
        if self.process is not None:
            self.process.wait()

    def left(self) -> list[int]:
        """The processes of all starts that are still there."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if os.getpgid(int(entry.name)) in self.groups and not _is_dead(entry):
                    found.append(int(entry.name))
            except (ProcessLookupError, FileNotFoundError):
                continue
        return found

    def printed(self) -> str:
        """All it has said so far."""
        return (self.home / "server.log").read_text(errors="replace")

    def close(self) -> None:
        """Kill what runs and close the log."""
        self.kill()
        self.log.close()
        printed.note(self.printed(), "a server printed")

    def _listens(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(2)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _answers(self) -> bool:
        try:
            urllib3.request("GET", f"{self.url}/live", retries=False, timeout=2)
        except urllib3.exceptions.HTTPError:
            return False
        return True


def _is_dead(entry: Path) -> bool:
    # Its parent, killed too, has not asked for its exit status.
    return entry.joinpath("stat").read_text().rpartition(") ")[2].startswith("Z")


def _named(url: str | None) -> str | None:
    """The URL with the driver's name, as Winnow's own settings make it."""
    return url and url.replace("postgresql://", "postgresql+psycopg://")
