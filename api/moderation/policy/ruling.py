"""From a subject and its scores to an action: every check is asked, then one action is made.

There is no other way to an action: `judging` adds to it what people read, for new comments, and
drafts are replayed by it over scores that were found before.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from api.moderation.policy import authors, duplicates, forms, links, modes, scores, words
from api.moderation.policy.combining import Outcome, combine
from api.moderation.policy.inforce import Policy
from api.moderation.policy.matches import Match
from api.moderation.policy.subject import Subject
from classifier import Measured

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


@dataclass(frozen=True, slots=True)
class Ruling:
    """What becomes of a comment, everything that was found, and what of it won."""

    action: str
    matches: list[Match]
    outcome: Outcome


def rule(policy: Policy, subject: Subject, spoken: Sequence[Match]) -> Ruling:
    """Decide about a comment; `spoken` is what its scores say."""
    matches = _skip(policy, subject, [*_ask(policy, subject), *spoken])
    outcome = combine(matches)
    action = "approve" if policy.document.profile == "observe" else outcome.action
    return Ruling(action, matches, outcome)


def rule_unread(policy: Policy, subject: Subject) -> Ruling:
    """Decide about a comment of which the classifier could say nothing."""
    matches = _skip(policy, subject, _ask(policy, subject)) + scores.find_unavailable()
    outcome = combine(matches)
    if outcome.action == "approve":
        # Whatever speaks for the comment: unread, nothing is published.
        outcome = Outcome("hold")
    return Ruling(outcome.action, matches, outcome)


def rule_again(
    policy: Policy, model: Measured, subject: Subject, found: Mapping[str, float], language: str
) -> Ruling:
    """Decide by scores and a language that were found before; the reasons have no spans."""
    thresholds = scores.readable(policy.thresholds(model), language)
    return rule(policy, subject, scores.find(found, thresholds, language))


def _ask(policy: Policy, subject: Subject) -> list[Match]:
    return [match for check in CHECKS for match in check(policy, subject)]


def _skip(policy: Policy, subject: Subject, matches: Sequence[Match]) -> list[Match]:
    """The matches, those flagged only that the author may skip."""
    skipped, because = authors.find_skipped(policy, subject)
    return [m.as_flag(because) if m.check in skipped else m for m in matches]
