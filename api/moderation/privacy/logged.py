"""The event log and a person who is erased: who acted, and how, goes; the chain stays whole.

See `api.moderation.events.chain`: the digest of what goes takes the salt's place, so heads that
were noted before hold. Whoever changes events keeps the sealer out for as long: it could seal
what it has read a moment before.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from api.moderation.events import chain
from api.store.outbox import Attempt, Delivery, Event, Webhook

WINDOW = 5_000
"""How many events a look for an actor's goes through at once: no index leads to them."""


def erase_of_comments(session: Session, site_id: int, public_ids: Sequence[str]) -> int:
    """Leave of the events of these comments where they stood, and no more; how many that were.

    The session holds the sealer's turn. What receivers answered to these events goes, too.
    """
    return _erase(session, site_id, Event.comment_id.in_(public_ids))


def erase_some(session: Session, site_id: int, keys: Sequence[int]) -> int:
    """The same of these very events."""
    return _erase(session, site_id, Event.id.in_(keys))


def find_of_moderator(
    session: Session, site_id: int, actors: Sequence[str], name: str, after: int
) -> tuple[Sequence[int], int | None]:
    """The next events by, or about, somebody who moderated; and up to where that was looked.

    `name` is what the log calls them as a moderator. None where there are no more events.
    """
    here = select(Event.id).where(Event.site_id == site_id, Event.id > after)
    keys = session.scalars(here.order_by(Event.id).limit(WINDOW)).all()
    if not keys:
        return (), None
    about = Event.data["moderator"].as_string() == name
    wanted = select(Event.id).where(
        Event.site_id == site_id,
        Event.id.between(keys[0], keys[-1]),
        or_(Event.actor.in_(actors), about),
    )
    return session.scalars(wanted.order_by(Event.id)).all(), keys[-1]


def _erase(session: Session, site_id: int, condition: ColumnElement[bool]) -> int:
    found = session.scalars(select(Event).where(Event.site_id == site_id, condition)).all()
    changed = [event for event in found if not chain.is_erased(event)]
    for event in changed:
        if event.number is not None:
            # Before the seal there is nothing to keep whole.
            event.salt = chain.digest(event)
        standing = {name: event.data[name] for name in chain.STANDING if name in event.data}
        event.actor, event.data = chain.ERASED, standing
    _empty_attempts(session, site_id, [event.id for event in found])
    session.flush()
    return len(changed)


def _empty_attempts(session: Session, site_id: int, events: Sequence[int]) -> None:
    # By the webhooks: so an index leads to the deliveries.
    own = select(Webhook.id).where(Webhook.site_id == site_id)
    sent = select(Delivery.id).where(Delivery.webhook_id.in_(own), Delivery.event_id.in_(events))
    empty = update(Attempt).where(Attempt.delivery_id.in_(sent)).values(answer=None, error=None)
    session.execute(empty, execution_options={"synchronize_session": False})
