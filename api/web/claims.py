"""Claims over HTTP: taking comments out of the queue for a while, and giving them back."""

from datetime import timedelta
from typing import Any

import marshmallow as ma
from flask import Response, jsonify
from marshmallow import validate

from api.moderation import claims
from api.moderation.access import Caller
from api.moderation.claims import Claimed
from api.moderation.errors import FieldError, NotFoundError
from api.moderation.queues import saved
from api.moderation.queues.listing import Asked
from api.moderation.repeats import Answer
from api.web.fields import Flag, text
from api.web.problems import PROBLEM, ProblemSchema
from api.web.queue import ClaimOut, QueuedOut, find_pace, show_claim, show_queued
from api.web.repeats import once, shown
from api.web.routing import Blueprint, caller, services

blp = Blueprint("claims", __name__, url_prefix="/v1/queue/claims")

COUNT = 10
"""How many comments are claimed unless somebody says otherwise."""


class ClaimIn(ma.Schema):
    """How many comments to claim, and of which queue; or which one."""

    count = ma.fields.Integer(
        strict=True,
        validate=validate.Range(min=1, max=claims.MOST),
        metadata={"description": f"{COUNT} unless you say otherwise"},
    )
    queue = text(50, 1, allow_none=True, metadata={"description": "also one that is saved"})
    comment = text(128, 1, allow_none=True, metadata={"description": "this one, by its id"})
    thread = ma.fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={"description": "also what else waits under the same article"},
    )

    mine = Flag(
        load_default=False,
        metadata={"description": "only of the sections that you look after, if there are any"},
    )

    @ma.validates_schema
    def _choose(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("comment") is None:
            return
        for field in ("count", "queue"):
            if data.get(field) is not None:
                raise ma.ValidationError("This comment, or the next ones of a queue?", field)


class ClaimedList(ma.Schema):
    """The comments that were claimed; none when nobody waits or all are claimed."""

    items = ma.fields.List(ma.fields.Nested(QueuedOut), required=True)


@blp.route("", methods=["POST"])
@blp.arguments(ClaimIn())
@blp.response(200, ClaimedList)
@blp.alt_response(
    409,
    schema=ProblemSchema,
    content_type=PROBLEM,
    description="Somebody else holds the `comment`, or it does not wait.",
)
def claim(wanted: dict[str, Any]) -> Response:
    """Claim comments that wait, the most urgent first, for as long as the policy says.

    Nobody else is given them, or may decide about them, until the claim lapses, is released or
    the comment is decided. Name the `claim` in the decision to be told when it had lapsed.

    A `comment` that you hold already is yours for another while; with `thread` comes whatever else
    waits under the same articles.
    """
    # Asked before: nothing that may fail comes after the act.
    pace = find_pace()
    return once(lambda who: _claim(who, **wanted), lambda claimed: _show_all(claimed, pace))


@blp.route("/<claim_id:claim_id>", methods=["PUT"])
@blp.response(200, ClaimOut)
def extend(claim_id: str) -> Response:
    """Let a claim last for another while, from now on; 404 when it has lapsed."""
    return jsonify(show_claim(claims.extend(services(), caller(), claim_id)))


@blp.route("/<claim_id:claim_id>", methods=["DELETE"])
@blp.response(204)
def release(claim_id: str) -> tuple[str, int]:
    """Give a comment back to the queue; 404 when the claim has lapsed."""
    claims.release(services(), caller(), claim_id)
    return "", 204


def _claim(
    who: Caller,
    thread: bool,
    count: int = COUNT,
    queue: str | None = None,
    comment: str | None = None,
    mine: bool = False,
) -> list[Claimed]:
    if comment is not None:
        return claims.claim_one(services(), who, comment, thread)
    return claims.claim(services(), who, count, _resolve(who, queue, mine), thread)


def _resolve(who: Caller, queue: str | None, mine: bool) -> Asked:
    try:
        return saved.resolve(services(), who, queue, mine=mine)
    except NotFoundError as error:
        raise FieldError("/queue", str(error)) from error


def _show_all(claimed: list[Claimed], pace: timedelta) -> Answer:
    items = [show_queued(one.queued, one.claim, pace) for one in claimed]
    return shown({"items": items}, comments=[item["id"] for item in items])
