"""Which threshold meets a target, by what the site's own people have decided.

How it is worked out, and what it cannot know, is told in docs/advice.md.
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from api.moderation import policies
from api.moderation.access import Caller
from api.moderation.advice import evidence, measuring, pace, spread
from api.moderation.advice.evidence import Evidence
from api.moderation.advice.measuring import LEAST_SAMPLES, Measures, Point
from api.moderation.advice.pace import Pace
from api.moderation.advice.spread import Spread
from api.moderation.advice.weighing import Floats
from api.moderation.errors import ConflictError, TooLittleError
from api.moderation.services import Services
from classifier import Threshold

LEAST = 50
"""How many rejections and how many approvals there must be."""

MOST_POINTS = 100
"""How many points a curve has."""

KINDS = ("precision", "recall", "minutes")

_STEPS = 10_000
"""Thresholds have four digits."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a threshold is to achieve: a precision, a recall, or minutes of review a day."""

    kind: str
    value: float


@dataclass(frozen=True, slots=True)
class Advice:
    """The threshold that meets the target, if one does, beside the one in force."""

    advised: Point | None
    in_force: Point | None
    """None where the score holds nothing."""
    rejects_from: float | None
    curve: list[Point]
    evidence: Evidence
    pace: Pace
    lowest: float | None
    """Below this nothing is said: too many of those comments were published unseen."""
    recall_unknown: str | None
    """Why no recall is told."""
    rejected_unseen: float
    """The share of comments that were rejected with no chance that somebody is asked."""


def advise(services: Services, caller: Caller, label: str, target: Target, days: int) -> Advice:
    """The advice by what was decided about the comments of the last `days`.

    Raises TooLittleError where that is too little, ConflictError where there is no classifier.
    """
    model, policy = services.scorer.model, policies.find(services, caller.site_id)
    measured = services.scorer.measured(policy.document.second_opinion)
    if model is None or measured is None:
        raise ConflictError("There is no classifier, so there are no thresholds to advise on.")
    now = services.now()
    about = caller.site_id, label, model.version
    with services.database.looking() as connection:
        since = now - timedelta(days=days)
        found = evidence.gather(connection, *about, since)
        _require_enough(found, target)
        scores = spread.survey(connection, *about, found.first, now, since)
        speed = pace.measure(connection, caller.site_id)
    limits = policy.thresholds(measured)[label]
    return conclude(found, scores, speed, limits, target)


def conclude(
    found: Evidence, scores: Spread, speed: Pace, limits: Threshold, target: Target
) -> Advice:
    """The advice by what is known; `limits` are the thresholds in force."""

    def measure(at: Floats) -> Measures:
        return measuring.measure(found, scores, speed.seconds, limits.reject, at)

    measured = measure(np.unique(np.floor(found.scores * _STEPS) / _STEPS))
    chosen = _choose(measured, target)
    return Advice(
        advised=None if chosen is None else measured.point(chosen),
        in_force=measure(np.array([limits.hold])).point(0) if limits.hold <= 1 else None,
        rejects_from=limits.reject,
        curve=[measured.point(at) for at in _thin(measured)],
        evidence=found,
        pace=speed,
        lowest=_find_lowest(measured),
        recall_unknown=measuring.why_no_recall(found, scores),
        rejected_unseen=spread.part(scores.rejected & scores.unseen),
    )


def _require_enough(found: Evidence, target: Target) -> None:
    needed = {"rejected": LEAST, "approved": LEAST}
    have = {"rejected": found.rejected, "approved": found.approved}
    if target.kind == "recall":
        needed["samples"], have["samples"] = LEAST_SAMPLES, found.samples
    if any(have[kind] < least for kind, least in needed.items()):
        raise TooLittleError(needed, have)


def _choose(measured: Measures, target: Target) -> int | None:
    """The threshold that meets the target and lets the fewest pass, or holds the fewest."""
    if target.kind == "precision":
        meets = measured.precision.value >= target.value
    elif target.kind == "minutes":
        meets = measured.minutes <= target.value
    elif measured.recall is None:
        return None
    else:
        meets = measured.recall.value >= target.value
    fitting = np.flatnonzero(measured.firm & meets)
    if not len(fitting):
        return None
    return int(fitting[-1] if target.kind == "recall" else fitting[0])


def _thin(measured: Measures) -> list[int]:
    """Some of the firm thresholds, evenly spaced, both ends among them."""
    firm = np.flatnonzero(measured.firm)
    if not len(firm):
        return []
    known = measured.thresholds[firm]
    wanted = np.linspace(known[0], known[-1], MOST_POINTS)
    return [int(firm[at]) for at in np.unique(np.searchsorted(known, wanted - 1e-9))]


def _find_lowest(measured: Measures) -> float | None:
    known = measured.thresholds[measured.representative]
    return float(known[0]) if len(known) and len(known) < len(measured.thresholds) else None
