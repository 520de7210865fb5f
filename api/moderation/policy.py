"""From scores to an action with its reasons."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.moderation.reasons import (
    form_reasons,
    language_reason,
    public,
    reason,
    score_reason,
    signal_reasons,
    without_passage,
)
from api.moderation.scoring import Scored, Scorer
from classifier import Threshold, detect_language

POLICY_VERSION = 1
"""The only policy so far: the thresholds that the model was shipped with."""

BLATANT_SPAM = 0.99
"""Spam this sure, and rejected, is not worth anybody's look."""

HARM = {
    "spam": 0.4,
    "toxicity": 0.6,
    "severe_toxicity": 1.0,
    "profanity": 0.3,
    "threat": 1.0,
    "insult": 0.6,
    "identity_attack": 0.9,
}
"""How much a moderator wants to see a comment first if the label is right, in [0, 1]."""

SPOKEN = ("en", "und")
"""Languages whose abuse the model can judge; a text too short to tell counts as one."""

_SEVERITY = ("approve", "hold", "reject")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the machine says of one wording; becomes a row of `verdicts`."""

    action: str
    blatant: bool = False
    scores: dict[str, float] = field(default_factory=dict)
    reasons: list[dict[str, Any]] = field(default_factory=list)
    model: str | None = None
    language: str | None = None
    policy: int = POLICY_VERSION
    flips_if: str = ""

    @property
    def priority(self) -> float:
        """Expected harm in [0, 1]: the worst of score times harm."""
        return max((HARM[label] * score for label, score in self.scores.items()), default=0.5)


def judge(scorer: Scorer, scored: Scored | None, form: Mapping[str, Any]) -> Judgement:
    """Decide about one text; `scored` is None when the classifier could not say."""
    reasons = [*form_reasons(form)]
    if scored is None or scorer.model is None:
        reasons.append(
            reason("classifier_unavailable", "The classifier could not be asked; a person looks.")
        )
        return Judgement(
            action=_worst(["hold", *(_action_of(r) for r in reasons)]),
            reasons=[public(r) for r in reasons],
            flips_if="a moderator decides, or the classifier answers again",
        )
    language = detect_language(scored.item.text).code
    thresholds = _readable(scorer.model.thresholds, language)
    reasons += _score_reasons(scorer, scored, thresholds)
    if any(r["code"] == "spam_score" for r in reasons):
        reasons += signal_reasons(scorer, scored.item)
    if language not in SPOKEN:
        reasons.append(language_reason(language))
    action = _worst([_action_of(r) for r in reasons])
    blatant = action == "reject" and (
        scored.scores["spam"] >= BLATANT_SPAM or any(r["code"] == "honeypot" for r in reasons)
    )
    return Judgement(
        action=action,
        blatant=blatant,
        scores=scored.scores,
        reasons=[public(r) for r in reasons],
        model=scorer.model.version,
        language=language,
        flips_if=_flips_if(action, reasons, scored.scores, thresholds)
        + without_passage(scorer, scored.item, action, reasons),
    )


def hold_at_least(judgement: Judgement, code: str, message: str) -> Judgement:
    """The same judgement, but not approved, and with one more reason."""
    return Judgement(
        action=_worst([judgement.action, "hold"]),
        blatant=judgement.blatant,
        scores=judgement.scores,
        reasons=[*judgement.reasons, public(reason(code, message))],
        model=judgement.model,
        language=judgement.language,
        flips_if="a moderator decides",
    )


def _score_reasons(
    scorer: Scorer, scored: Scored, thresholds: Mapping[str, Threshold]
) -> list[dict[str, Any]]:
    found = []
    for label, threshold in thresholds.items():
        action = _action(scored.scores[label], threshold)
        if action != "approve":
            found.append(score_reason(scorer, scored, label, action, threshold))
    # The reason that weighs most comes first: it is the one people read.
    return sorted(found, key=lambda r: (-_SEVERITY.index(r["_action"]), -r["score"]))


def _readable(thresholds: Mapping[str, Threshold], language: str) -> Mapping[str, Threshold]:
    """The thresholds for a language: abuse is never rejected in one the model cannot read."""
    if language in SPOKEN:
        return thresholds
    return {
        label: threshold if label == "spam" else Threshold(threshold.hold, None)
        for label, threshold in thresholds.items()
    }


def _action(score: float, threshold: Threshold) -> str:
    if threshold.reject is not None and score >= threshold.reject:
        return "reject"
    return "hold" if score >= threshold.hold else "approve"


def _action_of(one: dict[str, Any]) -> str:
    return str(one["_action"])


def _worst(actions: list[str]) -> str:
    return max(actions, key=_SEVERITY.index, default="approve")


def _flips_if(
    action: str,
    reasons: list[dict[str, Any]],
    scores: Mapping[str, float],
    thresholds: Mapping[str, Threshold],
) -> str:
    """The nearest change that would change the action, in words."""
    if action == "approve":
        label = min(scores, key=lambda name: thresholds[name].hold - scores[name])
        score, threshold = scores[label], thresholds[label]
        harder = "rejected" if _action(threshold.hold, threshold) == "reject" else "held"
        return f"{harder} if {label} rose from {_figure(score)} to {_figure(threshold.hold)}"
    worst = [r for r in reasons if r["_action"] == action]
    softer = "approved" if action == "hold" or _nothing_left(reasons, thresholds) else "held"
    return f"{softer} if {' and '.join(_unless(r) for r in worst)}"


def _nothing_left(reasons: list[dict[str, Any]], thresholds: Mapping[str, Threshold]) -> bool:
    """Whether, if each score fell to just below what rejects it, not even a hold were left."""
    labels = [r["code"].removesuffix("_score") for r in reasons if r["score"] is not None]
    return all(thresholds[label].hold == thresholds[label].reject for label in labels)


def _unless(one: dict[str, Any]) -> str:
    if one["score"] is None:
        return "the hidden form field were empty"
    label = one["code"].removesuffix("_score")
    return f"{label} fell from {_figure(one['score'])} below {_figure(one['threshold'])}"


def _figure(number: float) -> str:
    """As many digits as a threshold has, but two at least."""
    return f"{number:.4f}".rstrip("0").ljust(4, "0")
