"""Several of Perspective's calls in one: each as if it had come alone, none with more power."""

import email
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.moderation import access
from api.moderation.services import Services
from api.telemetry import counters
from tests.conftest import ON_SQLITE
from tests.factories import count, make_key

ANALYZE = "/v1alpha1/comments:analyze"
SUGGEST = "/v1alpha1/comments:suggestscore"

pytestmark = ON_SQLITE


@dataclass(frozen=True)
class Answer:
    """What came back for one call."""

    status: int
    headers: dict[str, str]
    body: Any


@pytest.fixture
def key(services: Services, site: int) -> str:
    """A key of the site."""
    return make_key(services, site, "backend")


def ask(text: str = "A fine day.", **more: Any) -> str:
    """The body of a call; nothing of it is kept."""
    body = {
        "comment": {"text": text},
        "requestedAttributes": {"TOXICITY": {}},
        "languages": ["en"],
        "doNotStore": True,
    }
    return json.dumps({**body, **more})


def call(body: str, target: str = ANALYZE, key: str = "", headers: str = "") -> str:
    """A whole request, as it stands in a part."""
    query = f"?key={key}&alt=json" if key else ""
    head = f"POST {target}{query} HTTP/1.1\n{headers}Content-Type: application/json\n"
    return f"{head}MIME-Version: 1.0\nHost: 127.0.0.1\ncontent-length: {len(body)}\n\n{body}"


def wrap(*calls: str, ids: tuple[str, ...] = (), newline: str = "\n") -> bytes:
    """Calls as the Python library sends them."""
    found = ""
    for place, one in enumerate(calls):
        name = ids[place] if ids else f"<u-1 + {place}>"
        found += "--===b==\nContent-Type: application/http\nMIME-Version: 1.0\n"
        found += f"Content-Transfer-Encoding: binary\nContent-ID: {name}\n\n{one}\n"
    return f"{found}--===b==--\n".replace("\n", newline).encode()


def post(client: FlaskClient, body: bytes, path: str = "/batch", **more: Any) -> TestResponse:
    """Send a batch."""
    given = 'multipart/mixed; boundary="===b=="'
    return client.post(path, data=body, content_type=given, **more)


def read(answer: TestResponse) -> dict[str, Answer]:
    """The answers by their ids: read as the Python library does, and counted to the byte."""
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "multipart/mixed"
    head = f"Content-Type: {answer.content_type}\r\n\r\n".encode()
    whole = email.message_from_bytes(head + answer.data)
    assert whole.is_multipart()
    assert not whole.defects
    found = {}
    for part in whole.get_payload():
        assert part.get_content_type() == "application/http"
        payload = part.get_payload(decode=True)
        head, body = payload.split(b"\r\n\r\n", 1)
        first, *lines = head.decode().split("\r\n")
        version, status, _ = first.split(" ", 2)
        assert version == "HTTP/1.1"
        headers = dict(line.split(": ", 1) for line in lines)
        assert headers["Content-Length"] == str(len(body))
        shown = json.loads(body) if "json" in headers["Content-Type"] else body.decode()
        found[part["Content-ID"]] = Answer(int(status), headers, shown)
    return found


def score(answer: Answer) -> float:
    """What it says of toxicity."""
    assert answer.status == 200, answer.body
    value: float = answer.body["attributeScores"]["TOXICITY"]["summaryScore"]["value"]
    return value


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("path", ["/batch", "/batch/", "/batch/commentanalyzer/v1alpha1"])
def test_each_call_has_its_answer(client: FlaskClient, key: str, newline: str, path: str) -> None:
    calls = [call(ask(text), key=key) for text in ("A fine day.", "toxicity0.93 they say")]
    found = read(post(client, wrap(*calls, newline=newline), path))
    assert set(found) == {"<response-u-1 + 0>", "<response-u-1 + 1>"}
    assert score(found["<response-u-1 + 0>"]) < 0.5 < score(found["<response-u-1 + 1>"])


def test_the_answer_is_to_the_byte_what_the_call_alone_is_answered(
    client: FlaskClient, key: str
) -> None:
    body = ask("Schöner Tag, 日本 \U0001f600.", clientToken="ü\U0001f600")
    alone = client.post(f"{ANALYZE}?key={key}", data=body)
    answer = post(client, wrap(call(body, key=key)))
    assert alone.status_code == 200
    line = f"HTTP/1.1 200 OK\r\nContent-Type: {alone.content_type}\r\n"
    length = f"Content-Length: {len(alone.data)}\r\n\r\n"
    assert (line + length).encode() + alone.data + b"\r\n--" in answer.data


def test_one_may_fail_while_others_do_not(client: FlaskClient, key: str) -> None:
    calls = [
        call(ask(), key=key),
        call(ask(""), key=key),
        call(ask(), key="AIzaNobodys"),
        call(ask()),
        call("{", key=key),
        "not a request",
        "",
        call(ask("toxicity0.93"), key=key),
    ]
    found = list(read(post(client, wrap(*calls))).values())
    assert [one.status for one in found] == [200, 400, 400, 403, 400, 400, 400, 200]
    assert found[1].body["error"]["details"][0]["errorType"] == "COMMENT_EMPTY"
    assert found[2].body["error"]["details"][0]["reason"] == "API_KEY_INVALID"
    assert found[3].body["error"]["status"] == "PERMISSION_DENIED"
    for one in found[1:7]:
        assert one.body["error"]["details"]


LONG = quote("They say: “no”, & a + b = c? " * 150, safe=" ").replace("%0A", "")


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ("<u-1 + 7>", "<response-u-1 + 7>"),
        ("<u-1 +\n 7>", "<response-u-1 + 7>"),
        ("<u-1 + \n\t7>", "<response-u-1 + 7>"),
        ("<u-1\n  +\n  7>", "<response-u-1 + 7>"),
        ("\n <u-1 + 7>", "<response-u-1 + 7>"),
        (f"<u-1 +\n {LONG}>", f"<response-u-1 + {LONG}>"),
        ("<u-1 + %3Ca%3E%0D%0AX%3A%20y%2B>", "<response-u-1 + %3Ca%3E%0D%0AX%3A%20y%2B>"),
        ("<item1:x@example.org>", "<response-item1:x@example.org>"),
        ("plain", "response-plain"),
    ],
)
def test_an_answer_is_found_by_the_id_of_its_call(
    client: FlaskClient, key: str, sent: str, answered: str
) -> None:
    answer = post(client, wrap(call(ask(), key=key), ids=(sent,)))
    assert f"\r\nContent-ID: {answered.rstrip()}\r\n".encode() in answer.data
    [(_, found)] = read(answer).items()
    assert found.status == 200


def test_an_id_cannot_make_a_header(client: FlaskClient, key: str) -> None:
    answer = post(client, wrap(call(ask(), key=key), ids=("<u + 1\rX-Evil: yes\x00\x0b>",)))
    assert b"Content-ID: <response-u + 1X-Evil: yes>\r\n" in answer.data


def test_a_call_without_an_id_is_answered_without(client: FlaskClient, key: str) -> None:
    body = f"--===b==\n\n{call(ask(), key=key)}\n--===b==--".encode()
    [(name, found)] = read(post(client, body)).items()
    assert (name, found.status) == (None, 200)


@pytest.mark.parametrize(
    "target",
    [
        "/v1alpha1/comments:analyze",
        "/v1alpha1/comments%3Aanalyze",
        "/v1alpha1/comments:analyze/",
        "v1alpha1/comments:analyze",
        "http://127.0.0.1:8000/v1alpha1/comments:analyze",
        "https://commentanalyzer.googleapis.com/v1alpha1/comments:analyze",
    ],
)
def test_a_call_is_named_in_many_ways(client: FlaskClient, key: str, target: str) -> None:
    [found] = read(post(client, wrap(call(ask(), target, key)))).values()
    assert found.status == 200


def test_a_call_is_named_with_the_path_of_our_public_url(
    app: Flask, client: FlaskClient, key: str
) -> None:
    app.config["PUBLIC_URL"] = "https://example.org/winnow/"
    targets = (f"/winnow{ANALYZE}", f"https://example.org/winnow{ANALYZE}", ANALYZE)
    calls = [call(ask(), target, key) for target in (*targets, f"/other{ANALYZE}")]
    found = read(post(client, wrap(*calls))).values()
    assert [one.status for one in found] == [200, 200, 200, 404]


@pytest.mark.parametrize(
    "line",
    [
        "GET /v1alpha1/comments:analyze HTTP/1.1",
        "OPTIONS /v1alpha1/comments:analyze HTTP/1.1",
        "GET /$discovery/rest?version=v1alpha1 HTTP/1.1",
        "POST /batch HTTP/1.1",
        "POST /batch/commentanalyzer/v1alpha1 HTTP/1.1",
        "POST /v1/comments HTTP/1.1",
        "GET /v1/site/keys HTTP/1.1",
        "POST /v1/moderations HTTP/1.1",
        "POST /v1alpha1/../v1/comments HTTP/1.1",
        "POST /v1alpha1/comments:analyze/../../v1/comments HTTP/1.1",
        "POST /v1alpha1/comments:analyze%2F..%2Fbatch HTTP/1.1",
        "POST * HTTP/1.1",
        "GET /metrics",
    ],
)
def test_nothing_else_can_be_called(
    client: FlaskClient, services: Services, site: int, line: str
) -> None:
    key = make_key(services, site, "admin")
    inner = f"{line}\nAuthorization: Bearer {key}\n\n{{}}"
    before = count(services.database)
    [found] = read(post(client, wrap(inner))).values()
    assert found.status == 404
    assert count(services.database) == before


@pytest.mark.parametrize(
    "given",
    [
        {"query_string": {"key": "KEY"}},
        {"headers": {"X-Goog-Api-Key": "KEY"}},
        {"headers": {"Authorization": "Bearer KEY"}},
        {"query_string": {"access_token": "KEY"}},
    ],
)
def test_a_call_without_a_key_has_that_of_the_batch(
    client: FlaskClient, key: str, given: dict[str, dict[str, str]]
) -> None:
    given = {
        kind: {name: value.replace("KEY", key) for name, value in inner.items()}
        for kind, inner in given.items()
    }
    calls = (
        call(ask()),
        call(ask(), key="nobodys"),
        call(ask(), headers="X-Goog-Api-Key: nobodys\n"),
        call(ask(), headers="Authorization: Bearer nobodys\n"),
    )
    found = read(post(client, wrap(*calls), **given)).values()
    assert [one.status for one in found] == [200, 400, 400, 400]


def test_the_key_of_a_call_counts_before_that_of_the_batch(client: FlaskClient, key: str) -> None:
    calls = (
        call(ask(), headers=f"x-goog-api-key: {key}\n"),
        call(ask(), headers=f"AUTHORIZATION:  bearer {key}\n"),
        call(ask(), key=key),
        call(ask()),
    )
    found = read(post(client, wrap(*calls), query_string={"key": "nobodys"})).values()
    assert [one.status for one in found] == [200, 200, 200, 400]


def test_calls_of_several_sites_are_kept_apart(
    client: FlaskClient, services: Services, key: str
) -> None:
    other = access.create_site(services, "elsewhere")
    theirs = make_key(services, other, "backend")
    body = ask("One of each.", doNotStore=False)
    read(post(client, wrap(call(body, key=key), call(body, key=theirs))))
    for mine in (key, theirs):
        sent = {"Authorization": f"Bearer {mine}"}
        [kept] = client.get("/v1/comments", headers=sent).json["items"]
        assert kept["text"] == "One of each."


def test_an_inner_request_cannot_claim_to_come_from_a_proxy(
    app: Flask, client: FlaskClient, key: str
) -> None:
    seen: list[tuple[str | None, str, list[str]]] = []

    @app.before_request
    def look() -> None:
        from flask import request

        seen.append((request.remote_addr, request.host, sorted(request.headers.keys())))

    headers = "X-Forwarded-For: 198.51.100.9\nHost: evil.example\nX-Forwarded-Host: evil.example\n"
    read(post(client, wrap(call(ask(), key=key, headers=headers))))
    assert [one[:2] for one in seen] == [("127.0.0.1", "localhost")] * 2
    assert seen[1][2] == ["Content-Length", "Content-Type", "Host", "X-Request-Id"]


def test_each_is_counted_as_what_it_is(client: FlaskClient, key: str) -> None:
    def counted(endpoint: str) -> float:
        series = counters.REQUESTS.labels(endpoint, "POST", 200)
        value: float = series._value.get()
        return value

    before = {name: counted(f"perspective.{name}") for name in ("batch", "analyze")}
    read(post(client, wrap(*[call(ask(), key=key)] * 3)))
    assert counted("perspective.batch") == before["batch"] + 1
    assert counted("perspective.analyze") == before["analyze"] + 3


def test_a_thousand_calls_are_answered_and_no_more(client: FlaskClient) -> None:
    calls = ["POST /nowhere"] * 1000
    assert len(read(post(client, wrap(*calls)))) == 1000
    refused = post(client, wrap(*calls, "POST /nowhere"))
    assert refused.status_code == 400
    assert refused.json["error"]["message"] == "A batch holds at most 1000 requests."
    assert refused.json["error"]["status"] == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/mixed; boundary=b", b""),
        ("multipart/mixed; boundary=b", b"nothing of the kind"),
        ("multipart/mixed; boundary=b", b"--b--\n"),
        ("multipart/mixed; boundary=b", b"--b\nContent-ID: <u + 1>\n\nPOST /x\n"),
        ("multipart/mixed; boundary=b", b"--b\n\nPOST /x\n--b\n\nPOST /y"),
        ("multipart/mixed; boundary=b", b"--bb\n\nPOST /x\n--bb--\n"),
        ("multipart/mixed; boundary=b", b"--b\r\rPOST /x\r--b--\r"),
        ("multipart/mixed", b"--b\n\nPOST /x\n--b--\n"),
        ("multipart/mixed; boundary=", b"--\n\nPOST /x\n----\n"),
        ("application/json; boundary=b", b"--b\n\nPOST /x\n--b--\n"),
        ("", b"--b\n\nPOST /x\n--b--\n"),
    ],
)
def test_what_is_no_batch_is_refused(
    client: FlaskClient, key: str, content_type: str, body: bytes
) -> None:
    answer = client.post(f"/batch?key={key}", data=body, content_type=content_type)
    assert answer.status_code == 400
    assert answer.json["error"]["status"] == "INVALID_ARGUMENT"
    assert answer.json["error"]["details"]


@pytest.mark.parametrize(
    "inner",
    [
        f"POST {ANALYZE}?{'a&' * 5_000} HTTP/1.1\n\n{{}}",
        "\n".join([f"POST {ANALYZE} HTTP/1.1", *["A: b"] * 150, "", "{}"]),
        f"POST {ANALYZE} HTTP/1.1\nA: {'b' * 140_000}\n\n{{}}",
        "\n".join([f"POST {ANALYZE} HTTP/1.1", "A: b", *[" "] * 70_000, "", "{}"]),
    ],
    ids=["line", "headers", "header", "folds"],
)
def test_a_head_has_an_end(client: FlaskClient, key: str, inner: str) -> None:
    [refused, fine] = read(post(client, wrap(inner, call(ask(), key=key)))).values()
    assert (refused.status, fine.status) == (400, 200)
    whole = post(client, f"--===b==\nA: {'b' * 140_000}\n\n{inner}\n--===b==--".encode())
    assert whole.status_code == 400


@pytest.mark.parametrize("boundary", ["a=b", "a/b:c", "--", "'(),.?", "===="])
def test_boundaries_are_of_many_kinds(client: FlaskClient, key: str, boundary: str) -> None:
    body = wrap(call(ask(), key=key)).replace(b"===b==", boundary.encode())
    quoted = f'multipart/mixed; charset=utf-8; Boundary="{boundary}"; x=y'
    plain = f"multipart/mixed;boundary={boundary}"
    for given in (quoted, plain):
        answer = client.post("/batch", data=body, content_type=given)
        assert [one.status for one in read(answer).values()] == [200]


def test_what_surrounds_the_parts_is_nothing(client: FlaskClient, key: str) -> None:
    body = b"--===b==x\npreamble\n" + wrap(call(ask(), key=key)) + b"--===b==\nepilogue"
    assert [one.status for one in read(post(client, body)).values()] == [200]


def test_a_batch_may_be_larger_than_a_call(app: Flask, client: FlaskClient, key: str) -> None:
    app.config.update(MAX_CONTENT_LENGTH=5_000, MAX_BATCH_LENGTH=20_000)
    calls = [call(ask("x" * 4_000), key=key)] * 6
    found = read(post(client, wrap(*calls[:4]))).values()
    assert [one.status for one in found] == [200] * 4
    refused = post(client, wrap(*calls))
    assert refused.status_code == 400
    assert refused.json["error"]["message"].startswith("Request payload size exceeds the limit")


def test_a_batch_is_only_posted(client: FlaskClient) -> None:
    assert client.get("/batch").status_code == 404
