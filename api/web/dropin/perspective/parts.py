"""The form in which several requests travel in one: `multipart/mixed`, a whole request a part.

Read by hand: lines end in LF or CRLF, a header may be folded, and a part that is itself made of
parts is no more than its bytes.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

from api.web.dropin.perspective.errors import GoogleError

_BOUNDARY = re.compile(r';\s*boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_EMPTY_LINE = re.compile(rb"(?:\A|\n)\r?\n")
_TARGET = re.compile(r"(?:https?://[^/?#]*)?/*([^?#]*)(?:\?([^#]*))?", re.IGNORECASE)
_FOLD = re.compile(rb"[ \t]?\r?\n[ \t]+")
_UNSENDABLE = re.compile(rb"[\x00-\x1f\x7f]")

# An id may be a whole comment, and take three characters for each of its bytes.
_LONGEST_HEAD = 128 * 1024
_LONGEST_LINE = 8192
_MOST_HEADERS = 100


@dataclass(frozen=True, slots=True)
class Part:
    """A request inside another; `content_id` is what the answer to it is found by."""

    content_id: bytes | None
    content: bytes


@dataclass(frozen=True, slots=True)
class Inner:
    """A request as it was inside a part; `path` as it is written, without slashes before it."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


def read_parts(content_type: str, body: bytes, most: int) -> list[Part]:
    """The parts of a body of this type; raise GoogleError where it is malformed or has too many."""
    named = _BOUNDARY.search(content_type)
    if not content_type.lower().startswith("multipart/") or named is None:
        raise GoogleError(400, "The Content-Type of a batch is multipart/mixed, with a boundary.")
    boundary = (named[1] or named[2]).encode("latin-1", "replace")
    found: list[Part] = []
    begin = None
    for line in _lines_of(boundary).finditer(body):
        if begin is not None:
            found.append(_read_part(_without_newline(body[begin : line.start()])))
        if line[1] and found:
            return found
        if len(found) == most:
            raise GoogleError(400, f"A batch holds at most {most} requests.")
        begin = line.end() + 1
    raise GoogleError(400, "The batch has no parts, or does not end with its boundary.")


def read_request(content: bytes) -> Inner:
    """The request that a part holds; raise GoogleError where it is none."""
    head, body = _cut(content.lstrip(b"\r\n"))
    first, *others = _unfold(head)
    if len(first) > _LONGEST_LINE:
        raise GoogleError(400, "The request line of a part of the batch is too long.")
    words = [word.decode("latin-1") for word in first.split()]
    well_formed = len(words) == 2 or (len(words) == 3 and words[2].startswith("HTTP/"))
    target = _TARGET.fullmatch(words[1]) if well_formed else None
    if target is None:
        raise GoogleError(400, "A part of a batch begins with a request line: POST /path HTTP/1.1.")
    return Inner(words[0], target[1], target[2] or "", _read_headers(others), body)


def show_parts(boundary: str, answers: Iterable[tuple[bytes | None, int, str, bytes]]) -> bytes:
    """Answers as one body: of each the id of its request, status, content type and body."""
    found = bytearray()
    for content_id, status, content_type, body in answers:
        found += b"--%s\r\nContent-Type: application/http\r\n" % boundary.encode()
        if content_id is not None:
            found += b"Content-ID: %s\r\n" % _answer_id(content_id)
        found += f"\r\nHTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()
        found += f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        found += body + b"\r\n"
    return bytes(found + b"--%s--\r\n" % boundary.encode())


def _lines_of(boundary: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"^--" + re.escape(boundary) + rb"(--)?[ \t]*\r?$", re.MULTILINE)


def _without_newline(content: bytes) -> bytes:
    return content.removesuffix(b"\n").removesuffix(b"\r")


def _read_part(whole: bytes) -> Part:
    head, content = _cut(whole)
    given = _read_headers(_unfold(head)).get("content-id")
    return Part(None if given is None else given.encode("latin-1"), content)


def _cut(whole: bytes) -> tuple[bytes, bytes]:
    """What is before the first empty line, and what is behind it."""
    empty = _EMPTY_LINE.search(whole)
    return (whole[: empty.start()], whole[empty.end() :]) if empty else (whole, b"")


def _unfold(head: bytes) -> list[bytes]:
    """The lines of a head, each with the lines that continue it; raise GoogleError for too much."""
    if len(head) > _LONGEST_HEAD:
        raise GoogleError(400, "The headers of a part of the batch are too long.")
    lines = _FOLD.sub(b" ", head).split(b"\n", _MOST_HEADERS)
    if len(lines) > _MOST_HEADERS:
        raise GoogleError(400, f"A part of a batch has at most {_MOST_HEADERS} headers.")
    return [line.strip() for line in lines]


def _read_headers(lines: Iterable[bytes]) -> dict[str, str]:
    pairs = (line.decode("latin-1").partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}


def _answer_id(content_id: bytes) -> bytes:
    """The id of an answer: that of its request, with `response-` in front."""
    sendable = _UNSENDABLE.sub(b"", content_id)
    if sendable.startswith(b"<"):
        return b"<response-" + sendable[1:]
    return b"response-" + sendable
