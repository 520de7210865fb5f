"""What is logged: a line for each record, by request, without secrets, whatever strangers send."""

import io
import json
import logging
import re
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import urllib3
from flask import Flask
from flask.testing import FlaskClient

from api import create_app
from api.errors import StartupError
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.settings import Settings, read_settings
from api.telemetry import logs
from api.telemetry.requestids import HEADER, RequestIds
from tests.conftest import ON_SQLITE
from tests.factories import WordModel, comment, make_key, make_moderator, submit
from tests.reliability.serving import Server

HOSTILE = (
    *("a\nERROR forged", "a\r\nERROR forged", "\x1b[31mred\x1b[0m", "nul\0byte", "bell\a\b\x7f"),
    *("line\u2028separator", "para\u2029graph", "next\x85line", "form\f\v\x1c\x1d\x1e"),
    *("right\u202eto left", "zero\u200bwidth", "\ufeffmark", "lone \ud800 surrogate", "\x9b31m"),
    *('quote"and\\slash', '{"level": "error"}', "%s %d %(name)s {0}", "😀 Grüße"),
)
KEY = "wnw_0123abcd_" + "S" * 43


@pytest.fixture(params=["plain", "json"])
def written(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What a server would write, from `info` on, in each form."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.make_formatter(request.param))
    root = logging.getLogger()
    loggers = [logging.getLogger(name) for name in ("api", "api.access")]
    before = [one.level for one in loggers]
    root.addHandler(handler)
    for one in loggers:
        one.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    for one, level in zip(loggers, before, strict=True):
        one.setLevel(level)


def lines(written: io.StringIO) -> list[str]:
    return written.getvalue().splitlines()


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_record_is_one_line_whatever_is_in_it(written: io.StringIO, text: str) -> None:
    logging.getLogger("api.test").error("before %s after", text)

    [line] = lines(written)
    assert written.getvalue() == line + "\n"
    assert line.isprintable()
    assert "before" in line
    assert "after" in line
    line.encode()


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_as_json_it_is_what_was_said(text: str) -> None:
    record = logging.LogRecord("api.test", logging.ERROR, "", 0, "%s", (text,), None)

    found = json.loads(logs.make_formatter("json").format(record))

    assert found["event"] == text
    assert (found["level"], found["logger"]) == ("error", "api.test")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", found["timestamp"])


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        (f"the key {KEY} is wrong", "S" * 43),
        ("Authorization: Bearer abcdefgh12345678", "abcdefgh12345678"),
        ("authorization: basic YWRhOnNlY3JldA==", "YWRhOnNlY3JldA"),
        ("cannot reach postgresql://winnow:hunter2@db.example/winnow", "hunter2"),
        ("GET /v1alpha1/comments:analyze?key=AIzaSecret&x=1", "AIzaSecret"),
        ("GET /callback?state=abc&code=s3cr3t", "s3cr3t"),
    ],
)
def test_secrets_are_struck_out(written: io.StringIO, said: str, secret: str) -> None:
    logging.getLogger("api.test").error(said)
    logging.getLogger("api.test").error("%s", said, extra={"access": {"more": said}})

    assert len(lines(written)) == 2
    assert secret not in written.getvalue()


def test_of_a_failure_it_is_told_where_but_not_in_which_words(written: io.StringIO) -> None:
    try:
        raise ValueError("ada@psoriasis.example\nFORGED")
    except ValueError:
        logging.getLogger("api.test").exception("it failed")

    [line] = lines(written)
    assert "ValueError at test_logs.py:" in line
    assert "psoriasis" not in line
    assert "FORGED" not in line


def test_what_an_operator_must_mend_is_told_in_words(written: io.StringIO) -> None:
    try:
        raise StartupError("The model cannot be read.")
    except StartupError:
        logging.getLogger("gunicorn.error").exception("it failed")

    assert "The model cannot be read." in lines(written)[0]


def test_the_level_is_for_our_own_loggers(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = {name: logging.getLogger(name).level for name in (*logs.OURS, "api.access")}
    root, hooks = logging.getLogger(), (sys.unraisablehook, logs.threading.excepthook)
    monkeypatch.setattr(logging, "raiseExceptions", True)
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
    handlers = list(root.handlers)
    try:
        logs.configure("plain", "debug")
        logs.configure("plain", "debug")
        logging.getLogger("urllib3.connectionpool").debug("GET /hook?token=1")
        logging.getLogger("api.test").debug("of ours")
        logging.getLogger("api.test").debug("%d", "cannot be made")
        logging.getLogger("urllib3").warning("of others")
    finally:
        logging.captureWarnings(False)
        root.handlers[:] = handlers
        sys.unraisablehook, logs.threading.excepthook = hooks
        for name, level in ours.items():
            logging.getLogger(name).setLevel(level)

    said = stderr.getvalue().splitlines()
    assert [line.split(" ", 3)[1:3] for line in said] == [
        ["debug", "api.test"],
        ["warning", "urllib3"],
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [("LOG", "xml"), ("LOG_LEVEL", "loud"), ("ACCESS_LOG", "perhaps"), ("TRACES", "collector")],
)
def test_what_is_no_such_setting_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str
) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path))
    monkeypatch.setenv(f"WINNOW_{name}", value)

    with pytest.raises(StartupError, match="WINNOW_"):
        read_settings()


@pytest.mark.parametrize("given", ["a", "req-1.2_3", "A" * 64, "0af7651916cd43dd8448eb211c80319c"])
@ON_SQLITE
def test_a_sane_id_is_taken_and_given_back(client: FlaskClient, given: str) -> None:
    assert client.get("/live", headers={HEADER: given}).headers[HEADER] == given


@pytest.mark.parametrize("given", ["", "a b", "A" * 65, "a\tb", "<b>", "a;b", "ä", "a\x1b[31m"])
@ON_SQLITE
def test_any_other_is_replaced(app: Flask, given: str) -> None:
    environ = {"HTTP_X_REQUEST_ID": given}
    found = [app.test_client().get("/live", environ_base=environ).headers[HEADER] for _ in "12"]

    assert found[0] != found[1]
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in found)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/live", 200),
        ("GET", "/nowhere", 404),
        ("GET", "/v1/comments", 401),
        ("PUT", "/live", 405),
        ("GET", "/moderate", 303),
        ("GET", "/moderate/sign-in", 200),
        ("GET", "/openapi.json", 200),
        ("POST", "/v1alpha1/comments:analyze", 403),
        ("GET", "/metrics", 200),
    ],
)
@ON_SQLITE
def test_every_answer_has_an_id(client: FlaskClient, method: str, path: str, status: int) -> None:
    answer = client.open(path, method=method, headers={HEADER: "abc"})

    assert (answer.status_code, answer.headers.getlist(HEADER)) == (status, ["abc"])


@ON_SQLITE
def test_a_failure_and_its_line_in_the_log_find_each_other(
    backend: FlaskClient, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise KeyError("a secret")

    monkeypatch.setattr("api.moderation.intake.judge_for", fail)

    answer = backend.post("/v1/comments", json=comment(), headers={HEADER: "abc-1"})

    assert (answer.status_code, answer.json["request_id"]) == (500, "abc-1")
    [line] = [line for line in lines(written) if "a request failed" in line]
    assert "abc-1" in line
    assert "a secret" not in line


@ON_SQLITE
def test_what_another_thread_does_for_a_request_is_told_with_its_id(
    backend: FlaskClient, scorer: Scorer, written: io.StringIO
) -> None:
    class Failing(WordModel):
        """A model that fails."""

        def score(self, items: Any) -> Any:
            raise ValueError("no")

    for number in (1, 2):
        # With a time limit, the model is asked by a thread that serves request after request.
        scorer.model = Failing()  # type: ignore[assignment]
        backend.post("/v1/comments", json=comment(), headers={HEADER: f"abc-{number}"})

    found = [line for line in lines(written) if "the classifier failed" in line]
    assert ["abc-1" in line for line in found] == [True, False]
    assert ["abc-2" in line for line in found] == [False, True]


@ON_SQLITE
def test_a_protocol_with_ids_of_its_own_has_ours_in_them(client: FlaskClient) -> None:
    answer = client.post("/v1/moderations", headers={HEADER: "abc"})

    assert answer.headers.getlist(HEADER) == ["req_abc"]


@pytest.fixture
def told(settings: Settings, services: Services) -> Flask:
    """An app with the access log on."""
    return create_app(replace(settings, access_log=True), services)


@ON_SQLITE
def test_the_access_log_names_routes_and_keys_and_nothing_personal(
    told: Flask, services: Services, site: int, written: io.StringIO
) -> None:
    key = make_key(services, site, "moderator")
    client = told.test_client()
    headers = {"Authorization": f"Bearer {key}", HEADER: "abc", "User-Agent": "Engine/1"}
    make_moderator(services, site, "mo@winnow.example", "correct horse battery")
    sent: dict[str, Any] = {
        "headers": headers,
        "environ_base": {"REMOTE_ADDR": "192.0.2.77"},
        # As a server does, it closes the answer.
        "buffered": True,
    }
    client.post("/v1/comments", json=comment("Psoriasis.", id="c-secret"), **sent)
    client.get("/v1/comments/c-secret?limit=1&key=geheim", **sent)
    client.open("/v1/comments/c-secret/nowhere%0aFORGED", method="EVIL", **sent)
    form = {"email": "mo@winnow.example", "password": "correct horse battery"}
    same = {"Sec-Fetch-Site": "same-origin"}
    signed_in = client.post("/moderate/sign-in", data=form, headers=same, buffered=True)
    client.get("/moderate?article=a-geheim", buffered=True)

    assert signed_in.status_code == 303
    said = written.getvalue()
    told_lines = [line for line in lines(written) if "api.access" in line]
    assert len(told_lines) == 5
    assert "/v1/comments/<comment_id:" in told_lines[1]
    assert key[4:12] in told_lines[1]
    assert "201" in told_lines[0]
    assert "other" in told_lines[2]
    for secret in (key[13:], "c-secret", "geheim", "psoriasis", "192.0.2.77", "Engine", "FORGED"):
        assert secret.lower() not in said.lower()
    assert "mo@winnow.example" not in said


@ON_SQLITE
def test_by_default_there_is_none(backend: FlaskClient, written: io.StringIO) -> None:
    submit(backend)

    assert "api.access" not in written.getvalue()


def test_an_answer_whose_client_has_gone_is_told_and_closed(written: io.StringIO) -> None:
    closed = []

    class Answer(list[bytes]):
        """An answer that notes when it is closed."""

        def close(self) -> None:
            closed.append(True)

    def app(_environ: dict[str, Any], start: Callable[..., Any]) -> Answer:
        start("200 OK", [])
        return Answer([b"ab", b"cd"])

    answer = RequestIds(app, is_told=True)({"REQUEST_METHOD": "GET"}, lambda *_: None)
    answer.close()  # type: ignore[attr-defined]

    assert closed == [True]
    assert len(lines(written)) == 1


WIRE = (
    b"GET /evil\x1b[31m HTTP/9.9\r\nAuthorization: Bearer " + KEY.encode() + b"\r\n\r\n",
    b"GET /a%0aFORGED%00 HTTP/1.1\r\nHost: x\r\nX-Request-ID: a\x1b[31mFORGED\r\n\r\n",
    b"\x16\x03\x01\x02\x00 FORGED\r\n\r\n",
    b"POST /v1/comments HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\nFORGED",
    b"GET / HTTP/1.1\r\nHost: x\r\nBad Header: FORGED\r\n\r\n",
    b"GET /v1/comments?key=FORGED HTTP/1.1\r\nHost: x\r\nX: \x00FORGED\r\n\r\n",
)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_all_that_a_server_and_its_worker_write_is_json_and_nothing_of_strangers(
    tmp_path: Path,
) -> None:
    given = {"LOG": "json", "LOG_LEVEL": "debug", "ACCESS_LOG": "yes", "DRAIN_SECONDS": "0"}
    server = Server(tmp_path, **{f"WINNOW_{name}": value for name, value in given.items()})
    server.run("init")
    server.start()
    try:
        for raw in WIRE:
            with socket.create_connection(("127.0.0.1", server.port), 10) as line:
                line.sendall(raw)
                line.settimeout(10)
                assert line.recv(12).startswith(b"HTTP/1.1 4")
        headers = {"Authorization": f"Bearer {server.make_key('backend')}", HEADER: "abc-1"}
        answer = urllib3.request(
            "POST", f"{server.url}/v1/comments", json=comment("FORGED"), headers=headers
        )
        assert (answer.status, answer.headers[HEADER]) == (201, "abc-1")
        server.signal(signal.SIGTERM)
        assert server.process is not None
        server.process.wait(60)
    finally:
        server.close()

    printed = server.printed()
    records = [json.loads(line) for line in printed.splitlines()]
    assert all({"timestamp", "level", "logger", "event"} <= set(one) for one in records)
    assert "gunicorn.error" in {one["logger"] for one in records}
    posted = [one for one in records if one.get("request_id") == "abc-1"]
    assert [one["status"] for one in posted if one["logger"] == "api.access"] == [201]
    assert "FORGED" not in printed
    assert KEY[13:] not in printed
    assert "\\u001b" not in printed
