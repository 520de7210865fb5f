"""Bytes that are not quite HTTP, sent to a real server: one answer each, and never somebody else's.

OWASP ASVS 5.0: 4.2.1 to 4.2.5 (message structure, lengths, sizes); OWASP API4:2023.
"""

import json
import sys
from collections.abc import Iterator

import pytest
import urllib3

from tests.reliability.serving import Server
from tests.security.wire import Answer, ask, resident

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")

MIB = 1024 * 1024
BODY = b'{"article": {"id": "a-1"}, "text": "A fine day."}'
SECRET = b"GET /v1/site HTTP/1.1\r\nHost: a\r\nX-Smuggled: yes\r\n\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose patience is short."""
    found = Server(tmp_path_factory.mktemp("wire"), WINNOW_REQUEST_SECONDS="1", WINNOW_WORKER="no")
    found.make_key("backend")
    found.start()
    yield found
    found.close()


@pytest.fixture(scope="module")
def key(server: Server) -> str:
    return server.make_key("backend")


def post(headers: bytes, body: bytes = b"", path: bytes = b"/v1/comments") -> bytes:
    return b"POST " + path + b" HTTP/1.1\r\nHost: a\r\n" + headers + b"\r\n" + body


def with_key(key: str, more: bytes = b"") -> bytes:
    return (
        b"Authorization: Bearer "
        + key.encode()
        + b"\r\nContent-Type: application/json\r\nConnection: close\r\n"
        + more
    )


def check_problem(answer: Answer, status: int) -> None:
    assert answer.status == status, answer
    assert not answer.reset
    head, _, body = answer.said.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head.lower()
    found = json.loads(body)
    assert found["status"] == status
    assert found["type"].startswith("urn:winnow:problem:")
    assert found["detail"]


CHUNKED = b"Transfer-Encoding: chunked\r\n"
SMUGGLING = {
    "a length and chunks": post(b"Content-Length: 5\r\n" + CHUNKED, b"0\r\n\r\n" + SECRET),
    "chunks and a length": post(CHUNKED + b"Content-Length: 5\r\n", b"0\r\n\r\n" + SECRET),
    "two lengths": post(b"Content-Length: 0\r\nContent-Length: 52\r\n", SECRET),
    "the same length twice": post(b"Content-Length: 52\r\nContent-Length: 52\r\n", SECRET),
    "a list of lengths": post(b"Content-Length: 0, 52\r\n", SECRET),
    "a length with a plus": post(b"Content-Length: +52\r\n", SECRET),
    "a length with an underscore": post(b"Content-Length: 5_2\r\n", SECRET),
    "a length in superscript": post("Content-Length: ²\r\n".encode("latin-1"), SECRET),
    "a negative length": post(b"Content-Length: -1\r\n", SECRET),
    "a length in hexadecimal": post(b"Content-Length: 0x34\r\n", SECRET),
    "a length of spaces": post(b"Content-Length:  \r\n", SECRET),
    "a space before the colon": post(b"Content-Length : 52\r\n", SECRET),
    "a space before it": post(b" Content-Length: 52\r\n", SECRET),
    "chunks, not quite": post(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n" + SECRET),
    "chunks twice": post(CHUNKED + CHUNKED, b"0\r\n\r\n" + SECRET),
    "chunks in a list": post(b"Transfer-Encoding: chunked, chunked\r\n", b"0\r\n\r\n" + SECRET),
    "chunks, then nothing": post(
        b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n" + SECRET
    ),
    "chunks after gzip": post(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n" + SECRET),
    "only identity": post(b"Transfer-Encoding: identity\r\n", SECRET),
    "a space before chunks' colon": post(b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n" + SECRET),
    "a vertical tab in chunked": post(b"Transfer-Encoding: \x0bchunked\r\n", b"0\r\n\r\n" + SECRET),
    "chunks in HTTP/1.0": b"POST / HTTP/1.0\r\n" + CHUNKED + b"\r\n0\r\n\r\n" + SECRET,
    "a chunk without a size": post(CHUNKED, b"\r\nabc\r\n0\r\n\r\n" + SECRET),
    "a chunk with a sign": post(CHUNKED, b"+3\r\nabc\r\n0\r\n\r\n" + SECRET),
    "a chunk with 0x": post(CHUNKED, b"0x3\r\nabc\r\n0\r\n\r\n" + SECRET),
    "a chunk longer than it says": post(CHUNKED, b"2\r\nabcde\r\n0\r\n\r\n" + SECRET),
    "a chunk of bare line feeds": post(CHUNKED, b"3\nabc\n0\n\n" + SECRET),
    "an extension of control characters": post(CHUNKED, b"3;a\rb\r\nabc\r\n0\r\n\r\n" + SECRET),
    "a length among the trailers": post(CHUNKED, b"0\r\nContent-Length: 5\r\n\r\n" + SECRET),
    "bare line feeds": b"GET / HTTP/1.1\nHost: a\n\n" + SECRET,
    "a bare line feed in a header": b"GET / HTTP/1.1\r\nHost: a\r\nX: a\nY: b\r\n\r\n" + SECRET,
    "a bare return in a header": b"GET / HTTP/1.1\r\nHost: a\r\nX: a\rY: b\r\n\r\n" + SECRET,
    "a folded header": b"GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n" + SECRET,
    "a zero byte in a header": b"GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n" + SECRET,
    "a zero byte in a name": b"GET / HTTP/1.1\r\nHost: a\r\nX\0: a\r\n\r\n" + SECRET,
    "a header without a name": b"GET / HTTP/1.1\r\nHost: a\r\n: a\r\n\r\n" + SECRET,
    "a header without a colon": b"GET / HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n" + SECRET,
    "two hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + SECRET,
    "a control character in the path": b"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n" + SECRET,
    "a letter of two bytes in the path": "GET /é HTTP/1.1\r\nHost: a\r\n\r\n".encode() + SECRET,
    "two spaces": b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n" + SECRET,
    "three empty lines first": b"\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n" + SECRET,
    "another version": b"GET / HTTP/3.1\r\nHost: a\r\n\r\n" + SECRET,
    "HTTP/2's own beginning": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SECRET,
    "HTTP/0.9": b"GET /\r\n" + SECRET,
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n" + SECRET,
    "PROXY protocol": b"PROXY TCP4 198.51.100.1 127.0.0.1 1 80\r\n" + SECRET,
}


@pytest.mark.parametrize("sent", SMUGGLING.values(), ids=SMUGGLING)
def test_what_two_servers_could_read_differently_is_refused_and_the_rest_not_read(
    server: Server, sent: bytes
) -> None:
    answer = ask(server.port, sent)

    assert answer.status is not None
    check_problem(answer, answer.status)
    assert answer.status in (400, 501, 505)
    # No second answer: what followed was not taken for a request.
    assert len(answer.statuses) == 1
    assert b"connection: close" in answer.said.lower()


def test_requests_that_are_sent_together_are_answered_one_by_one(server: Server, key: str) -> None:
    one = post(with_key(key).replace(b"Connection: close\r\n", b"") + CHUNKED)
    one += b"%x\r\n%s\r\n0\r\nX-Sum: 1\r\n\r\n" % (len(BODY), BODY)
    live = b"GET /live HTTP/1.1\r\nHost: a\r\n\r\n"
    last = b"GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    assert ask(server.port, one + live + one + live + last).statuses == (201, 200, 201, 200, 404)


def test_thousands_sent_together_are_all_answered(server: Server) -> None:
    live = b"GET /live HTTP/1.1\r\nHost: a\r\n\r\n"
    last = b"GET /live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    answer = ask(server.port, live * 2000 + last)
    assert answer.statuses == (200,) * 2001


def test_a_client_that_asks_before_it_sends_is_told_to_go_on_once(server: Server, key: str) -> None:
    head = post(with_key(key) + b"Expect: 100-continue\r\nContent-Length: %d\r\n" % len(BODY))
    with_body = ask(server.port, head + BODY)
    assert with_body.statuses[-1] == 201
    assert with_body.said.count(b"100 Continue") <= 1

    large = post(with_key(key) + b"Expect: 100-continue\r\nContent-Length: 100000000\r\n")
    check_problem(ask(server.port, large), 413)
    other = post(with_key(key) + b"Expect: payment\r\nContent-Length: %d\r\n" % len(BODY))
    check_problem(ask(server.port, other + BODY), 417)


LARGE = {
    "a path of 9,000 letters": (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    "a path of 10 MB": (b"GET /" + b"a" * 10 * MIB, 414),
    "150 headers": (b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 150 + b"\r\n", 431),
    "10,000 headers": (b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 10_000 + b"\r\n", 431),
    "a header of 10,000 bytes": (b"GET / HTTP/1.1\r\nX: " + b"a" * 10_000 + b"\r\n\r\n", 431),
    "a header of 10 MB": (b"GET / HTTP/1.1\r\nX: " + b"a" * 10 * MIB, 431),
    "10 MB": (post(b"Content-Length: %d\r\n" % (10 * MIB), b"a" * 10 * MIB), 413),
    "10 MB that are a byte": (post(b"Content-Length: %d\r\n" % (10 * MIB), b"a"), 413),
    "10 MB in chunks": (post(CHUNKED, b"10000\r\n%s\r\n" % (b"a" * 65536) * 160), 413),
    "a chunk of 4 GB": (post(CHUNKED, b"ffffffff\r\na"), 413),
    "a length of 18 digits": (post(b"Content-Length: 999999999999999999\r\n"), 413),
    "trailers without end": (post(CHUNKED, b"0\r\n" + b"X-A: b\r\n" * 10_000), 431),
}


@pytest.mark.parametrize(("sent", "status"), LARGE.values(), ids=LARGE)
def test_what_is_too_large_is_refused_by_its_name(server: Server, sent: bytes, status: int) -> None:
    check_problem(ask(server.port, sent), status)


def test_more_than_an_endpoint_takes_is_413_too(server: Server, key: str) -> None:
    length = b"Content-Length: %d\r\n" % (2 * MIB)
    check_problem(ask(server.port, post(with_key(key, length), b"a" * 2 * MIB)), 413)


def test_a_body_without_a_length_is_an_empty_one(server: Server, key: str) -> None:
    check_problem(ask(server.port, post(with_key(key), BODY)), 400)


SLOW = {
    "half a line": b"GET / HT",
    "half a head": b"GET / HTTP/1.1\r\nHost: a\r\n",
    "less than it says": post(b"Content-Length: 100\r\n", b"a" * 99),
    "a chunk and no more": post(CHUNKED, b"3\r\nabc\r\n"),
}


@pytest.mark.parametrize("sent", SLOW.values(), ids=SLOW)
def test_what_never_comes_is_408_in_the_end(server: Server, sent: bytes) -> None:
    check_problem(ask(server.port, sent), 408)


def test_none_of_it_costs_memory_or_says_anything_in_the_log(server: Server, key: str) -> None:
    ask(server.port, post(with_key(key, b"Content-Length: %d\r\n" % len(BODY)), BODY))
    before = resident(server.children())
    for sent, _ in LARGE.values():
        ask(server.port, sent)
    secret = b"GET / HTTP/1.1\r\nHost: a\r\nAuthorization Bearer swordfish\r\n\r\n"
    check_problem(ask(server.port, secret), 400)

    assert resident(server.children()) - before < 20 * MIB
    assert "swordfish" not in server.printed()
    assert "Traceback" not in server.printed()
    served = urllib3.request("GET", f"{server.url}/metrics", retries=False).data.decode()
    refused = [
        one for one in served.splitlines() if 'status="431"' in one and "requests_total" in one
    ]
    assert any(float(one.rpartition(" ")[2]) > 0 for one in refused)
