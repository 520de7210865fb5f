"""Answers that need no app: problem documents for what is no request, or comes at a bad time."""

import json
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

from gunicorn.http import errors

TYPE = "application/problem+json"

RETRY_SECONDS = 2
"""When whoever was refused should come back, as after a busy database."""

OVERLOADED = "There is more to do than can be done in time; nothing was kept. Send it again later."

_STATUSES: dict[type[Exception], tuple[int, str]] = {
    errors.LimitRequestLine: (414, "The request line is too long."),
    errors.LimitRequestHeaders: (431, "The headers are too many or too long."),
    errors.ExpectationFailed: (417, "Nothing but 100-continue can be expected."),
    errors.UnsupportedTransferCoding: (501, "Of transfer codings only chunked is known."),
    errors.InvalidHTTPVersion: (505, "HTTP/1.1 and HTTP/1.0 are spoken here."),
    errors.InvalidRequestLine: (400, "The request line is not HTTP's."),
    errors.InvalidRequestMethod: (400, "The method is not HTTP's."),
    errors.ObsoleteFolding: (400, "A header may not go over several lines."),
}
_INVALID = 400, "The request is not well-formed HTTP."


def judge(error: BaseException) -> tuple[int, str]:
    """The status and the sentence for what gunicorn's parser says; 500 for what is ours."""
    for kind, found in _STATUSES.items():
        if isinstance(error, kind):
            return found
    return _INVALID if isinstance(error, errors.ParseException) else (500, "An error of ours.")


def write(status: int, detail: str, *, close: bool, head_only: bool = False) -> bytes:
    """The whole answer; 503 asks to come back. Nothing of the request is in it."""
    line, rest = _build(status, detail, close, head_only)
    # An answer that says the server is to blame may do without, and is the same each time.
    dated = f"Date: {formatdate(usegmt=True)}\r\n".encode() if status < 500 else b""
    return line + dated + rest


@lru_cache
def _build(status: int, detail: str, close: bool, head_only: bool) -> tuple[bytes, bytes]:
    known = HTTPStatus(status)
    name = known.phrase.lower().replace(" ", "-")
    name = "overloaded" if status == HTTPStatus.SERVICE_UNAVAILABLE else name
    document = {"type": f"urn:winnow:problem:{name}", "title": known.phrase, "status": status}
    body = json.dumps({**document, "detail": detail}).encode()
    lines = [
        f"Connection: {'close' if close else 'keep-alive'}",
        f"Content-Type: {TYPE}",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
    ]
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        lines.append(f"Retry-After: {RETRY_SECONDS}")
    rest = "\r\n".join([*lines, "", ""]).encode() + (b"" if head_only else body)
    return f"HTTP/1.1 {status} {known.phrase}\r\n".encode(), rest
