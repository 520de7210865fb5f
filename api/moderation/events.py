"""The event log: sealed into one chain for each site, and read in order.

A transaction that does something writes its event without a number, and so waits for nobody.
`seal` gives out the numbers afterwards, one sealer at a time: what is sealed is always the
beginning of the log, without gaps, and whoever reads on from a number can miss nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, bindparam, select, text, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from api.moderation import chain, webhooks
from api.moderation.services import Services
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
    """Number and chain up to `most` events, oldest first, and pass them on to the webhooks.

    Returns how many. Where another sealer is at work already it is 0, unless told to `wait`:
    then 0 means that nothing is left, of that site or of all.
    """
    waiting = _waiting(site_id).limit(most)
    with services.database.looking() as connection:
        if connection.execute(waiting.with_only_columns(Event.id).limit(1)).first() is None:
            return 0
    with services.database.writing() as session:
        if not _take_turn(session, wait):
            return 0
        found = session.scalars(waiting).all()
        _number(session, found)
        webhooks.fan_out(session, services, found)
        return len(found)


def _waiting(site_id: int | None) -> Select[Event]:
    here: list[ColumnElement[bool]] = [] if site_id is None else [Event.site_id == site_id]
    return select(Event).where(Event.number.is_(None), *here).order_by(Event.id)


def _take_turn(session: Session, wait: bool) -> bool:
    """Whether this transaction is the only one to seal; SQLite has one writer anyway."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    if wait:
        session.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})
        return True
    return bool(session.scalar(text("SELECT pg_try_advisory_xact_lock(:turn)"), {"turn": _TURN}))


_table = Event.__table__
_SEALED = (
    update(Event.__table__)  # type: ignore[arg-type]
    .where(_table.c.id == bindparam("key"))
    .values({name: bindparam(name) for name in ("number", "hash", "salt")})
)


def _number(session: Session, found: Sequence[Event]) -> None:
    heads: dict[int, Head] = {}
    rows = []
    for event in found:
        last = heads.get(event.site_id) or read_head(session, event.site_id)
        set_committed_value(event, "salt", chain.make_salt())
        head = Head(last.number + 1, chain.link(event, last.number + 1, last.hash))
        heads[event.site_id] = head
        set_committed_value(event, "number", head.number)
        set_committed_value(event, "hash", head.hash)
        rows.append({"key": event.id, "salt": event.salt, "number": head.number, "hash": head.hash})
    if rows:
        session.connection().execute(_SEALED, rows)


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
