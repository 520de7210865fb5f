"""The threshold advisor over HTTP."""

import math
import re
from typing import Any

import marshmallow as ma
from flask import Response, jsonify
from marshmallow import validate

from api.moderation.advice import advising
from api.moderation.advice.advising import Advice, Target
from api.moderation.advice.evidence import Evidence
from api.moderation.advice.measuring import Estimate, Point
from api.web.fields import Text
from api.web.problems import PROBLEM, ProblemSchema
from api.web.routing import Blueprint, caller, services
from classifier import LABELS

blp = Blueprint("advice", __name__, url_prefix="/v1/policy/advice")

_TARGET = re.compile(r"(precision|recall|minutes):([0-9]{1,4}(?:\.[0-9]{1,6})?|\.[0-9]{1,6})")
_NO_TARGET = "Must look like precision:0.95, recall:0.8 or minutes:30."


class TargetField(Text):
    """`precision:0.95`, `recall:0.8`, or `minutes:30` of review a day."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        found = _TARGET.fullmatch(super()._deserialize(value, attr, data, **kwargs))
        if found is None:
            raise ma.ValidationError(_NO_TARGET)
        kind, amount = found[1], float(found[2])
        if not 0 < amount < (math.inf if kind == "minutes" else 1):
            raise ma.ValidationError(_NO_TARGET)
        return Target(kind, amount)


class AdviceQuery(ma.Schema):
    """Of which score, and what its threshold is to achieve."""

    score = ma.fields.String(required=True, validate=validate.OneOf(LABELS))
    target = TargetField(
        required=True, metadata={"description": "`precision:0.95`, `recall:0.8` or `minutes:30`"}
    )
    days = ma.fields.Integer(
        load_default=90,
        validate=validate.Range(min=1, max=365),
        metadata={"description": "how far back decisions are looked at"},
    )


class EstimateOut(ma.Schema):
    """A share, and the ends of its 95 % interval."""

    value = ma.fields.Float(required=True)
    low = ma.fields.Float(required=True)
    high = ma.fields.Float(required=True)


class PointOut(ma.Schema):
    """What a threshold does; null where that cannot be known."""

    threshold = ma.fields.Float(required=True)
    precision = ma.fields.Nested(EstimateOut, required=True, allow_none=True)
    recall = ma.fields.Nested(EstimateOut, required=True, allow_none=True)
    held_per_day = ma.fields.Float(
        required=True, metadata={"description": "comments that this score would hold"}
    )
    rejected_per_day = ma.fields.Float(
        required=True,
        metadata={"description": "that it would reject, by the reject threshold in force"},
    )
    minutes_per_day = ma.fields.Float(required=True)


class EvidenceOut(ma.Schema):
    """What the advice rests on, in decisions."""

    rejected = ma.fields.Integer(required=True)
    approved = ma.fields.Integer(required=True)
    held = ma.fields.Integer(required=True, metadata={"description": "of them, of held comments"})
    samples = ma.fields.Integer(required=True, metadata={"description": "and of audit samples"})
    left_out = ma.fields.Integer(
        required=True, metadata={"description": "rejected for what the score is not about"}
    )
    other_models = ma.fields.Integer(
        required=True, metadata={"description": "about scores of another model: not comparable"}
    )
    waiting = ma.fields.Integer(
        required=True, metadata={"description": "held comments and samples that nobody decided"}
    )
    rejected_unseen = ma.fields.Float(
        required=True,
        metadata={"description": "share of comments rejected while no samples were drawn"},
    )


class PaceOut(ma.Schema):
    """How long a review takes."""

    seconds = ma.fields.Float(required=True)
    reviews = ma.fields.Integer(
        required=True, metadata={"description": "how many told so; 0 where it is a guess"}
    )


class AdviceOut(ma.Schema):
    """The threshold that meets the target, and what is known of others."""

    score = ma.fields.String(required=True)
    target = ma.fields.String(required=True)
    days = ma.fields.Integer(required=True)
    model = ma.fields.String(required=True)
    advised = ma.fields.Nested(
        PointOut,
        required=True,
        allow_none=True,
        metadata={"description": "null when no threshold meets it"},
    )
    in_force = ma.fields.Nested(
        PointOut,
        required=True,
        allow_none=True,
        metadata={"description": "null when the score holds nothing"},
    )
    rejects_from = ma.fields.Float(required=True, allow_none=True)
    lowest = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "below, too much was published unseen for anything to be said"},
    )
    recall_unknown = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "why no recall is told"}
    )
    pace = ma.fields.Nested(PaceOut, required=True)
    evidence = ma.fields.Nested(EvidenceOut, required=True)
    curve = ma.fields.List(ma.fields.Nested(PointOut), required=True)


@blp.route("", methods=["GET"])
@blp.arguments(AdviceQuery(), location="query")
@blp.response(200, AdviceOut)
@blp.alt_response(
    409,
    schema=ProblemSchema,
    content_type=PROBLEM,
    description="Too little has been decided (`needed` and `have`), or there is no classifier.",
)
def advise(query: dict[str, Any]) -> Response:
    """The threshold of a score that meets a target, by what your own people decided.

    Held comments that somebody decided about count once; what was approved or rejected without a
    person counts by its audit samples, each as many times as there were comments for it.
    `precision` is the share of comments at or above a threshold that were rejected for what the
    score is about, `recall` the share of all such comments that are at or above it.
    """
    score, target, days = (query[name] for name in ("score", "target", "days"))
    found = advising.advise(services(), caller(), score, target, days)
    given = {"score": score, "target": f"{target.kind}:{target.value:g}", "days": days}
    return jsonify({**given, **show_advice(found)})


def show_advice(found: Advice) -> dict[str, Any]:
    """Advice as `AdviceOut` describes it."""
    return {
        "model": found.evidence.model,
        "advised": found.advised and _show_point(found.advised),
        "in_force": found.in_force and _show_point(found.in_force),
        "rejects_from": found.rejects_from,
        "lowest": found.lowest,
        "recall_unknown": found.recall_unknown,
        "pace": {"seconds": round(found.pace.seconds, 1), "reviews": found.pace.reviews},
        "evidence": {
            **_show_evidence(found.evidence),
            "rejected_unseen": round(found.rejected_unseen, 4),
        },
        "curve": [_show_point(one) for one in found.curve],
    }


def _show_point(point: Point) -> dict[str, Any]:
    return {
        "threshold": round(point.threshold, 4),
        "precision": point.precision and _show_estimate(point.precision),
        "recall": point.recall and _show_estimate(point.recall),
        "held_per_day": round(point.held_a_day, 2),
        "rejected_per_day": round(point.rejected_a_day, 2),
        "minutes_per_day": round(point.minutes_a_day, 1),
    }


def _show_estimate(found: Estimate) -> dict[str, float]:
    return {name: round(getattr(found, name), 4) for name in ("value", "low", "high")}


def _show_evidence(found: Evidence) -> dict[str, int]:
    names = ("rejected", "approved", "held", "samples", "left_out", "other_models", "waiting")
    return {name: getattr(found, name) for name in names}
