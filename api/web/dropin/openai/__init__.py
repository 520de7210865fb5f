"""OpenAI's moderation endpoint, and the list of models that its clients may ask for first.

`/v1/moderations` never answers 404: a client that guards another service falls back to OpenAI's
own then, and sends the text there.
"""

import re
import secrets

from flask import Blueprint, Response, request

from api.telemetry.logs import find_request
from api.web.dropin.failures import explain
from api.web.dropin.openai.models import get_model, list_models
from api.web.dropin.openai.moderations import moderate
from api.web.dropin.openai.refusals import RefusalError, answer, refuse

__all__ = ["blp", "owns", "refuse"]

blp = Blueprint("openai", __name__)
blp.add_url_rule("/v1/moderations", view_func=moderate, methods=["POST"], strict_slashes=False)
blp.add_url_rule("/v1/models", view_func=list_models, strict_slashes=False)
blp.add_url_rule("/v1/models/<name>", view_func=get_model, strict_slashes=False)

# What is deeper below /v1/models is the native API's.
_OURS = re.compile(r"/v1/(moderations(/.*)?|models(/[^/]*)?/?)", re.DOTALL)


def owns(path: str) -> bool:
    """Whether a path is this protocol's, even where it has no such route."""
    return _OURS.fullmatch(path) is not None


@blp.errorhandler(Exception)
def _fail(error: Exception) -> Response:
    return answer(error) if isinstance(error, RefusalError) else refuse(*explain(error))


@blp.after_app_request
def _name(response: Response) -> Response:
    """Give an answer the name by which the clients' own errors and logs call it."""
    if owns(request.path):
        response.headers["x-request-id"] = f"req_{find_request() or secrets.token_hex(16)}"
    return response
