"""Claims over HTTP: taking comments out of the queue for a while, and giving them back."""

from typing import Any

import marshmallow as ma
from flask import Response, jsonify
from marshmallow import validate

from api.moderation import claims, queues
from api.moderation.claims import Claimed
from api.moderation.repeats import Answer
from api.web.queue import ClaimOut, QueuedOut, show_claim, show_queued
from api.web.repeats import once, shown
from api.web.routing import Blueprint, caller, services

blp = Blueprint("claims", __name__, url_prefix="/v1/queue/claims")


class ClaimIn(ma.Schema):
    """How many comments to claim, and of which queue."""

    count = ma.fields.Integer(
        strict=True, load_default=10, validate=validate.Range(min=1, max=claims.MOST)
    )
    queue = ma.fields.String(load_default=None, validate=validate.OneOf(list(queues.BUILT_IN)))


class ClaimedList(ma.Schema):
    """The comments that were claimed; none when nobody waits or all are claimed."""

    items = ma.fields.List(ma.fields.Nested(QueuedOut), required=True)


@blp.route("", methods=["POST"])
@blp.arguments(ClaimIn())
@blp.response(200, ClaimedList)
def claim(wanted: dict[str, Any]) -> Response:
    """Claim comments that wait, the most urgent first, for ten minutes.

    Nobody else is given them, or may decide about them, until the claim lapses, is released or
    the comment is decided. Name the `claim` in the decision to be told when it had lapsed.
    """
    return once(lambda who: claims.claim(services(), who, **wanted), _show_all)


@blp.route("/<claim_id:claim_id>", methods=["PUT"])
@blp.response(200, ClaimOut)
def extend(claim_id: str) -> Response:
    """Let a claim last for ten minutes from now; 404 when it has lapsed."""
    return jsonify(show_claim(claims.extend(services(), caller(), claim_id)))


@blp.route("/<claim_id:claim_id>", methods=["DELETE"])
@blp.response(204)
def release(claim_id: str) -> tuple[str, int]:
    """Give a comment back to the queue; 404 when the claim has lapsed."""
    claims.release(services(), caller(), claim_id)
    return "", 204


def _show_all(claimed: list[Claimed]) -> Answer:
    items = [show_queued(one.queued, one.claim) for one in claimed]
    return shown({"items": items}, comments=[item["id"] for item in items])
