"""Comments over HTTP: submit, check, batch, read, list, edit, delete."""

from collections.abc import Sequence
from typing import Any

import marshmallow as ma
from flask import Response, jsonify

from api.limiting.rates import AUTHOR
from api.moderation import comments, intake, nudging
from api.moderation.comments import State
from api.moderation.intake import Submitted
from api.moderation.learning import erasing
from api.moderation.paging import Page
from api.moderation.policy.subject import Draft
from api.moderation.repeats import Answer
from api.web import limits
from api.web.answers import show_comment, show_decision, show_verdict
from api.web.comment_schemas import (
    BatchIn,
    CommentIn,
    CommentOut,
    CommentPage,
    EditIn,
    VerdictOut,
)
from api.web.fields import show_time
from api.web.filters import CommentsQuery, take
from api.web.nudges import TOO_OFTEN, CheckQuery, NudgeOut, show_advice
from api.web.problems import problem, validation_problem
from api.web.repeats import once, shown
from api.web.routing import Blueprint, caller, services

blp = Blueprint("comments", __name__, url_prefix="/v1/comments")


class BatchOut(ma.Schema):
    """One entry for each item, in order."""

    items = ma.fields.List(ma.fields.Dict(), required=True)


class CheckOut(ma.Schema):
    """A verdict on something that was not kept."""

    verdict = ma.fields.Nested(VerdictOut, required=True)


class HistoryOut(ma.Schema):
    """All that is kept of a comment, each list oldest first."""

    revisions = ma.fields.List(ma.fields.Dict(), required=True)
    verdicts = ma.fields.List(ma.fields.Dict(), required=True)
    decisions = ma.fields.List(ma.fields.Dict(), required=True)
    events = ma.fields.List(ma.fields.Dict(), required=True)


@blp.route("", methods=["POST"])
@blp.arguments(CommentIn())
@blp.response(201, CommentOut)
@blp.alt_response(200, schema=CommentOut, description="The very same was there already.")
def submit(draft: Draft) -> Response:
    """Judge a comment and keep it.

    A known `id` with the same text and `html` answers 200 and changes nothing; with another
    text it makes a new revision, judged afresh. Other fields stay as they first were.
    """
    limits.admit_author(caller(), draft)
    return once(lambda who: intake.submit(services(), who, [draft]), _show_one)


@blp.route("/check", methods=["POST"])
@blp.arguments(CheckQuery(), location="query")
@blp.arguments(CommentIn())
@blp.response(200, {"oneOf": [CheckOut, NudgeOut]})
@blp.alt_response(429, **TOO_OFTEN)
def check(query: dict[str, Any], draft: Draft) -> Response:
    """Judge a comment and keep nothing.

    With `nudge=1` the answer is fit for the author's eyes: kinds of trouble, without scores,
    thresholds, rules or passages. Each author (`author.id`, or else `author.ip`) may ask as
    often as the policy says under `nudge`; then it is 429, with `Retry-After`.
    """
    if query["nudge"]:
        return once(
            lambda who: nudging.ask(services(), who, draft),
            lambda advice: shown(show_advice(advice)),
        )
    return once(
        lambda who: intake.check(services(), who, draft),
        lambda judgement: shown({"verdict": show_verdict(judgement)}),
    )


@blp.route("/batch", methods=["POST"])
@blp.arguments(BatchIn())
@blp.response(207, BatchOut)
def submit_batch(batch: dict[str, Any]) -> Response:
    """Judge and keep up to 1,000 comments in one transaction.

    Each item is answered in its place: `{"status": 201, "comment": {…}}`, or
    `{"status": 422, "problem": {…}}` for one that cannot be accepted, or 429 with `retry_after`
    in seconds for one whose author writes too many; the others are kept.
    """
    read = _admit([_read(item) for item in batch["items"]])
    drafts = [one for one in read if isinstance(one, Draft)]
    return once(
        lambda who: intake.submit(services(), who, drafts),
        lambda kept: _show_batch(read, kept),
    )


@blp.route("", methods=["GET"])
@blp.arguments(CommentsQuery(), location="query")
@blp.response(200, CommentPage)
def list_comments(query: dict[str, Any]) -> Response:
    """The site's comments, newest first.

    Fields that are repeated ask for any of their values; what differs must all hold.
    """
    limit, cursor = query.pop("limit"), query.pop("cursor")
    page = comments.list_comments(services(), caller(), take(query), limit, cursor)
    return jsonify(show_page(page))


@blp.route("/<comment_id:comment_id>", methods=["GET"])
@blp.response(200, CommentOut)
def get(comment_id: str) -> Response:
    """A comment as it stands."""
    return jsonify(show_comment(comments.find(services(), caller(), comment_id)))


@blp.route("/<comment_id:comment_id>", methods=["PATCH"])
@blp.arguments(EditIn())
@blp.response(200, CommentOut)
def edit(change: dict[str, Any], comment_id: str) -> Response:
    """Give a comment another text: a new revision, judged afresh.

    With `version`, 409 if the comment has changed since. After a moderator's rejection the
    new wording is held at least.
    """
    state = intake.edit(services(), caller(), comment_id, **change)
    return jsonify(show_comment(state))


@blp.route("/<comment_id:comment_id>", methods=["DELETE"])
@blp.response(204)
def delete(comment_id: str) -> tuple[str, int]:
    """Remove a comment, every text of it and what was learnt of it.

    The audit log keeps that it was there. What has learnt of it is replaced within a day.
    """
    erasing.delete_comment(services(), caller(), comment_id)
    return "", 204


@blp.route("/<comment_id:comment_id>/history", methods=["GET"])
@blp.response(200, HistoryOut)
def history(comment_id: str) -> Response:
    """Every revision, verdict, decision and event of a comment, each list oldest first."""
    kept = comments.history(services(), caller(), comment_id)
    return jsonify(
        revisions=[
            {
                "revision": one.number,
                "text": one.text,
                "html": one.html,
                "created_at": show_time(one.created_at),
            }
            for one in kept.revisions
        ],
        verdicts=[
            {
                "version": one.version,
                "revision": one.revision,
                **show_verdict(one),
                "created_at": show_time(one.created_at),
            }
            for one in kept.verdicts
        ],
        decisions=[{"revision": one.revision, **show_decision(one)} for one in kept.decisions],
        events=[
            {
                "type": one.type,
                "actor": one.actor,
                "data": one.data,
                "created_at": show_time(one.created_at),
            }
            for one in kept.events
        ],
    )


def show_page(page: Page[State]) -> dict[str, Any]:
    """A page as `CommentPage` describes it."""
    return {"items": [show_comment(state) for state in page.items], "next": page.next}


def _show_one(found: Sequence[Submitted]) -> Answer:
    [kept] = found
    return shown(show_comment(kept.state), _status(kept), [kept.state.comment.public_id])


def _show_batch(read: Sequence[Draft | dict[str, Any]], kept: Sequence[Submitted]) -> Answer:
    """The items that could not be read and those that were kept, in their places."""
    left = iter(kept)
    entries = [_entry(next(left)) if isinstance(one, Draft) else one for one in read]
    return shown({"items": entries}, 207, [one.state.comment.public_id for one in kept])


def _admit(read: Sequence[Draft | dict[str, Any]]) -> list[Draft | dict[str, Any]]:
    """The same, with a refusal in the place of a draft whose author writes too many."""
    places = [place for place, one in enumerate(read) if isinstance(one, Draft)]
    drafts = [one for one in read if isinstance(one, Draft)]
    found = list(read)
    for number, wait in limits.admit_authors(caller(), drafts).items():
        says = problem(429, limits.SAYS[AUTHOR], "too-often", retry_after=wait)
        found[places[number]] = {"status": 429, "problem": says}
    return found


def _status(kept: Submitted) -> int:
    return 201 if kept.new else 200


def _entry(kept: Submitted) -> dict[str, Any]:
    return {"status": _status(kept), "comment": show_comment(kept.state)}


def _read(item: Any) -> Draft | dict[str, Any]:
    try:
        draft: Draft = _schema.load(item)
    except ma.ValidationError as error:
        return {"status": 422, "problem": validation_problem({"json": error.messages})}
    return draft


_schema = CommentIn()
