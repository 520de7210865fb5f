"""Previews over HTTP: what a draft of a policy would have done with the comments that are there."""

from typing import Any

import marshmallow as ma
from flask import Response, jsonify
from marshmallow import validate

from api.moderation.drafts import DONE, RUNNING, STOPPED, previews
from api.moderation.drafts.previews import MOST, USUAL, Preview
from api.moderation.repeats import Answer
from api.web.fields import PageQuery, Time, show_time
from api.web.policy_schemas import PolicyBlueprint, PolicyText, read_written
from api.web.repeats import once, shown
from api.web.routing import caller, services
from api.web.tally_schemas import ExamplesOut, TallyOut, list_shown, show_examples, show_tally

blp = PolicyBlueprint("previews", __name__, url_prefix="/v1/policy/preview")


class PreviewIn(PolicyText):
    """A draft, and which comments to judge by it."""

    last = ma.fields.Integer(
        strict=True,
        load_default=USUAL,
        validate=validate.Range(min=1, max=MOST),
        metadata={"description": "how many of the site's newest comments"},
    )
    since = Time(
        load_default=None, metadata={"description": "of these only those that came since then"}
    )


class ListedPreviewOut(TallyOut):
    """A preview as far as it has come."""

    id = ma.fields.String(required=True)
    state = ma.fields.String(required=True, validate=validate.OneOf([RUNNING, DONE, STOPPED]))
    share = ma.fields.Float(required=True, metadata={"description": "how much is done, in [0, 1]"})
    seen = ma.fields.Integer(required=True, metadata={"description": "comments gone through"})
    total = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "null until they are counted"}
    )
    last = ma.fields.Integer(required=True)
    since = Time(required=True, allow_none=True)
    note = ma.fields.String(required=True, metadata={"description": "the draft's own"})
    actor = ma.fields.String(required=True)
    created_at = Time(required=True)
    updated_at = Time(required=True)


class PreviewOut(ListedPreviewOut, ExamplesOut):
    """A preview with its examples and the draft as it was written."""

    text = ma.fields.String(required=True)


class PreviewPage(ma.Schema):
    """Some previews, newest first, and the cursor of the next page."""

    items = ma.fields.List(ma.fields.Nested(ListedPreviewOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


@blp.route("", methods=["POST"])
@blp.arguments(PreviewIn())
@blp.response(201, PreviewOut)
@blp.alt_response(202, schema=PreviewOut, description="There are many; a worker judges them.")
@blp.alt_response(409, description="There is no classifier, or too many previews run.")
def begin(wanted: dict[str, Any]) -> Response:
    """Judge stored comments by a draft, by the scores they have; nothing of them changes.

    Up to 2,000 comments are done in this answer. For more, ask for the preview again until its
    `state` is `done`. Comments that come meanwhile are left out.
    """
    written = read_written(wanted)
    last, since = wanted["last"], wanted["since"]
    return once(lambda who: previews.begin(services(), who, written, last, since), _show_begun)


@blp.route("", methods=["GET"])
@blp.arguments(PageQuery(), location="query")
@blp.response(200, PreviewPage)
def list_previews(query: dict[str, Any]) -> Response:
    """The site's previews, newest first; they are kept for 30 days."""
    page = previews.list_previews(services(), caller(), **query)
    return jsonify({"items": [_show(one) for one in page.items], "next": page.next})


@blp.route("/<preview_id:preview_id>", methods=["GET"])
@blp.response(200, PreviewOut)
def get(preview_id: str) -> Response:
    """A preview as far as it has come."""
    return jsonify(show_preview(previews.find(services(), caller(), preview_id)))


@blp.route("/<preview_id:preview_id>", methods=["DELETE"])
@blp.response(204)
def stop(preview_id: str) -> tuple[str, int]:
    """Stop a preview; what it has found so far can still be read."""
    previews.stop(services(), caller(), preview_id)
    return "", 204


def show_preview(preview: Preview) -> dict[str, Any]:
    """A preview as `PreviewOut` describes it."""
    text = {"text": preview.draft.text}
    return {**_show(preview), **text, **show_examples(preview.examples)}


def _show(preview: Preview) -> dict[str, Any]:
    draft = preview.draft
    return {
        "id": draft.public_id,
        "state": draft.state,
        "share": round(preview.share, 4),
        "seen": preview.seen,
        "total": preview.total,
        "last": draft.options["last"],
        "since": show_time(preview.since),
        "note": draft.document.get("note", ""),
        "actor": draft.actor,
        "created_at": show_time(draft.created_at),
        "updated_at": show_time(draft.updated_at),
        **show_tally(preview.tally, preview.pace, preview.unseen),
    }


def _show_begun(preview: Preview) -> Answer:
    status = 202 if preview.draft.state == RUNNING else 201
    return shown(show_preview(preview), status, list_shown(preview.examples))
