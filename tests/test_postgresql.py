"""The throw-away server that other tests rely on: what it keeps, and that nothing stays behind."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.postgresql import Server, find_binaries

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.skipif(find_binaries() is None, reason="PostgreSQL is not installed"),
]

LEAVE = """
import os
from tests.postgresql import Server
server = Server().start()
print(server.folder, server.process.pid, flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that runs."""
    with Server() as found:
        yield found


def ask(server: Server, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.url) as connection:
        return connection.execute(statement).fetchall()


def test_what_was_committed_is_there_after_every_end(server: Server) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'é' AS word")

    server.restart("immediate")
    server.kill()
    with pytest.raises(psycopg.OperationalError):
        ask(server, "SELECT 1")
    server.start()

    assert ask(server, "SELECT upper(word) FROM kept") == [("É",)]
    assert ask(server, "SHOW fsync") == [("on",)]


def test_nothing_stays_when_it_is_removed(server: Server) -> None:
    server.remove()

    assert not server.folder.exists()


def test_nothing_stays_when_the_tests_are_killed() -> None:
    left = subprocess.run([sys.executable, "-c", LEAVE], capture_output=True, text=True)
    folder, process = left.stdout.split()

    assert wait_until(lambda: not Path(folder).exists())
    assert wait_until(lambda: not runs(int(process)))


def wait_until(holds: Callable[[], bool]) -> bool:
    """Whether it holds within a while."""
    for _ in range(300):
        if holds():
            return True
        time.sleep(0.05)
    return False


def runs(process: int) -> bool:
    """Whether there is such a process; one that nobody has waited for is none."""
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
