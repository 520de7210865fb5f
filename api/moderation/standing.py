"""What a judgement makes of a comment: its status, its rows, and whether to ask again."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Dialect, select
from sqlalchemy.orm import Session

from api.moderation.policy.judging import Judgement, hold_at_least
from api.moderation.services import Services
from api.store.inserting import NewRow
from api.store.jobs import enqueue
from api.store.tables import Comment, Decision, Verdict

STATUS = {"approve": "approved", "hold": "pending", "reject": "rejected", "escalate": "pending"}
"""What an action makes of a comment."""

ESCALATED = "escalated"
"""The queue of what a moderator has passed on."""

DOUBTS = ("edited_after_rejection", "edited_while_escalated")
"""The reasons for which `respect_people` holds, whatever the policy says."""

REJUDGE = "comment.rejudge"
"""The job that asks the classifier again."""


def columns(judgement: Judgement, version: int, now: datetime) -> dict[str, Any]:
    """What a judgement makes of a comment's own columns."""
    return {
        "status": STATUS[judgement.action],
        "queue": "default",
        "reason_codes": "".join(f" {r['code']} " for r in judgement.reasons),
        "priority": judgement.priority,
        "verdict_version": version,
        "decision_version": None,
        "updated_at": now,
    }


def verdict_row(
    dialect: Dialect, judgement: Judgement, now: datetime, revision: int = 1, version: int = 1
) -> NewRow[Verdict]:
    """The row of a verdict on a revision, without the comment's id."""
    values = {
        "comment_id": None,
        "version": version,
        "revision": revision,
        "action": judgement.action,
        "blatant": judgement.blatant,
        "scores": judgement.scores,
        "reasons": judgement.reasons,
        "model": judgement.model,
        "language": judgement.language,
        "policy": judgement.policy,
        "flips_if": judgement.flips_if,
        "created_at": now,
    }
    return NewRow(dialect, Verdict, values)


def respect_people(session: Session, comment: Comment, judgement: Judgement) -> Judgement:
    """The judgement, but held where a person has had doubts about the comment."""
    if _was_rejected(session, comment):
        # Otherwise changing a comma would overrule the moderator, or changing it twice.
        judgement = hold_at_least(
            judgement, "edited_after_rejection", "A moderator rejected an earlier wording."
        )
    if comment.queue == ESCALATED:
        # Somebody wanted another pair of eyes on this; its author cannot take it from them.
        judgement = hold_at_least(
            judgement, "edited_while_escalated", "A moderator had escalated an earlier wording."
        )
    return judgement


def apply(comment: Comment, judgement: Judgement, now: datetime) -> None:
    """Have the comment, at its present version, stand as the judgement says."""
    escalated = comment.queue == ESCALATED
    for name, value in columns(judgement, comment.version, now).items():
        setattr(comment, name, value)
    if escalated and comment.status == "pending":
        comment.queue = ESCALATED


def ask_again(connection: Connection, services: Services, comment: Comment) -> None:
    """Have a comment judged again that the classifier could say nothing of."""
    enqueue(
        connection,
        REJUDGE,
        {"comment": comment.id, "version": comment.verdict_version},
        services.now(),
        site_id=comment.site_id,
        key=f"rejudge:{comment.id}:{comment.verdict_version}",
    )


def _was_rejected(session: Session, comment: Comment) -> bool:
    """Whether a person's last yes or no, about whichever wording, was a no."""
    last = (
        select(Decision.action)
        .where(
            Decision.comment_id == comment.id,
            Decision.undone_at.is_(None),
            Decision.action != "escalate",
        )
        .order_by(Decision.version.desc())
        .limit(1)
    )
    return session.scalar(last) == "reject"
