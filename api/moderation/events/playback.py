"""Plays the event log back: where it leaves each comment is where the comment has to stand."""

from collections.abc import Iterator
from itertools import groupby, islice

from sqlalchemy import exists, select, tuple_
from sqlalchemy.orm import Session

from api.moderation.comments import DELETED
from api.moderation.events.proof import CHUNK, Progress, read
from api.store.outbox import Event
from api.store.tables import Comment, Site


def compare(session: Session, site: Site, progress: Progress = lambda _: None) -> Iterator[str]:
    """What a site's comments and its log say differently, one sentence each."""
    by_comment = groupby(_read(session, site, progress), key=lambda event: event.comment_id)
    played = ((str(comment), *_play(list(group))) for comment, group in by_comment)
    while some := list(islice(played, CHUNK)):
        ids = [comment for comment, _, _ in some]
        standing = select(Comment.public_id, Comment.status).where(
            Comment.site_id == site.id, Comment.public_id.in_(ids)
        )
        kept: dict[str, str] = dict(session.execute(standing).all())
        for comment, status, problems in some:
            yield from (f"comment {comment}: {problem}" for problem in problems)
            present = kept.get(comment, DELETED)
            if present != status:
                yield f"comment {comment} is {present}, but the log says {status}"
    yield from _unknown(session, site)


def _play(events: list[Event]) -> tuple[str, list[str]]:
    """Where a comment's events leave it, and which of them do not follow from those before."""
    status, number, problems = DELETED, 0, []
    for event in events:
        data = event.data if isinstance(event.data, dict) else {}
        name = f"event {event.number or 'not yet sealed'}"
        if "was" in data and (data["was"] or DELETED) != status:
            problems.append(f"{name} says it was {data['was']}, not {status}")
        if event.number is not None:
            if event.number < number:
                problems.append(f"{name} was written after event {number}")
            number = event.number
        # Events of the first release name the status a deleted comment had.
        ended = event.type == "comment.deleted"
        status = DELETED if ended else str(data.get("status"))
    return status, problems


def _read(session: Session, site: Site, progress: Progress) -> Iterator[Event]:
    """A site's events, those of each comment together, in the order in which they were written."""
    here = select(Event).where(Event.site_id == site.id, Event.comment_id.is_not(None))
    wanted = here.order_by(Event.comment_id, Event.id).limit(CHUNK)
    place = tuple_(Event.comment_id, Event.id)
    found = read(session, wanted)
    while found:
        yield from found
        progress(len(found))
        found = read(session, wanted.where(place > tuple_(found[-1].comment_id, found[-1].id)))


def _unknown(session: Session, site: Site) -> Iterator[str]:
    told = exists().where(Event.site_id == site.id, Event.comment_id == Comment.public_id)
    wanted = select(Comment.public_id).where(Comment.site_id == site.id, ~told)
    for comment in session.scalars(wanted.order_by(Comment.id).limit(CHUNK)):
        yield f"comment {comment} is kept, but the log does not know it"
