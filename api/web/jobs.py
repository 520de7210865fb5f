"""The site's jobs over HTTP: what is still to be done, and what was given up."""

from typing import Any

import marshmallow as ma
from flask import Response, jsonify
from marshmallow import validate

from api.moderation import backlog
from api.store.outbox import Job
from api.web.fields import PageQuery, Time, show_time
from api.web.repeats import once, shown
from api.web.routing import Blueprint, caller, services

blp = Blueprint("jobs", __name__, url_prefix="/v1/jobs")

STATES = ("due", "running", "later", "failed")


class JobsQuery(PageQuery):
    """Which jobs."""

    failed = ma.fields.Boolean(
        load_default=None,
        truthy={"true"},
        falsy={"false"},
        metadata={"description": "true: only those given up; false: only those to be done"},
    )


class JobOut(ma.Schema):
    """Something that is to be done."""

    id = ma.fields.Integer(required=True)
    kind = ma.fields.String(required=True)
    state = ma.fields.String(required=True, validate=validate.OneOf(STATES))
    attempts = ma.fields.Integer(required=True)
    error = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "what came of the last try"},
    )
    created_at = Time(required=True)
    due_at = Time(required=True)
    failed_at = Time(required=True, allow_none=True)


class JobPage(ma.Schema):
    """Some of the jobs, oldest first, and the cursor of the next page."""

    items = ma.fields.List(ma.fields.Nested(JobOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


@blp.route("", methods=["GET"])
@blp.arguments(JobsQuery(), location="query")
@blp.response(200, JobPage)
def list_jobs(query: dict[str, Any]) -> Response:
    """What is still to be done for the site; what is done is not kept.

    A job that fails is tried again, later each time, and given up after its last try: then it is
    `failed`, and stays until it is replayed.
    """
    failed, limit, cursor = (query[name] for name in ("failed", "limit", "cursor"))
    page = backlog.list_jobs(services(), caller().site_id, failed, limit, cursor)
    return jsonify({"items": [_show(job) for job in page.items], "next": page.next})


@blp.route("/<job_id:job_id>/replay", methods=["POST"])
@blp.response(200, JobOut)
@blp.alt_response(409, description="The job was not given up.")
def replay(job_id: int) -> Response:
    """Have a job that was given up done again, from its first try on."""
    return once(lambda who: backlog.replay(services(), who, job_id), lambda job: shown(_show(job)))


def _show(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "kind": job.kind,
        "state": backlog.state(job, services().now()),
        "attempts": job.attempts,
        "error": job.error,
        "created_at": show_time(job.created_at),
        "due_at": show_time(job.due_at),
        "failed_at": show_time(job.failed_at),
    }
