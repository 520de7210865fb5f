"""Where a request ends, however it comes in, is the same; what could end in two places does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.serving.arriving import HEAD_BYTES, LINE_BYTES, Arrival, RefusedError

MOST = 1000
GET = b"GET /live?a HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /v1/comments HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde"
CHUNKED = b"POST / HTTP/1.1\r\ntransfer-ENCODING:\tChunked \r\n\r\n"
CHUNKS = CHUNKED + b"3\r\nabc\r\n2;name=value\r\nde\r\n0\r\n\r\n"
TRAILERS = CHUNKED + b"3\r\nabc\r\n0\r\nX-Sum: 1\r\nX: 2\r\n\r\n"
WHOLE = [GET, b"\r\n" + GET, POST, CHUNKS, TRAILERS, CHUNKED + b"0\r\n\r\n"]


def arrive(*pieces: bytes) -> Arrival:
    found = Arrival(MOST, 0.0)
    for one in pieces:
        if not found.ready:
            found.add(one)
    return found


@pytest.mark.parametrize("request_", WHOLE)
def test_it_is_whole_with_its_last_byte_and_not_before(request_: bytes) -> None:
    found = Arrival(MOST, 0.0)
    for place in range(len(request_)):
        assert not found.ready
        found.add(request_[place : place + 1])
    assert found.whole
    assert b"".join(found.pieces()) == request_
    assert found.rest() == b""


@given(st.sampled_from(WHOLE), st.binary(max_size=40), st.data())
def test_what_comes_after_it_is_the_next_one(
    request_: bytes, more: bytes, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(request_) - 1))
    found = arrive(request_[:place], request_[place:] + more)
    assert found.whole
    assert b"".join(found.pieces()) == request_
    assert found.rest() == more


def test_its_path_and_line_and_body_are_known() -> None:
    assert (arrive(GET).path, arrive(b"\r\n" + GET).line) == (b"/live", b"GET /live?a HTTP/1.1")
    assert bytes(arrive(POST).body()) == b"abcde"
    assert (arrive(POST).length, arrive(GET).length, arrive(CHUNKS).length) == (5, 0, None)


@pytest.mark.parametrize(
    ("head", "ends"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", False),
        (b"GET / HTTP/1.1\r\nConnection: Close\r\n\r\n", True),
        (b"GET / HTTP/1.0\r\n\r\n", True),
    ],
)
def test_it_says_whether_the_client_wants_to_go_on(head: bytes, ends: bool) -> None:
    assert arrive(head).wants_no_more is ends


DOUBTFUL = {
    "no version": b"GET /\r\n",
    "another protocol": b"\x16\x03\x01\x02\x00\r\n",
    "bare line feeds": b"GET / HTTP/1.1\nHost: a\n",
    "a bare line feed in a header": b"GET / HTTP/1.1\r\nX: a\nY: b\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
    "a length and chunks": CHUNKED[:-2] + b"Content-Length: 1\r\n\r\n",
    "two codings": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n",
    "another coding": b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    "a signed length": b"POST / HTTP/1.1\r\nContent-Length: +5\r\n\r\n",
    "a length of words": b"POST / HTTP/1.1\r\nContent-Length: five\r\n\r\n",
    "no length after all": b"POST / HTTP/1.1\r\nContent-Length:\r\n\r\n",
    "a list of lengths": b"POST / HTTP/1.1\r\nContent-Length: 5, 5\r\n\r\n",
    "a length of a thousand digits": b"POST / HTTP/1.1\r\nContent-Length: %s\r\n\r\n"
    % (b"9" * 1000),
    "a chunk without a size": CHUNKED + b"\r\nabc\r\n",
    "a negative chunk": CHUNKED + b"-1\r\nabc\r\n",
    "a chunk with 0x": CHUNKED + b"0x3\r\nabc\r\n",
    "a chunk of a line without end": CHUNKED + b"3" * (LINE_BYTES + 1),
}


@pytest.mark.parametrize("request_", DOUBTFUL.values(), ids=DOUBTFUL)
def test_what_could_be_read_in_two_ways_is_not_waited_for(request_: bytes) -> None:
    found = arrive(request_)
    assert found.ready
    assert not found.whole
    assert found.rest() == b""
    assert found.wants_no_more


TOO_LARGE = {
    "a line without end": (b"GET /" + b"a" * HEAD_BYTES, 414),
    "a line of half that": (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + b"X: y\r\n" * 6000, 414),
    "headers without end": (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 6000, 431),
    "many headers": (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 6000 + b"\r\n", 431),
    "trailers without end": (CHUNKED + b"0\r\n" + b"X: y\r\n" * 6000, 431),
    "a length": (b"POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n", 413),
    "a huge length": (b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999\r\n\r\n", 413),
    "a chunk": (CHUNKED + b"%x\r\n" % (MOST + 70_000), 413),
    "chunks": (CHUNKED + b"3e8\r\n%s\r\n" % (b"a" * MOST) * 70, 413),
}


@pytest.mark.parametrize(("request_", "status"), TOO_LARGE.values(), ids=TOO_LARGE)
def test_what_is_too_large_is_refused_by_its_name(request_: bytes, status: int) -> None:
    with pytest.raises(RefusedError) as raised:
        arrive(request_)
    assert raised.value.status == status


def test_as_large_as_allowed_is_not_too_large() -> None:
    head = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % MOST
    assert arrive(head + b"a" * MOST).whole
    assert arrive(CHUNKED + b"3e8\r\n%s\r\n0\r\n\r\n" % (b"a" * MOST)).whole
