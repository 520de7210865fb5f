"""What is refused, in the service's words: an error of four members, two of which may be null.

Clients make an exception of the status, and show its `type`, `param` and `code`.
"""

from typing import NoReturn

from flask import Response, jsonify, request
from werkzeug.exceptions import MethodNotAllowed

REFERENCE = "https://platform.openai.com/docs/api-reference"

RETRY_SECONDS = 5
"""When a client should come back: the classifier is asked again about what it failed on by then."""

_LONGEST = 200
"""Characters of what a caller sent that are sent back."""


class RefusalError(Exception):
    """A request that is refused; `kind` is the error's `type`."""

    def __init__(
        self,
        status: int,
        message: str,
        param: str | None = None,
        code: str | None = None,
        kind: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.param = param
        self.code = code
        self.kind = kind or ("server_error" if status >= 500 else "invalid_request_error")


def answer(error: RefusalError) -> Response:
    """The answer that carries a refusal."""
    told = {
        "message": str(error),
        "type": error.kind,
        "param": error.param,
        "code": error.code,
    }
    response = jsonify({"error": told})
    response.status_code = error.status
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if error.status in (429, 503):
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    if isinstance(request.routing_exception, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(request.routing_exception.valid_methods or ())
    return response


def refuse(status: int, detail: str) -> Response:
    """A failure that HTTP has a name for, or that is our own, in the service's form."""
    called = f"{request.method} {cut(request.path)}"
    match status:
        case 404:
            error = RefusalError(404, f"Invalid URL ({called})")
        case 405:
            says = f"Not allowed to {called.replace(' ', ' on ', 1)}. Please use another method."
            error = RefusalError(405, says, code="method_not_supported")
        case 429:
            says = f"Rate limit reached for {called}. {detail}".rstrip()
            error = RefusalError(429, says, code="rate_limit_exceeded", kind="requests")
        case _:
            error = RefusalError(status, detail)
    return answer(error)


def refuse_schema(where: str) -> NoReturn:
    """Refuse a body of which the part at this place is of the wrong kind."""
    says = f"'{where}' is invalid. Please check the API reference: {REFERENCE}."
    raise RefusalError(400, says)


def cut(given: str) -> str:
    """As much of what a caller sent as may be sent back, and can be."""
    return given[:_LONGEST].encode(errors="replace").decode()
