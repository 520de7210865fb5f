"""`Idempotency-Key`: a POST that is sent again is done once and answered the same."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from flask import Response, current_app, request

from api.moderation.access import Caller
from api.moderation.repeats import Answer, RepeatError, Ticket
from api.web.body import read_json
from api.web.problems import HeaderError
from api.web.routing import caller

T = TypeVar("T")

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def shown(content: Any, status: int = 200, comments: Iterable[str] = ()) -> Answer:
    """An answer as JSON; `comments` are the ids of the comments it shows."""
    return Answer(status, current_app.json.dumps(content), tuple(comments))


def once(
    act: Callable[[Caller], T],
    render: Callable[[T], Answer],
    keep: Callable[[T], Answer] | None = None,
) -> Response:
    """Do `act` for the caller and answer with what `render` makes of its result.

    Where the request has an `Idempotency-Key`, `act` hands the caller's ticket on to
    `api.moderation.repeats.perform`, and an answer that was given before is given again:
    the same one, or what `keep` made of the result then.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return _respond(render(act(caller())))
    if not _KEY.fullmatch(key):
        raise HeaderError(HEADER, "Use 1 to 255 visible ASCII characters, without blanks.")
    ticket = Ticket(key, _digest(), keep or render)
    try:
        return _respond(render(act(replace(caller(), ticket=ticket))))
    except RepeatError as repeat:
        answer = _respond(repeat.answer)
        answer.headers[REPLAYED] = "true"
        return answer


def _respond(answer: Answer) -> Response:
    return Response(answer.body, answer.status, content_type="application/json")


def _digest() -> str:
    """What two requests have in common that mean the same, however their JSON is spelt."""
    # Not by Content-Length, which a body sent in chunks does not have.
    content = request.get_data()
    body = read_json(content) if content and request.is_json else content.hex() or None
    plain = json.dumps([request.full_path, body], sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()
