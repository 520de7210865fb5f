"""The policy over HTTP: reading it, trying one out, putting it in force, and going back."""

import re
from typing import Any

from flask import Response, abort, jsonify, request

from api.moderation import policies
from api.moderation.drafts.candidates import Checked
from api.moderation.policies import Listed
from api.moderation.policy.document import Document
from api.moderation.policy.reading import Written
from api.moderation.policy.reading.faults import PolicyError
from api.store.policies import PolicyVersion
from api.web.fields import PageQuery, show_time
from api.web.policy_schemas import (
    YAML,
    CheckedOut,
    ForceQuery,
    PolicyBlueprint,
    PolicyIn,
    PolicyOut,
    PolicyPage,
    RestoreIn,
    read_written,
    show_thresholds,
    show_tried,
)
from api.web.problems import HeaderError, show_faults
from api.web.repeats import once, shown
from api.web.routing import caller, services

blp = PolicyBlueprint("policy", __name__, url_prefix="/v1/policy")

_ETAG = re.compile(r'"([1-9][0-9]{0,8})"')
_AS_YAML = {"content": {YAML[0]: {"schema": {"type": "string"}}}}


@blp.route("", methods=["GET"])
@blp.response(200, PolicyOut)
@blp.doc(responses={200: _AS_YAML})
def get() -> Response:
    """The policy in force.

    Asked for with `Accept: application/yaml`, it is the text alone. The `ETag` is the version,
    as `PUT` takes it in `If-Match`.
    """
    row = policies.show(services(), caller())
    wanted = request.accept_mimetypes.best_match(["application/json", *YAML])
    answer = Response(row.text, content_type=f"{wanted}; charset=utf-8")
    if wanted not in YAML:
        answer = jsonify(_show(row))
    answer.vary.add("Accept")
    return _tag(answer, row)


@blp.route("", methods=["PUT"])
@blp.arguments(ForceQuery(), location="query")
@blp.arguments(PolicyIn())
@blp.response(200, PolicyOut)
@blp.doc(requestBody=_AS_YAML)
def put(query: dict[str, Any], given: dict[str, Any]) -> Response:
    """Have a policy in force from the next comment on.

    `version` is the one you have seen in force, else 409 with the present one. A policy sent as
    `application/yaml` names it in `If-Match`, and is forced with `?force=true`. Refused is one
    that cannot be read (422, `policy-invalid`), and without force one whose examples come out
    otherwise, or with a rule that would match everything (422, `policy-doubtful`). The faults'
    pointers are places in the policy.
    """
    version = given.get("version") or _seen()
    if version is None:
        abort(428, "Say which version you have seen in force, as version or as If-Match.")
    force = given.get("force", False) or query["force"]
    row = policies.put(services(), caller(), read_written(given), version, force)
    return _tag(jsonify(_show(row)), row)


@blp.route("/check", methods=["POST"])
@blp.arguments(PolicyIn())
@blp.response(200, CheckedOut)
@blp.doc(requestBody=_AS_YAML)
def check(given: dict[str, Any]) -> Response:
    """Try a policy out and keep nothing: its faults, what its examples come to, its thresholds."""
    try:
        written = read_written(given)
        return once(
            lambda who: policies.check(services(), who, written),
            lambda checked: shown(_show_checked(written, checked)),
        )
    except PolicyError as error:
        return jsonify(_show_unread(error))


@blp.route("/versions", methods=["GET"])
@blp.arguments(PageQuery(), location="query")
@blp.response(200, PolicyPage)
def list_versions(query: dict[str, Any]) -> Response:
    """The versions there were, newest first; version 1 is the defaults."""
    page = policies.list_versions(services(), caller(), **query)
    return jsonify({"items": [_show_listed(one) for one in page.items], "next": page.next})


@blp.route("/versions/<version:version>", methods=["GET"])
@blp.response(200, PolicyOut)
def get_version(version: int) -> Response:
    """A version of the policy, whether or not it is in force."""
    return jsonify(_show(policies.show(services(), caller(), version)))


@blp.route("/versions/<version:version>/restore", methods=["POST"])
@blp.arguments(RestoreIn())
@blp.response(200, PolicyOut)
def restore(seen: dict[str, Any], version: int) -> Response:
    """Put an earlier version in force again, as a new version; its examples are not tried.

    409 with the present version when yours is not the one in force.
    """
    return once(
        lambda who: policies.restore(services(), who, version, seen["version"]),
        lambda row: shown(_show(row)),
    )


def _seen() -> int | None:
    """The version that the caller has seen, by the header; None where there is none."""
    given = request.headers.get("If-Match")
    if given is None:
        return None
    found = _ETAG.fullmatch(given.strip())
    if found is None:
        raise HeaderError("If-Match", 'Must be the ETag of the policy you have seen, like "3".')
    return int(found[1])


def _tag(answer: Response, row: PolicyVersion) -> Response:
    answer.set_etag(str(row.version))
    return answer


def _show(row: PolicyVersion) -> dict[str, Any]:
    """A version as `PolicyOut` describes it."""
    return {
        **_show_listed(
            Listed(row.version, row.document.get("note", ""), row.actor, row.created_at)
        ),
        "profile": row.document.get("profile", Document().profile),
        "thresholds": show_thresholds(policies.resolve(services(), caller().site_id, row.document)),
        "policy": row.document,
        "text": row.text,
    }


def _show_listed(one: Listed) -> dict[str, Any]:
    return {
        "version": one.version,
        "note": one.note,
        "actor": one.actor,
        "created_at": show_time(one.created_at),
    }


def _show_unread(error: PolicyError) -> dict[str, Any]:
    found = {"errors": show_faults(error.faults), "forcible": False}
    return {**found, "examples": [], "thresholds": None}


def _show_checked(written: Written, checked: Checked) -> dict[str, Any]:
    return {
        "errors": show_faults(checked.doubts),
        "forcible": bool(checked.doubts),
        "examples": [show_tried(one) for one in checked.examples],
        "thresholds": show_thresholds(
            policies.resolve(services(), caller().site_id, written.plain)
        ),
    }
