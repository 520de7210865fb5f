"""Queues that a site has made for itself: views over what waits, and places to escalate to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.moderation import filters
from api.moderation.access import Caller
from api.moderation.errors import ConflictError, FieldError, NotFoundError, TakenError
from api.moderation.events import recording
from api.moderation.filters import Filter
from api.moderation.queues import AUDIT, BUILT_IN, DEFAULT, DISPUTED, ESCALATED, REPORTED
from api.moderation.queues.listing import Asked
from api.moderation.services import Services
from api.store.review import SavedQueue, Waiting
from api.store.tables import Site

KEYS = {DEFAULT: "d", ESCALATED: "e", REPORTED: "r", DISPUTED: "x", AUDIT: "m"}
"""The letters that lead to the built-in queues; no saved queue has one of them."""

VIEWED = tuple(name for name in BUILT_IN if name != AUDIT)
"""What a view may look at: samples come without what a filter would tell."""

RESERVED = ("all", "mine", "new", "claims", "samples")
"""Names that would be taken for something else."""

MOST = 50
"""How many queues a site may save."""

CHANGED = "queue.changed"
"""The type of the event that tells of a queue that was saved or deleted."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a saved queue is to be; without a filter it is a place to escalate to.

    `filter` is as `filters.dump` makes it, and may name the `queue` that it looks at.
    """

    title: str
    filter: dict[str, Any] | None = None
    sort: str = "priority"
    key: str | None = None
    within_minutes: int | None = None


def resolve(
    services: Services,
    caller: Caller,
    name: str | None,
    wanted: Filter | None = None,
    sort: str | None = None,
    mine: bool = False,
) -> Asked:
    """What a queue's name means for listing and claims; None means all that wait.

    `wanted` narrows it down, `sort` goes before the queue's own. Raises NotFoundError where the
    caller's site has no such queue.
    """
    wanted = wanted or Filter()
    if name is None or name in BUILT_IN:
        return Asked(name, wanted, sort or "priority", mine=mine)
    with services.database.reading() as session:
        row = _load(session, caller.site_id, name)
    queue, view = read(row.name, row.filter)
    return Asked(queue, wanted, sort or row.sort, view, mine)


def read(name: str, plain: Mapping[str, Any] | None) -> tuple[str, Filter]:
    """In which queue that lies what a queue shows, and what of it that is."""
    if plain is None:
        return name, Filter()
    return plain.get("queue", DEFAULT), filters.load(plain)


def find(services: Services, caller: Caller, name: str) -> SavedQueue:
    """One saved queue of the caller's site; raise NotFoundError where there is none."""
    with services.database.reading() as session:
        return _load(session, caller.site_id, name)


def list_saved(services: Services, site_id: int) -> Sequence[SavedQueue]:
    """The queues that a site has saved, oldest first."""
    with services.database.reading() as session:
        here = select(SavedQueue).where(SavedQueue.site_id == site_id)
        return session.scalars(here.order_by(SavedQueue.id)).all()


def hold_place(session: Session, site_id: int, name: str) -> bool:
    """Whether there is such a place to escalate to; then nobody can delete it till the commit."""
    here = SavedQueue.site_id == site_id, SavedQueue.name == name, SavedQueue.filter.is_(None)
    found = select(SavedQueue.id).where(*here).with_for_update(read=True)
    return session.scalar(found) is not None


def put(services: Services, caller: Caller, name: str, wish: Wish) -> tuple[SavedQueue, bool]:
    """Save a queue; return it, and whether it is a new one.

    Raises TakenError for the name of a queue that every site has, FieldError where the key leads
    elsewhere, ConflictError where a place is to become a view while something lies in it.
    """
    _check_name(name)
    with services.database.writing() as session:
        rows = _lock(session, caller)
        before = rows.pop(name, None)
        _check_key(wish.key, rows.values())
        if before is None and len(rows) >= MOST:
            raise ConflictError(f"A site may save {MOST} queues; delete one first.")
        if before is not None and before.filter is None and wish.filter is not None:
            _check_empty(session, before)
        row = before or SavedQueue(site_id=caller.site_id, name=name, created_at=services.now())
        for field in fields(Wish):
            setattr(row, field.name, getattr(wish, field.name))
        row.actor, row.updated_at = caller.actor, services.now()
        session.add(row)
        session.flush()
        recording.record(session, services, caller, CHANGED, {"queue": name, "deleted": False})
    return row, before is None


def delete(services: Services, caller: Caller, name: str) -> None:
    """Have a saved queue no more; raise ConflictError for a place where something lies."""
    if name in BUILT_IN:
        raise ConflictError("Every site has this queue; it cannot be deleted.")
    with services.database.writing() as session:
        row = _load(session, caller.site_id, name, lock=True)
        if row.filter is None:
            _check_empty(session, row)
        session.delete(row)
        recording.record(session, services, caller, CHANGED, {"queue": name, "deleted": True})


def _lock(session: Session, caller: Caller) -> dict[str, SavedQueue]:
    """The queues of the site by name; one at a time, or two could have the same key."""
    turn = select(Site.id).where(Site.id == caller.site_id)
    session.execute(turn.with_for_update(key_share=True))
    here = select(SavedQueue).where(SavedQueue.site_id == caller.site_id)
    return {row.name: row for row in session.scalars(here.with_for_update())}


def _load(session: Session, site_id: int, name: str, lock: bool = False) -> SavedQueue:
    wanted = select(SavedQueue).where(SavedQueue.site_id == site_id, SavedQueue.name == name)
    found = session.scalar(wanted.with_for_update() if lock else wanted)
    if found is None:
        others = session.scalars(select(SavedQueue.name).where(SavedQueue.site_id == site_id))
        known = ", ".join([*BUILT_IN, *sorted(others)])
        raise NotFoundError(f"There is no queue of this name, but there are: {known}.")
    return found


def _check_name(name: str) -> None:
    if name in BUILT_IN:
        raise TakenError("Every site has a queue of this name; it cannot be changed.")
    if name in RESERVED:
        raise TakenError("This name means something else; choose another.")


def _check_key(key: str | None, others: Iterable[SavedQueue]) -> None:
    if key is None:
        return
    taken = {letter: name for name, letter in KEYS.items()}
    taken |= {one.key: one.name for one in others if one.key is not None}
    if key in taken:
        raise FieldError("/key", f"This key leads to the queue {taken[key]}.")


def _check_empty(session: Session, row: SavedQueue) -> None:
    inside = Waiting.site_id == row.site_id, Waiting.queue == row.name
    number = session.scalar(select(func.count()).select_from(Waiting).where(*inside))
    if number:
        are = "1 comment lies" if number == 1 else f"{number} comments lie"
        raise ConflictError(f"{are} in this queue; decide or escalate them first.")
