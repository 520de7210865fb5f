"""The daily sweep: what a site has kept long enough goes, in small batches.

Comments are looked for in readings, some thousands at a time, and changed in short transactions
that look again. How far a sweep has come, and what it has done, is kept with the site in the same
transactions: whatever is killed, the next one goes on there, and one event in the end has all
counts.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from api.moderation import comments
from api.moderation.access import Caller
from api.moderation.events import recording
from api.moderation.learning import unlearning
from api.moderation.privacy import SWEPT, due, removing, settings
from api.moderation.privacy.addressing import WHOLE
from api.moderation.services import Services
from api.store import privacy as store
from api.store.tables import Comment, Site

BATCH = 100
"""How many comments a transaction changes."""

BATCHES = 200
"""How many transactions one sweep makes before it lets others have its place."""

WINDOW = 20_000
"""Within how many numbers a reading looks."""

_BEFORE_ALL = -(2**62)

_PLACE = "sweep"
"""The member of a site's `privacy` while it is swept: `after`, a number, and `counts`."""


def sweep(services: Services) -> bool:
    """Do what every site has asked for; False where there is so much that it must go on.

    For each site where anything was changed, one event has how many comments, by kind.
    """
    left = BATCHES
    for site_id in _list_sites(services):
        while True:
            with services.database.reading() as session:
                ids, after = _find_next(session, services, site_id)
            if after is None:
                break
            if not left:
                return False
            left -= 1
            _change(services, site_id, ids, after)
        _finish(services, site_id)
    return True


def _list_sites(services: Services) -> list[int]:
    """Those that have asked for anything, from the one on where the last sweep was interrupted."""
    asked = or_(Site.privacy.is_not(None), Site.addresses != WHOLE)
    with services.database.reading() as session:
        sites = session.scalars(select(Site).where(asked).order_by(Site.id)).all()
    begun = [at for at, site in enumerate(sites) if _read_place(site)]
    return [site.id for site in sites[min(begun, default=0) :]]


def _find_next(
    session: Session, services: Services, site_id: int
) -> tuple[Sequence[int], int | None]:
    """The next comments that are due, and how far that is; None where there are no more."""
    site = session.get_one(Site, site_id)
    after = (_read_place(site) or {}).get("after", _BEFORE_ALL)
    conditions = _find_conditions(site, services)
    if not conditions:
        return (), None
    here = select(Comment.id).where(
        # Not by an index of the site: the rows are wanted in the order they lie in.
        Comment.site_id + 0 == site_id,
        or_(*conditions.values()),
    )
    # Between the numbers of imported comments and those of others nothing lies.
    while (
        begin := session.scalar(select(func.min(Comment.id)).where(Comment.id > after))
    ) is not None:
        upto = begin + WINDOW
        inside = here.where(Comment.id > after, Comment.id <= upto)
        ids = session.scalars(inside.order_by(Comment.id).limit(BATCH)).all()
        if ids:
            return ids, ids[-1]
        after = upto
    return (), None


def _change(services: Services, site_id: int, ids: Sequence[int], after: int) -> None:
    """Do what is to be done with some comments, as far as they are still due."""
    done = Counter[str]()
    with services.database.writing() as session:
        unlearning.lock(session, site_id)
        comments.lock_rows(session, Comment.id.in_(ids))
        site = session.get_one(Site, site_id)
        conditions = _find_conditions(site, services)
        for kind, act in removing.ACTS.items():
            if kind in conditions:
                wanted = select(Comment).where(Comment.id.in_(ids), conditions[kind])
                found = session.scalars(wanted).all()
                act(session, services, site_id, found)
                session.flush()
                done[kind] += len(found)
        done.update((_read_place(site) or {}).get("counts", {}))
        _note(site, {"after": after, "counts": dict(+done)})


def _finish(services: Services, site_id: int) -> None:
    """The sweep of a site is over: leave nothing of what it has deleted, and say what that was."""
    with services.database.reading() as session:
        if _read_place(session.get_one(Site, site_id)) is None:
            return
    store.wipe_leftovers(services.database)
    with services.database.writing() as session:
        site = session.get_one(Site, site_id, with_for_update={"key_share": True})
        place = _read_place(site)
        _note(site, None)
        if place and place["counts"]:
            caller = Caller(site_id, "admin", removing.ACTOR)
            recording.record(session, services, caller, SWEPT, place["counts"])


def _find_conditions(site: Site, services: Services) -> due.Conditions:
    wanted = settings.read_row(site)
    return due.find_conditions(wanted.keep, wanted.addresses, services.now())


def _read_place(site: Site) -> dict[str, Any] | None:
    found: dict[str, Any] | None = (site.privacy or {}).get(_PLACE)
    return found


def _note(site: Site, place: dict[str, Any] | None) -> None:
    others = {name: value for name, value in (site.privacy or {}).items() if name != _PLACE}
    # An empty one would be as none.
    site.privacy = {**others, _PLACE: place} if place else others or None
