"""What a policy and its versions look like coming in and going out."""

from typing import Any

import marshmallow as ma
from flask import Request
from marshmallow import validate

from api.moderation.policies import Resolved
from api.moderation.policy.document import PROFILES
from api.moderation.policy.examples import Tried
from api.moderation.policy.reading import Written, read_plain, read_policy
from api.moderation.policy.thresholds import LEAST_LEARNT
from api.web.body import BodyParser
from api.web.comment_schemas import ReasonOut
from api.web.fields import Flag, Time
from api.web.problems import BodyError
from api.web.routing import Blueprint
from classifier import LEARNED

YAML = ("application/yaml", "application/x-yaml", "text/yaml")

LARGEST = 2**31 - 2
"""The largest version that a database can hold and count on from."""


class PolicyParser(BodyParser):
    """Takes a policy that is sent as it is, as YAML, for one in the field `text`."""

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        """The request's body, or BodyError."""
        if req.mimetype not in YAML:
            return super().load_json(req, schema)
        try:
            return {"text": req.get_data().decode("utf-8")}
        except UnicodeDecodeError as error:
            raise BodyError(f"The body is not UTF-8 at byte {error.start}.") from error


class PolicyBlueprint(Blueprint):
    """Routes whose body holds a policy."""

    ARGUMENTS_PARSER = PolicyParser()


class PolicyText(ma.Schema):
    """A policy, as JSON or as text."""

    policy = ma.fields.Dict(metadata={"description": "the document as JSON; or else"})
    text = ma.fields.String(metadata={"description": "the document as YAML or JSON text"})

    @ma.validates_schema
    def _check_one(self, data: dict[str, Any], **_: Any) -> None:
        if ("policy" in data) == ("text" in data):
            raise ma.ValidationError("Must have one of policy and text.")


class PolicyIn(PolicyText):
    """A policy to be put in force."""

    version = ma.fields.Integer(
        strict=True,
        validate=validate.Range(1, LARGEST),
        metadata={"description": "the one you have seen in force; or else as If-Match"},
    )
    force = Flag(metadata={"description": "put it whatever becomes of its examples"})


class ForceQuery(ma.Schema):
    """For a body that has no room for it."""

    force = ma.fields.Boolean(load_default=False, truthy={"true"}, falsy={"false"})


class RestoreIn(ma.Schema):
    """Which version is to be followed."""

    version = ma.fields.Integer(
        strict=True,
        required=True,
        validate=validate.Range(1, LARGEST),
        metadata={"description": "the one you have seen in force"},
    )


class ThresholdOut(ma.Schema):
    """From which score on comments are held and rejected; null is never."""

    hold = ma.fields.Float(required=True, allow_none=True)
    reject = ma.fields.Float(required=True, allow_none=True)
    raised = ma.fields.List(
        ma.fields.String(validate=validate.OneOf(("hold", "reject"))),
        metadata={
            "description": f"of `learned`: whose targets ask for less than {LEAST_LEARNT}, below "
            "which moderators here approve more often than they reject; absent where none does"
        },
    )


class ListedOut(ma.Schema):
    """A version of the policy."""

    version = ma.fields.Integer(required=True)
    note = ma.fields.String(required=True)
    actor = ma.fields.String(required=True)
    created_at = Time(required=True)


class PolicyOut(ListedOut):
    """A version of the policy, with all it says."""

    profile = ma.fields.String(required=True, validate=validate.OneOf(PROFILES))
    thresholds = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Nested(ThresholdOut),
        required=True,
        allow_none=True,
        metadata={"description": "by score, for the model in use; null without a model"},
    )
    policy = ma.fields.Dict(required=True)
    text = ma.fields.String(required=True, metadata={"description": "as it was written"})


class PolicyPage(ma.Schema):
    """Some versions, newest first, and the cursor of the next page."""

    items = ma.fields.List(ma.fields.Nested(ListedOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class TriedOut(ma.Schema):
    """What would become of an example."""

    index = ma.fields.Integer(required=True)
    expect = ma.fields.String(required=True)
    action = ma.fields.String(required=True)
    ok = ma.fields.Boolean(required=True)
    reasons = ma.fields.List(ma.fields.Nested(ReasonOut), required=True)
    flips_if = ma.fields.String(required=True)


class CheckedOut(ma.Schema):
    """What is to be said of a policy that is not in force."""

    errors = ma.fields.List(
        ma.fields.Dict(),
        required=True,
        metadata={"description": "{pointer, line, column, detail} for each fault"},
    )
    forcible = ma.fields.Boolean(
        required=True, metadata={"description": "whether force could put it"}
    )
    examples = ma.fields.List(ma.fields.Nested(TriedOut), required=True)
    thresholds = PolicyOut._declared_fields["thresholds"]


def read_written(given: dict[str, Any]) -> Written:
    """The policy of a body like `PolicyText`; raise PolicyError with every fault."""
    return read_policy(given["text"]) if "text" in given else read_plain(given["policy"])


def show_thresholds(found: Resolved | None) -> dict[str, Any] | None:
    """Thresholds as `ThresholdOut` describes them."""
    if found is None:
        return None
    shown: dict[str, dict[str, Any]] = {
        label: {"hold": one.hold if one.hold <= 1 else None, "reject": one.reject}
        for label, one in found.thresholds.items()
    }
    if found.raised:
        shown[LEARNED]["raised"] = found.raised
    return shown


def show_tried(tried: Tried) -> dict[str, Any]:
    """An example as `TriedOut` describes it."""
    return {
        "index": tried.index,
        "expect": tried.expect,
        "action": tried.action,
        "ok": tried.ok,
        "reasons": tried.reasons,
        "flips_if": tried.flips_if,
    }
