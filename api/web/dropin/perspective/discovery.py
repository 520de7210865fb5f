"""The description of the API, from which Google's client libraries build what they call.

It names the address where they call from then on: ours.
"""

import json
from importlib.resources import files
from typing import Any

from flask import Response, current_app, request
from werkzeug.sansio.utils import get_host

from api.web import limits
from api.web.dropin.perspective import answers
from api.web.dropin.perspective.errors import GoogleError
from api.web.dropin.perspective.keys import authenticate, find_key
from api.web.routing import services

VERSION = "v1alpha1"

_DOCUMENT: dict[str, Any] = json.loads(
    files(__package__).joinpath("discovery.json").read_text(encoding="utf-8")
)


def discover() -> Response:
    """Describe the API to anybody; a wrong key is refused, so that clients can try theirs here."""
    query = request.args
    answers.check(query)
    if find_key(query, request.headers):
        authenticate(services(), query, request.headers)
    else:
        limits.admit_stranger()
    version = query.get("version", VERSION)
    if version != VERSION:
        raise GoogleError(404, f"There is no version {version[:20]!r} of this API.")
    root = find_root()
    return answers.show({**_DOCUMENT, "rootUrl": root, "baseUrl": root}, query)


def find_root() -> str:
    """What callers reach this server by, with a slash at its end."""
    if current_app.config["PUBLIC_URL"]:
        return str(current_app.config["PUBLIC_URL"])
    # A Host that can be none is no Host; the server knows where it listens.
    host = request.host or get_host(request.scheme, None, request.server)
    return f"{request.scheme}://{host}{request.root_path}/"
