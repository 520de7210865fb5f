"""From a subject and its scores to a judgement: the action, and what people read of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from api.moderation.learning.choosing import Interest
from api.moderation.policy import duplicates, forms, links, scores, words
from api.moderation.policy.combining import Outcome, in_order
from api.moderation.policy.flipping import flips_if
from api.moderation.policy.inforce import FIRST, Policy
from api.moderation.policy.matches import SEVERITY, Match, reason
from api.moderation.policy.ruling import Ruling, rule, rule_unread
from api.moderation.policy.subject import Subject
from api.moderation.queues import urgency
from api.moderation.scoring import Scored, Scorer
from api.moderation.traces import Traces
from classifier import detect_language

BLATANT_SPAM = 0.99
"""Spam this sure, and rejected, is not worth anybody's look."""

_UNTIL_ASKED = "a moderator decides, or the classifier answers again"


@dataclass(frozen=True, slots=True)
class Shade:
    """What a draft in shadow would do, and the codes of its reasons."""

    draft_id: int
    action: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """What becomes of a comment by an adapter on trial, and the adapter's own score."""

    adapter_id: int
    action: str
    learned: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the machine says of one wording; becomes a row of `verdicts`."""

    action: str
    blatant: bool = False
    scores: dict[str, float] = field(default_factory=dict)
    reasons: list[dict[str, Any]] = field(default_factory=list)
    model: str | None = None
    second_opinion: str | None = None
    """Whether the second stage was asked, and what came of it; None where nothing was scored."""
    second_model: str | None = None
    """Which second stage has read it; None where none has."""
    language: str | None = None
    policy: int = FIRST
    flips_if: str = ""
    campaign: str | None = None
    """What it has in common with texts that are nearly the same."""
    traces: Traces = field(default_factory=Traces)
    """What later comments are judged by."""
    shade: Shade | None = None
    """What the site's draft in shadow says; None where there is none, or it could not say."""
    tried: Tried | None = None
    """What the site's adapter on trial says; None where there is none, or it could not say."""

    interest: Interest | None = None
    """What might be learnt of it; None where nobody is to be asked for that."""

    @property
    def priority(self) -> float:
        """Expected harm in [0, 1], were it not to be seen by more than a few."""
        return urgency.weigh(self.scores).value


def judge(policy: Policy, subject: Subject, scorer: Scorer, scored: Scored | None) -> Judgement:
    """Decide about one comment; `scored` is None when the classifier could not say."""
    measured = scorer.measured(policy.document.second_opinion)
    if scored is None or scorer.model is None or measured is None:
        ruling = rule_unread(policy, subject)
        return Judgement(flips_if=_UNTIL_ASKED, **_describe(policy, subject, ruling))
    opinion = scored.opinion
    language = opinion.language or detect_language(subject.text).code
    thresholds = scores.readable(policy.thresholds(measured), language)
    spoken = scores.find(scored.scores, thresholds, language)
    ruling = rule(policy, subject, scores.explain(scorer, scored, spoken))
    return Judgement(
        blatant=ruling.action == "reject" and _is_blatant(scored, ruling.outcome),
        scores=scored.scores,
        model=scorer.model.version,
        second_opinion=opinion.outcome,
        second_model=opinion.model,
        language=language,
        flips_if=flips_if(scorer, scored, ruling.matches, ruling.outcome, thresholds),
        **_describe(policy, subject, ruling),
    )


def _describe(policy: Policy, subject: Subject, ruling: Ruling) -> dict[str, Any]:
    """What a judgement says of a ruling, whether there are scores or not."""
    return {
        "action": ruling.action,
        "reasons": [match.reason for match in in_order(ruling.matches, ruling.outcome)],
        "policy": policy.version,
        "campaign": duplicates.find_campaign(policy, subject),
        "traces": _trace(policy, subject, ruling.matches),
    }


def hold_at_least(judgement: Judgement, code: str, message: str) -> Judgement:
    """The same judgement, but not approved, and with one more reason."""
    shade, tried = judgement.shade, judgement.tried
    return replace(
        judgement,
        action=_at_least_held(judgement.action),
        shade=shade and replace(shade, action=_at_least_held(shade.action)),
        tried=tried and replace(tried, action=_at_least_held(tried.action)),
        reasons=[*judgement.reasons, reason(code, message)],
        flips_if="a moderator decides",
    )


def _at_least_held(action: str) -> str:
    return max(action, "hold", key=SEVERITY.index)


def _trace(policy: Policy, subject: Subject, matches: Sequence[Match]) -> Traces:
    rules = tuple(m.reason["rule"].removeprefix(words.RULE) for m in matches if m.check == "rules")
    return Traces(
        rules=rules,
        bands=duplicates.find_bands(policy, subject),
        campaign=duplicates.find_campaign(policy, subject),
        mates=duplicates.find_mates(policy, subject),
        hosts=links.find_hosts(policy, subject),
        token=forms.find_token(policy, subject),
    )


def _is_blatant(scored: Scored, outcome: Outcome) -> bool:
    trapped = any(match.reason["code"] == "honeypot" for match in outcome.winners)
    return trapped or scored.scores["spam"] >= BLATANT_SPAM
