"""The event log and a person who is erased: who acted, and how, goes; the chain stays whole.

See `api.moderation.events.chain`: the digest of what goes takes the salt's place, so heads that
were noted before hold. Whoever changes events keeps the sealer out for as long: it could seal
what it has read a moment before.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from api.moderation import events
from api.moderation.events import chain
from api.store.outbox import Attempt, Delivery, Event

BATCH = 500
"""How many events a transaction changes."""


def erase_of_comments(session: Session, site_id: int, public_ids: Sequence[str]) -> int:
    """Leave of the events of these comments where they stood, and no more; how many that were.

    The session holds the sealer's turn. What receivers answered to these events goes, too.
    """
    return _erase(session, Event.site_id == site_id, Event.comment_id.in_(public_ids))


def erase_actor(session: Session, site_id: int, actor: str, after: int) -> tuple[int, int | None]:
    """The same of some events by an actor; how many, and the number to go on after, if any."""
    events.hold(session)
    here = select(Event.id).where(Event.site_id == site_id, Event.id > after)
    keys = session.scalars(here.order_by(Event.id).limit(10 * BATCH)).all()
    if not keys:
        return 0, None
    between = Event.id.between(keys[0], keys[-1])
    return _erase(session, Event.site_id == site_id, between, Event.actor == actor), keys[-1]


def _erase(session: Session, *conditions: ColumnElement[bool]) -> int:
    changed = 0
    for event in session.scalars(select(Event).where(*conditions)).all():
        if chain.is_erased(event):
            continue
        if event.number is not None:
            # Before the seal there is nothing to keep whole.
            event.salt = chain.digest(event)
        standing = {name: event.data[name] for name in chain.STANDING if name in event.data}
        event.actor, event.data = chain.ERASED, standing
        changed += 1
        _empty_attempts(session, event.id)
    session.flush()
    return changed


def _empty_attempts(session: Session, event_id: int) -> None:
    sent = select(Delivery.id).where(Delivery.event_id == event_id)
    empty = update(Attempt).where(Attempt.delivery_id.in_(sent))
    session.execute(empty.values(answer=None, error=None))
