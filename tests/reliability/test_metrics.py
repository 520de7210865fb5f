"""Metrics of a server of several processes and a worker: added up, and kept when one is killed."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from api.telemetry import counters
from tests.reliability.serving import Server

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")

SERIES = 'winnow_http_requests_total{endpoint="health.live",method="GET",status="200"}'
SCORING = 'winnow_scoring_failures_total{process="%s"}'


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server without a classifier."""
    found = Server(tmp_path, WINNOW_MODEL=str(tmp_path / "none"), WINNOW_DRAIN_SECONDS="0")
    found.run("site", "create", "gazette")
    found.start()
    yield found
    found.kill()
    found.log.close()


def read(server: Server) -> dict[str, float]:
    text = urllib3.request("GET", f"{server.url}/metrics", retries=5, timeout=5).data.decode()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def ask(server: Server, how_often: int) -> None:
    """Each time on a connection of its own, so that every process answers some."""
    for _ in range(how_often):
        urllib3.request(
            "GET", f"{server.url}/live", retries=5, timeout=5, headers={"Connection": "close"}
        )


def until(server: Server, series: str, least: float) -> None:
    give_up = time.monotonic() + 60
    while read(server).get(series, 0) < least:
        assert time.monotonic() < give_up, series
        time.sleep(0.1)


def test_counts_are_added_up_and_outlive_the_process(server: Server) -> None:
    before = read(server)[SERIES]
    ask(server, 40)
    assert read(server)[SERIES] == before + 40

    for process in server.children():
        os.kill(process, signal.SIGKILL)
    gone = set(server.children())
    give_up = time.monotonic() + 60
    while gone & set(server.children()) or len(server.children()) < 2:
        assert time.monotonic() < give_up, "the processes are not replaced"
        time.sleep(0.05)
        gone &= set(server.children())
    ask(server, 10)

    # A request that was being read when its process was killed may have been sent again.
    assert read(server)[SERIES] >= before + 50


def test_what_the_worker_counts_is_added(server: Server) -> None:
    key = server.make_key("backend")
    body = {"article": {"id": "a-1"}, "text": "Hello."}
    headers = {"Authorization": f"Bearer {key}"}
    urllib3.request("POST", f"{server.url}/v1/comments", json=body, headers=headers, retries=5)

    until(server, SCORING % "server", 1)
    until(server, SCORING % "worker", 1)


def test_what_came_of_the_second_stage_is_added_up(tmp_path: Path) -> None:
    server = Server(tmp_path, WINNOW_READER=str(tmp_path / "none"), WINNOW_DRAIN_SECONDS="0")
    server.run("site", "create", "gazette")
    server.start()
    headers = {"Authorization": f"Bearer {server.make_key('backend')}", "Connection": "close"}
    body = {"article": {"id": "a-1"}, "text": "Hello."}
    try:
        for _ in range(20):
            answer = urllib3.request(
                "POST", f"{server.url}/v1/comments", json=body, headers=headers, timeout=10
            )
            assert answer.json()["verdict"]["second_opinion"] == "absent"
        found = read(server)
        assert found['winnow_second_opinions_total{outcome="absent"}'] == 20
        assert found['winnow_second_opinions_total{outcome="given"}'] == 0
        assert found["winnow_second_stage_usable"] == 0
    finally:
        server.kill()
        server.log.close()


def test_a_server_that_ends_leaves_no_files_and_clears_those_of_one_that_was_killed(
    server: Server,
) -> None:
    assert server.process is not None
    killed = folder(server)
    assert killed is not None
    assert killed.stat().st_mode & 0o777 == 0o700
    server.kill()

    server.start()
    ended = folder(server)
    server.signal(signal.SIGTERM)
    assert server.process.wait(60) == 0

    assert ended is not None
    assert not killed.exists()
    assert not ended.exists()


def folder(server: Server) -> Path | None:
    assert server.process is not None
    parent = counters._MEMORY
    return next(parent.glob(f"{counters._PREFIX}{server.process.pid}-*"), None)
