"""Several calls in one: each runs through the app as if it had come alone.

That goes one way only: what is inside may call the API's two methods and nothing else, no batch
either, so a batch is never deeper than one.
"""

import secrets
from io import BytesIO
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import Response, current_app, request
from werkzeug.wrappers import Request
from werkzeug.wrappers import Response as Answer

from api.telemetry.logs import find_request
from api.web.dropin.perspective import parts
from api.web.dropin.perspective.answers import show_error
from api.web.dropin.perspective.discovery import find_root
from api.web.dropin.perspective.errors import GoogleError
from api.web.dropin.perspective.keys import find_key
from api.web.dropin.perspective.parts import Inner, Part

MOST = 1000
"""How many calls a batch may hold."""

CALLS = ("v1alpha1/comments:analyze", "v1alpha1/comments:suggestscore")

_KEPT = ("SCRIPT_NAME", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "REMOTE_ADDR")
_SPOKEN = {
    "authorization": "HTTP_AUTHORIZATION",
    "content-type": "CONTENT_TYPE",
    "x-goog-api-key": "HTTP_X_GOOG_API_KEY",
}
"""The headers of an inner request that mean anything; the others might claim to be a proxy's."""


def batch() -> Response:
    """Answer up to 1000 calls, each on its own; those without a key use that of the batch."""
    key = find_key(request.args, request.headers)
    found = parts.read_parts(request.headers.get("Content-Type", ""), request.get_data(), MOST)
    boundary = f"batch_{secrets.token_hex(16)}"
    body = parts.show_parts(boundary, [_answer(one, key) for one in found])
    return Response(body, content_type=f"multipart/mixed; boundary={boundary}")


def _answer(part: Part, key: str) -> tuple[bytes | None, int, str, bytes]:
    answer: Answer
    try:
        answer = _call(parts.read_request(part.content), key)
    except GoogleError as error:
        answer = show_error(error, {})
    return part.content_id, answer.status_code, answer.content_type or "", answer.get_data()


def _call(inner: Inner, key: str) -> Answer:
    path = unquote(inner.path).removeprefix(urlsplit(find_root()).path.lstrip("/")).rstrip("/")
    if inner.method != "POST" or path not in CALLS:
        says = "A batch may call comments:analyze and comments:suggestscore of v1alpha1, with POST."
        raise GoogleError(404, says)
    # It has a `g` of its own, so that what is counted of the batch is left alone.
    with current_app.app_context():
        return Response.from_app(current_app.wsgi_app, _environ(inner, path, key), buffered=True)


def _environ(inner: Inner, path: str, key: str) -> dict[str, Any]:
    """What WSGI says of an inner request; the connection is that of the batch."""
    outer = request.environ
    environ = {
        **{name: value for name, value in outer.items() if name.startswith("wsgi.")},
        **{name: outer[name] for name in _KEPT if name in outer},
        **{_SPOKEN[name]: value for name, value in inner.headers.items() if name in _SPOKEN},
        "REQUEST_METHOD": "POST",
        "PATH_INFO": f"/{path}",
        "QUERY_STRING": inner.query,
        "HTTP_HOST": request.host,
        "HTTP_X_REQUEST_ID": find_request() or "",
        "CONTENT_LENGTH": str(len(inner.body)),
        "wsgi.input": BytesIO(inner.body),
        "wsgi.input_terminated": True,
    }
    alone = Request(environ)
    if key and not find_key(alone.args, alone.headers):
        environ["HTTP_X_GOOG_API_KEY"] = key
    return environ
