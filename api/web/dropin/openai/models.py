"""`/v1/models`: what may be asked for by name, which some clients look up before they call."""

from typing import Any

from flask import Response, jsonify

from api.web.dropin.openai.names import ALIASES, own_name
from api.web.dropin.openai.refusals import RefusalError, cut
from api.web.dropin.openai.requests import find_caller
from api.web.routing import services

CREATED = 1793491200
"""When Winnow took these names, in November 2026; no client does more than print it."""


def list_models() -> Response:
    """Our own model, and the names of the service's under which it answers too."""
    find_caller()
    return jsonify({"object": "list", "data": [_show(name) for name in _names()]})


def get_model(name: str) -> Response:
    """One of them."""
    find_caller()
    if name not in _names():
        says = f"The model '{cut(name)}' does not exist"
        raise RefusalError(404, says, "model", "model_not_found")
    return jsonify(_show(name))


def _names() -> list[str]:
    own = own_name(services())
    return [*([own] if own else []), *ALIASES]


def _show(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": CREATED, "owned_by": "winnow"}
