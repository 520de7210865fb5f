"""People over HTTP who want to know what is held of them, or want it gone."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import marshmallow as ma
from flask import Response, jsonify
from marshmallow import validate

from api.moderation.privacy import erasures, exporting, forgetting, persons
from api.store.privacy import Erasure
from api.web.fields import Time, show_time, text
from api.web.problems import PROBLEM, ProblemSchema
from api.web.routing import Blueprint, caller, services

blp = Blueprint("people", __name__, url_prefix="/v1/people")

LINES = "application/x-ndjson"


class PersonIn(ma.Schema):
    """Who it is, by what the site knows of them: comments that any of it fits are theirs."""

    author_id = text(256, 1, load_default=None, allow_none=True)
    email = text(
        254,
        1,
        load_default=None,
        allow_none=True,
        metadata={"description": "any address that reaches the same mailbox"},
    )
    address = text(
        45,
        1,
        load_default=None,
        allow_none=True,
        metadata={"description": "IPv4 or IPv6; kept truncated, it cannot be told from others'"},
    )
    moderator = text(
        254,
        1,
        load_default=None,
        allow_none=True,
        metadata={"description": "instead: the e-mail address of somebody who moderated here"},
    )


class ErasureOut(ma.Schema):
    """An erasure as far as it has come; it does not say of whom."""

    id = ma.fields.String(required=True)
    state = ma.fields.String(required=True, validate=validate.OneOf(erasures.STATES))
    counts = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Integer(),
        required=True,
        metadata={"description": "how much of each kind has gone so far"},
    )
    left = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={"description": "policies in force that name them, which only you can change"},
    )
    created_at = Time(required=True)
    finished_at = Time(required=True, allow_none=True)


@blp.route("/export", methods=["POST"])
@blp.arguments(PersonIn())
@blp.response(200, {"type": "string"}, content_type=LINES)
def export(given: dict[str, Any]) -> Response:
    """Everything that is held of a person: JSON a line, each with its `kind`.

    The first line says who was asked for, the last one, of the kind `end`, how much there was of
    each kind: without it the answer is not whole. That it was asked for is in the event log, by
    counts and keyed digests.
    """
    lines = exporting.export(services(), caller(), persons.name(given))
    return Response(write_lines(lines), mimetype=LINES)


@blp.route("/erase", methods=["POST"])
@blp.arguments(PersonIn())
@blp.response(202, ErasureOut)
@blp.alt_response(
    409,
    schema=ProblemSchema,
    content_type=PROBLEM,
    description="It is a moderator who still has an account.",
)
def erase(given: dict[str, Any]) -> Response:
    """Have everything go that is held of a person; nothing brings it back.

    A worker does it: ask for `/v1/people/erasures/{id}` until its `state` is `done`. As long as
    one runs, asking again for the same person answers that one.
    """
    return _answer(erasures.begin(services(), caller(), persons.name(given)), 202)


@blp.route("/erasures/<erasure_id:erasure_id>", methods=["GET"])
@blp.response(200, ErasureOut)
def get_erasure(erasure_id: str) -> Response:
    """An erasure as far as it has come."""
    return _answer(erasures.find(services(), caller(), erasure_id), 200)


def _answer(row: Erasure, status: int) -> Response:
    answer = jsonify(
        {
            "id": row.public_id,
            "state": row.state,
            "counts": {k: v for k, v in row.counts.items() if k != forgetting.LEFT},
            "left": row.counts.get(forgetting.LEFT, []),
            "created_at": show_time(row.created_at),
            "finished_at": show_time(row.finished_at),
        }
    )
    answer.status_code = status
    return answer


def write_lines(lines: Iterator[exporting.Line]) -> Iterator[str]:
    """What an export has, as JSON a line."""
    for one in lines:
        yield f"{_encode(one)}\n"


def _show(value: Any) -> Any:
    if isinstance(value, datetime):
        return show_time(value)
    raise TypeError(f"{type(value).__name__} is nothing that JSON knows")


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_show).encode
