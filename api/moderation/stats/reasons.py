"""Of what each reason held or rejected, how much people found rightly so."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from api.moderation.stats import shares
from api.moderation.stats.decided import Decided, Row
from api.moderation.stats.shares import Share

MOST = 100
"""How many reasons are told, those most often decided about first."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason code, and what became of comments that the machine held, or rejected, with it."""

    code: str
    verdict: str
    """`hold` or `reject`."""
    precision: Share
    """What part people rejected as well."""
    overridden: Share
    """And what part they approved."""


def judge(decided: Decided) -> list[Reason]:
    """Each reason by the decisions in force; a comment counts for each of its reasons.

    What was rejected without a person counts only if it was drawn as a sample, for as many as it
    stands for: what else somebody decided came to their notice because something was wrong.
    """
    found: defaultdict[tuple[str, str], list[tuple[bool, float]]] = defaultdict(list)
    for row in decided.rows:
        weight = weigh(row)
        if weight and row.verdict != "approve":
            for code in {*(row.codes or "").split()}:
                found[code, row.verdict].append((row.action == "reject", weight))
    told = sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))[:MOST]
    return [_judge(code, verdict, opinions) for (code, verdict), opinions in told]


def weigh(row: Row) -> float:
    """How many comments a decision speaks for; 0 where it says nothing of the machine."""
    tells = row.in_force and not row.blind and row.codes is not None
    if not tells or row.action not in ("approve", "reject"):
        return 0.0
    if row.verdict == "hold":
        return 1.0
    return 1 / row.sampled if row.sampled else 0.0


def _judge(code: str, verdict: str, opinions: Sequence[tuple[bool, float]]) -> Reason:
    weights = [weight for _, weight in opinions]
    right = shares.weigh([rejected for rejected, _ in opinions], weights)
    wrong = shares.weigh([not rejected for rejected, _ in opinions], weights)
    return Reason(code, verdict, right, wrong)
