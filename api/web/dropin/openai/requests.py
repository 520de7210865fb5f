"""What a call says: who makes it, which model it asks, and which texts it wants judged."""

from dataclasses import dataclass
from typing import Any

from flask import request

from api.moderation import access
from api.moderation.access import Caller
from api.web import limits
from api.web.body import read_json
from api.web.comment_schemas import MAX_BATCH
from api.web.dropin.openai.names import ALIASES, USUAL, own_name
from api.web.dropin.openai.refusals import RefusalError, cut, refuse_schema
from api.web.problems import BodyError
from api.web.routing import services


@dataclass(frozen=True, slots=True)
class Asked:
    """A call for moderation: each of the texts has a result of its own."""

    model: str
    texts: list[str]


def find_caller() -> Caller:
    """Whose key the request carries; raise RefusalError where it carries none of ours."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key:
        limits.admit_stranger()
        raise RefusalError(
            401,
            "You didn't provide an API key. You need to provide your API key in an Authorization "
            "header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY). `winnow key create` "
            "makes one.",
        )
    found = access.find_caller(services(), key)
    if found is None:
        limits.admit_stranger()
        says = f"Incorrect API key provided: {mask(key)}. `winnow key create` makes one."
        raise RefusalError(401, says, code="invalid_api_key")
    limits.admit(found)
    return found


def mask(key: str) -> str:
    """A key as it may be shown: enough to tell which it was, too little to use it."""
    return f"{key[:5]}***{key[-2:]}" if len(key) >= 20 else "***"


def read_asked() -> Asked:
    """What the request's body asks; raise RefusalError for what cannot be answered."""
    try:
        body = read_json(request.get_data())
    except BodyError as error:
        says = f"We could not parse the JSON body of your request. (HINT: {error})"
        raise RefusalError(400, says) from error
    if not isinstance(body, dict):
        refuse_schema("$")
    if "input" not in body:
        says = "Missing required parameter: 'input'."
        raise RefusalError(400, says, "input", "missing_required_parameter")
    return Asked(_read_model(body.get("model")), _read_input(body["input"]))


def _read_model(given: Any) -> str:
    if given is None:
        return USUAL
    if not isinstance(given, str):
        refuse_schema("$.model")
    if given not in ALIASES and given != own_name(services()):
        says = f"The model '{cut(given)}' does not exist or is not for moderation."
        raise RefusalError(400, says, "model", "model_not_found")
    return given


def _read_input(given: Any) -> list[str]:
    if isinstance(given, str):
        return [given]
    if not isinstance(given, list) or not given:
        refuse_schema("$.input")
    if all(isinstance(one, dict) for one in given):
        return [_join(given)]
    if not all(isinstance(one, str) for one in given):
        refuse_schema("$.input")
    if len(given) > MAX_BATCH:
        says = (
            "Invalid 'input': array too long. Expected an array with maximum length "
            f"{MAX_BATCH}, but got an array with length {len(given)} instead."
        )
        raise RefusalError(400, says, "input", "array_above_max_length")
    return given


def _join(parts: list[dict[str, Any]]) -> str:
    """The text of parts, which are one input together."""
    texts, images = [], 0
    for part in parts:
        match part:
            case {"type": "text", "text": str(text)}:
                texts.append(text)
            case {"type": "image_url", "image_url": {"url": str()}}:
                images += 1
            case _:
                refuse_schema("$.input")
    if images > 1:
        says = f"Number of images ({images}) exceeds maximum of 1"
        raise RefusalError(400, says, "input", "too_many_images")
    if images:
        # To judge the text alone would say of the image that it is harmless. The service's own
        # `unsupported_image` would send people looking for a fault in their file.
        says = "This server has no model that judges images; send text parts only."
        raise RefusalError(400, says, "input", "image_unsupported")
    return "\n".join(texts)
