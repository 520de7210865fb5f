"""Coral's external moderation phase: one signed POST for each comment, before it is published.

Coral goes on without us where the answer is late or no success, so whatever is not understood is
refused plainly: its log has the status. The shapes are those of Coral's own source, `external.ts`.
"""

from flask import Blueprint, Response, jsonify, request

from api.moderation import dropin, foreignkeys
from api.web import limits
from api.web.dropin.coral import answers, requests
from api.web.dropin.coral.signatures import HEADER, is_signed
from api.web.dropin.failures import explain
from api.web.problems import BodyError
from api.web.routing import services

blp = Blueprint("coral", __name__)

PATH = "/coral/"

UNSIGNED = (
    f"Sign the body with the secret of this phase in {HEADER};"
    " `winnow key secret` tells Winnow what that is."
)


def owns(path: str) -> bool:
    """Whether a path is this protocol's."""
    return path.startswith(PATH)


def refuse(status: int, detail: str) -> Response:
    """A failure in this protocol's form."""
    response = jsonify({"error": detail})
    response.status_code = status
    return response


@blp.errorhandler(Exception)
def _fail(error: Exception) -> Response:
    if isinstance(error, BodyError):
        return refuse(400, str(error))
    return refuse(*explain(error))


@blp.route(f"{PATH}<name>", methods=["POST"], strict_slashes=False, provide_automatic_options=False)
def moderate(name: str) -> Response:
    """Judge and keep the comment; 204 is no opinion."""
    body = request.get_data()
    found = foreignkeys.find_coral(services(), name)
    if found is None or not is_signed(found[1], body, request.headers.get(HEADER, "")):
        limits.admit_stranger()
        return refuse(401, UNSIGNED)
    limits.admit(found[0])
    check = requests.read(body)
    if limits.admit_authors(found[0], [check.draft]):
        return jsonify(answers.WITHHELD)
    [kept] = dropin.keep(services(), found[0], [check])
    said = answers.answer(kept.state)
    return Response(status=204) if said is None else jsonify(said)
