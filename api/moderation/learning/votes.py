"""What accounts say of each other's labels: each teaches a model of its own, and those vote."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from api.moderation.advice import weighing
from api.moderation.advice.weighing import Shares, Sums
from classifier.adapting import Examples, correct, train

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]

VOTERS: Final = 12
"""So many of the accounts with most labels have a vote of their own; the others share those."""

LOUDEST: Final = 2.0
"""No vote on a label is louder than this, in log-odds."""

LEAST_OF_EACH: Final = 8
"""So many approvals and rejections of its own it takes to have a vote."""

HEARD: Final = 1.5
"""As sure as this votes must be together to say anything of a label."""


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """How far each voter agrees with each label, (voters, n): below 0 where it contradicts.

    `voters` (accounts,) says whose vote is whose.
    """

    agreement: Floats
    voters: Places

    def hear(self, owners: Places, trusts: Floats) -> Floats:
        """How far all others agree with each label, (n,), each as far as it is believed.

        `owners` (n,) says of which account a label is, `trusts` (accounts,) who is believed.
        """
        members = np.bincount(self.voters)
        believed = np.bincount(self.voters, trusts) / members
        own = self.voters[owners]
        loud = self.agreement * believed[:, None]
        others: Floats = loud.sum(axis=0) - loud[own, np.arange(len(owners))]
        return others


def cast(examples: Examples, rejected: Floats, weights: Floats, owners: Places) -> Votes:
    """Have each account, or several small ones together, teach a model that votes on all labels.

    It is taught from nothing, and of words alone: what the shipped model says would have it vote
    on what the account knows nothing of. All of them together take as long as one training.
    """
    sizes = np.bincount(owners)
    ranks = np.argsort(np.argsort(-sizes, kind="stable"), kind="stable")
    voters = ranks % VOTERS
    plain = replace(examples, usual=examples.usual[:0], odds=np.zeros_like(examples.odds))
    found = [
        _teach(plain, rejected, weights, np.flatnonzero(voters[owners] == voter))
        for voter in range(int(voters.max()) + 1)
    ]
    return Votes(np.array(found) * (rejected * 2.0 - 1.0), voters)


def share(hits: Flags, weights: Floats, groups: Places, count: int) -> Shares:
    """The shares of hits by weight, (count,), each of the labels of one group."""
    parts = (weights > 0), weights, weights**2, weights * hits, weights**2 * hits
    sums = [np.bincount(groups, part, minlength=count).astype(np.float64) for part in parts]
    return weighing.share(Sums(*sums))


def _teach(examples: Examples, rejected: Floats, weights: Floats, places: Places) -> Floats:
    """The votes (n,) of who has taught these labels; nothing where one kind is hardly among them.

    Both kinds count alike. Who sees nothing but spam would otherwise vote against all approvals.
    """
    bad = rejected[places] > 0
    if min(np.count_nonzero(bad), np.count_nonzero(~bad)) < LEAST_OF_EACH:
        return np.zeros(len(examples))
    own = weights[places]
    halves = np.where(bad, own[bad].sum(), own[~bad].sum())
    evened = own * own.sum() / 2 / np.maximum(halves, 1e-9)
    known = np.zeros(len(places)), rejected[places], evened
    taught = train(examples.pick(places), *known, {"base": ""})
    return np.clip(correct(taught, examples), -LOUDEST, LOUDEST)
