"""Claims: leases on comments that wait, so that two people do not work on the same one.

A claim lapses by itself, and counts for nothing while its comment does not wait. Whoever makes
a claim holds its comment's row; so there is never more than one of a comment.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, delete, exists, select
from sqlalchemy.orm import Session

from api.moderation import comments, policies
from api.moderation.access import Caller
from api.moderation.errors import (
    ClaimedError,
    ConflictError,
    LapsedClaimError,
    NotFoundError,
    UnclaimedError,
)
from api.moderation.paging import Order
from api.moderation.queues import AUDIT, listing
from api.moderation.queues.listing import ORDERS, Asked, Queued, offered
from api.moderation.repeats import perform
from api.moderation.services import Services
from api.store.outbox import Claim
from api.store.review import Waiting
from api.store.tables import Comment

MOST = 100
"""How many comments can be claimed at once."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A comment that waits, and the caller's claim on it."""

    queued: Queued
    claim: Claim


def claim(
    services: Services, caller: Caller, count: int, asked: Asked | None = None, thread: bool = False
) -> list[Claimed]:
    """Lease up to `count` comments that wait and that nobody holds, the most urgent first.

    Samples are leased only by the name of their queue, the newest first. With `thread` comes along
    what else waits under the same articles, up to `MOST` in all.
    """
    wanted, lease = asked or Asked(), find_lease(services, caller)

    def act(session: Session) -> list[Claimed]:
        made = _take(session, services, caller, wanted, count, lease)
        if thread:
            made |= _take_threads(session, services, caller, wanted, made, lease)
        return _show(session, made, wanted)

    return perform(services, caller.site_id, caller.ticket, act)


def claim_one(
    services: Services, caller: Caller, public_id: str, thread: bool = False
) -> list[Claimed]:
    """Lease this very comment, and with `thread` what else waits under its article.

    A live claim of the caller's lasts for another lease. Raises ClaimedError while somebody else
    holds the comment, ConflictError where it does not wait.
    """
    lease = find_lease(services, caller)

    def act(session: Session) -> list[Claimed]:
        comment = comments.load(session, caller, public_id, lock=True).comment
        row = session.get(Waiting, comment.id)
        if row is None:
            raise ConflictError("This comment does not wait for anybody, so it cannot be claimed.")
        held = _find_live(session, services, comment)
        if held is None:
            made = _lease(session, services, caller, [comment.id], lease)
        elif held.actor != caller.actor:
            raise ClaimedError(public_id, comment.version, held.actor, held.expires_at)
        else:
            held.expires_at = services.now() + lease
            made = {comment.id: held}
        wanted = Asked(AUDIT) if row.queue == AUDIT else Asked()
        if thread:
            made |= _take_threads(session, services, caller, wanted, made, lease)
        return _show(session, made, wanted)

    return perform(services, caller.site_id, caller.ticket, act)


def find_lease(services: Services, caller: Caller) -> timedelta:
    """How long a claim lasts, from when it was made or extended, by the policy in force."""
    rules = policies.find(services, caller.site_id).document.review
    return timedelta(minutes=rules.claim_minutes)


def _take(
    session: Session,
    services: Services,
    caller: Caller,
    asked: Asked,
    count: int,
    lease: timedelta,
    *only: ColumnElement[bool],
) -> dict[int, Claim]:
    """Claims on up to `count` of what is offered to the caller and nobody holds."""
    made: dict[int, Claim] = {}
    while len(made) < count:
        free = _free(services, caller, asked).where(*only).limit(count - len(made))
        # Others' transactions are passed by: what they hold they are claiming or deciding.
        locking = free.with_for_update(of=[Comment, Waiting], skip_locked=True)
        found = session.scalars(locking).all()
        if not found:
            break
        made |= _lease(session, services, caller, found, lease)
    return made


def _take_threads(
    session: Session,
    services: Services,
    caller: Caller,
    asked: Asked,
    made: Collection[int],
    lease: timedelta,
) -> dict[int, Claim]:
    """Claims on what else waits under the articles of what was claimed, whatever is asked for."""
    about = select(Waiting.article_id).where(Waiting.comment_id.in_(made))
    articles = set(session.scalars(about))
    wanted = Asked(AUDIT) if asked.queue == AUDIT else Asked()
    same = Waiting.article_id.in_(articles)
    return _take(session, services, caller, wanted, MOST - len(made), lease, same)


def _free(services: Services, caller: Caller, asked: Asked) -> Select[int]:
    held = exists().where(Claim.comment_id == Waiting.comment_id, Claim.expires_at > services.now())
    # The comment, too: it is what those lock who decide.
    free = select(Waiting.comment_id).join(Comment, Comment.id == Waiting.comment_id)
    waiting = free.where(*offered(services, caller, asked), ~held)
    return _find_order(asked).apply(waiting, None)


def _find_order(asked: Asked) -> Order:
    # The priority of samples would tell their scores.
    blind = asked.queue == AUDIT and asked.sort == "priority"
    return ORDERS["newest" if blind else asked.sort]


def _show(session: Session, made: dict[int, Claim], asked: Asked) -> list[Claimed]:
    rows = _find_order(asked).apply(select(Waiting).where(Waiting.comment_id.in_(made)), None)
    queued = listing.load(session, session.scalars(rows).all())
    return [Claimed(one, made[one.waiting.comment_id]) for one in queued]


def _lease(
    session: Session,
    services: Services,
    caller: Caller,
    found: Collection[int],
    lease: timedelta,
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
            expires_at=now + lease,
        )
        for key in found
        if key not in taken
    }
    session.add_all(made.values())
    session.flush()
    return made


def extend(services: Services, caller: Caller, public_id: str) -> Claim:
    """Let a claim of the caller's last for another lease; raise NotFoundError if it lapsed."""
    lease = find_lease(services, caller)
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
        found.expires_at = services.now() + lease
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
    session: Session,
    services: Services,
    caller: Caller,
    comment: Comment,
    named: str | None,
    required: bool = False,
) -> None:
    """Raise ClaimedError where somebody else holds the comment, whose row is locked.

    Raises LapsedClaimError where the caller names a claim that does not hold it any more,
    UnclaimedError where one is required of whatever waits and the caller has none.
    """
    waits = exists().where(Waiting.comment_id == comment.id)
    if not session.scalar(select(waits)):
        live, required = None, False
    else:
        live = _find_live(session, services, comment)
    if live is not None and live.actor != caller.actor:
        raise ClaimedError(comment.public_id, comment.version, live.actor, live.expires_at)
    if named is not None and (live is None or live.public_id != named):
        raise LapsedClaimError(comment.public_id, comment.version)
    if required and live is None:
        raise UnclaimedError(comment.public_id, comment.version)


def _find_live(session: Session, services: Services, comment: Comment) -> Claim | None:
    held = Claim.comment_id == comment.id, Claim.expires_at > services.now()
    return session.scalar(select(Claim).where(*held))


def drop(session: Session, comment: Comment, actor: str | None = None) -> None:
    """End whatever claim there is on a comment, or only this person's."""
    gone = delete(Claim).where(Claim.comment_id == comment.id)
    session.execute(gone if actor is None else gone.where(Claim.actor == actor))
