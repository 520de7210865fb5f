"""How far two people agree beyond chance: Cohen's kappa (Educ. Psychol. Meas. 20, 1960)."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from api.moderation.stats import shares
from api.moderation.stats.shares import LEAST


@dataclass(frozen=True, slots=True)
class Kappa:
    """Of `n` that both judged, `agreed`; 1 is always, 0 what chance would do; None of too few.

    None as well where both have always said the same one thing: then chance does it all.
    """

    n: int
    agreed: int
    value: float | None = None
    low: float | None = None
    high: float | None = None


def measure(pairs: Sequence[tuple[Hashable, Hashable]]) -> Kappa:
    """What two people said of the same things.

    The interval is that of the share they agree on, Wilson's, with what chance does taken as
    known, as in Cohen's own. So two who have always agreed are not taken to be the same person.
    """
    n, agreed = len(pairs), sum(one == other for one, other in pairs)
    if n < LEAST:
        return Kappa(n, agreed)
    chance = _expect(pairs)
    if chance >= 1:
        return Kappa(n, agreed)
    share = shares.of(agreed, n)
    ends = (share.value, share.low, share.high)
    return Kappa(n, agreed, *((end - chance) / (1 - chance) for end in ends if end is not None))


def _expect(pairs: Sequence[tuple[Hashable, Hashable]]) -> float:
    """The share on which two would agree who say each thing as often, but blindly."""
    n = len(pairs)
    ones, others = (Counter(pair[side] for pair in pairs) for side in (0, 1))
    return sum(ones[said] * others[said] for said in ones) / n**2
