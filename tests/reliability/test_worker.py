"""Workers as processes of their own: killed, stopped, orphaned, beside each other and a server."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from api.store import jobs, schema
from api.store.database import Database
from api.store.outbox import Job
from tests.conftest import BOTH
from tests.reliability.serving import Server

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")

PROGRAM = """
import sys, time
from datetime import timedelta
from pathlib import Path
from api.store import jobs
from api.work import handlers

jobs.LEASE = timedelta(seconds=2)
log = Path(sys.argv.pop(1))

def note(services, job):
    with log.open("a") as file:
        file.write(f"begin {job.id} {job.attempts}\\n")
    time.sleep(job.payload["seconds"] if job.attempts == 1 else 0)
    with log.open("a") as file:
        file.write(f"end {job.id} {job.attempts}\\n")

handlers.HANDLERS.clear()
handlers.HANDLERS["note"] = handlers.Handler(note)
from api.cli import main
main()
"""


class Workers:
    """`winnow worker`, several of them, on one database; their jobs note what they do."""

    def __init__(self, home: Path, url: str) -> None:
        self.log, self.home = home / "jobs.log", home
        self.log.touch()
        self.database = Database(url.replace("postgresql://", "postgresql+psycopg://"))
        schema.migrate(self.database)
        self.env = {**os.environ, "WINNOW_HOME": str(home), "WINNOW_DATABASE_URL": url}
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> "subprocess.Popen[bytes]":
        """One more worker, with leases of two seconds."""
        command = [sys.executable, "-c", PROGRAM, str(self.log), "worker"]
        process = subprocess.Popen(command, env=self.env, stderr=subprocess.DEVNULL)
        self.processes.append(process)
        return process

    def put(self, how_many: int, seconds: float) -> None:
        """So many jobs, whose first try lasts so long."""
        from api.moderation.services import utc_now

        for _ in range(how_many):
            self.database.write(lambda c: jobs.enqueue(c, "note", {"seconds": seconds}, utc_now()))

    def noted(self) -> list[tuple[str, int, int]]:
        """What began and ended: `("begin", job, try)`."""
        lines = [line.split() for line in self.log.read_text().splitlines()]
        return [(what, int(job), int(attempt)) for what, job, attempt in lines]

    def left(self) -> list[Job]:
        """The jobs that are not done."""
        with self.database.reading() as session:
            return list(session.scalars(select(Job)))

    def end(self) -> None:
        """Kill all of them."""
        for process in self.processes:
            process.kill()
            process.wait()
        self.database.dispose()


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'winnow.sqlite3'}"
    make: Callable[[], str] = request.getfixturevalue("make_postgresql_url")
    return make().replace("postgresql+psycopg://", "postgresql://")


@pytest.fixture
def workers(tmp_path: Path, url: str) -> Iterator[Workers]:
    """A database without workers yet."""
    found = Workers(tmp_path, url)
    yield found
    found.end()


def until(condition: Callable[[], object], what: str) -> None:
    """Wait, for a minute at most."""
    give_up = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < give_up, what
        time.sleep(0.02)


def test_a_job_whose_worker_is_killed_is_done_by_another(workers: Workers) -> None:
    first = workers.start()
    workers.put(3, seconds=600)
    until(lambda: len(workers.noted()) == 3, "the jobs do not begin")
    first.kill()
    first.wait()
    assert len(workers.left()) == 3

    workers.start()
    until(lambda: not workers.left(), "the jobs are not done")

    ids = {job for _, job, _ in workers.noted()}
    assert sorted(workers.noted()) == sorted(
        (what, job, attempt)
        for job in ids
        for what, attempt in (("begin", 1), ("begin", 2), ("end", 2))
    )


def test_a_worker_told_to_stop_lets_its_job_end_and_leaves_the_others(workers: Workers) -> None:
    process = workers.start()
    workers.put(1, seconds=1.5)
    until(workers.noted, "the job does not begin")

    process.send_signal(signal.SIGTERM)
    workers.put(1, seconds=0)
    code = process.wait(60)

    assert code == 0
    assert [what for what, _, _ in workers.noted()] == ["begin", "end"]
    [left] = workers.left()
    assert (left.attempts, left.worker) == (0, None)


def test_a_worker_told_twice_returns_what_it_cannot_end(workers: Workers) -> None:
    process = workers.start()
    workers.put(1, seconds=600)
    until(workers.noted, "the job does not begin")

    process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    code = process.wait(60)

    assert code == 0
    [left] = workers.left()
    assert (left.attempts, left.worker) == (0, None)


def test_several_workers_share_the_jobs_and_do_each_once(workers: Workers) -> None:
    workers.put(150, seconds=0.01)
    for _ in range(3):
        workers.start()

    until(lambda: not workers.left(), "the jobs are not done")

    ends = [job for what, job, _ in workers.noted() if what == "end"]
    assert len(ends) == len(set(ends)) == 150


@pytest.fixture
def server(tmp_path: Path, url: str) -> Iterator[Server]:
    """`winnow serve`, which runs."""
    found = Server(tmp_path, url, WINNOW_DRAIN_SECONDS="0")
    found.start()
    yield found
    found.kill()
    found.log.close()


def running(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_server_keeps_a_worker_for_as_long_as_it_runs(server: Server) -> None:
    until(server.job_workers, "no worker is started")
    [first] = server.job_workers()
    serving = server.children()

    os.kill(first, signal.SIGKILL)
    until(lambda: set(server.job_workers()) - {first}, "no other worker is started")
    [second] = server.job_workers()
    server.signal(signal.SIGTERM)
    assert server.process is not None
    server.process.wait(60)

    assert not running(second)
    assert not any(running(one) for one in serving)


def test_a_worker_whose_server_is_killed_goes_by_itself(server: Server) -> None:
    until(server.job_workers, "no worker is started")
    [orphan] = server.job_workers()

    server.kill_master()

    until(lambda: not running(orphan), "the worker stays behind")


def test_a_server_may_be_told_to_keep_none(tmp_path: Path) -> None:
    found = Server(tmp_path, WINNOW_WORKER="no")
    try:
        found.start()
        until(lambda: len(found.children()) == 2, "no processes serve")
        assert found.job_workers() == []
    finally:
        found.kill()
        found.log.close()
