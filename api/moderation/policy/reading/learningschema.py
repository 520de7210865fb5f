"""The part of a policy that is about learning."""

import marshmallow as ma
from marshmallow import validate

from api.moderation.policy.document import Learning
from api.moderation.policy.reading.fields import Made, Tuple, number, words

MOST_ASKED = 0.2
"""More than every fifth comment would be a queue of its own."""


class LearningSchema(Made):
    """What is learnt of people's decisions."""

    made = Learning
    on = ma.fields.Boolean()
    share = ma.fields.Boolean()
    ask = number(0, MOST_ASKED)
    ignore = Tuple(words(100, 1), validate=validate.Length(max=100))
