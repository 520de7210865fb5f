"""Streams of what others do take no thread from the API, and end when the server stops."""

import http.client
import re
import sys
from pathlib import Path
from urllib.parse import urlencode

import urllib3

from tests.browser.conftest import free_port, running

COMMAND = str(Path(sys.executable).with_name("winnow"))
MINIMAL = {"WINNOW_WORKERS": "1", "WINNOW_THREADS": "1", "WINNOW_STREAMS": "1"}


def test_one_thread_answers_beside_a_stream_and_the_server_stops(tmp_path: Path) -> None:
    port = free_port()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    base, log = f"http://127.0.0.1:{port}", tmp_path / "log"
    with running(
        [COMMAND, "serve", "--port", str(port)],
        f"{base}/live",
        log,
        WINNOW_HOME=str(tmp_path),
        **MINIMAL,
    ):
        cookie = _sign_in(base, log.read_text())
        stream = _open(connection, cookie)
        assert stream.status == 200
        assert stream.readline().startswith(b"retry:")
        full = urllib3.request("GET", f"{base}/moderate/live", headers=cookie, redirect=False)
        assert full.status == 204
        for _ in range(20):
            assert urllib3.request("GET", f"{base}/live").status == 200
        polled = urllib3.request("GET", f"{base}/moderate/live?poll=1", headers=cookie)
        assert polled.json()["changes"] == []
    # It has been told to stop, has ended the stream, and nothing was cut off.
    assert stream.read().replace(b":", b"").strip() == b""
    stream.close()
    connection.close()


def _sign_in(base: str, printed: str) -> dict[str, str]:
    found = dict(re.findall(r"^  (moderator|password) +(\S+)$", printed, re.MULTILINE))
    form = urlencode({"email": found["moderator"], "password": found["password"]})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": base}
    path = f"{base}/moderate/sign-in"
    answer = urllib3.request("POST", path, body=form, headers=headers, redirect=False)
    return {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}


def _open(
    connection: http.client.HTTPConnection, cookie: dict[str, str]
) -> http.client.HTTPResponse:
    connection.request("GET", "/moderate/live", headers=cookie)
    return connection.getresponse()
