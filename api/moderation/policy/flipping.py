"""The nearest change that would change a verdict, in words."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from api.moderation.policy import scores
from api.moderation.policy.combining import Outcome, combine
from api.moderation.policy.learned import RULE, Lesson, find_log_odds
from api.moderation.policy.matches import SEVERITY, Match, Tier
from api.moderation.scoring import Scored, Scorer
from api.moderation.secondstage import SPOKEN
from classifier import LEARNED, Span, Threshold

_BECOMES = {"approve": "approved", "hold": "held", "reject": "rejected"}

_JUST = 1e-9
"""So far is just beyond a threshold, more than what rounding may lose."""


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
    fallen = [match for match in needed if match.reason["score"] is not None]
    result = _act_without(matches, needed, fallen, lesson) if fallen else rest.action
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
    found = lesson.found
    needed = {label: lesson.needed(label) for label in found if label != LEARNED}
    label = min(needed, key=lambda name: needed[name] - found[name])
    if needed[label] > 1:
        return "never, by its scores"
    # More of a label may do more than what it asks for itself: what was learnt counts on top.
    said = _find({**found, label: needed[label] + _JUST}, lesson)
    harder = max((match.action for match in said), key=SEVERITY.index, default="hold")
    result = "rejected" if harder == "reject" else "held"
    return f"{result} if {label} rose from {_figure(found[label])} to {_figure(needed[label])}"


def _act_without(
    matches: Sequence[Match], needed: Sequence[Match], fallen: Sequence[Match], lesson: Lesson
) -> str:
    """What is done without `needed`: the scores among them, `fallen`, are just below their limits.

    What is left of the others is asked anew: what was learnt counts on top of every score.
    """
    found = dict(lesson.found)
    limits = {_label(match.reason): _find_limit(match.reason, lesson) for match in fallen}
    for label in limits.keys() - {LEARNED}:
        found[label] = limits[label] - _JUST
    if LEARNED in limits:
        most = find_log_odds(limits[LEARNED]) - Lesson(found, lesson.thresholds).margin
        found[LEARNED] = min(found[LEARNED], 1 / (1 + math.exp(-most)) - _JUST)
    gone = set(map(id, needed))
    others = [one for one in matches if one.tier is not Tier.SCORES and id(one) not in gone]
    return combine([*others, *_find(found, lesson)]).action


def _find(found: Mapping[str, float], lesson: Lesson) -> list[Match]:
    """What such scores say, which language it is in being of no account."""
    return scores.find(found, lesson.thresholds, SPOKEN[0])


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
    asked = _label(one), _find_limit(one, lesson), heaviest
    reading = scored.reading(asked[0])
    spans = reading.smallest_change(*asked) if reading else scorer.smallest_change(item, *asked)
    return "".join(f", as without “{item.text[s.start : s.end][:60]}”" for s in spans)


def _label(one: dict[str, Any]) -> str:
    return str(one["code"]).removesuffix("_score")


def _figure(number: float) -> str:
    """As many digits as a threshold has, but two at least."""
    return f"{number:.4f}".rstrip("0").ljust(4, "0")
