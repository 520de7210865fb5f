"""Standings over HTTP: what moderators say of authors."""

from datetime import timedelta
from typing import Any

import marshmallow as ma
from flask import Response, jsonify
from marshmallow import validate

from api.moderation import standings
from api.moderation.policy.facts import KINDS, STANDINGS
from api.moderation.spellings import spell
from api.moderation.standings import Said, Wanted
from api.store.policies import AuthorStanding
from api.web.fields import PageQuery, Time, show_time, text
from api.web.repeats import once, shown
from api.web.routing import Blueprint, caller, services

blp = Blueprint("standings", __name__, url_prefix="/v1/standings")

LONGEST_HOURS = 24 * 3660


class StandingIn(ma.Schema):
    """What is said of an author."""

    kind = ma.fields.String(
        required=True,
        validate=validate.OneOf(KINDS),
        metadata={"description": "by what the author is known; a network is a /24 or a /48"},
    )
    value = text(320, 1, required=True)
    standing = ma.fields.String(required=True, validate=validate.OneOf(STANDINGS))
    reason = text(
        1000, 1, required=True, metadata={"description": "for moderators; readers never see it"}
    )
    until = Time(allow_none=True, metadata={"description": "when it ends; never where it is null"})
    hours = ma.fields.Integer(
        strict=True,
        validate=validate.Range(min=1, max=LONGEST_HOURS),
        metadata={"description": "instead of until: in how many hours it ends"},
    )

    @ma.validates_schema
    def _check(self, data: dict[str, Any], **_: Any) -> None:
        data["value"] = _spell(data["kind"], data["value"])
        until = data.get("until")
        if until is not None and "hours" in data:
            raise ma.ValidationError("Either this or until, not both.", "hours")
        if until is not None and until <= services().now():
            raise ma.ValidationError("Must be in the future.", "until")
        if data["standing"] == "suspended" and until is None and "hours" not in data:
            raise ma.ValidationError("A suspension has an end: until, or hours.", "until")

    @ma.post_load
    def _said(self, data: dict[str, Any], **_: Any) -> Said:
        if hours := data.pop("hours", None):
            data["until"] = services().now() + timedelta(hours=hours)
        return Said(**data)


class StandingsQuery(PageQuery):
    """Which standings to list."""

    kind = ma.fields.String(load_default=None, validate=validate.OneOf(KINDS))
    value = text(320, 1, load_default=None)
    active = ma.fields.Boolean(load_default=None, truthy={"true"}, falsy={"false"})

    @ma.validates_schema
    def _check(self, data: dict[str, Any], **_: Any) -> None:
        if data["value"] is None:
            return
        if data["kind"] is None:
            raise ma.ValidationError("A value needs its kind.", "kind")
        data["value"] = _spell(data["kind"], data["value"])


class StandingOut(ma.Schema):
    """What was said of an author; `value` is in the spelling that comments are compared by."""

    id = ma.fields.String(required=True)
    kind = ma.fields.String(required=True, validate=validate.OneOf(KINDS))
    value = ma.fields.String(required=True)
    standing = ma.fields.String(required=True, validate=validate.OneOf(STANDINGS))
    reason = ma.fields.String(required=True)
    actor = ma.fields.String(required=True)
    active = ma.fields.Boolean(required=True, metadata={"description": "whether it is in force"})
    created_at = Time(required=True)
    until = Time(required=True, allow_none=True)
    ended_at = Time(
        required=True,
        allow_none=True,
        metadata={"description": "when somebody ended or replaced it before its time"},
    )


class StandingPage(ma.Schema):
    """Some standings, and the cursor of the next page."""

    items = ma.fields.List(ma.fields.Nested(StandingOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


@blp.route("", methods=["GET"])
@blp.arguments(StandingsQuery(), location="query")
@blp.response(200, StandingPage)
def list_standings(query: dict[str, Any]) -> Response:
    """What was said of authors, newest first.

    `active=true` lists what is in force, `active=false` what has ended.
    """
    limit, cursor = query.pop("limit"), query.pop("cursor")
    page = standings.list_standings(services(), caller(), Wanted(**query), limit, cursor)
    return jsonify({"items": [show_standing(one) for one in page.items], "next": page.next})


@blp.route("", methods=["POST"])
@blp.arguments(StandingIn())
@blp.response(201, StandingOut)
def put(said: Said) -> Response:
    """Trust, hold, suspend or ban an author, from the next comment on.

    It takes the place of what was said before of the same `kind` and `value`, which stays in the
    list as history. `trusted` authors skip checks, `held` ones are held, `suspended` (which needs
    an end) and `banned` ones are rejected; what is published already stays.
    """
    return once(
        lambda who: standings.put(services(), who, said),
        lambda made: shown(show_standing(made), 201),
    )


@blp.route("/<standing_id:standing_id>", methods=["GET"])
@blp.response(200, StandingOut)
def get(standing_id: str) -> Response:
    """A standing: the one that a verdict's reason names as `standing:ID`."""
    return jsonify(show_standing(standings.find(services(), caller(), standing_id)))


@blp.route("/<standing_id:standing_id>", methods=["DELETE"])
@blp.response(204)
def end(standing_id: str) -> tuple[str, int]:
    """End a standing now; it stays in the list as history."""
    standings.end(services(), caller(), standing_id)
    return "", 204


def show_standing(row: AuthorStanding) -> dict[str, Any]:
    """A standing as `StandingOut` describes it."""
    return {
        "id": row.public_id,
        "kind": row.kind,
        "value": row.value,
        "standing": row.standing,
        "reason": row.reason,
        "actor": row.actor,
        "active": standings.is_in_force(row, services().now()),
        "created_at": show_time(row.created_at),
        "until": show_time(row.until),
        "ended_at": show_time(row.ended_at),
    }


def _spell(kind: str, value: str) -> str:
    try:
        return spell(kind, value)
    except ValueError as error:
        raise ma.ValidationError(str(error), "value") from error
