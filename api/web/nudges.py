"""What `POST /v1/comments/check?nudge=1` looks like going out."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from api.moderation.policy.hints import SAYS, Advice
from api.web.problems import PROBLEM, ProblemSchema


class CheckQuery(ma.Schema):
    """How a check is to be answered."""

    nudge = ma.fields.Boolean(
        load_default=False,
        truthy={"1", "true"},
        falsy={"0", "false"},
        metadata={"description": "answer with hints for the author instead of the verdict"},
    )


class HintOut(ma.Schema):
    """A kind of trouble that a text has."""

    category = ma.fields.String(required=True, validate=validate.OneOf(list(SAYS)))
    message = ma.fields.String(required=True)


class HintsOut(ma.Schema):
    """What an author may hear of a text."""

    publishable = ma.fields.Boolean(
        required=True,
        allow_none=True,
        metadata={"description": "whether it would be published; null where nobody could say"},
    )
    hints = ma.fields.List(ma.fields.Nested(HintOut), required=True)


class NudgeOut(ma.Schema):
    """Hints on something that was not kept."""

    nudge = ma.fields.Nested(HintsOut, required=True)


TOO_OFTEN: dict[str, Any] = {
    "schema": ProblemSchema,
    "content_type": PROBLEM,
    "description": "This author has asked for hints too often.",
    "headers": {"Retry-After": {"description": "in seconds", "schema": {"type": "integer"}}},
}
"""How the document tells of a 429."""


def show_advice(advice: Advice) -> dict[str, Any]:
    """Advice as `NudgeOut` describes it."""
    hints = [{"category": one, "message": SAYS[one]} for one in advice.hints]
    return {"nudge": {"publishable": advice.publishable, "hints": hints}}
