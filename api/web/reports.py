"""Reports over HTTP: what readers, or the site itself, tell about a comment."""

from typing import Any

import marshmallow as ma
from flask import Response, jsonify
from marshmallow import validate

from api.moderation import reports
from api.moderation.credence import DISMISSED, OUTDATED, UPHELD
from api.moderation.reports import Notice
from api.store.outbox import Report
from api.web.fields import PageQuery, Time, show_time, text
from api.web.repeats import once, shown
from api.web.routing import Blueprint, caller, services

OUTCOMES = (UPHELD, DISMISSED, OUTDATED)

blp = Blueprint("reports", __name__, url_prefix="/v1/comments")


class ReporterSchema(ma.Schema):
    """Who reports, by the site's own id."""

    id = text(256, 1, required=True)


class ReportIn(ma.Schema):
    """A notice about a comment."""

    reason = text(
        100,
        1,
        also=validate.Regexp(
            r"[A-Za-z0-9_.:-]+\Z", error="A code: letters, digits and _ . : - only."
        ),
        required=True,
    )
    note = text(2000, allow_none=True)
    reporter = ma.fields.Nested(ReporterSchema, allow_none=True)

    @ma.post_load
    def _notice(self, data: dict[str, Any], **_: Any) -> Notice:
        reporter = data.get("reporter")
        return Notice(data["reason"], data.get("note"), reporter and reporter["id"])


class ReportOut(ma.Schema):
    """A report as it was kept."""

    id = ma.fields.String(required=True)
    reason = ma.fields.String(required=True)
    note = ma.fields.String(required=True, allow_none=True)
    reporter = ma.fields.Nested(ReporterSchema, required=True, allow_none=True)
    actor = ma.fields.String(required=True)
    created_at = Time(required=True)
    outcome = ma.fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf([*OUTCOMES, None]),
        metadata={
            "description": "what a person's decision made of it: upheld where the comment was"
            " rejected, dismissed where it was approved, outdated where another wording was"
            " decided about; null while it is open"
        },
    )


class ReportPage(ma.Schema):
    """Some reports, and the cursor of the next page."""

    items = ma.fields.List(ma.fields.Nested(ReportOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


@blp.route("/<comment_id:comment_id>/reports", methods=["POST"])
@blp.arguments(ReportIn())
@blp.response(201, ReportOut)
@blp.alt_response(200, schema=ReportOut, description="The same reporter gave this reason before.")
def report(notice: Notice, comment_id: str) -> Response:
    """Report a comment; its status stays as it is.

    What is pending becomes more urgent, what is published waits in the queue `reported`, but what
    a person has approved in this wording only once others are to be believed. Who reports
    the same wording for the same reason again is answered 200 with the first report.

    The event log keeps the `reason` alone, which is a code. The rest goes when the comment goes.
    """
    return once(
        lambda who: reports.report(services(), who, comment_id, notice),
        lambda kept: shown(_show(kept.report), 201 if kept.new else 200, [comment_id]),
    )


@blp.route("/<comment_id:comment_id>/reports", methods=["GET"])
@blp.arguments(PageQuery(), location="query")
@blp.response(200, ReportPage)
def list_reports(query: dict[str, Any], comment_id: str) -> Response:
    """A comment's reports, oldest first."""
    page = reports.list_reports(services(), caller(), comment_id, **query)
    return jsonify({"items": [_show(one) for one in page.items], "next": page.next})


def _show(report: Report) -> dict[str, Any]:
    return {
        "id": str(report.id),
        "reason": report.reason,
        "note": report.note,
        "reporter": report.reporter and {"id": report.reporter},
        "actor": report.actor,
        "created_at": show_time(report.created_at),
        "outcome": report.outcome,
    }
