"""Claims: leases on comments that wait, so that two people do not work on the same one.

A claim lapses by itself, and counts for nothing while its comment does not wait. Whoever makes
a claim holds its comment's row; so there is never more than one of a comment.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, UnaryExpression, delete, exists, or_, select
from sqlalchemy.orm import Session

from api.moderation import comments, sampling
from api.moderation.access import Caller
from api.moderation.comments import State
from api.moderation.errors import ClaimedError, LapsedClaimError, NotFoundError
from api.moderation.repeats import perform
from api.moderation.services import Services
from api.store.outbox import Claim
from api.store.tables import Comment

LEASE = timedelta(minutes=10)
"""How long a claim lasts, from when it was made or extended."""

MOST = 100
"""How many comments can be claimed at once."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A comment, and the caller's claim on it."""

    state: State
    claim: Claim


def claim(
    services: Services, caller: Caller, count: int, queue: str | None = None
) -> list[Claimed]:
    """Lease up to `count` comments that wait and that nobody holds, the most urgent first.

    Audit samples are leased only by the name of their queue, the newest first.
    """

    def act(session: Session) -> list[Claimed]:
        made: dict[int, Claim] = {}
        while len(made) < count:
            free = _free(services, caller, queue).limit(count - len(made))
            # Others' transactions are passed by: what they hold they are claiming or deciding.
            locking = free.with_for_update(of=Comment, skip_locked=True)
            found = session.scalars(locking).all()
            if not found:
                break
            made |= _lease(session, services, caller, found)
        states = comments.states().where(Comment.id.in_(made))
        urgent = states.order_by(*_first(queue))
        return [Claimed(State(*row), made[row[0].id]) for row in session.execute(urgent)]

    return perform(services, caller.site_id, caller.ticket, act)


def _free(services: Services, caller: Caller, queue: str | None) -> Select[int]:
    held = exists().where(Claim.comment_id == Comment.id, Claim.expires_at > services.now())
    here = [] if queue is None else [comments.in_queue(queue)]
    if queue != sampling.AUDIT:
        here.append(Comment.status == "pending")
    free = select(Comment.id).where(Comment.site_id == caller.site_id, ~held, *here)
    return free.order_by(*_first(queue))


def _first(queue: str | None) -> list[UnaryExpression[Any]]:
    newest = Comment.id.desc()
    return [newest] if queue == sampling.AUDIT else [Comment.priority.desc(), newest]


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
            .join(Comment, Comment.id == Claim.comment_id)
            .where(*mine, Claim.actor == caller.actor, Claim.expires_at > services.now())
            .where(or_(Comment.status == "pending", sampling.are_open()))
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
    live = None
    if sampling.waits(comment):
        held = Claim.comment_id == comment.id, Claim.expires_at > services.now()
        live = session.scalar(select(Claim).where(*held))
    if live is not None and live.actor != caller.actor:
        raise ClaimedError(comment.version, live.actor, live.expires_at)
    if named is not None and (live is None or live.public_id != named):
        raise LapsedClaimError(comment.version)


def drop(session: Session, comment: Comment) -> None:
    """End whatever claim there is on a comment."""
    session.execute(delete(Claim).where(Claim.comment_id == comment.id))
