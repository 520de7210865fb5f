"""Requests that are sent again: the act is done once, and its answer is given every time.

The answer is kept in the transaction of the act itself, so that there is never one without the
other, whatever is killed. A request that failed has kept nothing and may be sent again.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, delete, func, select, text
from sqlalchemy.orm import Session

from api.moderation.errors import RunningError, WrongRepeatError
from api.moderation.services import Services
from api.store.database import in_session
from api.store.inserting import NewRow
from api.store.outbox import KeptAnswer

T = TypeVar("T")

KEPT = timedelta(hours=72)
"""How long an answer is given again; afterwards its key is as good as new."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered; `comments` are the ids of those it shows."""

    status: int
    body: str
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ticket:
    """The key of a request that may be sent again, and how to answer it.

    `digest` tells one request from another; `render` makes the answer of what the act returns.
    """

    key: str
    digest: str
    render: Callable[[Any], Answer]


class RepeatError(Exception):
    """Not a failure: the act was done before; carries what was answered then."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("This was done before.")
        self.answer = answer


def perform(
    services: Services, site_id: int, ticket: Ticket | None, act: Callable[[Session], T]
) -> T:
    """Do `act` in one transaction, once for every ticket; it may be called twice on the way.

    Raises RepeatError when it was done before, WrongRepeatError when the ticket was used for
    something else, RunningError while another server does it.
    """
    return perform_plainly(services, site_id, ticket, in_session(act))


def perform_plainly(
    services: Services, site_id: int, ticket: Ticket | None, work: Callable[[Connection], T]
) -> T:
    """Like `perform`, for an act that needs no session."""
    if ticket is None:
        return services.database.write(work)
    now = services.now()

    def once(connection: Connection) -> T | KeptAnswer:
        found = _find(connection, site_id, ticket.key, now)
        if found is not None:
            return found
        result = work(connection)
        _keep(services, connection, site_id, ticket, ticket.render(result), now)
        return result

    found = services.database.write(once)
    if not isinstance(found, KeptAnswer):
        return found
    if found.digest != ticket.digest:
        raise WrongRepeatError(
            "This Idempotency-Key was used for another request; make a new key for a new request."
        )
    raise RepeatError(Answer(found.status, found.body))


def forget(session: Session, site_id: int, comment_id: str) -> None:
    """Drop the kept answers that show a comment."""
    # Not LIKE, for which SQLite's capitals and small letters are the same.
    find = func.strpos if session.get_bind().dialect.name == "postgresql" else func.instr
    shows = find(KeptAnswer.comments, f" {comment_id} ") > 0
    session.execute(delete(KeptAnswer).where(KeptAnswer.site_id == site_id, shows))


_KEPT = select(KeptAnswer).where(
    KeptAnswer.site_id == bindparam("site_id"), KeptAnswer.key == bindparam("key")
)


def _find(connection: Connection, site_id: int, key: str, now: datetime) -> KeptAnswer | None:
    """The answer kept for a key; one that has expired is dropped."""
    if connection.dialect.name == "postgresql":
        _take_turn(connection, f"{site_id} {key}")
    with Session(connection, expire_on_commit=False) as session:
        found = session.scalar(_KEPT, {"site_id": site_id, "key": key})
        if found is not None and found.expires_at <= now:
            session.delete(found)
            session.flush()
            return None
        return found


def _take_turn(connection: Connection, name: str) -> None:
    """Have one transaction at a time do what `name` says; SQLite's writers queue anyway."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    taken = connection.scalar(text("SELECT pg_try_advisory_xact_lock(:n)"), {"n": number})
    if not taken:
        raise RunningError("The first request with this Idempotency-Key is still being worked on.")


def _keep(
    services: Services,
    connection: Connection,
    site_id: int,
    ticket: Ticket,
    answer: Answer,
    now: datetime,
) -> None:
    values = {
        "site_id": site_id,
        "key": ticket.key,
        "digest": ticket.digest,
        "status": answer.status,
        "body": answer.body,
        "comments": "".join(f" {one} " for one in answer.comments),
        "expires_at": now + KEPT,
    }
    NewRow(services.database.dialect, KeptAnswer, values).write(connection)
