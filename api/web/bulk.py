"""Bulk decisions over HTTP: many comments decided as one, by their ids or by a filter."""

from typing import Any

import marshmallow as ma
from flask import Response, jsonify
from marshmallow import validate

from api.moderation import bulk, review
from api.moderation.bulk import AWAITING, KEPT, PASSED_BY, SETTLED, TAKEN_BACK, acts, wanting
from api.moderation.bulk.wanting import MOST_IDS, Preview, Wanted
from api.moderation.filters import Filter
from api.moderation.repeats import Answer
from api.moderation.review import Choice
from api.store.review import BulkDecision
from api.web.answers import show_comment
from api.web.comment_schemas import STATUSES, CommentOut
from api.web.fields import Flag, PageQuery, Time, show_time, text
from api.web.filters import FilterSchema, take
from api.web.problems import PROBLEM, ProblemSchema
from api.web.repeats import once, shown
from api.web.routing import Blueprint, caller, services

blp = Blueprint("bulk", __name__, url_prefix="/v1/decisions")


class BulkFilter(FilterSchema):
    """Which comments; of those that wait unless it names a status."""

    queue = text(
        50, 1, load_default=None, metadata={"description": "which they wait in, of /v1/queues"}
    )

    @ma.post_load
    def _filter(self, data: dict[str, Any], **_: Any) -> Wanted:
        return Wanted(filter=take(data), queue=data["queue"])


class BulkIn(ma.Schema):
    """About which comments, what to do with them, and why: `ids` or `filter`, not both."""

    ids = ma.fields.List(text(128, 1), validate=validate.Length(min=1, max=MOST_IDS))
    filter = ma.fields.Nested(BulkFilter)
    action = ma.fields.String(required=True, validate=validate.OneOf(review.ACTIONS))
    reason = text(100, 1, allow_none=True, load_default=None)
    note = text(2000, allow_none=True, load_default=None)
    queue = text(50, 1, allow_none=True, load_default=None)
    dry_run = Flag(
        load_default=False, metadata={"description": "only count, and show some; write nothing"}
    )
    at_most = ma.fields.Integer(
        strict=True,
        load_default=None,
        validate=validate.Range(min=0),
        metadata={"description": "decide nothing where there are more than that"},
    )

    @ma.validates_schema
    def _check(self, data: dict[str, Any], **_: Any) -> None:
        if "ids" in data and "filter" in data:
            raise ma.ValidationError("Either this or ids, not both.", "filter")
        if "ids" not in data and "filter" not in data:
            raise ma.ValidationError("Send this, or a filter.", "ids")
        if data.get("filter") == Wanted(filter=Filter()):
            raise ma.ValidationError("Name at least one condition.", "filter")
        if data["queue"] is not None and data["action"] != "escalate":
            raise ma.ValidationError("Only what is escalated goes to a queue.", "queue")


class PassedByOut(ma.Schema):
    """Comments left as they are, by why."""

    claimed = ma.fields.Integer(
        required=True, metadata={"description": "somebody else is just judging them"}
    )
    changed = ma.fields.Integer(
        required=True, metadata={"description": "changed or deleted since; counted at the end"}
    )
    already_so = ma.fields.Integer(
        required=True, metadata={"description": "a decision with this action was in force"}
    )
    missing = ma.fields.Integer(required=True, metadata={"description": "ids of no comment"})


class UndoneOut(ma.Schema):
    """How far it has been taken back."""

    by = ma.fields.String(required=True)
    taken_back = ma.fields.Integer(required=True)
    passed_by = ma.fields.Integer(
        required=True, metadata={"description": "changed by somebody since, or just claimed"}
    )


class BulkOut(ma.Schema):
    """A bulk decision as far as it has come."""

    id = ma.fields.String(required=True)
    state = ma.fields.String(required=True, validate=validate.OneOf(bulk.STATES))
    action = ma.fields.String(required=True, validate=validate.OneOf(review.ACTIONS))
    reason = ma.fields.String(required=True, allow_none=True)
    note = ma.fields.String(required=True, allow_none=True)
    queue = ma.fields.String(required=True, allow_none=True)
    filter = ma.fields.Dict(
        required=True, allow_none=True, metadata={"description": "null where ids were named"}
    )
    total = ma.fields.Integer(
        required=True, metadata={"description": "how many there were when it began"}
    )
    done = ma.fields.Integer(required=True)
    awaiting_second = ma.fields.Integer(
        required=True, metadata={"description": "a second person must say the same"}
    )
    passed_by = ma.fields.Nested(PassedByOut, required=True)
    left = ma.fields.Integer(required=True, metadata={"description": "not come to yet"})
    undone = ma.fields.Nested(UndoneOut, required=True, allow_none=True)
    by = ma.fields.String(required=True)
    created_at = Time(required=True)
    updated_at = Time(required=True)


class BulkPage(ma.Schema):
    """Some bulk decisions, and the cursor of the next page."""

    items = ma.fields.List(ma.fields.Nested(BulkOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class DryRunOut(ma.Schema):
    """What a bulk decision would be about."""

    count = ma.fields.Integer(required=True)
    by_status = ma.fields.Dict(
        required=True, metadata={"description": f"how many are {', '.join(STATUSES)}"}
    )
    claimed_by_others = ma.fields.Integer(required=True)
    missing = ma.fields.Integer(required=True, metadata={"description": "ids of no comment"})
    sample = ma.fields.List(
        ma.fields.Nested(CommentOut),
        required=True,
        metadata={"description": f"the newest, up to {wanting.SAMPLE}"},
    )


@blp.route("", methods=["POST"])
@blp.arguments(BulkIn())
@blp.response(202, BulkOut)
@blp.alt_response(200, schema=DryRunOut, description="It was a dry run: nothing was written.")
@blp.alt_response(
    409, schema=ProblemSchema, content_type=PROBLEM, description="There are more than `at_most`."
)
def decide(given: dict[str, Any]) -> Response:
    """Approve, reject or escalate many comments as one: up to 10,000 `ids`, or all of a `filter`.

    `dry_run` counts them and shows the newest; send the `count` back as `at_most`, and nothing is
    decided where more have come. Up to a hundred are decided at once, the rest by a worker: ask
    for `/v1/decisions/{id}` until its `state` is `done`. Comments that come or are changed after
    the call are not touched, and those that others have claimed are passed by.
    """
    wanted = _read(given)
    if given["dry_run"]:
        return once(lambda who: acts.preview(services(), who, wanted), _show_preview)
    choice = Choice(given["action"], given["reason"], given["note"], queue=given["queue"])
    return once(
        lambda who: acts.begin(services(), who, wanted, choice, given["at_most"]),
        lambda row: shown(show_bulk(row), 202),
    )


@blp.route("", methods=["GET"])
@blp.arguments(PageQuery(), location="query")
@blp.response(200, BulkPage)
def list_all(query: dict[str, Any]) -> Response:
    """The site's bulk decisions, newest first."""
    page = bulk.list_all(services(), caller(), **query)
    return jsonify({"items": [show_bulk(one) for one in page.items], "next": page.next})


@blp.route("/<bulk_id:bulk_id>", methods=["GET"])
@blp.response(200, BulkOut)
def get(bulk_id: str) -> Response:
    """A bulk decision as far as it has come."""
    return jsonify(show_bulk(bulk.find(services(), caller(), bulk_id)))


@blp.route("/<bulk_id:bulk_id>/stop", methods=["POST"])
@blp.response(200, BulkOut)
def stop(bulk_id: str) -> Response:
    """Decide about no more comments; what is decided stays until it is undone.

    Stopping one that has ended changes nothing.
    """
    return once(lambda who: acts.stop(services(), who, bulk_id), lambda row: shown(show_bulk(row)))


@blp.route("/<bulk_id:bulk_id>/undo", methods=["POST"])
@blp.response(202, BulkOut)
def undo(bulk_id: str) -> Response:
    """Take it back whole: what stood before its decisions stands again.

    Comments that somebody has decided or changed since stay as they are, and are counted. One that
    runs is stopped first; ask until its `state` is `undone`.
    """
    return once(
        lambda who: acts.undo(services(), who, bulk_id), lambda row: shown(show_bulk(row), 202)
    )


def show_bulk(row: BulkDecision) -> dict[str, Any]:
    """A bulk decision as `BulkOut` describes it."""
    progress = bulk.measure(row)
    return {
        "id": row.public_id,
        "state": row.state,
        "action": row.action,
        "reason": row.reason,
        "note": row.note,
        "queue": row.queue,
        "filter": _show_filter(row),
        "total": row.total,
        "done": progress.get(SETTLED),
        "awaiting_second": progress.get(AWAITING),
        "passed_by": {name: progress.get(name) for name in PASSED_BY},
        "left": progress.left,
        "undone": _show_undone(row),
        "by": row.actor,
        "created_at": show_time(row.created_at),
        "updated_at": show_time(row.updated_at),
    }


def _show_filter(row: BulkDecision) -> dict[str, Any] | None:
    if "filter" not in row.wanted:
        return None
    queue = {"queue": row.wanted["queue"]} if "queue" in row.wanted else {}
    return {**row.wanted["filter"], **queue}


def _show_undone(row: BulkDecision) -> dict[str, Any] | None:
    if "undone_by" not in row.tally:
        return None
    progress = bulk.measure(row)
    counts = {"taken_back": progress.get(TAKEN_BACK), "passed_by": progress.get(KEPT)}
    return {"by": row.tally["undone_by"], **counts}


def _read(given: dict[str, Any]) -> Wanted:
    if "ids" in given:
        return Wanted(ids=tuple(given["ids"]))
    return wanting.of_waiting_unless_said(given["filter"])


def _show_preview(preview: Preview) -> Answer:
    counted = preview.counted
    content = {
        "count": counted.count,
        "by_status": {status: counted.by_status.get(status, 0) for status in STATUSES},
        "claimed_by_others": preview.claimed_by_others,
        "missing": counted.missing,
        "sample": [show_comment(state) for state in preview.sample],
    }
    return shown(content, comments=[one.comment.public_id for one in preview.sample])
