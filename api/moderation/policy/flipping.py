"""The nearest change that would change a verdict, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.moderation.policy.combining import Outcome, combine
from api.moderation.policy.learned import RULE, Lesson
from api.moderation.policy.matches import Match
from api.moderation.policy.scores import act
from api.moderation.scoring import Scored, Scorer
from classifier import LEARNED, Span, Threshold

_BECOMES = {"approve": "approved", "hold": "held", "reject": "rejected"}


def flips_if(
    scorer: Scorer,
    scored: Scored,
    matches: Sequence[Match],
    outcome: Outcome,
    thresholds: Mapping[str, Threshold],
) -> str:
    """What would have to be otherwise for another action."""
    lesson = Lesson(scored.scores, thresholds)
    if not outcome.winners:
        return _until_held(lesson)
    needed, rest = _peel(matches, outcome)
    result = rest.action
    if result == "approve" and _is_held_still(needed, lesson):
        result = "hold"
    passage = ""
    if len(needed) == 1:
        passage = _without_passage(scorer, scored, needed[0].reason, lesson)
    unless = " and ".join(_unless(match.reason, lesson) for match in needed)
    return f"{_BECOMES[result]} if {unless}{passage}"


def _peel(matches: Sequence[Match], outcome: Outcome) -> tuple[list[Match], Outcome]:
    """The matches without which the action would be another, and what it would be."""
    needed: list[Match] = []
    rest, found = list(matches), outcome
    while found.winners and found.action == outcome.action:
        gone = set(map(id, found.winners))
        needed += found.winners
        rest = [match for match in rest if id(match) not in gone]
        found = combine(rest)
    return needed, found


def _until_held(lesson: Lesson) -> str:
    scores, thresholds = lesson.found, lesson.thresholds
    needed = {label: lesson.needed(label) for label in scores if label != LEARNED}
    label = min(needed, key=lambda name: needed[name] - scores[name])
    if needed[label] > 1:
        return "never, by its scores"
    harder = lesson.ease(label, needed[label], act(needed[label], thresholds[label]))
    result = "rejected" if harder == "reject" else "held"
    return f"{result} if {label} rose from {_figure(scores[label])} to {_figure(needed[label])}"


def _is_held_still(needed: Sequence[Match], lesson: Lesson) -> bool:
    """Whether a score that fell just below what rejects it would still be held."""
    rejected = [m.reason for m in needed if m.action == "reject" and m.reason["score"] is not None]
    limits = [lesson.thresholds[_label(one)] for one in rejected]
    return any(lesson.correction < 0 or limit.hold != limit.reject for limit in limits)


def _find_limit(one: dict[str, Any], lesson: Lesson) -> float:
    """Below which score it would not ask for as much."""
    limit: float = one["threshold"]
    return limit if one["rule"] == RULE or lesson.correction >= 0 else lesson.reverse(limit)


def _unless(one: dict[str, Any], lesson: Lesson) -> str:
    if one["score"] is not None:
        fallen = f"{_figure(one['score'])} below {_figure(_find_limit(one, lesson))}"
        return f"{_label(one)} fell from {fallen}"
    if one["code"] == "honeypot":
        return "the hidden form field were empty"
    return f"“{one['code']}” did not apply"


def _without_passage(scorer: Scorer, scored: Scored, one: dict[str, Any], lesson: Lesson) -> str:
    """The passage whose absence would do the same, where it is a score that decides."""
    if one["score"] is None or one["rule"] == RULE:
        return ""
    item = scored.item
    heaviest = [Span(s["start"], s["end"], s["weight"]) for s in one["spans"][:1]]
    spans = scorer.smallest_change(item, _label(one), _find_limit(one, lesson), heaviest)
    return "".join(f", as without “{item.text[s.start : s.end][:60]}”" for s in spans)


def _label(one: dict[str, Any]) -> str:
    return str(one["code"]).removesuffix("_score")


def _figure(number: float) -> str:
    """As many digits as a threshold has, but two at least."""
    return f"{number:.4f}".rstrip("0").ljust(4, "0")
