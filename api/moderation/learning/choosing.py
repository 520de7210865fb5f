"""Which comments a person is asked about to learn from them: the most telling, at a set share."""

import threading
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LATELY = 500
"""How many of the last comments say what is much."""

MOST_TURNS = 4.0
"""How many questions may be saved up, so that a quiet week is not made up for in an hour."""

REMEMBERED = 50
"""Of how many questions it is remembered what they were about."""

_NO_ROW = 2**32 - 1


@dataclass(frozen=True, slots=True, eq=False)
class Interest:
    """What might be learnt of a comment.

    `uncertainty` is 1 where it is as likely as not that a moderator would reject it, and 0 where
    that is certain. `new` are those of its `count` n-grams of which nothing was learnt.
    """

    uncertainty: float
    new: NDArray[np.uint32]
    count: int


class Chooser:
    """Chooses for one site, in one process; threads may share it.

    Each comment adds the share to what may be asked, each question takes one away: so there are
    never more questions than that share of the comments, be they of one process or of many, and
    whatever the comments are like. The bar is where the share passes it, higher while little may
    be asked and lower while much may. A process that ends forgets `MOST_TURNS` questions at most:
    then fewer are asked.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns = 0.0
        self._lately: deque[float] = deque(maxlen=LATELY)
        self._asked: deque[NDArray[np.uint32]] = deque(maxlen=REMEMBERED)
        self._known = np.array([_NO_ROW], dtype=np.uint32)

    def choose(self, interest: Interest, share: float) -> float | None:
        """How much would be learnt of a comment if people are to be asked about it, else None."""
        with self._lock:
            value = self._weigh(interest)
            self._lately.append(value)
            self._turns = min(self._turns + share, MOST_TURNS)
            if self._turns < 1 or value <= 0 or value < self._find_bar(share):
                return None
            self._turns -= 1
            self._asked.append(interest.new)
            self._known = np.unique(np.concatenate(self._asked))
            return value

    def _weigh(self, interest: Interest) -> float:
        """Uncertainty times novelty, the share of n-grams that nobody was asked about either."""
        if not len(interest.new):
            return 0.0
        places = np.searchsorted(self._known, interest.new)
        known = self._known.take(places, mode="clip")
        count = len(interest.new) - np.count_nonzero(known == interest.new)
        return float(interest.uncertainty * count / interest.count)

    def _find_bar(self, share: float) -> float:
        passing = share * self._turns / (MOST_TURNS / 2)
        return float(np.quantile(self._lately, max(0.0, 1 - passing)))
