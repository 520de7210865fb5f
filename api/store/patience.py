"""How long a look-up may take before it stops where it is and says so."""

import time
from collections.abc import Callable


class Patience:
    """So many seconds, from now on."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._begin = clock()

    @property
    def used(self) -> float:
        """How much of it is used up, 1.0 when all is."""
        return (self._clock() - self._begin) / self._seconds if self._seconds else 1.0

    @property
    def over(self) -> bool:
        """Whether to stop."""
        return self.used >= 1
