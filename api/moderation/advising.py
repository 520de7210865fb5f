"""Which threshold meets a target, by what the site's own people have decided.

How it is worked out, and what it cannot know, is told in docs/advice.md.
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from api.moderation import evidence, measuring, pace, policies, spread
from api.moderation.access import Caller
from api.moderation.errors import ConflictError, TooLittleError
from api.moderation.evidence import Evidence
from api.moderation.measuring import LEAST_SAMPLES, Measures, Point
from api.moderation.pace import Pace
from api.moderation.services import Services
from api.moderation.weighing import Floats

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
    model: str
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
    model = services.scorer.model
    if model is None:
        raise ConflictError("There is no classifier, so there are no thresholds to advise on.")
    now = services.now()
    about = caller.site_id, label, model.version
    with services.database.looking() as connection:
        found = evidence.gather(connection, *about, now - timedelta(days=days))
        _require_enough(found, target)
        scores = spread.survey(connection, *about, found.first, now)
        speed = pace.measure(connection, caller.site_id)
    limits = policies.find(services, caller.site_id).thresholds(model)[label]

    def measure(at: Floats) -> Measures:
        return measuring.measure(found, scores, speed.seconds, limits.reject, at)

    measured = measure(np.unique(np.floor(found.scores * _STEPS) / _STEPS))
    present = measure(np.array([limits.hold]))
    firm = np.flatnonzero(measured.firm)
    chosen = _choose(measured, target)
    return Advice(
        advised=None if chosen is None else measured.point(chosen),
        in_force=present.point(0) if limits.hold <= 1 else None,
        rejects_from=limits.reject,
        curve=[measured.point(at) for at in _thin(measured.thresholds, firm)],
        evidence=found,
        pace=speed,
        model=model.version,
        lowest=_find_lowest(measured),
        recall_unknown=measuring.why_no_recall(found, scores),
        rejected_unseen=float(np.mean(scores.rejected & scores.unseen)),
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


def _thin(thresholds: Floats, firm: NDArray[np.intp]) -> list[int]:
    """Some of the firm ones, evenly spaced, both ends among them."""
    if not len(firm):
        return []
    known = thresholds[firm]
    wanted = np.linspace(known[0], known[-1], MOST_POINTS)
    return [int(firm[at]) for at in np.unique(np.searchsorted(known, wanted - 1e-9))]


def _find_lowest(measured: Measures) -> float | None:
    known = measured.thresholds[measured.representative]
    return float(known[0]) if len(known) and len(known) < len(measured.thresholds) else None
