"""Accounts that judge each other by their votes: whose labels are doubted, and how much.

See `api.moderation.learning.trust`.
"""

from typing import Final

import numpy as np

from api.moderation.advice.weighing import Shares
from api.moderation.learning import votes
from api.moderation.learning.votes import HEARD, Flags, Floats, Places
from classifier.adapting import Examples

STRETCH: Final = 100
"""About how many labels of an account, one after the other, are judged together."""

ZERO_AT: Final = 0.2
"""Who contradicts so much more often than is usual, in shares of labels, is not believed at all."""

SLIPS: Final = 0.05
"""To contradict no more often than this is always usual: people slip, and so do votes."""

USUAL: Final = 0.25
"""To contradict more often than this is never usual."""

ENOUGH: Final = 100.0
"""What the labels of all others must weigh for an account to be measured by them."""


class Court:
    """Accounts (k) that judge each other; `trusts` (parts,) is what has come of it so far.

    A part is a stretch of an account's labels: `parts` (n,) says to which one a label belongs,
    `holders` (parts,) whose it is.
    """

    def __init__(
        self,
        examples: Examples,
        margins: Floats,
        rejected: Floats,
        weights: Floats,
        owners: Places,
    ) -> None:
        self._weights, self._owners, self._rejected = weights, owners, rejected > 0
        self._count = int(owners.max()) + 1
        self._parts, self._holders = _cut(owners)
        self._shipped = (margins >= 0) != self._rejected
        self._votes = votes.cast(examples, rejected, weights, owners)
        self.trusts = np.ones(len(self._holders))

    @property
    def standing(self) -> Floats:
        """How far each account is believed, over all its labels, (k,)."""
        sizes = np.bincount(self._parts)
        found = np.bincount(self._holders, self.trusts * sizes) / np.bincount(self._owners)
        return np.asarray(found)

    def judge(self) -> None:
        """Lower the trust of the worst, and ask again, until there is nobody to doubt."""
        for _ in range(2 * self._count):
            lowered = self._doubt()
            sentenced = self._accuse(self._holders[lowered < self.trusts])
            if not len(sentenced):
                return
            here = np.isin(self._holders, sentenced)
            self.trusts[here] = lowered[here]

    def believe(self) -> Floats:
        """The labels' weights (n,). Of what is doubted, what the others contradict is nothing."""
        trusts = self.trusts[self._parts]
        contradicted = self._hear() <= -HEARD
        return np.asarray(self._weights * np.where((trusts < 1) & contradicted, 0.0, trusts))

    def cap(self, believed: Floats) -> tuple[Floats, Flags]:
        """Have nobody's word alone weigh more than all labels of the others, (n,), and whose did.

        What the others confirm is not capped: a colleague's first label must not undo what
        somebody has taught for years.
        """
        sums = np.bincount(self._owners, believed)
        others = sums.sum() - sums
        alone = self._hear() < HEARD
        words = np.bincount(self._owners, believed * alone)
        capped = (others >= ENOUGH) & (words > others)
        factors = np.ones(self._count)
        factors[capped] = others[capped] / words[capped]
        return np.where(alone, believed * factors[self._owners], believed), capped

    def find_shares(self) -> Floats:
        """The share of each account's labels that the others contradict, (k,)."""
        return np.asarray(self._contradict(self._owners, self._count).value)

    def _hear(self) -> Floats:
        return self._votes.hear(self._owners, self.standing)

    def _contradict(self, groups: Places, count: int, among: Flags | None = None) -> Shares:
        heard = self._hear()
        judged = (np.abs(heard) >= HEARD) & (True if among is None else among)
        return votes.share(heard < 0, self._weights * judged, groups, count)

    def _doubt(self) -> Floats:
        """What trust would become by what the others say now, (parts,)."""
        shares = self.find_shares()
        asked = shares[(self.standing > 0) & ~np.isnan(shares)]
        middle = float(np.sort(asked)[(len(asked) - 1) // 2]) if len(asked) else 0.0
        usual = min(max(middle, SLIPS), USUAL)
        low = np.nan_to_num(self._contradict(self._parts, len(self._holders)).low)
        doubted = low > usual
        # All that is doubted of an account together says more surely how bad it is.
        pooled = self._contradict(self._owners, self._count, doubted[self._parts]).low
        excess = np.fmax(low, pooled[self._holders]) - usual
        lowered = np.clip(1 - excess / ZERO_AT, 0, 1) ** 2
        return np.where(doubted, np.minimum(self.trusts, lowered), self.trusts)

    def _accuse(self, holders: Places) -> Places:
        """The worst of the accounts of which something is doubted; several where none can tell."""
        accused = np.unique(holders)
        if len(accused) < 2:
            return accused
        shares = self._contradict(self._owners, self._count)
        if np.count_nonzero(self.standing > 0) > 2:
            accused = _pick_worst(accused, shares.value, shares.low, shares.high)
        return accused if len(accused) < 2 else _pick_worst(accused, *self._ask_shipped())

    def _ask_shipped(self) -> tuple[Floats, Floats, Floats]:
        """How often the shipped model contradicts each account, with the interval's ends, (k,).

        Approvals and rejections count alike, so that who always says the same is half wrong.
        """
        bad, good = (
            votes.share(self._shipped, self._weights * side, self._owners, self._count)
            for side in (self._rejected, ~self._rejected)
        )
        value, low, high = (
            (np.where(np.isnan(one), 1 - other, one) + np.where(np.isnan(other), 1 - one, other))
            / 2
            for one, other in ((bad.value, good.value), (bad.low, good.low), (bad.high, good.high))
        )
        return value, low, high


def _cut(owners: Places) -> tuple[Places, Places]:
    """Cut each account's labels into stretches: of which a label is (n,), and whose they are."""
    parts = np.zeros(len(owners), dtype=np.intp)
    holders: list[int] = []
    for account in range(int(owners.max()) + 1):
        own = np.flatnonzero(owners == account)
        for stretch in np.array_split(own, max(1, len(own) // STRETCH)):
            parts[stretch] = len(holders)
            holders.append(account)
    return parts, np.array(holders, dtype=np.intp)


def _pick_worst(accounts: Places, value: Floats, low: Floats, high: Floats) -> Places:
    """The one with the largest share, and those that may as well be the worst."""
    worst = accounts[np.argmax(value[accounts])]
    return np.asarray(accounts[high[accounts] >= low[worst]])
