"""The site's outside checker over HTTP: where it is, and what signs the questions to it."""

import marshmallow as ma
from flask import Response, jsonify

from api.moderation import checking, policies
from api.web.routing import Blueprint, caller, services

blp = Blueprint("checker", __name__, url_prefix="/v1/policy")


class CheckerOut(ma.Schema):
    """An outside checker."""

    url = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "of the policy in force; null where it names no checker"},
    )
    secret = ma.fields.String(
        required=True,
        metadata={"description": "what a checker verifies questions with (Standard Webhooks)"},
    )


@blp.route("/checker", methods=["GET"])
@blp.response(200, CheckerOut)
def get() -> Response:
    """The checker that the policy in force names, and the secret that signs questions to it.

    The secret is the site's: it is there before a policy names a checker, and stays the same.
    """
    site_id = caller().site_id
    checker = policies.find(services(), site_id).document.checker
    secret = checking.make_secret(services(), site_id)
    return jsonify(url=checker and checker.url, secret=secret)
