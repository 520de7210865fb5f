"""Events on their way to webhooks: each message, its tries, and sending it once more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from api.moderation import webhooks
from api.moderation.access import Caller
from api.moderation.errors import ConflictError, NotFoundError
from api.moderation.paging import Order, Page
from api.moderation.repeats import perform
from api.moderation.services import Services
from api.store.outbox import Attempt, Delivery, Event, Job, Webhook

STATUSES = ("pending", "delivered", "failed", "cancelled")

TEST = "webhook.test"
"""The type of a message that says nothing but that messages arrive."""

MOST_AT_ONCE = 10_000
"""How many failed messages one request has sent again."""

NEWEST = Order((Delivery.id,), descending=True)


@dataclass(frozen=True, slots=True)
class Logged:
    """A delivery with its event's number, None for a test, and its tries, oldest first."""

    delivery: Delivery
    event: int | None
    attempts: Sequence[Attempt] = ()


def list_deliveries(
    services: Services,
    caller: Caller,
    webhook_id: str,
    status: str | None,
    limit: int,
    cursor: str | None = None,
) -> Page[Logged]:
    """One page of what a webhook was or is to be sent, newest first."""
    with services.database.reading() as session:
        webhook = webhooks.load(session, caller, webhook_id)
        wanted = select(Delivery).where(Delivery.webhook_id == webhook.id)
        if status is not None:
            wanted = wanted.where(Delivery.status == status)
        found = session.scalars(NEWEST.apply(wanted, cursor).limit(limit + 1)).all()
        more = len(found) > limit
        shown = found[:limit]
        return Page(_log(session, shown), NEWEST.encode(shown[-1]) if more else None)


def test(services: Services, caller: Caller, webhook_id: str) -> Logged:
    """Have a test message sent, the way all messages go, even where the webhook is off."""

    def act(session: Session) -> Logged:
        webhook = webhooks.load(session, caller, webhook_id, lock=True)
        message = webhooks.add_delivery(session, services, webhook, TEST, None)
        return _log(session, [_load(session, webhook, message)])[0]

    return perform(services, caller.site_id, caller.ticket, act)


def redeliver(services: Services, caller: Caller, webhook_id: str, message: str) -> Logged:
    """Have a message sent again now, whatever became of it, with all its tries before it.

    Raises ConflictError where the webhook is off.
    """

    def act(session: Session) -> Logged:
        webhook = _load_active(session, caller, webhook_id)
        found = _load(session, webhook, message)
        _send_again(session, webhook, [found], services.now())
        return _log(session, [found])[0]

    return perform(services, caller.site_id, caller.ticket, act)


def redeliver_failed(services: Services, caller: Caller, webhook_id: str, since: datetime) -> int:
    """Have what failed or was cancelled, of messages made since then, sent again.

    Returns how many: the oldest first, `MOST_AT_ONCE` at most.
    """

    def act(session: Session) -> int:
        webhook = _load_active(session, caller, webhook_id)
        lost = select(Delivery).where(
            Delivery.webhook_id == webhook.id,
            Delivery.status.in_(("failed", "cancelled")),
            Delivery.created_at >= since,
        )
        found = session.scalars(lost.order_by(Delivery.id).limit(MOST_AT_ONCE)).all()
        _send_again(session, webhook, found, services.now())
        return len(found)

    return perform(services, caller.site_id, caller.ticket, act)


def _load_active(session: Session, caller: Caller, webhook_id: str) -> Webhook:
    found = webhooks.load(session, caller, webhook_id, lock=True)
    if not found.active:
        raise ConflictError("The webhook is switched off; switch it on first.")
    return found


def _load(session: Session, webhook: Webhook, message: str) -> Delivery:
    wanted = Delivery.webhook_id == webhook.id, Delivery.public_id == message
    found = session.scalar(select(Delivery).where(*wanted))
    if found is None:
        raise NotFoundError(f"There is no message {message}.")
    return found


def _send_again(
    session: Session, webhook: Webhook, found: Sequence[Delivery], now: datetime
) -> None:
    """A new round of tries for each; what is being sent at this moment is left alone."""
    for delivery in found:
        idle = or_(Job.worker.is_(None), Job.due_at <= now)
        session.execute(delete(Job).where(Job.key == delivery.public_id, idle))
        delivery.status, delivery.finished_at = "pending", None
        webhooks.enqueue(session, webhook, delivery.public_id, now)


def _log(session: Session, found: Sequence[Delivery]) -> list[Logged]:
    numbers = select(Event.id, Event.number).where(Event.id.in_([one.event_id for one in found]))
    events = {row.id: row.number for row in session.execute(numbers)}
    tries: dict[int, list[Attempt]] = {one.id: [] for one in found}
    of_these = select(Attempt).where(Attempt.delivery_id.in_(tries)).order_by(Attempt.number)
    for one in session.scalars(of_these):
        tries[one.delivery_id].append(one)
    return [Logged(one, events.get(one.event_id or 0), tries[one.id]) for one in found]
