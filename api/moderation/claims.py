"""Claims: leases on comments that wait, so that two people do not work on the same one.

A claim lapses by itself, and counts for nothing while its comment does not wait. Whoever makes
a claim holds its comment's row; so there is never more than one of a comment.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, UnaryExpression, delete, exists, select
from sqlalchemy.orm import Session

from api.moderation.access import Caller
from api.moderation.errors import ClaimedError, LapsedClaimError, NotFoundError
from api.moderation.queues import AUDIT, listing
from api.moderation.queues.listing import Asked, Queued, offered
from api.moderation.repeats import perform
from api.moderation.services import Services
from api.store.outbox import Claim
from api.store.review import Waiting
from api.store.tables import Comment

LEASE = timedelta(minutes=10)
"""How long a claim lasts, from when it was made or extended."""

MOST = 100
"""How many comments can be claimed at once."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A comment that waits, and the caller's claim on it."""

    queued: Queued
    claim: Claim


def claim(
    services: Services, caller: Caller, count: int, queue: str | None = None
) -> list[Claimed]:
    """Lease up to `count` comments that wait and that nobody holds, the most urgent first.

    Audit samples are leased only by the name of their queue, the newest first.
    """

    asked = Asked(queue)

    def act(session: Session) -> list[Claimed]:
        made: dict[int, Claim] = {}
        while len(made) < count:
            free = _free(services, caller, asked).limit(count - len(made))
            # Others' transactions are passed by: what they hold they are claiming or deciding.
            locking = free.with_for_update(of=[Comment, Waiting], skip_locked=True)
            found = session.scalars(locking).all()
            if not found:
                break
            made |= _lease(session, services, caller, found)
        urgent = select(Waiting).where(Waiting.comment_id.in_(made)).order_by(*_first(queue))
        queued = listing.load(session, session.scalars(urgent).all())
        return [Claimed(one, made[one.waiting.comment_id]) for one in queued]

    return perform(services, caller.site_id, caller.ticket, act)


def _free(services: Services, caller: Caller, asked: Asked) -> Select[int]:
    held = exists().where(Claim.comment_id == Waiting.comment_id, Claim.expires_at > services.now())
    # The comment, too: it is what those lock who decide.
    free = select(Waiting.comment_id).join(Comment, Comment.id == Waiting.comment_id)
    waiting = free.where(*offered(services, caller, asked), ~held)
    return waiting.order_by(*_first(asked.queue))


def _first(queue: str | None) -> list[UnaryExpression[Any]]:
    newest = Waiting.comment_id.desc()
    return [newest] if queue == AUDIT else [Waiting.rank.desc(), newest]


def _lease(
    session: Session, services: Services, caller: Caller, found: Collection[int]
) -> dict[int, Claim]:
    """Claims on those of the locked comments that nobody has claimed a moment before."""
    now = services.now()
    about = Claim.comment_id.in_(found)
    session.execute(delete(Claim).where(about, Claim.expires_at <= now))
    taken = set(session.scalars(select(Claim.comment_id).where(about)))
    made = {
        key: Claim(
            comment_id=key,
            site_id=caller.site_id,
            public_id=f"claim-{secrets.token_hex(16)}",
            actor=caller.actor,
            expires_at=now + LEASE,
        )
        for key in found
        if key not in taken
    }
    session.add_all(made.values())
    session.flush()
    return made


def extend(services: Services, caller: Caller, public_id: str) -> Claim:
    """Let a claim of the caller's last for another lease; raise NotFoundError if it lapsed."""
    with services.database.writing() as session:
        mine = Claim.public_id == public_id, Claim.site_id == caller.site_id
        found = session.scalar(
            select(Claim)
            .join(Waiting, Waiting.comment_id == Claim.comment_id)
            .where(*mine, Claim.actor == caller.actor, Claim.expires_at > services.now())
            .with_for_update(of=Claim)
        )
        if found is None:
            raise _not_found(public_id)
        found.expires_at = services.now() + LEASE
    return found


def release(services: Services, caller: Caller, public_id: str) -> None:
    """Give a claimed comment back to the queue; raise NotFoundError if it lapsed."""
    with services.database.writing() as session:
        mine = Claim.public_id == public_id, Claim.site_id == caller.site_id
        live = Claim.actor == caller.actor, Claim.expires_at > services.now()
        gone = session.execute(delete(Claim).where(*mine, *live).returning(Claim.comment_id))
        if gone.first() is None:
            raise _not_found(public_id)


def _not_found(public_id: str) -> NotFoundError:
    return NotFoundError(f"You hold no claim {public_id}; it may have lapsed.")


def find_held(services: Services, keys: Collection[int]) -> dict[int, Claim]:
    """The claims on these comments that have not lapsed, by the comments' own keys."""
    live = select(Claim).where(Claim.comment_id.in_(keys), Claim.expires_at > services.now())
    with services.database.reading() as session:
        return {one.comment_id: one for one in session.scalars(live)}


def check(
    session: Session, services: Services, caller: Caller, comment: Comment, named: str | None
) -> None:
    """Raise ClaimedError where somebody else holds the comment, whose row is locked.

    Raises LapsedClaimError where the caller names a claim that does not hold it any more.
    """
    held = Claim.comment_id == comment.id, Claim.expires_at > services.now()
    waits = exists().where(Waiting.comment_id == comment.id)
    live = session.scalar(select(Claim).where(*held, waits))
    if live is not None and live.actor != caller.actor:
        raise ClaimedError(comment.version, live.actor, live.expires_at)
    if named is not None and (live is None or live.public_id != named):
        raise LapsedClaimError(comment.version)


def drop(session: Session, comment: Comment) -> None:
    """End whatever claim there is on a comment."""
    session.execute(delete(Claim).where(Claim.comment_id == comment.id))
