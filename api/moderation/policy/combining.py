"""One action from all matches, by a precedence that is written down once, here.

The tiers speak in order; the first that approves or rejects has the last word. A hold is no last
word: it lets nothing pass any more, but a later tier may still reject. Where a tier both approves
and rejects, people disagree, and a person decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from api.moderation.policy.matches import SEVERITY, Match, Tier


@dataclass(frozen=True, slots=True)
class Outcome:
    """The action, and the matches that brought it about; none where nothing spoke."""

    action: str
    winners: tuple[Match, ...] = ()


def combine(matches: Sequence[Match]) -> Outcome:
    """Decide. The order of `matches` does not matter for the action."""
    if not matches:
        return Outcome("approve")
    held: tuple[Match, ...] = ()
    for tier in Tier:
        by_action = {
            action: tuple(m for m in matches if m.tier is tier and m.action == action)
            for action in ("approve", "hold", "reject")
        }
        if by_action["approve"] and by_action["reject"]:
            return Outcome("hold", by_action["reject"] + by_action["approve"])
        if by_action["reject"]:
            return Outcome("reject", by_action["reject"])
        held = held or by_action["hold"]
        if by_action["approve"]:
            return Outcome("hold", held) if held else Outcome("approve", by_action["approve"])
    return Outcome("hold", held) if held else Outcome("approve")


def in_order(matches: Sequence[Match], outcome: Outcome) -> list[Match]:
    """The winners first; then by tier, the severest first, the surest first."""
    winners = set(map(id, outcome.winners))

    def place(match: Match) -> tuple[bool, int, int, float]:
        severity = SEVERITY.index(match.action)
        return id(match) not in winners, match.tier, -severity, -(match.reason["score"] or 0.0)

    return sorted(matches, key=place)
