"""The event log: sealed into one chain for each site, and read in order.

A transaction that does something writes its event without a number, and so waits for nobody.
`seal` gives out the numbers afterwards, one sealer at a time: what is sealed is always the
beginning of the log, without gaps, and whoever reads on from a number can miss nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, bindparam, select, text, update
from sqlalchemy.orm import Session

from api.moderation import webhooks
from api.moderation.access import Caller
from api.moderation.events import chain
from api.moderation.events.outcomes import OUTCOMES
from api.moderation.paging import Order, Page
from api.moderation.services import Services
from api.moderation.webhooks import callbacks
from api.store.outbox import Event

_TURN = 0x57696E6E6F77
"""The PostgreSQL lock that a sealer holds: any number, the same for all."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last sealed event of a site: whoever notes it elsewhere can prove the log up to it."""

    number: int = 0
    hash: str = chain.START


def seal(
    services: Services, most: int = 500, *, site_id: int | None = None, wait: bool = False
) -> int:
    """Number and chain up to `most` events, oldest first, and pass them on to whoever waits.

    Returns how many. Where another sealer is at work already it is 0, unless told to `wait`:
    then 0 means that nothing is left, of that site or of all.
    """
    waiting = _waiting(site_id).limit(most)
    with services.database.reading() as session:
        if session.scalar(waiting.with_only_columns(Event.id).limit(1)) is None:
            return 0
    with services.database.writing() as session:
        if not _take_turn(session, wait):
            return 0
        # Read like events, but not known to the session: that is half the time of a seal.
        rows = session.execute(waiting).mappings()
        found = [cast("Event", SimpleNamespace(**row)) for row in rows]
        _number(session, found)
        webhooks.fan_out(session, services, found)
        callbacks.plan(session, services, found)
        return len(found)


_table: Any = Event.__table__


def _waiting(site_id: int | None) -> Select[Any]:
    here: list[ColumnElement[bool]] = [] if site_id is None else [Event.site_id == site_id]
    return select(_table).where(Event.number.is_(None), *here).order_by(Event.id)


def _take_turn(session: Session, wait: bool) -> bool:
    """Whether this transaction is the only one to seal; SQLite has one writer anyway."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    if wait:
        session.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})
        return True
    return bool(session.scalar(text("SELECT pg_try_advisory_xact_lock(:turn)"), {"turn": _TURN}))


def hold(session: Session) -> None:
    """Keep every sealer out until this transaction ends: for who changes what is in the log."""
    _take_turn(session, wait=True)


_SEALED = (
    update(_table)
    .where(_table.c.id == bindparam("key"))
    .values({name: bindparam(name) for name in ("number", "hash", "salt")})
)


def _number(session: Session, found: Sequence[Event]) -> None:
    heads: dict[int, Head] = {}
    for event in found:
        last = heads.get(event.site_id) or read_head(session, event.site_id)
        event.salt, event.number = chain.make_salt(), last.number + 1
        event.hash = chain.link(event, event.number, last.hash)
        heads[event.site_id] = Head(event.number, event.hash)
    rows = [{"key": e.id, "salt": e.salt, "number": e.number, "hash": e.hash} for e in found]
    if rows:
        session.connection().execute(_SEALED, rows)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events to list; None means any. `type` is an act or an outcome."""

    after: int = 0
    type: str | None = None
    comment: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same in SQL."""
        found = [Event.number > self.after]
        if self.comment is not None:
            found.append(Event.comment_id == self.comment)
        if self.type in OUTCOMES:
            status, was = (Event.data[name].as_string() for name in ("status", "was"))
            found += [status == OUTCOMES[self.type], was.is_distinct_from(status)]
        elif self.type is not None:
            found.append(Event.type == self.type)
        return found


def list_events(
    services: Services,
    caller: Caller,
    wanted: Wanted,
    limit: int,
    cursor: str | None = None,
) -> Page[Event]:
    """One page of the site's log, oldest first: nothing committed before the call is missing.

    What is not sealed yet is sealed first, for as long as the page has room for it.
    """
    here = Event.site_id == caller.site_id, Event.number.is_not(None)
    query = _IN_ORDER.apply(select(Event).where(*here, *wanted.conditions()), cursor)
    while True:
        sealed = seal(services, site_id=caller.site_id, wait=True)
        with services.database.reading() as session:
            found = session.scalars(query.limit(limit + 1)).all()
        if len(found) > limit:
            return Page(found[:limit], _IN_ORDER.encode(found[limit - 1]))
        if not sealed:
            return Page(found, None)


_IN_ORDER = Order((Event.number,), descending=False)


def find_head(services: Services, caller: Caller) -> Head:
    """The last event of the site, once everything committed before the call is sealed."""
    while seal(services, site_id=caller.site_id, wait=True):
        pass
    with services.database.reading() as session:
        return read_head(session, caller.site_id)


def read_head(session: Session, site_id: int) -> Head:
    """The last sealed event of a site as it is in this transaction."""
    last = (
        select(Event.number, Event.hash)
        .where(Event.site_id == site_id, Event.number.is_not(None))
        .order_by(Event.number.desc())
        .limit(1)
    )
    row = session.execute(last).one_or_none()
    return Head(row.number or 0, row.hash or chain.START) if row else Head()
