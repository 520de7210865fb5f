"""How far each account is believed, by what the others say of the same kind of comment.

On the labels of each account the models of the others vote: one vote an account, none too loud.
So it takes a majority of the accounts to mislead, however many labels there are of each. Who
contradicts the vote more often than is usual here, beyond chance, loses weight; the worst first
and alone, so that nobody is blamed for contradicting a liar (iterative weighted majority voting:
Li and Yu, "Error Rate Bounds and Iterative Weighted Majority Voting for Crowdsourcing", 2014).
It is told stretch by stretch, as an account that was taken over was honest until then. Of two
accounts that contradict each other, the shipped model says which one to doubt.

That one account's thousand wrong clicks move no score by more than 0.05 is what
`tests/api/moderation/learning/test_poisoning.py` proves. Many accounts in one hand are not seen
through, and a lone account is believed in all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from api.moderation.learning.court import Court
from api.moderation.learning.votes import Floats
from classifier.adapting import Examples


@dataclass(frozen=True, slots=True)
class Account:
    """What an account has taught: how many labels, and how far they are believed.

    `disagreement` is the share of them that the others contradict, of those of which they say
    anything; None where they say nothing. `trust` is from 0 to 1; `capped` is whether its labels
    count less because so many are its word alone.
    """

    labels: int
    disagreement: float | None
    trust: float
    capped: bool


@dataclass(frozen=True, slots=True)
class Trust:
    """Weights of labels (n,) as far as who made them is believed, and the accounts."""

    weights: Floats
    accounts: Mapping[str, Account]


def weigh(
    examples: Examples,
    margins: Floats,
    rejected: Floats,
    weights: Floats,
    actors: Sequence[str],
) -> Trust:
    """Weigh labels (n,), oldest first, by how far those who made them are believed.

    `margins` (n,) is what the shipped model says of each, in log-odds.
    """
    names, owners = np.unique(np.array(actors, dtype=object), return_inverse=True)
    if len(names) < 2:
        alone = {str(name): Account(len(owners), None, 1.0, capped=False) for name in names}
        return Trust(weights, alone)
    court = Court(examples, margins, rejected, weights, owners)
    court.judge()
    believed, capped = court.cap(court.believe())
    shares = court.find_shares()
    sizes = np.bincount(owners)
    accounts = {
        str(name): Account(
            labels=int(sizes[at]),
            disagreement=None if np.isnan(shares[at]) else float(shares[at]),
            trust=float(court.standing[at]),
            capped=bool(capped[at]),
        )
        for at, name in enumerate(names)
    }
    return Trust(believed, accounts)
