"""What has happened to comments since somebody last asked: for pages that show what others do.

Events are read by their ids, which are given out before the commit. So a few of those before the
last one are read again each time, and whoever asks leaves out what is not news to them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.moderation.access import Caller
from api.moderation.queues import AUDIT, listing
from api.moderation.queues.listing import Asked, Queued, offered
from api.moderation.services import Services
from api.store.outbox import Event
from api.store.review import Waiting
from api.store.tables import Comment

LOOK_BACK = 200
"""How many events before the last one may still have been on their way to a commit."""

LATE = timedelta(seconds=10)
"""How long that may take: what is older was news to somebody else."""

MOST = 500
"""How many events are looked at, the newest ones."""

_ACTS = ("comment.decided", "comment.undone", "comment.deleted")


@dataclass(frozen=True, slots=True)
class Change:
    """A comment to which something has happened, as it stands now.

    `waits` is whether the caller is asked about it where they look. `act` and `by` are the last
    thing that was said of it and by whom; None of what is not to be told.
    """

    id: str
    version: int
    waits: bool
    act: str | None
    by: str | None


@dataclass(frozen=True, slots=True)
class News:
    """What has happened; `last` and `seen` are to be handed in the next time."""

    last: int
    seen: frozenset[int]
    changes: Sequence[Change]

    @property
    def arrived(self) -> list[str]:
        """Comments about which the caller is asked now; some were there already."""
        return [one.id for one in self.changes if one.waits]


def find_last(services: Services) -> int:
    """The id of the last event there is, of whichever site."""
    with services.database.reading() as session:
        return session.scalar(select(func.max(Event.id))) or 0


def find(
    services: Services, caller: Caller, asked: Asked, after: int, seen: Collection[int] = ()
) -> News:
    """What has happened after an event, but for what has been `seen`."""
    what = Event.comment_id, Event.type, Event.actor, Event.data
    columns = Event.id, Event.site_id, Event.created_at, *what
    late = services.now() - LATE
    # Of all sites: by the primary key alone, whatever a database thinks of its indexes.
    newest = select(*columns).where(Event.id > after - LOOK_BACK).order_by(Event.id.desc())
    with services.database.reading() as session:
        rows = session.execute(newest.limit(MOST)).all()[::-1]
        fresh = [
            row
            for row in rows
            if row.id not in seen
            and (row.id > after or row.created_at > late)
            and row.site_id == caller.site_id
            and row.comment_id
        ]
        changes = _describe(session, services, caller, asked, fresh) if fresh else []
    last = max([after, *(row.id for row in rows)])
    kept = frozenset(row.id for row in rows if row.id > last - LOOK_BACK)
    return News(last, kept, changes)


def find_offered(
    services: Services, caller: Caller, asked: Asked, ids: Collection[str]
) -> list[Queued]:
    """Those of these comments that wait for the caller where they look."""
    wanted = _offered(services, caller, asked, ids)
    with services.database.reading() as session:
        rows = session.scalars(listing.ORDERS["priority"].apply(wanted, None)).all()
        return listing.load(session, rows)


def _offered(services: Services, caller: Caller, asked: Asked, ids: Collection[str]) -> Any:
    here = Comment.site_id == caller.site_id, Comment.public_id.in_(ids)
    query = select(Waiting).join(Comment, Comment.id == Waiting.comment_id).where(*here)
    return query.where(*offered(services, caller, asked))


def _describe(
    session: Session, services: Services, caller: Caller, asked: Asked, rows: Sequence[Any]
) -> list[Change]:
    ids = {row.comment_id: None for row in rows}
    present = {row.public_id: row for row in session.execute(_present(caller, ids))}
    mine = _offered(services, caller, asked, ids).with_only_columns(Comment.public_id)
    waiting = set(session.scalars(mine))
    said = {row.comment_id: row for row in rows if row.type in _ACTS}
    return [_change(one, present.get(one), one in waiting, said.get(one)) for one in ids]


def _present(caller: Caller, ids: Collection[str]) -> Any:
    columns = Comment.public_id, Comment.version, Waiting.queue
    found = select(*columns).outerjoin(Waiting, Waiting.comment_id == Comment.id)
    return found.where(Comment.site_id == caller.site_id, Comment.public_id.in_(ids))


def _change(comment_id: str, row: Any, waits: bool, said: Any) -> Change:
    version = row.version if row is not None else 2**31
    # Who may be asked about a sample later is not told what was said of it.
    if said is None or (row is not None and row.queue == AUDIT):
        return Change(comment_id, version, waits, None, None)
    act = said.data.get("action") if said.type == "comment.decided" else said.type
    return Change(comment_id, version, waits, act, said.actor)
