"""The tries of a delivery: what is to be sent, and what comes of what the receiver answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.moderation import webhooks
from api.moderation.services import Services
from api.moderation.webhooks.messages import Message, compose
from api.store.database import in_session
from api.store.jobs import GiveUpError, LaterError
from api.store.outbox import Attempt, Delivery, Webhook
from api.telemetry import counters

WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long after each failed try the next one follows: ten tries in a little over three days."""

LONGEST_WAIT = timedelta(hours=24)
"""What a receiver may ask for at most with Retry-After."""

JITTER = 0.1
"""By which part a wait is longer or shorter by chance, so that not all come back at once."""

PATIENCE = timedelta(days=5)
FEWEST_FAILURES = 20
"""A webhook is switched off when nothing but failures came for so long, and so many of them."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a try: `status` is None without an answer, `error` where it failed.

    `retry` says whether another try may help, `wait` how long the receiver wants us to.
    """

    milliseconds: int
    status: int | None = None
    answer: str | None = None
    error: str | None = None
    retry: bool = False
    wait: timedelta = timedelta()


def prepare(services: Services, message: str) -> Message | None:
    """What is to be sent now; None where nothing is, because it is done or nobody wants it."""
    found = _find(services, message)
    if found is None:
        return None
    webhook, delivery = found
    if not _wanted(webhook, delivery):
        _cancel(services, webhook, message)
        return None
    with services.database.reading() as session:
        return compose(session, webhook, delivery, services.now())


def record(services: Services, message: str, result: Result, tries: int, chance: float) -> None:
    """Write a try down, `tries` being how many it makes in this round, and `chance` in [0, 1).

    Raises LaterError where it is to be tried again, GiveUpError where it has failed for good.
    Where nobody waits for the message any more, what came of it changes nothing.
    """

    def act(session: Session) -> tuple[str, timedelta]:
        loaded = _load(session, message)
        if loaded is None:
            return "cancelled", timedelta()
        webhook, delivery = loaded
        now = services.now()
        _add(session, delivery, result, now)
        if result.error is None:
            delivery.status, delivery.finished_at = "delivered", now
            webhook.failures, webhook.failing_since = 0, None
            return delivery.status, timedelta()
        wait = find_wait(result, tries, chance)
        if wait is None:
            delivery.status, delivery.finished_at = "failed", now
        else:
            delivery.status, delivery.finished_at = "pending", None
        _count_failure(session, webhook, result, now)
        return delivery.status, wait or timedelta()

    status, wait = services.database.write(in_session(act))
    counters.count(counters.DELIVERIES, "retried" if status == "pending" else status)
    if status == "pending":
        raise LaterError(wait, result.error)
    if status == "failed":
        raise GiveUpError(result.error or "")


def find_wait(result: Result, tries: int, chance: float) -> timedelta | None:
    """How long to wait after so many tries; None where no further one would help."""
    if not result.retry or tries > len(WAITS):
        return None
    usual = WAITS[tries - 1] * (1 - JITTER + 2 * JITTER * chance)
    return max(usual, min(result.wait, LONGEST_WAIT))


def _add(session: Session, delivery: Delivery, result: Result, now: datetime) -> None:
    delivery.attempts += 1
    session.add(
        Attempt(
            delivery_id=delivery.id,
            number=delivery.attempts,
            status=result.status,
            error=result.error,
            answer=result.answer,
            milliseconds=result.milliseconds,
            created_at=now,
        )
    )


def _count_failure(session: Session, webhook: Webhook, result: Result, now: datetime) -> None:
    """Switch a webhook off that wants no more, or that has not worked for days."""
    webhook.failures += 1
    since = webhook.failing_since = webhook.failing_since or now
    # What this transaction has changed so far must be there before pending ones are cancelled.
    session.flush()
    if result.status == 410:
        webhooks.stop(session, webhook, "The receiver answered 410 Gone.", now)
    elif webhook.active and webhook.failures >= FEWEST_FAILURES and now - since >= PATIENCE:
        reason = f"Nothing has arrived since {since:%Y-%m-%d %H:%M} UTC. Last: {result.error}"
        webhooks.stop(session, webhook, reason, now)


def _wanted(webhook: Webhook, delivery: Delivery) -> bool:
    # A test is sent to a webhook that is off as well.
    return webhook.active or delivery.event_id is None


def _cancel(services: Services, webhook: Webhook, message: str) -> None:
    def act(session: Session) -> None:
        loaded = _load(session, message)
        if loaded is not None and not _wanted(*loaded):
            loaded[1].status, loaded[1].finished_at = "cancelled", services.now()

    services.database.write(in_session(act))


def _find(services: Services, message: str) -> tuple[Webhook, Delivery] | None:
    """A delivery that is still to be made; a dead letter that is replayed is one, too."""
    wanted = (
        select(Webhook, Delivery)
        .join(Delivery, Delivery.webhook_id == Webhook.id)
        .where(Delivery.public_id == message, Delivery.status.in_(("pending", "failed")))
    )
    with services.database.reading() as session:
        found = session.execute(wanted).one_or_none()
    return found and (found[0], found[1])


def _load(session: Session, message: str) -> tuple[Webhook, Delivery] | None:
    """The same, for changing it; the webhook first, as everybody locks them in this order."""
    of_this = select(Delivery.webhook_id).where(Delivery.public_id == message)
    wanted = select(Webhook).where(Webhook.id == of_this.scalar_subquery())
    webhook = session.scalar(wanted.with_for_update(key_share=True))
    open_still = Delivery.public_id == message, Delivery.status.in_(("pending", "failed"))
    delivery = session.scalar(select(Delivery).where(*open_still).with_for_update())
    return (webhook, delivery) if webhook is not None and delivery is not None else None
