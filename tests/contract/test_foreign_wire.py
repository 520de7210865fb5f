"""What foreign clients' HTTP looks like on the wire, at every foreign door of a real server."""

import socket
from dataclasses import dataclass, replace
from http.client import HTTPMessage, HTTPResponse

import pytest

from tests.contract.clients.doors import ASKS, Ask, make_ask
from tests.contract.clients.running import Running, Site

PATIENCE_SECONDS = 30

AT_EVERY_DOOR = pytest.mark.parametrize("door", ASKS)


@dataclass(frozen=True)
class Heard:
    """An answer as it came, and whether the server hung up after it."""

    status: int
    headers: HTTPMessage
    body: bytes
    closed: bool


def exchange(running: Running, *messages: bytes) -> list[Heard]:
    """Send messages on one connection, each when the one before is answered."""
    heard = []
    with socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE_SECONDS) as wire:
        for message in messages:
            wire.sendall(message)
            answer = HTTPResponse(wire)
            answer.begin()
            body = answer.read()
            closed = answer.will_close and wire.recv(1) == b""
            heard.append(Heard(answer.status, answer.headers, body, closed))
            answer.close()
    return heard


def spell(ask: Ask, version: str = "1.1", prefix: str = "", host: str = "winnow.example") -> bytes:
    """The bytes of a request; `prefix` goes before the path."""
    headers = [("Host", host), *ask.headers]
    if ask.kind:
        headers += [("Content-Type", ask.kind), ("Content-Length", str(len(ask.body)))]
    lines = [f"{ask.method} {prefix}{ask.path} HTTP/{version}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode() + ask.body


def check_good(heard: Heard, ask: Ask) -> None:
    """Fail unless it is the good answer, whole and with its length said."""
    assert heard.status == 200, heard.body
    check_length(heard)
    assert ask.shows in heard.body


def check_length(heard: Heard) -> None:
    """Fail where the length is not said, or where the answer leads elsewhere."""
    assert heard.headers["Content-Length"] == str(len(heard.body))
    assert "Transfer-Encoding" not in heard.headers
    assert not 300 <= heard.status < 400
    assert "Location" not in heard.headers


@pytest.fixture(scope="module")
def site(running: Running) -> Site:
    """One site for all, which has checked a comment; a call that is sent again is the same one."""
    found = running.make_site()
    exchange(running, spell(make_ask("comment-check", found)))
    return found


@AT_EVERY_DOOR
def test_http_1_0_is_answered_with_its_length_and_a_closed_connection(
    running: Running, site: Site, door: str
) -> None:
    ask = make_ask(door, site)
    [heard] = exchange(running, spell(ask, version="1.0"))
    check_good(heard, ask)
    assert heard.closed


@AT_EVERY_DOOR
def test_a_connection_serves_more_than_one_call(running: Running, site: Site, door: str) -> None:
    ask = make_ask(door, site)
    first, second = exchange(running, spell(ask), spell(ask))
    check_good(first, ask)
    check_good(second, ask)


@AT_EVERY_DOOR
def test_the_request_line_may_have_the_absolute_form(
    running: Running, site: Site, door: str
) -> None:
    ask = make_ask(door, site)
    [heard] = exchange(running, spell(ask, prefix="http://winnow.example"))
    check_good(heard, ask)


@AT_EVERY_DOOR
def test_a_final_slash_changes_nothing(running: Running, site: Site, door: str) -> None:
    ask = make_ask(door, site)
    path, mark, query = ask.path.partition("?")
    [heard] = exchange(running, spell(replace(ask, path=f"{path}/{mark}{query}")))
    check_good(heard, ask)


@AT_EVERY_DOOR
def test_any_character_of_the_path_may_be_escaped(running: Running, site: Site, door: str) -> None:
    ask = make_ask(door, site)
    path, mark, query = ask.path.partition("?")
    for character in ":$-":
        path = path.replace(character, f"%{ord(character):02X}")
    [heard] = exchange(running, spell(replace(ask, path=f"{path}{mark}{query}")))
    check_good(heard, ask)


@AT_EVERY_DOOR
@pytest.mark.parametrize("change", [str.lower, str.upper])
def test_names_of_headers_are_read_in_any_letters(
    running: Running, site: Site, door: str, change: object
) -> None:
    assert callable(change)
    ask = make_ask(door, site)
    head, _, body = spell(ask).partition(b"\r\n\r\n")
    line, *headers = head.decode().split("\r\n")
    split = [one.partition(": ") for one in headers]
    changed = [f"{change(name)}: {value}" for name, _, value in split]
    [heard] = exchange(running, "\r\n".join([line, *changed, "", ""]).encode() + body)
    check_good(heard, ask)


@pytest.mark.parametrize("door", [door for door, ask in ASKS.items() if ask.body])
def test_a_body_may_come_in_chunks(running: Running, site: Site, door: str) -> None:
    ask = make_ask(door, site)
    plain = spell(ask).replace(
        f"Content-Length: {len(ask.body)}".encode(), b"Transfer-Encoding: chunked"
    )
    head = plain.removesuffix(ask.body)
    half = len(ask.body) // 2
    chunks = b"".join(
        b"%x\r\n%s\r\n" % (len(one), one) for one in (ask.body[:half], ask.body[half:], b"")
    )
    [heard] = exchange(running, head + chunks)
    check_good(heard, ask)


@AT_EVERY_DOOR
def test_what_is_refused_has_its_length_too(running: Running, site: Site, door: str) -> None:
    ask = make_ask(door, site)
    unknown = Ask(ask.method, f"{ask.path.partition('?')[0]}/none", b"")
    wrong = replace(site, key="wnw_none", akismet_key="0" * 12, coral_name="cor_00000000")
    other = "PUT" if ask.method == "GET" else "DELETE"
    messages = [
        spell(make_ask(door, wrong)),
        spell(unknown),
        spell(replace(ask, method=other)),
    ]
    for message in messages:
        [heard] = exchange(running, message)
        check_length(heard)
        assert heard.status < 500
        assert site.key.encode() not in heard.body
