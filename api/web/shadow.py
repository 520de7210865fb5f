"""The draft in shadow over HTTP: what it would have done with the comments since it is there."""

from typing import Any

import marshmallow as ma
from flask import Response, jsonify

from api.moderation.drafts import shadows
from api.moderation.drafts.shadows import Shadow
from api.moderation.drafts.shadowtallies import LATEST
from api.store.policies import PolicyVersion
from api.web.fields import Flag, Time, show_time
from api.web.policy_schemas import (
    ListedOut,
    PolicyBlueprint,
    PolicyText,
    RestoreIn,
    read_written,
)
from api.web.repeats import once, shown
from api.web.routing import caller, services
from api.web.tally_schemas import ExamplesOut, TallyOut, show_examples, show_tally

blp = PolicyBlueprint("shadow", __name__, url_prefix="/v1/policy/shadow")


class PromoteIn(RestoreIn):
    """How to put the draft in force."""

    force = Flag(
        load_default=False, metadata={"description": "put it whatever becomes of its examples"}
    )


class ShadowOut(TallyOut, ExamplesOut):
    """A draft in shadow, and what it would have done with the comments since then."""

    since = Time(required=True, metadata={"description": "since when it is in shadow"})
    actor = ma.fields.String(required=True)
    note = ma.fields.String(required=True, metadata={"description": "the draft's own"})
    text = ma.fields.String(required=True)


@blp.route("", methods=["GET"])
@blp.response(200, ShadowOut, description=f"Of the newest {LATEST:,} comments it has judged.")
def get() -> Response:
    """The draft in shadow, and what it would have done; 404 where there is none."""
    return jsonify(_show(shadows.find(services(), caller())))


@blp.route("", methods=["PUT"])
@blp.arguments(PolicyText())
@blp.response(200, ShadowOut)
def put(given: dict[str, Any]) -> Response:
    """Have a draft judge every new comment beside the policy in force, without a say.

    It takes the place of the one that was in shadow; the same one again goes on counting.
    """
    return jsonify(_show(shadows.put(services(), caller(), read_written(given))))


@blp.route("", methods=["DELETE"])
@blp.response(204)
def end() -> tuple[str, int]:
    """Have nothing in shadow any more; 404 where there is nothing."""
    shadows.end(services(), caller())
    return "", 204


@blp.route("/promote", methods=["POST"])
@blp.arguments(PromoteIn())
@blp.response(200, ListedOut)
def promote(wanted: dict[str, Any]) -> Response:
    """Put the draft in force, as with `PUT /v1/policy`, and take it out of the shadow."""
    version, force = wanted["version"], wanted["force"]
    return once(
        lambda who: shadows.promote(services(), who, version, force),
        lambda row: shown(_show_version(row)),
    )


def _show_version(row: PolicyVersion) -> dict[str, Any]:
    return {
        "version": row.version,
        "note": row.document.get("note", ""),
        "actor": row.actor,
        "created_at": show_time(row.created_at),
    }


def _show(shadow: Shadow) -> dict[str, Any]:
    draft = shadow.draft
    return {
        "since": show_time(draft.created_at),
        "actor": draft.actor,
        "note": draft.document.get("note", ""),
        "text": draft.text,
        **show_tally(shadow.tally, shadow.pace, shadow.unseen),
        **show_examples(shadow.examples),
    }
