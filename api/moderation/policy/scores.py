"""What the scores say, and what they say it of."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from api.moderation.policy import learned
from api.moderation.policy.matches import SEVERITY, Match, Tier, reason
from api.moderation.scoring import Scored, Scorer
from api.moderation.secondstage import SPOKEN
from classifier import LEARNED, Span, Submission, Threshold

FAINTEST_SIGNAL = 0.3
"""Signals that add less than this to the log-odds are not worth a sentence."""

_SAYS = {
    "spam": "This reads like spam or advertising",
    "toxicity": "This reads as rude or disrespectful",
    "severe_toxicity": "This reads as very hateful or aggressive",
    "profanity": "This uses swear words or obscene language",
    "threat": "This reads like a threat",
    "insult": "This reads like an insult to somebody",
    "identity_attack": "This attacks people for who they are",
    LEARNED: "Learned here: moderators reject comments like this",
}


def find_unavailable() -> list[Match]:
    """The match of a comment that the classifier could say nothing of."""
    return [_match("classifier_unavailable", "The classifier could not be asked; a person looks.")]


def find(
    found: Mapping[str, float], thresholds: Mapping[str, Threshold], language: str
) -> list[Match]:
    """The scores that reach a threshold, the severest first; `explain` says what of."""
    lesson = learned.Lesson(found, thresholds)
    # Scores that were made with an adapter may be judged by a model without.
    if lesson.speaks:
        thresholds = {LEARNED: learned.HOLD, **thresholds}
    reached = [
        _reach(label, score, action, threshold)
        for label, threshold in thresholds.items()
        # Scores of another model may lack a label.
        if (score := lesson.score(label)) is not None
        and (action := act(score, threshold)) != "approve"
    ]
    if lesson.speaks:
        reached = [lesson.temper(match) for match in reached]
    said = sorted(reached, key=lambda m: (-SEVERITY.index(m.action), -m.reason["score"]))
    if language not in SPOKEN:
        says = (
            f"This seems to be written in another language ({language}); the model reads English."
        )
        said.append(_match("language_unsupported", says, "flag", rule=f"language:{language}"))
    return said


def explain(scorer: Scorer, scored: Scored, said: Sequence[Match]) -> list[Match]:
    """What `find` has found, with the passages behind it and what else speaks for spam."""
    explained = [
        match if match.reason["score"] is None else _show(scorer, scored, match) for match in said
    ]
    if any(match.reason["code"] == "spam_score" for match in said):
        explained += _find_signals(scorer, scored.item)
    return explained


def readable(thresholds: Mapping[str, Threshold], language: str) -> Mapping[str, Threshold]:
    """The thresholds for a language: abuse is never rejected in one the model cannot read."""
    if language in SPOKEN:
        return thresholds
    return {
        label: threshold if label in ("spam", LEARNED) else Threshold(threshold.hold, None)
        for label, threshold in thresholds.items()
    }


def act(score: float, threshold: Threshold) -> str:
    """What a score alone would do: `approve`, `hold` or `reject`."""
    if threshold.reject is not None and score >= threshold.reject:
        return "reject"
    return "hold" if score >= threshold.hold else "approve"


def show_spans(text: str, spans: Sequence[Span]) -> list[dict[str, Any]]:
    """Spans as reasons carry them."""
    return [
        {
            "start": span.start,
            "end": span.end,
            "text": text[span.start : span.end],
            "weight": round(span.weight, 3),
        }
        for span in spans
    ]


def _match(code: str, message: str, action: str = "hold", **given: Any) -> Match:
    return Match("scores", Tier.SCORES, reason(code, message, action, **given))


def _reach(label: str, score: float, action: str, threshold: Threshold) -> Match:
    return _match(
        f"{label}_score",
        f"{_SAYS[label]} ({score:.0%} sure).",
        action,
        score=score,
        threshold=threshold.reject if action == "reject" else threshold.hold,
        rule=learned.RULE if label == LEARNED else None,
    )


def _show(scorer: Scorer, scored: Scored, match: Match) -> Match:
    label = str(match.reason["code"]).removesuffix("_score")
    lifted = match.reason["rule"] == learned.RULE and label != LEARNED
    if not lifted and (reading := scored.reading(label)) is not None:
        spans = reading.explain(label) or scorer.explain(scored.item, label)
        more: dict[str, Any] = {"approximate": True}
    else:
        asked = (LEARNED, True) if lifted else (label, False)
        spans, more = scorer.explain(scored.item, *asked), {}
    shown = show_spans(scored.item.text, spans)
    return replace(match, reason={**match.reason, "spans": shown, **more})


def _find_signals(scorer: Scorer, item: Submission) -> list[Match]:
    """What besides the wording speaks for spam; it has counted in the score already."""
    return [
        _match(
            one.name,
            one.message,
            "flag",
            rule=f"signal:{one.name}",
            spans=show_spans(item.text, [Span(*place, one.weight) for place in one.spans]),
        )
        for one in scorer.signals(item)
        # The form's own reason has said the other already.
        if one.weight >= FAINTEST_SIGNAL and one.name != "honeypot"
    ]
