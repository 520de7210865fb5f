"""From which score on a comment is held or rejected: targets, resolved for a model."""

from api.moderation.policy import learned
from api.moderation.policy.document import Document, Override, Target
from classifier import LEARNED, NEVER, Model, Threshold


def resolve(document: Document, model: Model) -> dict[str, Threshold]:
    """The thresholds of each label for this model.

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


def _apply(model: Model, label: str, usual: Threshold, override: Override | None) -> Threshold:
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


def _number(model: Model, label: str, target: Target | None, usual: float) -> float:
    if target is None:
        return usual
    if target.kind == "score":
        return target.value
    if target.kind == "never":
        return NEVER
    if label not in model.labels:
        return usual
    found = model.find_threshold(label, target.kind, target.value)
    return usual if found is None else found
