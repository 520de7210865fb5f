"""Privacy over HTTP: how long the site keeps what, and how its addresses."""

from typing import Any

import marshmallow as ma
from flask import Response, jsonify
from marshmallow import validate

from api.moderation.privacy import due, settings
from api.moderation.privacy.addressing import WAYS
from api.moderation.privacy.settings import Settings
from api.web.fields import Flag
from api.web.routing import Blueprint, caller, services

blp = Blueprint("privacy", __name__, url_prefix="/v1/privacy")

_WHAT = {
    due.REJECTED: "comments that stand rejected, whole",
    due.SPAM: "comments that stand rejected for spam, whole",
    due.TEXT: "the texts of comments that are approved or rejected",
    due.ADDRESS: "authors' addresses, networks and user agents",
    due.EMAIL: "authors' e-mail addresses",
}


def _days(kind: str, **given: Any) -> ma.fields.Integer:
    return ma.fields.Integer(
        strict=True,
        allow_none=True,
        validate=validate.Range(min=1, max=settings.LONGEST),
        metadata={"description": f"{_WHAT[kind]}: days since they came; null for ever"},
        **given,
    )


KeepIn = ma.Schema.from_dict({kind: _days(kind) for kind in due.KINDS}, name="KeepIn")
KeepOut = ma.Schema.from_dict({kind: _days(kind, required=True) for kind in due.KINDS}, name="Keep")
AffectedOut = ma.Schema.from_dict(
    {name: ma.fields.Integer(required=True) for name in (*due.KINDS, due.REWRITTEN)},
    name="Affected",
)


class PrivacyIn(ma.Schema):
    """What is to be kept how; what is not named stays as it is."""

    keep = ma.fields.Nested(KeepIn, load_default=dict)
    addresses = ma.fields.String(validate=validate.OneOf(WAYS), load_default=None, allow_none=False)
    dry_run = Flag(
        load_default=False, metadata={"description": "change nothing, and count what would change"}
    )


class PrivacyOut(ma.Schema):
    """What is kept how."""

    keep = ma.fields.Nested(KeepOut, required=True)
    addresses = ma.fields.String(
        required=True,
        validate=validate.OneOf(WAYS),
        metadata={"description": "of new comments at once, of older ones by the daily sweep"},
    )
    affected = ma.fields.Nested(
        AffectedOut,
        required=True,
        allow_none=True,
        metadata={
            "description": "of a dry run: how many comments the next sweep would change, by kind, "
            "each under all kinds that it is of; null otherwise"
        },
    )


@blp.route("", methods=["GET"])
@blp.response(200, PrivacyOut)
def show() -> Response:
    """How long the site keeps what, and how its addresses."""
    with services().database.reading() as session:
        return jsonify(_show(settings.read(session, caller().site_id)))


@blp.route("", methods=["PUT"])
@blp.arguments(PrivacyIn())
@blp.response(200, PrivacyOut)
def change(wanted: dict[str, Any]) -> Response:
    """Keep what you name otherwise from now on; what you do not name stays as it is.

    What was kept long enough goes by the next sweep, once a day. With `dry_run` nothing is
    changed: the answer is what would hold, and how many comments would be affected.
    """
    keep, addresses = wanted["keep"], wanted["addresses"]
    if not wanted["dry_run"]:
        return jsonify(_show(settings.change(services(), caller(), keep, addresses)))
    site_id = caller().site_id
    would = settings.preview(services(), site_id, keep, addresses)
    return jsonify(_show(would, settings.count(services(), site_id, keep, addresses)))


def _show(found: Settings, affected: dict[str, int] | None = None) -> dict[str, Any]:
    return {"keep": found.keep, "addresses": found.addresses, "affected": affected}
