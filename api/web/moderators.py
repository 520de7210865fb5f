"""Moderators over HTTP: the people who sign in to the site's pages."""

from typing import Any

import marshmallow as ma
from flask import Response, jsonify
from marshmallow import validate

from api.moderation import passwords, people
from api.moderation.people import Made, Newcomer, Person
from api.moderation.repeats import Answer
from api.web.fields import Time, show_time, text
from api.web.repeats import once, shown
from api.web.routing import Blueprint, caller, services

blp = Blueprint("moderators", __name__, url_prefix="/v1/moderators")

MOST_SECTIONS = 100
_ADDRESS = validate.Regexp(r"[^\s@]+@[^\s@]+\Z", error="Not an e-mail address.")


class ModeratorChange(ma.Schema):
    """What a moderator may do, and what they look after."""

    role = ma.fields.String(validate=validate.OneOf(people.ROLES))
    sections = ma.fields.List(
        text(256, 1),
        validate=validate.Length(max=MOST_SECTIONS),
        metadata={"description": "the sections that they look after; everything where it is empty"},
    )


class ModeratorIn(ModeratorChange):
    """Somebody who is to sign in."""

    email = text(254, 3, also=_ADDRESS, required=True)
    password = text(
        passwords.LONGEST,
        passwords.SHORTEST,
        metadata={"description": "one is made and shown this once where none is given"},
    )


class ModeratorOut(ma.Schema):
    """Somebody who may sign in."""

    id = ma.fields.String(required=True)
    email = ma.fields.String(required=True)
    role = ma.fields.String(required=True, validate=validate.OneOf(people.ROLES))
    sections = ma.fields.List(ma.fields.String(), required=True)
    created_at = Time(required=True)


class NewModeratorOut(ModeratorOut):
    """Somebody who was just let in, with the password that was made, shown this once."""

    password = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "null where you gave one"}
    )


class ModeratorList(ma.Schema):
    """All moderators of the site, oldest first."""

    items = ma.fields.List(ma.fields.Nested(ModeratorOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


@blp.route("", methods=["GET"])
@blp.response(200, ModeratorList)
def list_moderators() -> Response:
    """The people who may sign in to the site's pages."""
    found = people.list_people(services(), caller())
    return jsonify({"items": [show_moderator(one) for one in found], "next": None})


@blp.route("", methods=["POST"])
@blp.arguments(ModeratorIn())
@blp.response(201, NewModeratorOut)
def create(wanted: dict[str, Any]) -> Response:
    """Let somebody sign in at `/moderate`.

    Without a `password` one is made; this answer is the only place where it can be read. With an
    `Idempotency-Key`, the answer to the same request again has `password: null`. 409 where the
    address is known already, on this site or another one; 422 for a password
    that is tried first.
    """
    newcomer = Newcomer(**{**wanted, "sections": tuple(wanted.get("sections", ()))})
    return once(
        lambda who: people.create(services(), who, newcomer),
        _show_made,
        keep=lambda made: _show_made(Made(made.person, None)),
    )


@blp.route("/<moderator_id:moderator_id>", methods=["GET"])
@blp.response(200, ModeratorOut)
def get(moderator_id: str) -> Response:
    """A moderator."""
    return jsonify(show_moderator(people.find(services(), caller(), moderator_id)))


@blp.route("/<moderator_id:moderator_id>", methods=["PATCH"])
@blp.arguments(ModeratorChange())
@blp.response(200, ModeratorOut)
def change(changes: dict[str, Any], moderator_id: str) -> Response:
    """Give a moderator another role or other sections, from their next request on.

    409 where the site would be left without an admin.
    """
    return jsonify(show_moderator(people.change(services(), caller(), moderator_id, **changes)))


@blp.route("/<moderator_id:moderator_id>", methods=["DELETE"])
@blp.response(204)
def remove(moderator_id: str) -> tuple[str, int]:
    """Let a moderator in no longer; their sessions end now, what they decided stays.

    409 for the site's last admin.
    """
    people.remove(services(), caller(), moderator_id)
    return "", 204


def show_moderator(person: Person) -> dict[str, Any]:
    """A moderator as `ModeratorOut` describes it."""
    return {
        "id": person.id,
        "email": person.email,
        "role": person.role,
        "sections": list(person.sections),
        "created_at": show_time(person.created_at),
    }


def _show_made(made: Made) -> Answer:
    return shown({**show_moderator(made.person), "password": made.password}, 201)
