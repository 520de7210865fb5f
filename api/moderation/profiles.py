"""An author as moderators look at one: by the site's id, or by a mailbox, an address, a network."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from api.moderation import comments, notes, policies, standings
from api.moderation.access import Caller
from api.moderation.comments import NEWEST, State
from api.moderation.errors import NotFoundError
from api.moderation.knowledge import pasts
from api.moderation.paging import Page
from api.moderation.policy.records import Record, take
from api.moderation.privacy.addressing import HASHED, find_keeper
from api.moderation.services import Services
from api.moderation.standings import Wanted
from api.moderation.traces import HIDDEN, is_digest
from api.store.policies import AuthorStanding
from api.store.review import Note
from api.store.tables import Comment

COUNTED = 10_000
"""How many of an author's comments are counted, the newest ones."""

LOOKED_AT = 200
"""In how many comments the names are looked up that an author has used, the newest ones."""

MOST_STANDINGS = 20

_COLUMNS: Mapping[str, Any] = {
    "author": Comment.author_id,
    "email": Comment.mailbox,
    "address": Comment.address,
    "network": Comment.network,
}


@dataclass(frozen=True, slots=True)
class Used:
    """What an author has called themselves or written from, each with the number of comments."""

    names: Sequence[tuple[str, int]] = ()
    ids: Sequence[tuple[str, int]] = ()
    emails: Sequence[tuple[str, int]] = ()
    addresses: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of an author. `record` is of the site's own ids alone, of the last `days`.

    `whole` is whether all of their comments were counted; `standings` are newest first.
    """

    kind: str
    value: str
    counts: Mapping[str, int]
    whole: bool
    first_at: datetime | None
    last_at: datetime | None
    used: Used
    days: int
    record: Record | None
    standings: Sequence[AuthorStanding]
    notes: Sequence[Note]


def find(services: Services, caller: Caller, kind: str, value: str) -> Profile:
    """An author of the caller's site; `value` is spelled as `api.moderation.spellings` has it.

    Raises NotFoundError where nothing is known of them.
    """
    days = policies.find(services, caller.site_id).document.authors.recent_record.days
    said = standings.list_standings(services, caller, Wanted(kind, value), MOST_STANDINGS)
    here = _is_theirs(services, caller, kind, value)
    with services.database.reading() as session:
        counts = _count(session, here)
        noted = notes.find_about_author(session, caller.site_id, kind, value)
        if not counts and not said.items and not noted:
            raise NotFoundError("Nothing is known of such an author.")
        return Profile(
            kind,
            value,
            counts,
            sum(counts.values()) < COUNTED,
            *_find_ends(session, here),
            _find_used(session, here),
            days,
            _find_record(session, services, caller, value, days) if kind == "author" else None,
            said.items,
            noted,
        )


def list_comments(
    services: Services,
    caller: Caller,
    kind: str,
    value: str,
    status: str | None,
    limit: int,
    cursor: str | None = None,
) -> Page[State]:
    """One page of an author's comments, newest first."""
    wanted = comments.states().where(*_is_theirs(services, caller, kind, value))
    if status is not None:
        wanted = wanted.where(Comment.status == status)
    with services.database.reading() as session:
        rows = session.execute(NEWEST.apply(wanted, cursor).limit(limit + 1))
        found = [State(*row) for row in rows]
    more = len(found) > limit
    return Page(found[:limit], NEWEST.encode(found[limit - 1].comment) if more else None)


def _is_theirs(
    services: Services, caller: Caller, kind: str, value: str
) -> tuple[ColumnElement[bool], ...]:
    forms = {value}
    if kind in HIDDEN and not is_digest(value):
        keeper = find_keeper(services.secret_key, caller.site_id, HASHED)
        forms.add(keeper.digest(kind, value))
    return Comment.site_id == caller.site_id, _COLUMNS[kind].in_(sorted(forms))


def _count(session: Session, here: Sequence[ColumnElement[bool]]) -> dict[str, int]:
    newest = select(Comment.status).where(*here).order_by(Comment.id.desc()).limit(COUNTED)
    rows = newest.subquery()
    by_status = select(rows.c.status, func.count()).group_by(rows.c.status)
    found: dict[str, int] = dict(session.execute(by_status).all())
    return found


def _find_ends(
    session: Session, here: Sequence[ColumnElement[bool]]
) -> tuple[datetime | None, datetime | None]:
    """When the first comment came that is still there, and when the last."""
    came = select(Comment.received_at).where(*here).limit(1)
    first = session.scalar(came.order_by(Comment.id))
    return first, session.scalar(came.order_by(Comment.id.desc()))


def _find_used(session: Session, here: Sequence[ColumnElement[bool]]) -> Used:
    newest = select(Comment.author).where(*here).order_by(Comment.id.desc()).limit(LOOKED_AT)
    found = session.scalars(newest).all()

    def tally(field: str) -> Sequence[tuple[str, int]]:
        given = Counter(str(one[field]) for one in found if one.get(field))
        return given.most_common(10)

    return Used(tally("name"), tally("id"), tally("email"), tally("ip"))


def _find_record(
    session: Session, services: Services, caller: Caller, value: str, days: int
) -> Record:
    found = pasts.find_by_id(session.connection(), caller.site_id, value)
    return take(found, services.now(), days)
