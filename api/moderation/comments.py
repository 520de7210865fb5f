"""Comments as they stand: finding, listing, deleting them, and what has happened to them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, select
from sqlalchemy.orm import Session

from api.moderation import repeats, searching
from api.moderation.access import Caller
from api.moderation.errors import NotFoundError
from api.moderation.filters import Filter
from api.moderation.paging import Order, Page
from api.moderation.services import Services
from api.store.inserting import NewRow
from api.store.outbox import Event
from api.store.tables import Comment, Decision, Revision, Verdict


@dataclass(slots=True)
class State:
    """A comment with the revision, verdict and decision in force."""

    comment: Comment
    revision: Revision
    verdict: Verdict
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Everything that is kept of a comment, each list oldest first."""

    revisions: list[Revision]
    verdicts: list[Verdict]
    decisions: list[Decision]
    events: list[Event]


DELETED = "deleted"
"""The status of a comment that is no more; only the audit log speaks of it."""

NEWEST = Order((Comment.id,), descending=True)


def states() -> Select[Comment, Revision, Verdict, Decision]:
    """Comments, each beside what is in force of it."""
    return (
        select(Comment, Revision, Verdict, Decision)
        .join(
            Revision,
            and_(Revision.comment_id == Comment.id, Revision.number == Comment.revision),
        )
        .join(
            Verdict,
            and_(Verdict.comment_id == Comment.id, Verdict.version == Comment.verdict_version),
        )
        .outerjoin(
            Decision,
            and_(Decision.comment_id == Comment.id, Decision.version == Comment.decision_version),
        )
    )


def load(session: Session, caller: Caller, public_id: str, lock: bool = False) -> State:
    """One comment of the caller's site; raise NotFoundError when there is none."""
    here = Comment.site_id == caller.site_id, Comment.public_id == public_id
    if lock:
        lock_rows(session, *here)
    row = session.execute(states().where(*here)).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no comment {public_id}.")
    return State(*row)


def lock_rows(session: Session, *conditions: ColumnElement[bool]) -> None:
    """Make other writers of these comments wait until this transaction ends.

    A statement of its own: PostgreSQL, having waited, would join the comment's new row with
    the revision, verdict and decision that were in force before. SQLite has one writer anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        locking = select(Comment.id).where(*conditions).order_by(Comment.id)
        session.execute(locking.with_for_update())


def find(services: Services, caller: Caller, public_id: str) -> State:
    """The comment as it stands."""
    with services.database.reading() as session:
        return load(session, caller, public_id)


def list_comments(
    services: Services,
    caller: Caller,
    wanted: Filter,
    limit: int,
    cursor: str | None = None,
    order: Order = NEWEST,
) -> Page[State]:
    """One page of the site's comments that pass the filter.

    With a `q` it may hold fewer than `limit` and still have a next: see `api.moderation.searching`.
    """
    if wanted.q is not None and order is NEWEST:
        return _search(services, caller, wanted, limit, cursor)
    here = Comment.site_id == caller.site_id
    query = states().where(here, *wanted.conditions(services.now()))
    paged = order.apply(query, cursor).limit(limit + 1)
    with services.database.reading() as session:
        found = [State(*row) for row in session.execute(paged)]
    more = len(found) > limit
    return Page(found[:limit], order.encode(found[limit - 1].comment) if more else None)


def _search(
    services: Services, caller: Caller, wanted: Filter, limit: int, cursor: str | None
) -> Page[State]:
    with services.database.reading() as session:
        page = searching.find_newest(session, caller.site_id, wanted, services.now(), limit, cursor)
        rows = session.execute(states().where(Comment.id.in_(page.items)))
        found = sorted((State(*row) for row in rows), key=lambda one: -one.comment.id)
    return Page(found, page.next)


def history(services: Services, caller: Caller, public_id: str) -> History:
    """Every revision, verdict, decision and event of a comment."""
    with services.database.reading() as session:
        key = load(session, caller, public_id).comment.id
        logged = Event.site_id == caller.site_id, Event.comment_id == public_id
        revisions = select(Revision).where(Revision.comment_id == key).order_by(Revision.number)
        verdicts = select(Verdict).where(Verdict.comment_id == key).order_by(Verdict.version)
        decisions = select(Decision).where(Decision.comment_id == key).order_by(Decision.version)
        events = select(Event).where(*logged).order_by(Event.id)
        return History(
            list(session.scalars(revisions)),
            list(session.scalars(verdicts)),
            list(session.scalars(decisions)),
            list(session.scalars(events)),
        )


def remove(session: Session, services: Services, caller: Caller, comment: Comment) -> None:
    """Delete a comment whose row is locked, in a transaction that is under way."""
    before, comment.status = comment.status, DELETED
    row = event(services, caller, comment, before, "comment.deleted")
    session.delete(comment)
    repeats.forget(session, caller.site_id, comment.public_id)
    row.write(session.connection())


def record(
    connection: Connection,
    services: Services,
    caller: Caller,
    comment: Comment,
    before: str | None,
    kind: str,
    **data: Any,
) -> None:
    """Write into the audit log what happened, in the transaction in which it does."""
    event(services, caller, comment, before, kind, **data).write(connection)


def event(
    services: Services,
    caller: Caller,
    comment: Comment,
    before: str | None,
    kind: str,
    **data: Any,
) -> NewRow[Event]:
    """A row of the audit log, ready to be written; `before` is the comment's status till then.

    It holds nothing that a person wrote: the log outlives what people have erased.
    """
    standing = {"status": comment.status, "was": before, "version": comment.version}
    values = {
        "site_id": comment.site_id,
        "comment_id": comment.public_id,
        "type": kind,
        "actor": caller.actor,
        "data": {**standing, "article": comment.article_id, **data},
        "created_at": services.now(),
    }
    return NewRow(services.database.dialect, Event, values)
