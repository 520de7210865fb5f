"""The part of a policy that is about foreign protocols."""

from itertools import pairwise

import marshmallow as ma
from marshmallow import validate

from api.moderation.policy.document import Dropin
from api.moderation.policy.reading.fields import Frozen, Made, Text, Tuple, number, whole

CURVED = (
    *("TOXICITY", "SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT"),
    *("SPAM", "OBSCENE", "LIKELY_TO_REJECT"),
)
"""The attributes that may have a curve; what is named after one of them has the same."""

MOST_POINTS = 100
_TWO = "Two scores: [ours, the one to show]."


class DropinSchema(Made):
    """What becomes of comments that come by a foreign protocol."""

    made = Dropin
    keep_days = whole(1, 36_500, allow_none=True)


def _check_order(points: tuple[tuple[float, float], ...]) -> None:
    for place, (before, after) in enumerate(pairwise(points), start=1):
        if after[0] <= before[0]:
            raise ma.ValidationError({place: ["Our score must be above that of the point before."]})
        if after[1] < before[1]:
            raise ma.ValidationError({place: ["The score to show must not fall."]})


def curves() -> ma.fields.Dict:
    """Curves by attribute: `{TOXICITY: [[0.3, 0.5], [0.8, 0.9]]}`."""
    return Frozen(
        keys=Text(validate=validate.OneOf(CURVED, error="Must be one of: {choices}.")),
        values=Tuple(
            Tuple(number(0, 1), validate=validate.Length(equal=2, error=_TWO)),
            validate=[validate.Length(1, MOST_POINTS), _check_order],
        ),
    )
