"""From which score on a comment is held or rejected: targets, resolved for a model or two."""

from api.moderation.policy import learned
from api.moderation.policy.document import Document, Override, Target
from classifier import LEARNED, NEVER, Measured, Threshold

LEAST_LEARNT = learned.HOLD.hold
"""No target has `learned` hold below this: there moderators approve more often than they reject."""


def resolve(document: Document, model: Measured) -> dict[str, Threshold]:
    """The thresholds of each label for the scores of this model, or of two stages as one.

    A target that no score meets is never reached; one of a model too old to say is as the profile
    has it.
    """
    profile = "balanced" if document.profile == "observe" else document.profile
    found = {
        label: _apply(model, label, usual, document.thresholds.get(label))
        for label, usual in model.profiles[profile].items()
    }
    own = document.thresholds.get(LEARNED)
    if own is not None or LEARNED in model.labels:
        found[LEARNED] = _apply(model, LEARNED, learned.HOLD, own)
    return found


def _apply(model: Measured, label: str, usual: Threshold, override: Override | None) -> Threshold:
    if override is None:
        return usual
    hold = _number(model, label, override.hold, usual.hold)
    never = NEVER if usual.reject is None else usual.reject
    reject = _number(model, label, override.reject, never)
    if hold > reject:
        # What was set by hand counts; a threshold of the profile gives way to it.
        if override.hold is None:
            hold = reject
        else:
            reject = hold
    return Threshold(hold, None if reject >= NEVER else reject)


def find_raised(document: Document, model: Measured) -> list[str]:
    """Which of `hold` and `reject` of `learned` are higher than their targets ask for."""
    own = document.thresholds.get(LEARNED)
    if own is None:
        return []
    met = {name: _meet(model, LEARNED, getattr(own, name)) for name in ("hold", "reject")}
    return [name for name, score in met.items() if score is not None and score < LEAST_LEARNT]


def _number(model: Measured, label: str, target: Target | None, usual: float) -> float:
    if target is None:
        return usual
    if target.kind == "score":
        return target.value
    if target.kind == "never":
        return NEVER
    found = _meet(model, label, target)
    if found is None:
        return usual
    return max(found, LEAST_LEARNT) if label == LEARNED else found


def _meet(model: Measured, label: str, target: Target | None) -> float | None:
    """The score that meets a target by what was measured; None for what needs no measuring."""
    if target is None or target.kind in ("score", "never") or label not in model.labels:
        return None
    return model.find_threshold(label, target.kind, target.value)
