"""What is known of an article: how its comments stand, what waits, and how comments are taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from api.moderation import policies
from api.moderation.access import Caller
from api.moderation.errors import NotFoundError
from api.moderation.policy import modes, opening
from api.moderation.policy.document import Document, Mode
from api.moderation.services import Services
from api.store.outbox import Report
from api.store.review import Waiting
from api.store.tables import Comment

COUNTED = 10_000
"""How many of an article's comments are counted, the newest ones."""

MOST_WAITING = 100_000
"""How many of those that wait are counted."""

MOST_REPORTED = 10
"""How many of the comments with the most open reports are named."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How many comments came within the last hour and the last day."""

    hour: int
    day: int


@dataclass(frozen=True, slots=True)
class Taking:
    """How comments are taken: `open` is whether they are now, `closes_at` when they end."""

    mode: Mode
    open: bool
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class Article:
    """An article; `told` is what the website said of it with the last comment.

    `counts` is by status, `waiting` by queue; `whole` is whether all comments were counted.
    """

    id: str
    told: Mapping[str, Any]
    counts: Mapping[str, int]
    whole: bool
    waiting: Mapping[str, int]
    open_reports: int
    most_reported: Sequence[tuple[str, int]]
    first_at: datetime
    last_at: datetime
    pace: Pace
    taking: Taking


def find(services: Services, caller: Caller, article_id: str) -> Article:
    """An article of the caller's site; raise NotFoundError where no comment is under it."""
    document = policies.find(services, caller.site_id).document
    here = (Comment.site_id == caller.site_id, Comment.article_id == article_id)
    with services.database.reading() as session:
        ends = _find_ends(session, here)
        if ends is None:
            raise NotFoundError("No comment is under an article of this id.")
        told, first_at, last_at = ends
        counts, pace = _count(session, here, services.now())
        reports, most_reported = _find_reported(session, here)
        return Article(
            article_id,
            told,
            counts,
            sum(counts.values()) < COUNTED,
            _count_waiting(session, caller, article_id),
            reports,
            most_reported,
            first_at,
            last_at,
            pace,
            take(document, told, first_at, services.now()),
        )


def take(document: Document, told: Mapping[str, Any], first_at: datetime, now: datetime) -> Taking:
    """How comments are taken under an article whose first one came at `first_at`."""
    mode = modes.find_mode(document, told)
    began = modes.find_began(told) or first_at
    closes_at = began + timedelta(days=mode.close_after_days) if mode.close_after_days else None
    shut = mode.mode == "closed" or (closes_at is not None and closes_at <= now)
    hours = mode.hours
    if hours is not None and hours.outside == "closed":
        shut = shut or not opening.is_open(hours, now)
    return Taking(mode, not shut, closes_at)


def _find_ends(
    session: Session, here: Sequence[ColumnElement[bool]]
) -> tuple[Mapping[str, Any], datetime, datetime] | None:
    """What was told of it last, and when the first and the last comment came."""
    newest = select(Comment.article, Comment.received_at).where(*here)
    last = session.execute(newest.order_by(Comment.id.desc()).limit(1)).one_or_none()
    first = session.scalar(select(Comment.received_at).where(*here).order_by(Comment.id).limit(1))
    return None if last is None or first is None else (last.article, first, last.received_at)


def _count(
    session: Session, here: Sequence[ColumnElement[bool]], now: datetime
) -> tuple[dict[str, int], Pace]:
    newest = (
        select(Comment.status, Comment.received_at)
        .where(*here)
        .order_by(Comment.id.desc())
        .limit(COUNTED)
        .subquery()
    )

    def since(**ago: int) -> ColumnElement[int]:
        return func.sum(case((newest.c.received_at > now - timedelta(**ago), 1), else_=0))

    found = session.execute(
        select(newest.c.status, func.count(), since(hours=1), since(days=1)).group_by(
            newest.c.status
        )
    ).all()
    pace = Pace(sum(row[2] for row in found), sum(row[3] for row in found))
    return {status: count for status, count, *_ in found}, pace


def _count_waiting(session: Session, caller: Caller, article_id: str) -> dict[str, int]:
    # The limit keeps SQLite from reading along the queues, for the sake of their order.
    here = Waiting.site_id == caller.site_id, Waiting.article_id == article_id
    found = select(Waiting.queue).where(*here).limit(MOST_WAITING).subquery()
    counts = select(found.c.queue, func.count()).group_by(found.c.queue)
    return dict(session.execute(counts).all())


def _find_reported(
    session: Session, here: Sequence[ColumnElement[bool]]
) -> tuple[int, list[tuple[str, int]]]:
    """How many reports of the newest comments are open, and which comments have most of them."""
    newest = select(Comment.id).where(*here).order_by(Comment.id.desc()).limit(COUNTED).subquery()
    count = func.count()
    # The index of what is open alone is asked; a comment's row is read for those that are named.
    reported = (
        select(Report.comment_id, count.label("open"), func.sum(count).over().label("total"))
        .join(newest, newest.c.id == Report.comment_id)
        .where(Report.outcome.is_(None))
        .group_by(Report.comment_id)
        .order_by(count.desc(), Report.comment_id.desc())
        .limit(MOST_REPORTED)
        .subquery()
    )
    rows = session.execute(
        select(Comment.public_id, reported.c.open, reported.c.total)
        .join(reported, reported.c.comment_id == Comment.id)
        .order_by(reported.c.open.desc(), Comment.id.desc())
    ).all()
    return (int(rows[0][2]) if rows else 0), [(name, number) for name, number, _ in rows]
