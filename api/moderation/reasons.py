"""The reasons of a verdict: a code, a sentence, and the characters behind it."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.moderation.scoring import Scored, Scorer
from classifier import Span, Submission, Threshold

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
}


def reason(code: str, message: str, action: str = "hold", **given: Any) -> dict[str, Any]:
    """One reason; `action` is what it alone would do, kept only until the verdict is made."""
    blank: dict[str, Any] = {"score": None, "threshold": None, "rule": None, "spans": []}
    return {"code": code, "message": message, **blank, **given, "_action": action}


def public(one: dict[str, Any]) -> dict[str, Any]:
    """A reason as it is kept and shown."""
    return {key: value for key, value in one.items() if not key.startswith("_")}


def form_reasons(form: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the form itself has noticed."""
    if not form.get("honeypot"):
        return []
    message = "A form field that people cannot see was filled in."
    return [reason("honeypot", message, "reject", rule="honeypot")]


def score_reason(
    scorer: Scorer, scored: Scored, label: str, action: str, threshold: Threshold
) -> dict[str, Any]:
    """Why a score holds or rejects."""
    score = scored.scores[label]
    return reason(
        f"{label}_score",
        f"{_SAYS[label]} ({score:.0%} sure).",
        action,
        score=score,
        threshold=threshold.reject if action == "reject" else threshold.hold,
        spans=_spans(scored.item.text, scorer.explain(scored.item, label)),
    )


def signal_reasons(scorer: Scorer, item: Submission) -> list[dict[str, Any]]:
    """What besides the wording speaks for spam; it has counted in the score already."""
    return [
        reason(
            one.name,
            one.message,
            "approve",
            rule=f"signal:{one.name}",
            spans=_spans(item.text, [Span(*place, one.weight) for place in one.spans]),
        )
        for one in scorer.signals(item)
        # The form's own reason has said the other already.
        if one.weight >= FAINTEST_SIGNAL and one.name != "honeypot"
    ]


def language_reason(language: str) -> dict[str, Any]:
    """That the scores of abuse say little about this text."""
    message = f"This seems to be written in another language ({language}); the model reads English."
    return reason("language_unsupported", message, "approve", rule=f"language:{language}")


def without_passage(
    scorer: Scorer, item: Submission, action: str, reasons: list[dict[str, Any]]
) -> str:
    """The passage whose absence would do the same, if one score alone decides."""
    deciding = [r for r in reasons if r["_action"] == action and action != "approve"]
    if len(deciding) != 1 or deciding[0]["score"] is None:
        return ""
    label = deciding[0]["code"].removesuffix("_score")
    heaviest = [Span(s["start"], s["end"], s["weight"]) for s in deciding[0]["spans"][:1]]
    spans = scorer.smallest_change(item, label, deciding[0]["threshold"], heaviest)
    return "".join(f", as without “{item.text[s.start : s.end][:60]}”" for s in spans)


def _spans(text: str, spans: Sequence[Span]) -> list[dict[str, Any]]:
    return [
        {
            "start": span.start,
            "end": span.end,
            "text": text[span.start : span.end],
            "weight": round(span.weight, 3),
        }
        for span in spans
    ]
