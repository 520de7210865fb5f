"""Bulk decisions: one decision about many comments, carried out batch by batch, undone as one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.moderation.access import Caller
from api.moderation.errors import NotFoundError
from api.moderation.paging import Order, Page
from api.moderation.services import Services
from api.store.review import BulkDecision

RUNNING, DONE, STOPPED, UNDOING, UNDONE = "running", "done", "stopped", "undoing", "undone"
STATES = (RUNNING, DONE, STOPPED, UNDOING, UNDONE)

SETTLED, AWAITING = "done", "awaiting_second"
CLAIMED, CHANGED, ALREADY, MISSING = "claimed", "changed", "already_so", "missing"
PASSED_BY = (CLAIMED, CHANGED, ALREADY, MISSING)
"""Why a comment is left as it is: held by somebody else, changed since the bulk decision was taken,
decided just so before, or not there at all."""

TAKEN_BACK, KEPT = "taken_back", "kept"
"""What an undo has made as before, and what it has left because others have changed it since."""

_NEWEST = Order((BulkDecision.id,), descending=True)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a bulk decision has come, in numbers of comments."""

    total: int
    counts: Mapping[str, int]

    @property
    def seen(self) -> int:
        """How many it has dealt with."""
        return sum(self.counts.get(name, 0) for name in (SETTLED, AWAITING, *PASSED_BY))

    @property
    def left(self) -> int:
        """How many it has not come to."""
        return max(0, self.total - self.seen)

    def get(self, name: str) -> int:
        """One of the counts."""
        return self.counts.get(name, 0)


def measure(row: BulkDecision) -> Progress:
    """How far it has come."""
    counts = {name: one for name, one in row.tally.items() if isinstance(one, int)}
    return Progress(row.total, counts)


def find(services: Services, caller: Caller, public_id: str) -> BulkDecision:
    """One bulk decision of the caller's site; raise NotFoundError where there is none."""
    with services.database.reading() as session:
        return load(session, caller, public_id)


def list_all(
    services: Services, caller: Caller, limit: int, cursor: str | None = None
) -> Page[BulkDecision]:
    """One page of the site's bulk decisions, newest first."""
    mine = select(BulkDecision).where(BulkDecision.site_id == caller.site_id)
    with services.database.reading() as session:
        found = session.scalars(_NEWEST.apply(mine, cursor).limit(limit + 1)).all()
    return Page(found[:limit], _NEWEST.encode(found[limit - 1]) if len(found) > limit else None)


def load(session: Session, caller: Caller, public_id: str, lock: bool = False) -> BulkDecision:
    """One bulk decision of the caller's site, in this transaction."""
    wanted = select(BulkDecision).where(
        BulkDecision.site_id == caller.site_id, BulkDecision.public_id == public_id
    )
    found = session.scalar(wanted.with_for_update() if lock else wanted)
    if found is None:
        raise NotFoundError(f"There is no bulk decision {public_id}.")
    return found


def add(row: BulkDecision, counts: Mapping[str, Any]) -> None:
    """Add to what has been counted."""
    before = {name: row.tally.get(name, 0) for name in counts}
    row.tally = {**row.tally, **{name: before[name] + one for name, one in counts.items()}}
