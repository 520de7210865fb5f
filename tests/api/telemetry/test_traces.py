"""Traces: sent by real servers to a real collector, with nothing personal, and never in the way."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.api.telemetry.collecting import Collector
from tests.factories import comment
from tests.reliability.serving import Server
from tests.security.test_secrets import COMMENT, PERSON, PERSONAL

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")

SUBMIT = "POST /v1/comments"
GET = "GET /v1/comments/<comment_id:comment_id>"
FAST = {"OTEL_BSP_SCHEDULE_DELAY": "200"}


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector that works."""
    with Collector() as found:
        yield found


Serve = Callable[..., Server]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts a server whose traces go to a URL."""
    made: list[Server] = []

    def start(url: str, **given: str) -> Server:
        server = Server(tmp_path, WINNOW_TRACES=url, WINNOW_DRAIN_SECONDS="0", **FAST, **given)
        made.append(server)
        server.run("init")
        server.start()
        return server

    yield start
    for one in made:
        one.close()


def ask(server: Server, method: str, path: str, key: str, **more: Any) -> urllib3.BaseHTTPResponse:
    headers = {
        "Authorization": f"Bearer {key}",
        "User-Agent": PERSON["user_agent"],
        "Cookie": "session=cookie-secret",
        # Each on a connection of its own, so that every process answers some.
        "Connection": "close",
        **more.pop("headers", {}),
    }
    return urllib3.request(
        method, f"{server.url}{path}", headers=headers, retries=False, timeout=30, **more
    )


def test_each_process_tells_of_requests_scores_and_statements(
    serve: Serve, collector: Collector
) -> None:
    server = serve(collector.url)
    key = server.make_key("backend")
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    for number in range(12):
        body = comment(id=f"c-{number}")
        assert ask(server, "POST", "/v1/comments", key, json=body).status == 201
    given = {"traceparent": parent, "X-Request-ID": "abc-1"}
    ask(server, "GET", "/v1/comments/c-1?limit=1", key, headers=given)
    ask(server, "GET", "/v1/comments/c-1", "wrong")

    posted = collector.wait_for(SUBMIT, 12)
    read = collector.wait_for(GET, 2)
    job = collector.wait_for("job")[0]

    first = posted[0]
    inside = [one for one in collector.spans() if one["trace"] == first["trace"]]
    assert {"score", "INSERT"} <= {one["name"] for one in inside}
    [score] = [one for one in inside if one["name"] == "score"]
    assert (score["winnow.texts"], score["parent"]) == (1, first["id"])
    assert first["about"]["service.name"] == "winnow"
    assert first["http.route"] == "/v1/comments"
    statuses = [one.get("http.status_code", one.get("http.response.status_code")) for one in read]
    assert sorted(statuses) == [200, 401]
    [named] = [one for one in read if one.get("winnow.request_id") == "abc-1"]
    assert named["trace"] == parent[3:35]
    assert not any(one["name"].endswith("/live") for one in collector.spans())
    assert job["about"]["winnow.process"] == "worker"
    assert job["winnow.kind"]


def test_both_processes_send_though_the_app_was_loaded_before_they_parted(
    serve: Serve, collector: Collector
) -> None:
    server = serve(collector.url)
    key = server.make_key("backend")

    for process in server.children():
        os.kill(process, signal.SIGKILL)
    give_up = time.monotonic() + 60
    answered = 0
    while answered < 10:
        assert time.monotonic() < give_up
        try:
            answered += ask(server, "GET", "/v1/comments", key).status == 200
        except urllib3.exceptions.HTTPError:
            time.sleep(0.1)

    collector.wait_for("GET /v1/comments", 10)


def test_nothing_personal_and_no_secret_is_told(serve: Serve, collector: Collector) -> None:
    server = serve(collector.url)
    key = server.make_key("admin")
    state = {"tracestate": "vendor=state-secret", "traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}
    assert ask(server, "POST", "/v1/comments", key, json=COMMENT, headers=state).status == 201
    query = "/v1/comments?q=psoriasis&author=user-psoriasis&key=query-secret"
    ask(server, "GET", query, key)
    ask(server, "GET", "/v1/comments/c-1", key)
    ask(server, "PATCH", "/v1/comments/c-1", key, json={"text": COMMENT["text"] * 2})
    decided = {"action": "reject", "note": "psoriasis"}
    ask(server, "POST", "/v1/comments/c-1/decision", key, json=decided)
    ask(server, "POSTsecret", "/v1/comments/path-secret/nowhere", key)
    ask(server, "GET", "/path-secret", key)
    hook = {"url": "https://hooks.psoriasis.example/hook-secret"}
    ask(server, "POST", "/v1/webhooks", key, json=hook)

    collector.wait_for("POST /v1/comments/<comment_id:comment_id>/decision")
    collector.wait_for("POST /v1/webhooks")
    time.sleep(1)

    sent = b"\n".join(collector.bodies).decode(errors="replace")
    more = ("cookie-secret", "query-secret", "path-secret", "hook-secret", "state-secret")
    everything = [*PERSONAL, *more, key, key[13:], "c-1", "a-1", "127.0.0.1", "POSTsecret"]
    assert [one for one in everything if one in sent] == []
    statements = [str(one.get("db.statement", "")) for one in collector.spans()]
    assert any("INSERT INTO comments" in one for one in statements)


def test_what_fails_is_told_by_its_kind_and_not_in_its_words(
    serve: Serve, collector: Collector, tmp_path: Path
) -> None:
    server = serve(collector.url)
    key = server.make_key("backend")
    with closing(sqlite3.connect(tmp_path / "winnow.sqlite3")) as connection:
        connection.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON revisions "
            "BEGIN SELECT RAISE(ABORT, 'words-secret'); END"
        )

    assert ask(server, "POST", "/v1/comments", key, json=comment()).status == 503

    collector.wait_for(SUBMIT)
    failed = [one for one in collector.spans() if one["status"] == 2]
    assert failed
    assert not any(one["words"] for one in failed)
    assert "words-secret" not in b"\n".join(collector.bodies).decode(errors="replace")


def test_a_dead_collector_is_told_once_and_nothing_waits_for_it(serve: Serve) -> None:
    # Nobody listens there.
    server = serve("http://127.0.0.1:9/v1/traces", WINNOW_WORKERS="1", WINNOW_WORKER="no")
    key = server.make_key("backend")
    began = time.monotonic()
    while "collector" not in server.printed():
        assert time.monotonic() < began + 60
        assert ask(server, "GET", "/v1/comments", key).status == 200
    for _ in range(50):
        assert ask(server, "GET", "/v1/comments", key).status == 200
    time.sleep(1)

    assert server.printed().count("the collector of traces does not take them") == 1
    assert "9/v1/traces" not in server.printed()
    server.signal(signal.SIGTERM)
    assert server.process is not None
    assert server.process.wait(30) == 0


def test_a_collector_that_hangs_holds_nobody_up(serve: Serve, collector: Collector) -> None:
    collector.awake.clear()
    server = serve(collector.url, WINNOW_WORKERS="1", WINNOW_WORKER="no")
    key = server.make_key("backend")

    # Many more than are kept for it.
    for number in range(80):
        body = {"items": [comment(id=f"c-{number}-{one}") for one in range(5)]}
        assert ask(server, "POST", "/v1/comments/batch", key, json=body).status == 207
    server.signal(signal.SIGTERM)
    assert server.process is not None

    # It has two seconds to send the rest, not as long as the collector sleeps.
    assert server.process.wait(30) == 0


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_without_the_packages_it_says_which(tmp_path: Path, command: str) -> None:
    script = "import sys; sys.modules['opentelemetry'] = None; from api.cli import main; main()"
    env = {**os.environ, "WINNOW_HOME": str(tmp_path), "WINNOW_TRACES": "http://127.0.0.1:9"}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = ["--port", str(free.getsockname()[1])] if command == "serve" else []

    made = [sys.executable, "-c", script, command, *port]
    result = subprocess.run(made, env=env, capture_output=True, text=True, check=False)

    assert result.returncode == 1
    assert result.stderr == "Error: WINNOW_TRACES needs: pip install 'winnow[traces]'.\n"


def test_without_the_setting_nothing_of_it_is_loaded(tmp_path: Path) -> None:
    script = (
        "import sys, api.cli, api.serving.server, api.work.worker, api.web; "
        "sys.exit(any(name.partition('.')[0] == 'opentelemetry' for name in sys.modules))"
    )
    env = {**os.environ, "WINNOW_HOME": str(tmp_path)}

    assert subprocess.run([sys.executable, "-c", script], env=env, check=False).returncode == 0
