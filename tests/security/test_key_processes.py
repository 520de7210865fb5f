"""A key that is revoked is nobody's at the next request, whichever process answers it.

A server of several processes is asked through each of them: the others are stopped meanwhile, so
the one that goes on is the one that answers. What a process may have kept of a key, it keeps
before the key is revoked: each has been asked with it.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.api.web.dropin import coral
from tests.conftest import BOTH
from tests.factories import comment
from tests.reliability.serving import Server

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")

PROCESSES = 3


@pytest.fixture(params=BOTH)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A server of three processes that writes down each request, and all it can."""
    url = request.getfixturevalue("make_postgresql_url")() if request.param != "sqlite" else None
    found = Server(
        tmp_path,
        url,
        WINNOW_WORKERS=str(PROCESSES),
        WINNOW_WORKER="0",
        WINNOW_ACCESS_LOG="1",
        WINNOW_LOG_LEVEL="debug",
    )
    yield found
    found.close()


@contextlib.contextmanager
def only(process: int, others: Sequence[int]) -> Iterator[None]:
    """Have one process alone answer what is asked meanwhile."""
    stopped = [one for one in others if one != process]
    for one in stopped:
        os.kill(one, signal.SIGSTOP)
    try:
        yield
    finally:
        for one in stopped:
            os.kill(one, signal.SIGCONT)


def find_processes(server: Server) -> list[int]:
    """The processes that answer, once all of them have been made."""
    give_up = time.monotonic() + 30
    while len(found := server.children()) < PROCESSES:
        assert time.monotonic() < give_up, "the server does not make all of its processes"
        time.sleep(0.05)
    return found


class Caller:
    """Asks with a new connection each time, so that whoever is awake takes it."""

    def __init__(self, server: Server) -> None:
        self.url = server.url

    def ask(self, method: str, path: str, key: str = "", **given: Any) -> urllib3.BaseHTTPResponse:
        """The answer; `key` goes as a bearer's."""
        headers = {"Connection": "close", **given.pop("headers", {})}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        with urllib3.PoolManager(retries=False, timeout=20) as pool:
            return pool.request(method, f"{self.url}{path}", headers=headers, **given)


def make_doors(caller: Caller, admin: str) -> dict[str, tuple[str, Callable[[], bool]]]:
    """By what a key is called, what it is for, and whether it still opens that."""
    made = {
        name: caller.ask("POST", "/v1/keys", admin, json=wanted).json()
        for name, wanted in (
            ("native", {"role": "backend"}),
            ("perspective", {"role": "backend"}),
            ("openai", {"role": "backend"}),
            ("akismet", {"style": "akismet"}),
            ("coral", {"style": "coral"}),
        )
    }
    phase = made["coral"]["id"]
    secret = {"secret": coral.SECRET}
    assert caller.ask("PUT", f"/v1/keys/{phase}/secret", admin, json=secret).status == 204
    asked = {"comment": {"text": "A fine day."}, "requestedAttributes": {"TOXICITY": {}}}
    body = coral.spell(coral.NEW)
    signed = {"X-Coral-Signature": coral.sign(body, coral.SECRET)}
    opens: dict[str, Callable[[str], bool]] = {
        "native": lambda key: caller.ask("POST", "/v1/comments", key, json=comment()).status == 201,
        "perspective": lambda key: (
            caller.ask("POST", f"/v1alpha1/comments:analyze?key={key}", json=asked).status == 200
        ),
        "openai": lambda key: (
            caller.ask("POST", "/v1/moderations", key, json={"input": "A day."}).status == 200
        ),
        "akismet": lambda key: (
            caller.ask(
                "POST",
                "/1.1/verify-key",
                fields={"key": key, "blog": "https://a.example/"},
                encode_multipart=False,
            ).data
            == b"valid"
        ),
        "coral": lambda key: (
            caller.ask("POST", f"/coral/{key}", body=body, headers=signed).status in (200, 204)
        ),
    }
    keys = {name: one["key"] or phase for name, one in made.items()}
    return {
        made[name]["id"]: (name, lambda is_open=is_open, key=keys[name]: is_open(key))
        for name, is_open in opens.items()
    }


def test_every_process_refuses_a_key_from_the_request_after_it_was_revoked(server: Server) -> None:
    admin = server.make_key("admin")
    server.start()
    processes, caller = find_processes(server), Caller(server)
    doors = make_doors(caller, admin)

    for process in processes:
        with only(process, processes):
            closed = [name for name, is_open in doors.values() if not is_open()]
        assert closed == []

    with only(processes[0], processes):
        for public_id in doors:
            assert caller.ask("DELETE", f"/v1/keys/{public_id}", admin).status == 204

    for process in processes:
        with only(process, processes):
            still = [name for name, is_open in doors.values() if is_open()]
        assert still == []


def test_no_key_stands_in_the_log_of_a_server_that_writes_down_all_it_can(server: Server) -> None:
    admin = server.make_key("admin")
    server.start()
    caller = Caller(server)
    key = server.make_key("backend")

    for path in (
        "/v1alpha1/comments:analyze",
        "/v1alpha1/nothing",
        "/1.2/usage-limit",
        "/v1/nowhere",
    ):
        for wanted in (key, f"{key}x"):
            query = f"?key={wanted}&api_key={wanted}"
            assert caller.ask("GET", path + query).status in (200, 401, 404, 405)
            assert caller.ask("POST", path + query, body=b"{").status in (200, 400, 404, 405)
    assert caller.ask("GET", "/v1/site", admin).status == 200

    said = server.printed()
    assert "POST" in said
    for hidden in (key, admin):
        assert hidden[13:] not in said
