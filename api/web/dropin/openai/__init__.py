"""Stub."""

from flask import Blueprint, Response, jsonify

from api.web.dropin.failures import explain

blp = Blueprint("openai", __name__)


def owns(path: str) -> bool:
    """Whether a path is this protocol's."""
    return False


def refuse(status: int, detail: str) -> Response:
    """A failure in this protocol's form."""
    response = jsonify({"error": detail})
    response.status_code = status
    return response


@blp.errorhandler(Exception)
def _fail(error: Exception) -> Response:
    return refuse(*explain(error))
