"""The words that comments are searched by: of new ones at once, of older ones by a job.

The job finds what servers of the release before have kept, and a million comments that were there
before there was a search. It remembers how far it has come and does a little at a time.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Dialect, Row, and_, insert, select, update

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
    place, settled = begin, begin
    for _ in range(BATCHES):
        found = _index_some(services, place)
        if place == settled:
            settled = _find_settled(services, found, settled)
        if found:
            place = int(found[-1].id)
        if len(found) < BATCH:
            break
    if settled > begin:
        services.database.write(lambda connection: _remember(connection, begin, settled))
    if len(found) == BATCH:
        log.info("search.index has come to comment %s", place)
        raise LaterError(timedelta(seconds=1), counts=False)


def _index_some(services: Services, place: int) -> Sequence[Row[int, datetime]]:
    """Index the next comments after this number; return their numbers and when they came."""
    some = select(Comment.id, Comment.received_at).where(Comment.id > place)
    with services.database.reading() as session:
        found = session.execute(some.order_by(Comment.id).limit(BATCH)).all()
        lacking = missing(session.connection(), [row.id for row in found])
    if lacking:
        with services.database.writing() as session:
            comments.lock_rows(session, Comment.id.in_(lacking))
            _write(session.connection(), sorted(lacking))
    return found


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


def _find_settled(services: Services, found: Sequence[Row[int, datetime]], settled: int) -> int:
    """Up to which of these no comment can come in between any more."""
    limit = services.now() - SETTLED
    for key, received_at in found:
        if received_at > limit:
            break
        settled = key
    return settled


def _remember(connection: Connection, begin: int, settled: int) -> None:
    moved = update(SearchProgress).where(SearchProgress.upto == begin).values(upto=settled)
    known = connection.scalar(select(SearchProgress.upto))
    # Otherwise another worker has done the same, and what it has seen is seen.
    connection.execute(
        insert(SearchProgress).values(id=1, upto=settled) if known is None else moved
    )


def _read(author: dict[str, str], text: str, html: bool) -> tuple[str, str]:
    return author.get("name") or "", blank_markup(text) if html else text
