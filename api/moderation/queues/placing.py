"""Where a comment lies: keeps its row of `waiting` true to what the comment says.

Everything that changes a comment's status, verdict, decision or reports ends with `place`.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, delete, exists, select

from api.moderation import policies, reporters, sampling
from api.moderation.queues import AUDIT, DISPUTED, REPORTED, urgency
from api.moderation.queues.urgency import Harm
from api.moderation.services import Services
from api.store.inserting import NewRow
from api.store.outbox import Report
from api.store.review import SecondLook, Waiting
from api.store.tables import Comment, Verdict
from classifier import LABELS


class Place(NamedTuple):
    """In which queue a comment lies, and who is not asked about it there."""

    queue: str
    seen_by: str | None = None


def place(connection: Connection, services: Services, comment: Comment, verdict: Verdict) -> None:
    """Have the comment wait where it belongs, or no longer; its row and verdict are written."""
    found = find_place(connection, comment)
    before = connection.execute(
        select(Waiting.queue, Waiting.since).where(Waiting.comment_id == comment.id)
    ).one_or_none()
    if before is not None:
        connection.execute(delete(Waiting).where(Waiting.comment_id == comment.id))
    if found is None:
        return
    now = services.now()
    since = before.since if before is not None and before.queue == found.queue else now
    harm = urgency.weigh(
        verdict.scores,
        reporters.believe(connection, comment.id),
        urgency.expose(comment.status == "approved", comment.parent_id is not None),
    )
    pace = doubles_after(services, comment.site_id, verdict.policy)
    row = waiting_row(connection.dialect, comment, verdict, found, harm, since, pace)
    row.write(connection, comment_id=comment.id)


def row_of_new(
    dialect: Dialect, services: Services, comment: Comment, verdict: Verdict
) -> NewRow[Waiting] | None:
    """The row of a comment that is just being made; None where nobody is asked about it."""
    pending = comment.status == "pending"
    if not pending and comment.sampled is None:
        return None
    exposure = urgency.expose(comment.status == "approved", comment.parent_id is not None)
    harm = urgency.weigh(verdict.scores, exposure=exposure)
    pace = doubles_after(services, comment.site_id, verdict.policy)
    found, since = Place(comment.queue if pending else AUDIT), comment.received_at
    return waiting_row(dialect, comment, verdict, found, harm, since, pace)


def find_place(connection: Connection, comment: Comment) -> Place | None:
    """Where a comment belongs; None where nobody is asked about it."""
    look = _find_look(connection, comment)
    if comment.status == "pending":
        if look is None or look.kind != "agree":
            return Place(comment.queue)
        return Place(DISPUTED) if look.second_at else Place(comment.queue, look.first_actor)
    if sampling.is_open(comment):
        return Place(AUDIT)
    if look is not None and look.kind == "recheck":
        if look.second_at is None:
            return Place(AUDIT, look.first_actor)
        if look.second_action != look.first_action:
            return Place(DISPUTED)
    reported = exists().where(Report.comment_id == comment.id, Report.outcome.is_(None))
    return Place(REPORTED) if connection.scalar(select(reported)) else None


def _find_look(connection: Connection, comment: Comment) -> Any:
    """The second look at the comment as it is at present, if there is one."""
    return connection.execute(
        select(
            SecondLook.kind,
            SecondLook.first_actor,
            SecondLook.first_action,
            SecondLook.second_at,
            SecondLook.second_action,
        )
        .where(SecondLook.comment_id == comment.id, SecondLook.version == comment.version)
        .order_by(SecondLook.id.desc())
        .limit(1)
    ).one_or_none()


def doubles_after(services: Services, site_id: int, version: int) -> timedelta:
    """How long a comment waits until it counts for twice as much, by a version of the policy."""
    review = policies.get(services, site_id, version).document.review
    return timedelta(hours=review.doubles_after_hours)


def doubles_after_now(services: Services, site_id: int) -> timedelta:
    """The same by the policy in force."""
    return timedelta(hours=policies.find(services, site_id).document.review.doubles_after_hours)


def waiting_row(
    dialect: Dialect,
    comment: Comment,
    verdict: Verdict,
    found: Place,
    harm: Harm,
    since: datetime,
    pace: timedelta,
) -> NewRow[Waiting]:
    """The row of a comment that waits, without the comment's id."""
    values = {
        "comment_id": None,
        "site_id": comment.site_id,
        "version": comment.version,
        "queue": found.queue,
        "rank": urgency.rank(harm, since, pace),
        "since": since,
        "seen_by": found.seen_by,
        "label": harm.label,
        "severity": harm.severity,
        "probability": harm.probability,
        "reports": harm.reports,
        "exposure": harm.exposure,
        "article_id": comment.article_id,
        "section": comment.section,
        "author_id": comment.author_id,
        "language": verdict.language or comment.language,
        "reason_codes": comment.reason_codes,
        **{label: verdict.scores.get(label) for label in LABELS},
    }
    return NewRow(dialect, Waiting, values)
