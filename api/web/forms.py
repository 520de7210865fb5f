"""Form tokens over HTTP: what a website puts into the form below an article."""

from typing import Any

import marshmallow as ma
from flask import Response, jsonify

from api.moderation import forms
from api.web.fields import Time, show_time, text
from api.web.routing import Blueprint, caller, services

blp = Blueprint("forms", __name__, url_prefix="/v1")


class TokenQuery(ma.Schema):
    """Where the form stands."""

    article = text(256, 1, required=True, metadata={"description": "the article's id"})


class TokenOut(ma.Schema):
    """What goes into the form."""

    token = ma.fields.String(
        required=True, metadata={"description": "for a hidden field; comes back as `form.token`"}
    )
    expires_at = Time(
        required=True, metadata={"description": "until when the policy takes the token"}
    )
    honeypot = ma.fields.String(
        required=True,
        metadata={"description": "name of the field that people must not see; new for each token"},
    )


@blp.route("/form-token", methods=["GET"])
@blp.arguments(TokenQuery(), location="query")
@blp.response(200, TokenOut)
def issue(query: dict[str, Any]) -> Response:
    """A token for one form below an article, good for one comment.

    Nothing is kept of it. What becomes of a comment without a good token, the policy says under
    `form.token`; by default nothing.
    """
    made = forms.issue(services(), caller(), query["article"])
    return jsonify(token=made.token, expires_at=show_time(made.expires_at), honeypot=made.honeypot)
