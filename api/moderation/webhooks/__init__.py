"""Where a site wants its events sent: making, changing and ending webhooks."""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from api.moderation.access import Caller
from api.moderation.errors import ConflictError, NotFoundError
from api.moderation.events.outcomes import SECURITY, outcome
from api.moderation.repeats import perform
from api.moderation.services import Services
from api.store import jobs
from api.store.inserting import NewRow
from api.store.outbox import Delivery, Event, Job, Webhook
from api.store.tables import Site

MOST = 20
"""How many webhooks a site may have."""

MOST_SECRETS = 5
"""How many secrets sign a message at most, the newest ones."""

KIND = "webhook.deliver"
"""The jobs that send messages."""


def create(
    services: Services, caller: Caller, url: str, types: Sequence[str] = (), description: str = ""
) -> Webhook:
    """Make a webhook; its URL has been checked. Raise ConflictError when there are too many."""
    now = services.now()
    values = {
        "site_id": caller.site_id,
        "public_id": f"wh_{secrets.token_hex(12)}",
        "url": url,
        "description": description,
        "types": list(types),
        "secrets": [{"secret": _make_secret(), "until": None}],
        "active": True,
        "failures": 0,
        "created_at": now,
        "updated_at": now,
    }

    def add(session: Session) -> Webhook:
        # One at a time, or two could both be the last that is allowed.
        session.execute(select(Site.id).where(Site.id == caller.site_id).with_for_update())
        here = select(func.count()).where(Webhook.site_id == caller.site_id)
        if (session.scalar(here) or 0) >= MOST:
            raise ConflictError(f"A site has at most {MOST} webhooks; delete one first.")
        row = Webhook(**values)
        session.add(row)
        return row

    return perform(services, caller.site_id, caller.ticket, add)


def find(services: Services, caller: Caller, public_id: str) -> Webhook:
    """One webhook of the caller's site; raise NotFoundError when there is none."""
    with services.database.reading() as session:
        return load(session, caller, public_id)


def list_webhooks(services: Services, caller: Caller) -> list[Webhook]:
    """The site's webhooks, oldest first."""
    wanted = select(Webhook).where(Webhook.site_id == caller.site_id).order_by(Webhook.id)
    with services.database.reading() as session:
        return list(session.scalars(wanted))


def change(services: Services, caller: Caller, public_id: str, **changes: Any) -> Webhook:
    """Give a webhook another url, types, description, or switch it on or off (`active`)."""
    with services.database.writing() as session:
        found = load(session, caller, public_id, lock=True)
        now = services.now()
        active = changes.pop("active", found.active)
        for name, value in changes.items():
            setattr(found, name, value)
        if active and not found.active:
            found.active, found.stopped_because = True, None
            found.failures, found.failing_since = 0, None
        elif found.active and not active:
            stop(session, found, f"Switched off by {caller.actor}.", now)
        found.updated_at = now
        return found


def remove(services: Services, caller: Caller, public_id: str) -> None:
    """End a webhook; its messages and their log go with it."""
    with services.database.writing() as session:
        found = load(session, caller, public_id, lock=True)
        session.execute(delete(Job).where(Job.lane == lane(public_id)))
        session.delete(found)


def rotate(services: Services, caller: Caller, public_id: str, overlap: timedelta) -> Webhook:
    """Give a webhook a new secret; those it has go on signing for `overlap` at most."""
    made = _make_secret()

    def act(session: Session) -> Webhook:
        found = load(session, caller, public_id, lock=True)
        now = services.now()
        end = (now + overlap).isoformat()
        old = [
            {"secret": one["secret"], "until": min(one["until"] or end, end)}
            for one in _valid(found.secrets, now)
        ]
        found.secrets = [{"secret": made, "until": None}, *old][:MOST_SECRETS]
        found.updated_at = now
        return found

    return perform(services, caller.site_id, caller.ticket, act)


def signing_secrets(webhook: Webhook, now: datetime) -> list[str]:
    """The secrets that sign a message now, the newest first."""
    return [one["secret"] for one in _valid(webhook.secrets, now)]


def load(session: Session, caller: Caller, public_id: str, lock: bool = False) -> Webhook:
    """One webhook of the caller's site; raise NotFoundError when there is none."""
    wanted = select(Webhook).where(
        Webhook.site_id == caller.site_id, Webhook.public_id == public_id
    )
    found = session.scalar(wanted.with_for_update() if lock else wanted)
    if found is None:
        raise NotFoundError(f"There is no webhook {public_id}.")
    return found


def stop(session: Session, webhook: Webhook, reason: str, now: datetime) -> None:
    """Switch a webhook off, and cancel what it has not been sent yet."""
    webhook.active, webhook.stopped_because = False, reason
    pending = Delivery.webhook_id == webhook.id, Delivery.status == "pending"
    session.execute(update(Delivery).where(*pending).values(status="cancelled", finished_at=now))
    idle = Job.worker.is_(None), Job.failed_at.is_(None)
    session.execute(delete(Job).where(Job.lane == lane(webhook.public_id), *idle))


def lane(public_id: str) -> str:
    """The lane of a webhook's jobs."""
    return f"webhook:{public_id}"


def fan_out(session: Session, services: Services, sealed: Sequence[Event]) -> None:
    """Write a delivery, and the job that makes it, for each event and webhook that wants it."""
    sites = {event.site_id for event in sealed}
    # Nobody ends one of them meanwhile: its deliveries would point to nothing.
    wanted = select(Webhook).where(Webhook.site_id.in_(sites), Webhook.active)
    found = session.scalars(wanted.order_by(Webhook.id).with_for_update(read=True, key_share=True))
    by_site: dict[int, list[Webhook]] = {}
    for webhook in found:
        by_site.setdefault(webhook.site_id, []).append(webhook)
    for event in sealed:
        for webhook in by_site.get(event.site_id, ()):
            kind = message_type(webhook.types, event)
            if kind is not None:
                add_delivery(session, services, webhook, kind, event.id)


def message_type(types: Sequence[str], event: Event) -> str | None:
    """As what a webhook that wants `types` is sent an event; None where it does not want it."""
    if event.type in types or not (types or event.type in SECURITY):
        return event.type
    found = outcome(event.data)
    return found if found in types else None


def add_delivery(
    session: Session, services: Services, webhook: Webhook, kind: str, event_id: int | None
) -> str:
    """Write a delivery and its job in the session's transaction; return the message's id."""
    now, message = services.now(), f"msg_{secrets.token_hex(12)}"
    values = {
        "site_id": webhook.site_id,
        "webhook_id": webhook.id,
        "event_id": event_id,
        "public_id": message,
        "type": kind,
        "status": "pending",
        "attempts": 0,
        "created_at": now,
    }
    connection = session.connection()
    NewRow(connection.dialect, Delivery, values).write(connection)
    enqueue(session, webhook, message, now)
    return message


def enqueue(session: Session, webhook: Webhook, message: str, now: datetime) -> None:
    """Have a message sent at once; it has one job at most."""
    jobs.enqueue(
        session.connection(),
        KIND,
        {"message": message},
        now,
        site_id=webhook.site_id,
        lane=lane(webhook.public_id),
        key=message,
    )


def _make_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def _valid(found: Sequence[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    return [
        one for one in found if one["until"] is None or datetime.fromisoformat(one["until"]) > now
    ]
