"""What the gate has measured of a model, and who has taught it, as JSON."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from api.moderation.learning.proving import LISTED


def _share(description: str, **more: Any) -> ma.fields.Float:
    return ma.fields.Float(
        required=True, validate=validate.Range(0, 1), metadata={"description": description}, **more
    )


class TeacherOut(ma.Schema):
    """An account that has taught a model."""

    actor = ma.fields.String(
        required=True, metadata={"description": "as decisions name it, also once it is gone"}
    )
    labels = ma.fields.Integer(required=True, metadata={"description": "how many were its own"})
    trust = _share("how far it is believed: 0 not at all, 1 in all")
    disagreement = _share(
        "the share of its labels that the others contradict, of those of which they say anything; "
        "null where they say nothing",
        allow_none=True,
    )
    capped = ma.fields.Boolean(
        required=True,
        metadata={
            "description": "whether what nobody else confirms of it counts less, as it would "
            "outweigh all others"
        },
    )


class TeachersOut(ma.Schema):
    """The accounts that have taught a model."""

    count = ma.fields.Integer(required=True)
    doubted = ma.fields.Integer(
        required=True, metadata={"description": "how many are not believed in all"}
    )
    capped = ma.fields.Integer(required=True)
    items = ma.fields.List(
        ma.fields.Nested(TeacherOut),
        metadata={
            "description": f"up to {LISTED} of them: those that are not believed in all, then "
            "those with most labels; absent where several sites have taught it"
        },
    )


class GateReportOut(ma.Schema):
    """Everything that was measured before a model might be used; what is absent was not."""

    class Meta:
        """It has more figures than are named here."""

        unknown = ma.INCLUDE

    accounts = ma.fields.Nested(TeachersOut)
