"""Which adapters a site has: keeping one, putting it in force, and taking it back.

`sites.adapter` says which is in force, and every process reads it with each request: whoever
changes it, in one transaction with the event that says so, has changed the next verdict everywhere.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.moderation.access import Caller
from api.moderation.errors import ConflictError, ForcibleError
from api.moderation.events import recording
from api.moderation.learning import stored, unlearning
from api.moderation.learning.stored import Candidate
from api.moderation.paging import Order, Page
from api.moderation.repeats import perform
from api.moderation.services import Services
from api.store.database import in_session
from api.store.learning import StoredAdapter
from api.store.tables import Site

TRAINED, REFUSED, PROMOTED = "model.trained", "model.refused", "model.promoted"
"""The events, beside `stored.ROLLED_BACK`."""

TAKEN_BACK = "This very adapter was in force and was taken back."

_NEWEST = Order((StoredAdapter.id,), descending=True)


def list_versions(
    services: Services, caller: Caller, limit: int = 50, cursor: str | None = None
) -> Page[StoredAdapter]:
    """One page of the adapters that the caller's site may use, newest first."""
    wanted = _NEWEST.apply(stored.choose(caller.site_id), cursor).limit(limit + 1)
    with services.database.reading() as session:
        rows = session.scalars(wanted).all()
    return Page(rows[:limit], _NEWEST.encode(rows[limit - 1]) if len(rows) > limit else None)


def show(services: Services, caller: Caller, public_id: str) -> StoredAdapter:
    """An adapter of the caller's site, or one that several sites have taught.

    Raises NotFoundError where there is none of that name.
    """
    with services.database.reading() as session:
        return stored.load(session, caller.site_id, public_id)


def keep(
    services: Services,
    caller: Caller,
    candidate: Candidate,
    promote: bool = True,
    present: int | None = None,
) -> StoredAdapter:
    """Keep what a site has taught and put it in force where the gate is open, in one commit.

    `present` is the adapter that the gate has compared it with: where that is in force no more,
    it waits.
    """

    def act(session: Session) -> StoredAdapter:
        site = session.get_one(Site, caller.site_id, with_for_update=True)
        row = stored.make(session, candidate, site.id, caller.actor)
        if candidate.version in stored.find_taken_back(session, site.id):
            _refuse(row, stored.REFUSED, TAKEN_BACK)
        if unlearning.is_gone(session, candidate.keys):
            _refuse(row, stored.STALE, unlearning.ERASED)
        is_open = row.state == stored.WAITING
        recording.record(session, services, caller, TRAINED, {**tell(row), "open": is_open})
        if not is_open:
            told = {**tell(row), "why": row.report["why"]}
            recording.record(session, services, caller, REFUSED, told)
        elif promote and site.adapter == present:
            _put(session, services, caller, site, row)
        stored.forget_old(session, site.id)
        return row

    return perform(services, caller.site_id, None, act)


def keep_shared(
    services: Services, candidate: Candidate, actor: str, site_ids: Sequence[int] = ()
) -> StoredAdapter:
    """Keep what these sites have taught; `promote` puts it in force for one of them."""

    def act(session: Session) -> StoredAdapter:
        for site_id in sorted(site_ids):
            unlearning.lock(session, site_id)
        row = stored.make(session, candidate, None, actor)
        row.report = {**row.report, unlearning.TAUGHT_BY: sorted(site_ids)}
        if unlearning.is_gone(session, candidate.keys):
            _refuse(row, stored.STALE, unlearning.ERASED)
        stored.forget_old(session, None)
        return row

    return services.database.write(in_session(act))


def promote(
    services: Services,
    caller: Caller,
    public_id: str,
    force: bool = False,
    spare_own: bool = False,
) -> StoredAdapter:
    """Have an adapter correct what is said of the next comment; one in force stays so.

    With `spare_own`, another that the site has taught alone stays so too. Raises ConflictError
    where it corrects another model than the one in use or has learnt of what is erased, and
    unless forced, ForcibleError where the gate was shut or it was taken back.
    """

    def act(session: Session) -> StoredAdapter:
        site = session.get_one(Site, caller.site_id, with_for_update=True)
        row = stored.load(session, site.id, public_id)
        if site.adapter == row.id or (spare_own and _has_own(session, site)):
            return row
        model = services.scorer.model
        if model is not None and model.version != row.base:
            raise ConflictError(f"It corrects {row.base}, and {model.version} is in use.")
        if row.state == stored.STALE:
            raise ConflictError(unlearning.ERASED)
        objection = _object(session, site.id, row)
        if objection is not None and not force:
            raise ForcibleError(objection)
        _put(session, services, caller, site, row, objection)
        return row

    return perform(services, caller.site_id, caller.ticket, act)


def find_objection(services: Services, caller: Caller, row: StoredAdapter) -> str | None:
    """Why an adapter is put in force only by force; None where nothing speaks against it."""
    with services.database.reading() as session:
        return _object(session, caller.site_id, row)


def rollback(
    services: Services, caller: Caller, why: str | None = None, only: int | None = None
) -> StoredAdapter | None:
    """Take the adapter in force back; return the one that was in force before it, if any.

    `why` is kept. With `only`, nothing is done unless that very one is in force. Of a stale one
    the event says `erased`. Raises ConflictError where none is in force.
    """

    def act(session: Session) -> StoredAdapter | None:
        site = session.get_one(Site, caller.site_id, with_for_update=True)
        if only not in (None, site.adapter):
            return None
        if site.adapter is None:
            raise ConflictError("No adapter is in force: the shipped model judges alone.")
        row = session.get_one(StoredAdapter, site.adapter, options=[stored.LIGHT])
        before = stored.find_before(session, site.id, row)
        site.adapter = None if before is None else before.id
        told = {**tell(row), "to": before and before.public_id, "why": why}
        if row.state == stored.STALE:
            told["erased"] = True
        elif row.site_id is not None:
            row.state = stored.WITHDRAWN
        recording.record(session, services, caller, stored.ROLLED_BACK, told)
        return before

    return perform(services, caller.site_id, caller.ticket, act)


def tell(row: StoredAdapter) -> dict[str, Any]:
    """What events say of an adapter."""
    return {"model": row.public_id, "version": row.version, "labels": row.labels}


def _refuse(row: StoredAdapter, state: str, why: str) -> None:
    row.state, row.report = state, {**row.report, "open": False, "why": why}


def _object(session: Session, site_id: int, row: StoredAdapter) -> str | None:
    if row.state == stored.REFUSED:
        return f"The gate was shut for it: {row.report['why']}"
    return TAKEN_BACK if stored.is_taken_back(session, site_id, row) else None


def _has_own(session: Session, site: Site) -> bool:
    present = select(StoredAdapter.site_id).where(StoredAdapter.id == site.adapter)
    return session.scalar(present) is not None


def _put(
    session: Session,
    services: Services,
    caller: Caller,
    site: Site,
    row: StoredAdapter,
    objection: str | None = None,
) -> None:
    # One that several sites use has another before it in each of them.
    if row.site_id is not None:
        row.replaced = site.adapter
    site.adapter = row.id
    if site.trial == row.id:
        site.trial = None
    row.state, row.promoted_at = stored.PROMOTED, services.now()
    forced = {} if objection is None else {"forced": True, "why": objection}
    recording.record(session, services, caller, PROMOTED, {**tell(row), **forced})
