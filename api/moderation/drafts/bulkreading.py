"""Stored comments with the verdicts on them, read in bulk as plain columns."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, select

from api.moderation.policy.subject import Draft
from api.store.asking import Question
from api.store.tables import Comment, Decision, Revision, Verdict

EVER = datetime(1, 1, 1, tzinfo=UTC)
"""Since when all comments came."""


@dataclass(frozen=True, slots=True)
class Range:
    """Comments of a site: those numbered above `after` up to `upto` that came since then."""

    site_id: int
    after: int
    upto: int
    since: datetime = EVER


@dataclass(frozen=True, slots=True)
class Kept:
    """A comment, the verdict on it that is in force, and what people decided."""

    number: int
    draft: Draft
    came_at: datetime
    """When its wording came."""
    judged_at: datetime
    action: str
    scores: dict[str, float]
    model: str | None
    language: str | None
    codes: str
    """Of the verdict's reasons, each between blanks."""
    decision: str | None
    identity: dict[str, str | None]
    """By what the author is known: see `traces.identify`; comments of old releases have none."""
    gone: bool
    """Whether its text is deleted."""


def _here() -> tuple[ColumnElement[bool], ...]:
    return (
        # Not by an index of the site: the rows are wanted in the order they lie in.
        Comment.site_id + 0 == bindparam("site"),
        Comment.id > bindparam("after"),
        Comment.id <= bindparam("upto"),
        Comment.received_at >= bindparam("since"),
    )


_newest = (
    select(Comment.id)
    .where(*_here())
    .order_by(Comment.id.desc())
    .limit(bindparam("most"))
    .subquery()
)
_COUNT = Question(select(func.count(), func.min(_newest.c.id)))

_KEPT = Question(
    select(
        Comment.id,
        Comment.article,
        Comment.author,
        Comment.form,
        Comment.language,
        Comment.created_at,
        Comment.address,
        Comment.network,
        Comment.mailbox,
        Comment.reason_codes,
        Revision.text,
        Revision.html,
        Revision.created_at,
        Verdict.created_at,
        Verdict.action,
        Verdict.scores,
        Verdict.model,
        Verdict.language,
        Decision.action,
        Revision.gone,
    )
    .join(Revision, and_(Revision.comment_id == Comment.id, Revision.number == Comment.revision))
    .join(
        Verdict,
        and_(Verdict.comment_id == Comment.id, Verdict.version == Comment.verdict_version),
    )
    .outerjoin(
        Decision,
        and_(
            Decision.comment_id == Comment.id,
            Decision.version == Comment.decision_version,
            # What the policy in force was unsure of would make any other look better.
            Comment.asked.is_(None),
        ),
    )
    .where(*_here())
    .order_by(Comment.id)
    .limit(bindparam("most"))
)


def count(connection: Connection, wanted: Range, most: int) -> tuple[int, int]:
    """How many there are, `most` at most and the newest first, and the number of the oldest."""
    [(number, oldest)] = _COUNT.ask(connection, **_values(wanted), most=most)
    return number, oldest or 0


def read(connection: Connection, wanted: Range, most: int) -> list[Kept]:
    """The first so many of them, in the order in which they came."""
    return [_make(*row) for row in _KEPT.ask(connection, **_values(wanted), most=most)]


def _values(wanted: Range) -> dict[str, Any]:
    return {
        "site": wanted.site_id,
        "after": wanted.after,
        "upto": wanted.upto,
        "since": wanted.since,
    }


def _make(
    number: int,
    article: dict[str, Any],
    author: dict[str, Any],
    form: dict[str, Any],
    language: str | None,
    created_at: datetime,
    address: str | None,
    network: str | None,
    mailbox: str | None,
    codes: str,
    text: str,
    html: bool,
    *verdict: Any,
) -> Kept:
    draft = Draft(
        text,
        article,
        html=html,
        author=author,
        form=form,
        language=language,
        created_at=created_at,
    )
    came_at, judged_at, action, scores, model, spoken, decision, gone = verdict
    identity = {"address": address, "network": network, "mailbox": mailbox}
    return Kept(
        number,
        draft,
        came_at,
        judged_at,
        action,
        scores,
        model,
        spoken,
        codes,
        decision,
        identity,
        gone,
    )
