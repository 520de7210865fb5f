"""Takes comments in, batch by batch: judged before the transaction, kept with how far that is.

One batch is kept whole or not at all, and is short, so that those who write meanwhile wait for a
moment. A comment that the site has already is left as it is, whatever the file says of it.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from api.moderation import inforce, standings
from api.moderation.access import Caller
from api.moderation.moving import rows, runs
from api.moderation.moving.arrivals import Arrival
from api.moderation.moving.judging import Judge
from api.moderation.moving.runs import Counts, Run
from api.moderation.policy.judging import Judgement
from api.moderation.privacy.addressing import find_keeper
from api.moderation.services import Services
from api.moderation.standings import Said, Wanted
from api.store.gathering import BusyError
from api.store.imports import find_known, write_rows

BATCH: Final = 250
"""How many comments a transaction writes."""

TRIES: Final = 20
"""How often a batch is tried while others keep the database busy."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The next part of a file: what can be kept, and what its other comments are counted as."""

    arrivals: Sequence[Arrival]
    other: Counts

    @property
    def length(self) -> int:
        """How many comments of the file it is about."""
        return len(self.arrivals) + self.other.read


class Taker:
    """Takes the comments of one file into a site."""

    def __init__(
        self,
        services: Services,
        caller: Caller,
        run: Run,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._services, self._caller, self._run, self._wait = services, caller, run, wait
        self._judge = Judge(services, caller.site_id)

    def take(self, batch: Batch) -> list[str]:
        """Keep a batch; the ids of those that were there already."""
        first = _leave_repeated(batch.arrivals)
        known = self._find_known([one.draft.id or "" for one in first])
        fresh = [one for one in first if one.draft.id not in known]
        judgements = self._judge.judge(fresh)
        for _ in range(TRIES):
            try:
                return self._keep(batch, list(zip(fresh, judgements, strict=True)))
            except (BusyError, IntegrityError):
                # Another has written one of them this very moment, or has the database.
                self._wait(0.2)
        raise BusyError("Others keep the database busy; run the same again to go on.")

    def ban(self, bans: Sequence[tuple[str, Said]]) -> None:
        """Say of authors what was said of them elsewhere, where nobody has said anything here."""
        done = 0
        for author_id, said in bans:
            wanted = Wanted("author", author_id)
            if not standings.list_standings(self._services, self._caller, wanted, 1).items:
                standings.put(self._services, self._caller, said)
                done += 1
        self._run.counts.bans += done

    def _find_known(self, ids: Sequence[str]) -> set[str]:
        with self._services.database.looking() as connection:
            return find_known(connection, self._caller.site_id, ids)

    def _keep(self, batch: Batch, judged: Sequence[tuple[Arrival, Judgement]]) -> list[str]:
        services, run = self._services, self._run
        way = inforce.find(services, run.site_id).addresses
        keeper = find_keeper(services.secret_key, run.site_id, way)
        made = [rows.make(services, keeper, run, *one) for one in judged]
        counts = Counts()
        counts.add(run.counts)
        counts.add(batch.other)
        position, known = run.position + batch.length, list[str]()

        def act(connection: Connection) -> Counts:
            ids = [one.comment["public_id"] for one in made]
            there = find_known(connection, run.site_id, ids)
            new = [one for one in made if one.comment["public_id"] not in there]
            write_rows(connection, new)
            found = Counts(read=len(batch.arrivals), known=len(batch.arrivals) - len(new))
            found.taken = Counter(one.comment["status"] for one in new)
            found.add(counts)
            runs.advance(connection, services, run, position, found)
            taken = {one.comment["public_id"] for one in new}
            known[:] = _list_known(batch.arrivals, taken)
            return found

        run.counts = services.database.write(act)
        run.position = position
        return known


def _leave_repeated(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """The first of each id: what comes again in a file is there already by then."""
    found: dict[str | None, Arrival] = {}
    for one in arrivals:
        found.setdefault(one.draft.id, one)
    return list(found.values())


def _list_known(arrivals: Sequence[Arrival], taken: set[str]) -> list[str]:
    left, known = set(taken), []
    for one in arrivals:
        name = one.draft.id or ""
        if name in left:
            left.discard(name)
        else:
            known.append(name)
    return known
