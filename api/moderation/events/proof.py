"""Is the event log what was written? Each site's chain is walked from the beginning.

A chain shows what was changed by somebody who did not write all that follows anew. Against one
who did, only a head helps that was noted elsewhere.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from api.moderation.events import Head, chain
from api.moderation.services import Services
from api.store.outbox import Event
from api.store.tables import Site

CHUNK = 2_000
"""How many rows are read at once."""

PUZZLE = 20
"""Of how many events that do not follow it is tried out where they belong."""

Progress = Callable[[int], None]
"""Told how many more events have been read."""

MISSING = "missing"
CHANGED = "not what was written"
MOVED = "out of order"
OTHER_HEAD = "not the head that was noted"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with the events from one number to another."""

    first: int
    last: int
    what: str

    def __str__(self) -> str:
        if self.first == self.last:
            return f"number {self.first} is {self.what}"
        return f"numbers {self.first} to {self.last} are {self.what}"


@dataclass(slots=True)
class Finding:
    """What a walk along a site's chain has found."""

    intact: int = 0
    erased: int = 0
    unsealed: int = 0
    head: Head = field(default_factory=Head)
    problems: list[Problem] = field(default_factory=list)


@contextmanager
def one_moment(services: Services) -> Iterator[Session]:
    """A session whose look-ups all see the same moment, however long they take."""
    with services.database.reading() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        yield session


def count(session: Session, site: Site, sealed: bool = True) -> int:
    """How many events a site has that are sealed, or that are not yet."""
    wanted = select(func.count()).where(Event.site_id == site.id)
    wanted = wanted.where(Event.number.is_not(None) if sealed else Event.number.is_(None))
    return session.scalar(wanted) or 0


def verify(
    session: Session, site: Site, noted: Head | None = None, progress: Progress = lambda _: None
) -> Finding:
    """Walk along a site's chain, and see whether the `noted` head is on it."""
    walk = _Walk()
    after = -(2**31)
    here = select(Event).where(Event.site_id == site.id).order_by(Event.number).limit(CHUNK)
    while found := read(session, here.where(Event.number > after)):
        for event in found:
            walk.step(event)
            if noted is not None and noted.number == event.number and noted.hash != event.hash:
                walk.wrong[noted.number] = OTHER_HEAD
        after = found[-1].number or 0
        progress(len(found))
    if noted is not None and noted.number > walk.last:
        walk.miss(walk.last + 1, noted.number)
    return walk.conclude(count(session, site, sealed=False))


def read(session: Session, wanted: Select[Event]) -> Sequence[Event]:
    """Events, even those in which somebody has put something that cannot be read."""
    session.expunge_all()
    try:
        return session.scalars(wanted).all()
    except (TypeError, ValueError):
        known = wanted.with_only_columns(Event.id, Event.number, Event.hash, Event.comment_id)
        return [_read_one(session, *row) for row in session.execute(known).all()]


def _read_one(
    session: Session, key: int, number: int | None, hash_: str | None, comment_id: str | None
) -> Event:
    try:
        return session.scalars(select(Event).where(Event.id == key)).one()
    except (TypeError, ValueError):
        return Event(
            id=key,
            site_id=0,
            comment_id=comment_id,
            type="",
            actor="",
            data={},
            created_at=datetime.min.replace(tzinfo=UTC),
            number=number,
            hash=hash_,
        )


class _Walk:
    """Goes from event to event, and at the end tries out where those belong that did not follow.

    An event that does not follow may be wrong, or the one before it: so it may also follow what
    the hash of that one should have been.
    """

    def __init__(self) -> None:
        self.last = 0
        self.wrong: dict[int, str] = {}
        self._gaps: list[Problem] = []
        self._steps = self._unsure = self._erased = 0
        self._hash = chain.START
        self._before: list[str] = [chain.START]
        self._shift = 0
        self._puzzle: list[tuple[Event, list[str]]] = []

    def step(self, event: Event) -> None:
        """Look at the next event."""
        number = event.number or 0
        self._steps += 1
        self._erased += chain.is_erased(event)
        if number < 1:
            self.wrong[number] = MOVED
            return
        gap = number > self.last + 1
        if gap:
            self.miss(self.last + 1, number - 1)
            # What it follows is missing, so nobody can tell whether it is intact.
            self._unsure += 1
        stored, links = event.hash or "", [chain.link(event, number, b) for b in self._before]
        if not gap and stored not in links:
            self._suspect(event, number, stored)
            self._before = [stored, links[0]]
        else:
            self._before = [stored]
        self.last, self._hash = number, stored

    def _suspect(self, event: Event, number: int, stored: str) -> None:
        for shift in {self._shift, -1, 1} - {0}:
            if chain.link(event, number + shift, self._before[0]) == stored:
                self.wrong[number], self._shift = MOVED, shift
                return
        self.wrong[number] = CHANGED
        if len(self._puzzle) < PUZZLE:
            self._puzzle.append((event, self._before))

    def miss(self, first: int, last: int) -> None:
        """Note that there is nothing from one number to another."""
        self._gaps.append(Problem(first, last, MISSING))

    def conclude(self, unsealed: int) -> Finding:
        """Say what was found."""
        self._solve()
        problems = self._gaps + [Problem(n, n, what) for n, what in self.wrong.items()]
        return Finding(
            intact=self._steps - len(self.wrong) - self._unsure,
            erased=self._erased,
            unsealed=unsealed,
            head=Head(self.last, self._hash),
            problems=_join(sorted(problems, key=lambda one: one.first)),
        )

    def _solve(self) -> None:
        """Tell those that were moved, and those that only stand behind one, from the others."""
        numbers = {(event.number or 0) + by for event, _ in self._puzzle for by in (-1, 0, 1)}
        hashes = {event.hash or "" for event, _ in self._puzzle}
        hashes.update(*(before for _, before in self._puzzle))
        for event, _ in self._puzzle:
            own = event.number or 0
            if any(chain.link(event, own, before) == event.hash for before in hashes):
                del self.wrong[own]
            elif any(chain.link(event, n, b) == event.hash for n, b in product(numbers, hashes)):
                self.wrong[own] = MOVED


def _join(problems: Sequence[Problem]) -> list[Problem]:
    """Put together what is wrong in the same manner with one number after the other."""
    joined: list[Problem] = []
    for one in problems:
        before = joined[-1] if joined else None
        if before and (before.what, before.last + 1) == (one.what, one.first):
            joined[-1] = Problem(before.first, one.last, one.what)
        else:
            joined.append(one)
    return joined
