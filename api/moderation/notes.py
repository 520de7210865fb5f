"""What moderators tell each other of a comment or of an author; nobody else ever reads it."""

import secrets
from collections.abc import Collection, Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from api.moderation import comments
from api.moderation.access import Caller
from api.moderation.errors import ForbiddenError, NotFoundError
from api.moderation.events import recording
from api.moderation.paging import Order, Page
from api.moderation.repeats import perform
from api.moderation.services import Services
from api.store.review import Note
from api.store.tables import Comment

NOTED, NOTED_AUTHOR = "comment.noted", "author.noted"
"""The types of the events that tell of a note, or of its end, without a word of it."""

LONGEST = 2000
"""Most characters of a note."""

SHOWN = 50
"""How many notes a page shows, the newest ones."""

_NEWEST = Order((Note.id,), descending=True)


def note_comment(services: Services, caller: Caller, comment_id: str, text: str) -> Note:
    """Leave a note about a comment; it vanishes with the comment."""

    def act(session: Session) -> Note:
        comment = comments.load(session, caller, comment_id, lock=True).comment
        row = _make(services, caller, text, comment_id=comment.id)
        session.add(row)
        _record_of_comment(session, services, caller, comment, row)
        return row

    return perform(services, caller.site_id, caller.ticket, act)


def note_author(services: Services, caller: Caller, kind: str, value: str, text: str) -> Note:
    """Leave a note about an author; `value` is spelled as `api.moderation.spellings` has it."""

    def act(session: Session) -> Note:
        row = _make(services, caller, text, kind=kind, value=value)
        session.add(row)
        _record_of_author(session, services, caller, row)
        return row

    return perform(services, caller.site_id, caller.ticket, act)


def list_of_comment(
    services: Services, caller: Caller, comment_id: str, limit: int, cursor: str | None = None
) -> Page[Note]:
    """One page of the notes about a comment, newest first."""
    with services.database.reading() as session:
        key = comments.load(session, caller, comment_id).comment.id
        return _list(session, select(Note).where(Note.comment_id == key), limit, cursor)


def list_of_author(
    services: Services,
    caller: Caller,
    kind: str,
    value: str,
    limit: int,
    cursor: str | None = None,
) -> Page[Note]:
    """One page of the notes about an author, newest first; none where nobody left any."""
    with services.database.reading() as session:
        return _list(session, _of_author(caller.site_id, kind, value), limit, cursor)


def delete(services: Services, caller: Caller, public_id: str) -> None:
    """Take a note away: the caller's own, or any if the caller administrates the site.

    Raise NotFoundError where there is none, ForbiddenError where it is somebody else's.
    """
    with services.database.writing() as session:
        here = Note.site_id == caller.site_id, Note.public_id == public_id
        row = session.scalar(select(Note).where(*here).with_for_update())
        if row is None:
            raise NotFoundError(f"There is no note {public_id}.")
        if row.actor != caller.actor and not caller.may("admin"):
            raise ForbiddenError("A note is taken away by who wrote it, or by an administrator.")
        session.delete(row)
        if row.comment_id is None:
            _record_of_author(session, services, caller, row, deleted=True)
        else:
            comment = session.get_one(Comment, row.comment_id)
            _record_of_comment(session, services, caller, comment, row, deleted=True)


def count(session: Session, keys: Collection[int]) -> dict[int, int]:
    """How many notes there are about each of these comments, by the comments' own keys.

    Those without any are left out.
    """
    of_them = select(Note.comment_id, func.count()).where(Note.comment_id.in_(keys))
    found = session.execute(of_them.group_by(Note.comment_id))
    return {key: number for key, number in found if key is not None}


def find_about(session: Session, comment_key: int) -> Sequence[Note]:
    """The newest notes about a comment, the oldest of them first."""
    return _find_shown(session, select(Note).where(Note.comment_id == comment_key))


def find_about_author(session: Session, site_id: int, kind: str, value: str) -> Sequence[Note]:
    """The newest notes about an author, the oldest of them first."""
    return _find_shown(session, _of_author(site_id, kind, value))


def _find_shown(session: Session, wanted: Select[Note]) -> Sequence[Note]:
    return session.scalars(wanted.order_by(Note.id.desc()).limit(SHOWN)).all()[::-1]


def _of_author(site_id: int, kind: str, value: str) -> Select[Note]:
    return select(Note).where(Note.site_id == site_id, Note.kind == kind, Note.value == value)


def _list(session: Session, wanted: Select[Note], limit: int, cursor: str | None) -> Page[Note]:
    found = session.scalars(_NEWEST.apply(wanted, cursor).limit(limit + 1)).all()
    return Page(found[:limit], _NEWEST.encode(found[limit - 1]) if len(found) > limit else None)


def _make(
    services: Services,
    caller: Caller,
    text: str,
    comment_id: int | None = None,
    kind: str | None = None,
    value: str | None = None,
) -> Note:
    return Note(
        site_id=caller.site_id,
        public_id=f"note_{secrets.token_hex(12)}",
        comment_id=comment_id,
        kind=kind,
        value=value,
        text=text,
        actor=caller.actor,
        created_at=services.now(),
    )


def _record_of_comment(
    session: Session,
    services: Services,
    caller: Caller,
    comment: Comment,
    row: Note,
    deleted: bool = False,
) -> None:
    data = {"id": row.public_id, "deleted": deleted}
    comments.record(session.connection(), services, caller, comment, comment.status, NOTED, **data)


def _record_of_author(
    session: Session, services: Services, caller: Caller, row: Note, deleted: bool = False
) -> None:
    """Write that there is a note, but not of whom: the log outlives what people erase."""
    data = {"id": row.public_id, "kind": row.kind, "deleted": deleted}
    recording.record(session, services, caller, NOTED_AUTHOR, data)
