"""From a subject and its scores to a judgement: every check is asked, then one action is made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from api.moderation.policy import authors, duplicates, forms, links, modes, scores, words
from api.moderation.policy.combining import Outcome, combine, in_order
from api.moderation.policy.flipping import flips_if
from api.moderation.policy.inforce import FIRST, Policy
from api.moderation.policy.matches import Match, reason
from api.moderation.policy.subject import Subject
from api.moderation.scoring import Scored, Scorer
from api.moderation.traces import Traces
from classifier import detect_language

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

Check = Callable[[Policy, Subject], list[Match]]

CHECKS: tuple[Check, ...] = (
    authors.find_standings,
    modes.find,
    words.find,
    links.find,
    forms.find,
    duplicates.find,
    authors.find,
)
"""All but the scores, which come from elsewhere."""

_SEVERITY = ("approve", "hold", "reject")
_UNTIL_ASKED = "a moderator decides, or the classifier answers again"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the machine says of one wording; becomes a row of `verdicts`."""

    action: str
    blatant: bool = False
    scores: dict[str, float] = field(default_factory=dict)
    reasons: list[dict[str, Any]] = field(default_factory=list)
    model: str | None = None
    language: str | None = None
    policy: int = FIRST
    flips_if: str = ""
    campaign: str | None = None
    """What it has in common with texts that are nearly the same."""
    traces: Traces = field(default_factory=Traces)
    """What later comments are judged by."""

    @property
    def priority(self) -> float:
        """Expected harm in [0, 1]: the worst of score times harm."""
        return max((HARM[label] * score for label, score in self.scores.items()), default=0.5)


def judge(policy: Policy, subject: Subject, scorer: Scorer, scored: Scored | None) -> Judgement:
    """Decide about one comment; `scored` is None when the classifier could not say."""
    matches = [match for check in CHECKS for match in check(policy, subject)]
    if scored is None or scorer.model is None:
        matches = _skip(policy, subject, matches) + scores.find_unavailable()
        outcome = combine(matches)
        if outcome.action == "approve":
            # Whatever speaks for the comment: unread, nothing is published.
            outcome = Outcome("hold")
        return Judgement(
            action=outcome.action,
            reasons=[match.reason for match in in_order(matches, outcome)],
            policy=policy.version,
            flips_if=_UNTIL_ASKED,
            campaign=duplicates.find_campaign(policy, subject),
            traces=_trace(policy, subject, matches),
        )
    language = detect_language(subject.text).code
    thresholds = scores.readable(policy.thresholds(scorer.model), language)
    matches += scores.find(scorer, scored, thresholds, language)
    matches = _skip(policy, subject, matches)
    outcome = combine(matches)
    action = "approve" if policy.document.profile == "observe" else outcome.action
    return Judgement(
        action=action,
        blatant=action == "reject" and _is_blatant(scored, outcome),
        scores=scored.scores,
        reasons=[match.reason for match in in_order(matches, outcome)],
        model=scorer.model.version,
        language=language,
        policy=policy.version,
        flips_if=flips_if(scorer, scored, matches, outcome, thresholds),
        campaign=duplicates.find_campaign(policy, subject),
        traces=_trace(policy, subject, matches),
    )


def hold_at_least(judgement: Judgement, code: str, message: str) -> Judgement:
    """The same judgement, but not approved, and with one more reason."""
    return replace(
        judgement,
        action=max(judgement.action, "hold", key=_SEVERITY.index),
        reasons=[*judgement.reasons, reason(code, message)],
        flips_if="a moderator decides",
    )


def _trace(policy: Policy, subject: Subject, matches: Sequence[Match]) -> Traces:
    rules = tuple(m.reason["rule"].removeprefix(words.RULE) for m in matches if m.check == "rules")
    return Traces(
        rules=rules,
        bands=duplicates.find_bands(policy, subject),
        hosts=links.find_hosts(policy, subject),
        token=forms.find_token(policy, subject),
    )


def _skip(policy: Policy, subject: Subject, matches: Sequence[Match]) -> list[Match]:
    """The matches, those flagged only that the author may skip."""
    skipped, because = authors.find_skipped(policy, subject)
    return [m.as_flag(because) if m.check in skipped else m for m in matches]


def _is_blatant(scored: Scored, outcome: Outcome) -> bool:
    trapped = any(match.reason["code"] == "honeypot" for match in outcome.winners)
    return trapped or scored.scores["spam"] >= BLATANT_SPAM
