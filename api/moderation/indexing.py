"""The words that comments are searched by: of new ones at once, of older ones by a job.

The job finds what servers of the release before have kept, and a million comments that were there
before there was a search. It remembers how far it has come and does a little at a time.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Dialect, Row, and_, func, insert, select, update

from api.moderation import comments
from api.moderation.markup import blank_markup
from api.moderation.services import Services
from api.store.families import Part
from api.store.jobs import LaterError, TakenJob
from api.store.review import SearchProgress
from api.store.searching import missing, words_part, write_words
from api.store.tables import Comment, Revision

JOB = "search.index"

BATCH = 200
"""How many comments a transaction indexes; others write in between."""

BATCHES = 100
"""How many batches are done before other jobs have their turn."""

SETTLED = timedelta(minutes=10)
"""No transaction keeps a comment that came so long ago: all up to it have been seen."""

log = logging.getLogger(__name__)


def part_of_new(
    dialect: Dialect, site_id: int, author: dict[str, str], text: str, html: bool
) -> Part:
    """The words of a comment that is just being made."""
    return words_part(dialect, site_id, *_read(author, text, html))


def rewrite(connection: Connection, comment: Comment, text: str, html: bool) -> None:
    """Have a comment be found by another wording."""
    said = _read(comment.author, text, html)
    write_words(connection, comment.site_id, comment.id, *said)


def index(services: Services, _job: TakenJob | None = None) -> None:
    """Give words to comments without; raise LaterError when there are so many that it goes on."""
    with services.database.reading() as session:
        begin = session.scalar(select(SearchProgress.upto)) or 0
    place: int | None = begin
    for _ in range(BATCHES):
        place = _index_some(services, place or 0)
        if place is None:
            return
    with services.database.reading() as session:
        last = session.scalar(select(func.max(Comment.id)))
    log.info("search.index: up to comment %s of %s", place, last)
    raise LaterError(timedelta(seconds=1), counts=False)


def _index_some(services: Services, place: int) -> int | None:
    """Index the next comments after this number; give the last's, None if there are no more."""
    some = select(Comment.id, Comment.received_at).where(Comment.id > place)
    with services.database.reading() as session:
        found = session.execute(some.order_by(Comment.id).limit(BATCH)).all()
        ids = [row.id for row in found]
        lacking = sorted(missing(session.connection(), ids)) if ids else []
    if not ids:
        return None
    settled = _find_settled(services, found)
    with services.database.writing() as session:
        if lacking:
            comments.lock_rows(session, Comment.id.in_(lacking))
            _write(session.connection(), lacking)
        if settled is not None:
            _advance(session.connection(), place, settled)
    return int(found[-1].id)


def _write(connection: Connection, ids: Sequence[int]) -> None:
    # Some may have been written, or deleted, meanwhile.
    lacking = missing(connection, ids)
    in_force = and_(Revision.comment_id == Comment.id, Revision.number == Comment.revision)
    wanted = (
        select(Comment.id, Comment.site_id, Comment.author, Revision.text, Revision.html)
        .join(Revision, in_force)
        .where(Comment.id.in_(lacking))
        .order_by(Comment.id)
    )
    for key, site_id, author, text, html in connection.execute(wanted).all():
        row, column = words_part(connection.dialect, site_id, *_read(author, text, html))
        row.write(connection, **{str(column): key})


def _find_settled(services: Services, found: Sequence[Row[int, datetime]]) -> int | None:
    """Up to which of these no comment can come in between any more."""
    limit = services.now() - SETTLED
    settled = None
    for key, received_at in found:
        if received_at > limit:
            break
        settled = key
    return settled


def _advance(connection: Connection, place: int, settled: int) -> None:
    """Remember the place, if all before it has been settled too."""
    moved = update(SearchProgress).where(SearchProgress.upto == place).values(upto=settled)
    if connection.execute(moved).rowcount == 0 and place == 0:
        first = connection.scalar(select(SearchProgress.id))
        if first is None:
            connection.execute(insert(SearchProgress).values(id=1, upto=settled))


def _read(author: dict[str, str], text: str, html: bool) -> tuple[str, str]:
    return author.get("name") or "", blank_markup(text) if html else text
