"""Notes over HTTP: what moderators tell each other of comments and authors."""

from typing import Any

import marshmallow as ma
from flask import Response, jsonify
from marshmallow import validate

from api.moderation import notes
from api.moderation.notes import LONGEST
from api.moderation.paging import Page
from api.moderation.policy.facts import KINDS
from api.moderation.spellings import spell
from api.store.review import Note
from api.web.fields import PageQuery, Time, show_time, text
from api.web.problems import PROBLEM, ProblemSchema
from api.web.repeats import once, shown
from api.web.routing import Blueprint, caller, services

blp = Blueprint("notes", __name__, url_prefix="/v1")


class NoteIn(ma.Schema):
    """A note."""

    text = text(LONGEST, 1, required=True, metadata={"description": "for moderators only"})


class AuthorNoteIn(NoteIn):
    """A note about an author."""

    kind = ma.fields.String(
        required=True,
        validate=validate.OneOf(KINDS),
        metadata={"description": "by what the author is known, as in /v1/standings"},
    )
    value = text(320, 1, required=True)

    @ma.validates_schema
    def _check(self, data: dict[str, Any], **_: Any) -> None:
        data["value"] = _spell(data["kind"], data["value"])


class AuthorNotesQuery(PageQuery):
    """About whom."""

    kind = ma.fields.String(required=True, validate=validate.OneOf(KINDS))
    value = text(320, 1, required=True)

    @ma.validates_schema
    def _check(self, data: dict[str, Any], **_: Any) -> None:
        data["value"] = _spell(data["kind"], data["value"])


class NoteOut(ma.Schema):
    """A note as it was written."""

    id = ma.fields.String(required=True)
    text = ma.fields.String(required=True)
    actor = ma.fields.String(required=True)
    created_at = Time(required=True)


class NotePage(ma.Schema):
    """Some notes, and the cursor of the next page."""

    items = ma.fields.List(ma.fields.Nested(NoteOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


@blp.route("/comments/<comment_id:comment_id>/notes", methods=["POST"])
@blp.arguments(NoteIn())
@blp.response(201, NoteOut)
def note_comment(given: dict[str, Any], comment_id: str) -> Response:
    """Tell colleagues something of a comment; the author and readers never see it."""
    return once(
        lambda who: notes.note_comment(services(), who, comment_id, given["text"]),
        lambda made: shown(show_note(made), 201, comments=[comment_id]),
    )


@blp.route("/comments/<comment_id:comment_id>/notes", methods=["GET"])
@blp.arguments(PageQuery(), location="query")
@blp.response(200, NotePage)
def list_of_comment(query: dict[str, Any], comment_id: str) -> Response:
    """The notes about a comment, newest first; they vanish with it."""
    return _show(notes.list_of_comment(services(), caller(), comment_id, **query))


@blp.route("/authors/notes", methods=["POST"])
@blp.arguments(AuthorNoteIn())
@blp.response(201, NoteOut)
def note_author(given: dict[str, Any]) -> Response:
    """Tell colleagues something of an author, known by `kind` and `value` as in standings."""
    return once(
        lambda who: notes.note_author(services(), who, **given),
        lambda made: shown(show_note(made), 201),
    )


@blp.route("/authors/notes", methods=["GET"])
@blp.arguments(AuthorNotesQuery(), location="query")
@blp.response(200, NotePage)
def list_of_author(query: dict[str, Any]) -> Response:
    """The notes about an author, newest first."""
    return _show(notes.list_of_author(services(), caller(), **query))


@blp.route("/notes/<note_id:note_id>", methods=["DELETE"])
@blp.response(204)
@blp.alt_response(
    403, schema=ProblemSchema, content_type=PROBLEM, description="It is somebody else's."
)
def delete(note_id: str) -> tuple[str, int]:
    """Take away a note of your own; administrators may take away any."""
    notes.delete(services(), caller(), note_id)
    return "", 204


def show_note(note: Note) -> dict[str, Any]:
    """A note as `NoteOut` describes it."""
    return {
        "id": note.public_id,
        "text": note.text,
        "actor": note.actor,
        "created_at": show_time(note.created_at),
    }


def _show(page: Page[Note]) -> Response:
    return jsonify({"items": [show_note(one) for one in page.items], "next": page.next})


def _spell(kind: str, value: str) -> str:
    try:
        return spell(kind, value)
    except ValueError as error:
        raise ma.ValidationError(str(error), "value") from error
