"""What a judgement makes of a comment: its status, its rows, and whether to ask again."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Dialect, and_, select
from sqlalchemy.orm import Session

from api.moderation.policy.facts import STANDINGS
from api.moderation.policy.judging import Judgement, hold_at_least
from api.moderation.policy.matches import reason
from api.moderation.policy.subject import Draft
from api.moderation.queues import DEFAULT
from api.moderation.services import Services
from api.store.inserting import NewRow
from api.store.jobs import enqueue
from api.store.tables import Comment, Decision, Revision, Verdict

STATUS = {"approve": "approved", "hold": "pending", "reject": "rejected", "escalate": "pending"}
"""What an action makes of a comment."""

DOUBTS = ("edited_after_rejection", "edited_while_escalated", "address_not_kept")
"""The reasons for which `respect_people` holds, whatever the policy says."""

APPROVED = "approved_before"
"""The reason for which `respect_people` approves, whatever the policy says of the text."""

_OF_AUTHORS = tuple(f"author_{one}" for one in STANDINGS)
_SHUT_OUT = ("author_held", "author_suspended", "author_banned", "address_not_kept")

REJUDGE = "comment.rejudge"
"""The job that asks the classifier again."""


def columns(judgement: Judgement, version: int, now: datetime) -> dict[str, Any]:
    """What a judgement makes of a comment's own columns."""
    return {
        "status": STATUS[judgement.action],
        "queue": DEFAULT,
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
        "second_opinion": judgement.second_opinion,
        "second_model": judgement.second_model,
        "language": judgement.language,
        "policy": judgement.policy,
        "flips_if": judgement.flips_if,
        "created_at": now,
    }
    return NewRow(dialect, Verdict, values)


def respect_people(
    session: Session, comment: Comment, draft: Draft, judgement: Judgement
) -> Judgement:
    """The judgement on a draft, but as people have said of the comment.

    Approved where a person approved this very wording, held where one has had doubts.
    """
    if _was_approved(session, comment, draft) and not _is_about_author(judgement):
        judgement = _approve(judgement)
    elif _was_rejected(session, comment):
        # Otherwise changing a comma would overrule the moderator, or changing it twice.
        judgement = hold_at_least(
            judgement, "edited_after_rejection", "A moderator rejected an earlier wording."
        )
    if comment.queue != DEFAULT:
        # Somebody wanted another pair of eyes on this; its author cannot take it from them.
        judgement = hold_at_least(
            judgement, "edited_while_escalated", "A moderator had escalated an earlier wording."
        )
    if _came_from_shut_out(comment) and not _is_about_author(judgement):
        # Otherwise whoever is banned by an address would get round it by changing a comma.
        judgement = hold_at_least(
            judgement, "address_not_kept", "When it came, its author was shut out, by an address."
        )
    return judgement


def apply(comment: Comment, judgement: Judgement, now: datetime) -> None:
    """Have the comment, at its present version, stand as the judgement says."""
    escalated_to = comment.queue
    for name, value in columns(judgement, comment.version, now).items():
        setattr(comment, name, value)
    if comment.status == "pending":
        comment.queue = escalated_to


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


def _approve(judgement: Judgement) -> Judgement:
    says = "A moderator approved this very wording before."
    shade, tried = judgement.shade, judgement.tried
    return replace(
        judgement,
        action="approve",
        blatant=False,
        shade=shade and replace(shade, action="approve"),
        tried=tried and replace(tried, action="approve"),
        reasons=[reason(APPROVED, says, "approve"), *judgement.reasons],
        flips_if="a moderator decides",
    )


def _is_about_author(judgement: Judgement) -> bool:
    """Whether people have since said something of the author that asks for more."""
    asking = (one["code"] for one in judgement.reasons if one.get("action") != "flag")
    return any(code in _OF_AUTHORS for code in asking)


def _was_approved(session: Session, comment: Comment, draft: Draft) -> bool:
    """Whether a person's last yes or no about this very wording, earlier on, was a yes."""
    said = (
        select(Decision.action)
        .join(
            Revision,
            and_(Revision.comment_id == Decision.comment_id, Revision.number == Decision.revision),
        )
        .where(
            Decision.comment_id == comment.id,
            Decision.undone_at.is_(None),
            Decision.action != "escalate",
            # What was said of the present wording is the decision in force, not a verdict.
            Revision.number != comment.revision,
            Revision.text == draft.text,
            Revision.html == draft.html,
        )
        .order_by(Decision.version.desc())
        .limit(1)
    )
    return session.scalar(said) == "approve"


def _came_from_shut_out(comment: Comment) -> bool:
    """Whether what people said of the author counted, and may have been of a truncated address."""
    is_truncated = comment.address is None and comment.network is not None
    return is_truncated and any(f" {code} " in comment.reason_codes for code in _SHUT_OUT)


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
