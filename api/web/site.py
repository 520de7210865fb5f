"""The caller's own site over HTTP: its name and its keys."""

from typing import Any

import marshmallow as ma
from flask import Response, jsonify
from marshmallow import validate

from api.moderation import access, foreignkeys, keys
from api.moderation.foreignkeys import ROLE, Made
from api.moderation.repeats import Answer
from api.store.tables import ApiKey
from api.web.fields import Time, show_time
from api.web.repeats import once, shown
from api.web.routing import Blueprint, caller, services

blp = Blueprint("site", __name__, url_prefix="/v1")


class SiteOut(ma.Schema):
    """A site."""

    name = ma.fields.String(required=True)
    created_at = Time(required=True)


class KeyIn(ma.Schema):
    """A key to be made."""

    role = ma.fields.String(
        validate=validate.OneOf(access.ROLES),
        metadata={"description": f"needed for the style winnow; others are all {ROLE}"},
    )
    style = ma.fields.String(
        load_default=foreignkeys.WINNOW,
        validate=validate.OneOf(foreignkeys.STYLES),
        metadata={"description": "which protocols it is for; winnow is for them all"},
    )

    @ma.validates_schema
    def _check_role(self, data: dict[str, Any], **_: Any) -> None:
        if data["style"] == foreignkeys.WINNOW and "role" not in data:
            raise ma.ValidationError("Missing data for required field.", "role")
        if data["style"] != foreignkeys.WINNOW and data.get("role", ROLE) != ROLE:
            raise ma.ValidationError(f"A key of this style has the role {ROLE}.", "role")


class KeyOut(ma.Schema):
    """A key as a person may know it."""

    id = ma.fields.String(required=True)
    role = ma.fields.String(required=True)
    style = ma.fields.String(required=True)
    created_at = Time(required=True)
    revoked_at = Time(required=True, allow_none=True)


class NewKeyOut(ma.Schema):
    """A key in full, shown this once."""

    id = ma.fields.String(required=True)
    role = ma.fields.String(required=True)
    style = ma.fields.String(required=True)
    key = ma.fields.String(required=True, allow_none=True)


class SecretIn(ma.Schema):
    """What Coral signs with."""

    secret = ma.fields.String(
        required=True,
        metadata={"description": "the signing secret that Coral shows for the phase"},
    )


class KeyList(ma.Schema):
    """All keys of the site, oldest first."""

    items = ma.fields.List(ma.fields.Nested(KeyOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


@blp.route("/site", methods=["GET"])
@blp.response(200, SiteOut)
def get_site() -> Response:
    """The site this key belongs to."""
    site = access.get_site(services(), caller().site_id)
    return jsonify({"name": site.name, "created_at": show_time(site.created_at)})


@blp.route("/keys", methods=["GET"])
@blp.response(200, KeyList)
def list_keys() -> Response:
    """The site's keys, revoked ones too."""
    found = access.list_keys(services(), caller().site_id)
    return jsonify({"items": [_show(key) for key in found], "next": None})


@blp.route("/keys", methods=["POST"])
@blp.arguments(KeyIn())
@blp.response(201, NewKeyOut)
def create_key(wanted: dict[str, Any]) -> Response:
    """Make a key; this answer is the only place where it can be read.

    With an `Idempotency-Key`, the answer to the same request again has `key: null`.
    """
    style, role = wanted["style"], wanted.get("role", ROLE)

    def show(made: Made, whole: bool = True) -> Answer:
        content = {"id": made.id, "role": role, "style": style}
        return shown({**content, "key": made.key if whole else None}, 201)

    return once(
        lambda who: foreignkeys.create(services(), who, style, role),
        show,
        # A secret is not kept, not even to be given again.
        keep=lambda made: show(made, whole=False),
    )


@blp.route("/keys/<key_id:key_id>", methods=["DELETE"])
@blp.response(204)
def revoke_key(key_id: str) -> tuple[str, int]:
    """End a key's power from the next request on."""
    keys.revoke(services(), caller(), key_id)
    return "", 204


@blp.route("/keys/<key_id:key_id>/secret", methods=["PUT"])
@blp.arguments(SecretIn())
@blp.response(204)
def set_secret(wanted: dict[str, Any], key_id: str) -> tuple[str, int]:
    """Keep the secret with which Coral signs what it sends for a key of the style coral.

    It takes the place of the one before. No answer ever shows it.
    """
    foreignkeys.set_secret(services(), caller(), key_id, wanted["secret"])
    return "", 204


def _show(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.prefix,
        "role": key.role,
        "style": key.style,
        "created_at": show_time(key.created_at),
        "revoked_at": show_time(key.revoked_at),
    }
