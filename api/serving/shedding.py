"""Refuses what would wait too long, so that what is taken is answered in time (ADR 0027).

A server that is sent more than it can answer has a line that grows until every request in it is
older than its client's patience: all that is done then is done for nobody. Here the line is as
long as what can be answered within `patience`; whoever comes later is told so at once, at the
price of reading and writing a few bytes.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

LATE = 2
"""After how many times `patience` one that waits is refused after all: its client has gone."""

_SMOOTHING = 1 / 16

One = TypeVar("One")


@dataclass(frozen=True, slots=True)
class Place(Generic[One]):
    """Who waits, and since when."""

    one: One
    since: float


class Lane(Generic[One]):
    """Those who wait for the same, in the order in which they came.

    `few` may always wait, however slow it is: only so is it noticed that it has become faster.
    """

    def __init__(self, patience: float, few: int) -> None:
        self._patience, self._few = patience, few
        self._places: deque[Place[One]] = deque()
        self._pace: float | None = None
        self._last: float | None = None

    def __len__(self) -> int:
        return len(self._places)

    def join(self, one: One, now: float) -> bool:
        """Wait, unless that would take too long: then False."""
        if self._patience and self._expect(now) > self._patience:
            return False
        self._places.append(Place(one, now))
        return True

    def take(self, now: float) -> One:
        """The first of them; there must be one."""
        if self._last is not None:
            took = now - self._last
            self._pace = took if self._pace is None else _smooth(self._pace, took)
        place = self._places.popleft()
        # How long it took to come to nobody says nothing.
        self._last = now if self._places else None
        return place.one

    def leave(self, now: float) -> Iterator[One]:
        """Those who have waited so long that nobody waits for them any more."""
        while self._patience and self._age(now) > LATE * self._patience:
            yield self._places.popleft().one

    def _expect(self, now: float) -> float:
        """For how long whoever comes now would wait: as the first one has, or as the pace says."""
        return max(self._age(now), (len(self) - self._few) * (self._pace or 0.0))

    def _age(self, now: float) -> float:
        return now - self._places[0].since if self._places else 0.0


def _smooth(before: float, now: float) -> float:
    return before + (now - before) * _SMOOTHING


class Line(Generic[One]):
    """Two lanes that take turns: people's pages, and all else. Any thread may use it."""

    def __init__(self, patience: float, few: int, clock: Callable[[], float]) -> None:
        self._lanes: dict[bool, Lane[One]] = {
            by_people: Lane(patience, few) for by_people in (True, False)
        }
        self._clock = clock
        self._turn = True
        self._lock = threading.Lock()

    def join(self, one: One, by_people: bool) -> bool:
        """Wait, unless that would take too long: then False."""
        with self._lock:
            return self._lanes[by_people].join(one, self._clock())

    def take(self) -> One | None:
        """Whoever is next, if anybody waits."""
        with self._lock:
            self._turn = not self._turn
            for turn in (self._turn, not self._turn):
                if self._lanes[turn]:
                    return self._lanes[turn].take(self._clock())
        return None

    def leave(self) -> list[One]:
        """Those who have waited so long that nobody waits for them any more."""
        with self._lock:
            now = self._clock()
            return [one for lane in self._lanes.values() for one in lane.leave(now)]

    def __len__(self) -> int:
        return sum(len(lane) for lane in self._lanes.values())
