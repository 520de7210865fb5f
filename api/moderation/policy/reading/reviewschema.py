"""The part of a policy that says how people work through what waits."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from api.moderation.policy.document import ReasonCode, Review
from api.moderation.policy.reading.fields import Made, Text, Tuple, number, one_of, whole, words

DECISIONS = ("approve", "reject", "escalate")
FINAL = ("approve", "reject")
MOST_REASONS = 50


class ReasonCodeSchema(Made):
    """A reason that moderators may give."""

    made = ReasonCode
    code = Text(
        required=True,
        validate=validate.Regexp(
            r"[A-Za-z0-9_.:-]{1,100}\Z", error="A code: up to 100 letters, digits and _ . : - only."
        ),
    )
    title = words(100)
    text = words(2000)
    actions = Tuple(one_of(DECISIONS), validate=validate.Length(1, 3))


class ReviewSchema(Made):
    """How people work through what waits."""

    made = Review
    reasons = Tuple(
        ma.fields.Nested(ReasonCodeSchema),
        validate=validate.Length(max=MOST_REASONS, error="At most {max} reasons."),
    )
    only_these_reasons = ma.fields.Boolean(truthy={True}, falsy={False})
    reason_required = Tuple(one_of(DECISIONS))
    claims = one_of(("optional", "required"))
    claim_minutes = whole(1, 240)
    two_must_agree = Tuple(one_of(FINAL))
    recheck = number(0, 1)
    skip_minutes = whole(1, 10_080)
    doubles_after_hours = whole(1, 8760)
    within_minutes = whole(1, 100_000, allow_none=True)

    @ma.validates_schema
    def _check_codes(self, data: dict[str, Any], **_: Any) -> None:
        seen: set[str] = set()
        for place, reason in enumerate(data.get("reasons", ())):
            if reason.code in seen:
                raise ma.ValidationError({"reasons": {place: ["Another reason has this code."]}})
            seen.add(reason.code)
