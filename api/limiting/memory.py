"""Counts in the memory of one process, of which there are never more than so many.

The library's own storage keeps whatever anybody has counted until a timer thread has looked
through all of it, a hundred times a second: who sends from many addresses could fill it, and slow
everything down. Here the one that was used longest ago makes room.
"""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from limits.storage import SlidingWindowCounterSupport, Storage

MOST = 50_000
"""How many are counted at once, about 13 MB."""


class Memory(Storage, SlidingWindowCounterSupport):
    """A storage of `limits`, for sliding windows only; any thread may use it.

    For each name it keeps the number of its window, the count in it and that in the one before.
    """

    STORAGE_SCHEME = None

    def __init__(self, most: int = MOST, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._most, self._clock = most, clock
        self._counts: OrderedDict[str, tuple[int, int, int]] = OrderedDict()
        self._lock = threading.Lock()

    def acquire_sliding_window_entry(
        self, key: str, limit: int, expiry: int, amount: int = 1
    ) -> bool:
        """Count so many more, if they fit."""
        with self._lock:
            now = self._clock()
            number, current, previous = self._find(key, expiry, now)
            left = 1 - now / expiry % 1
            if math.floor(previous * left) + current + amount > limit:
                return False
            self._counts[key] = number, current + amount, previous
            self._counts.move_to_end(key)
            if len(self._counts) > self._most:
                self._counts.popitem(last=False)
            return True

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """The count before, the seconds in which it fades, the present count, its own seconds."""
        with self._lock:
            now = self._clock()
            _, current, previous = self._find(key, expiry, now)
        left = (1 - now / expiry % 1) * expiry
        return previous, left if previous else 0.0, current, left + expiry

    def clear_sliding_window(self, key: str, expiry: int) -> None:
        """Forget a name."""
        self.clear(key)

    def _find(self, key: str, expiry: int, now: float) -> tuple[int, int, int]:
        number = int(now // expiry)
        window, current, previous = self._counts.get(key, (number, 0, 0))
        if window == number:
            return number, current, previous
        return number, 0, current if window == number - 1 else 0

    def clear(self, key: str) -> None:
        """Forget a name."""
        with self._lock:
            self._counts.pop(key, None)

    def reset(self) -> int:
        """Forget all; give how many there were."""
        with self._lock:
            found = len(self._counts)
            self._counts.clear()
        return found

    def check(self) -> bool:
        """Memory is always there."""
        return True

    @property
    def base_exceptions(self) -> type[Exception]:
        """What may go wrong here: nothing."""
        return NotImplementedError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Not for windows that stand still."""
        raise NotImplementedError

    def get(self, key: str) -> int:
        """Not for windows that stand still."""
        raise NotImplementedError

    def get_expiry(self, key: str) -> float:
        """Not for windows that stand still."""
        raise NotImplementedError
