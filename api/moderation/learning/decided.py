"""Labels from what people have decided about comments, in the wording that is there now."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from api.moderation import comments, rejudging
from api.moderation.moving import made_here
from api.moderation.secondlooks import FINAL
from api.store.learning import ForgottenLabel
from api.store.review import SecondLook
from api.store.tables import Comment, Decision, Revision, Verdict

FULL, TWICE, HALF = 1.0, 2.0, 0.5
"""What a label weighs: one decision; one that somebody had thought of twice; one of many at once.

A decision about many comments was not made after reading each of them, and neither was a score
that a site suggests.
"""

_Earlier = aliased(Decision)
_REVERSED = exists().where(
    _Earlier.comment_id == Decision.comment_id,
    _Earlier.version < Decision.version,
    _Earlier.revision == Decision.revision,
    _Earlier.action != Decision.action,
    _Earlier.action.in_(FINAL),
)
"""Whether the same wording was decided otherwise before."""

_OVERTURNS = and_(
    or_(
        and_(Verdict.action == "reject", Decision.action == "approve"),
        and_(Verdict.action == "approve", Decision.action == "reject"),
    ),
    # Who decided before it came here knew nothing of our verdict.
    made_here(),
)

_AGREED = exists().where(
    SecondLook.comment_id == Decision.comment_id,
    # A recheck is about the version that the decision made, an agreement about the one before.
    SecondLook.version.in_((Decision.version, Decision.version - 1)),
    SecondLook.first_action == Decision.action,
    SecondLook.second_action == Decision.action,
)

_COLUMNS = (
    Comment.id,
    Comment.public_id,
    Comment.author,
    Comment.form,
    Comment.language,
    Comment.campaign,
    Comment.sampled,
    Comment.asked,
    Revision.text,
    Revision.html,
    Decision.action,
    Decision.reason,
    Decision.actor,
    Decision.created_at,
    Decision.bulk,
    or_(_REVERSED, _OVERTURNS, _AGREED).label("twice"),
    ForgottenLabel.created_at.label("forgotten_at"),
)


def select_decided(site_id: int, ignored: Collection[str]) -> Select[*tuple[Any, ...]]:
    """What people have decided, but for those of Winnow's own and for reasons that are ignored."""
    return (
        comments.states()
        .with_only_columns(*_COLUMNS, maintain_column_froms=True)
        .outerjoin(ForgottenLabel, ForgottenLabel.comment_id == Comment.id)
        .where(
            Comment.site_id == site_id,
            Comment.decision_version.is_not(None),
            # Of a text that is deleted there is nothing to be learnt.
            Revision.gone.is_(False),
            Decision.action.in_(FINAL),
            Decision.actor != rejudging.ACTOR,
            _teaches(ignored),
        )
    )


def find_newest(session: Session, site_id: int, ignored: Collection[str], most: int) -> list[Any]:
    """The rows of what was decided last and is not forgotten, newest first."""
    newest = (
        select_decided(site_id, ignored)
        .where(ForgottenLabel.comment_id.is_(None))
        # A decision is what changes such a comment last, and of this there is an index.
        .order_by(Comment.updated_at.desc(), Comment.id.desc())
        .limit(most)
    )
    return list(session.execute(newest))


def weigh(row: Any) -> float:
    """How much the decision of such a row counts."""
    if row.bulk is not None:
        return HALF
    return TWICE if row.twice else FULL


def count(session: Session, *conditions: ColumnElement[bool]) -> int:
    """How many comments that meet the conditions are decided, whatever was decided."""
    decided = select(func.count()).where(Comment.decision_version.is_not(None), *conditions)
    return session.scalar(decided) or 0


def _teaches(ignored: Collection[str]) -> ColumnElement[bool]:
    """Whether it was rejected for what it says; every approval is for that."""
    named = Decision.reason.in_(ignored) if ignored else false()
    return or_(Decision.action == "approve", Decision.reason.is_(None), ~named)
