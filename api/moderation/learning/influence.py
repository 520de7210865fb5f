"""What one comment teaches, and where it teaches nothing, why."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from api.moderation import policies, rejudging
from api.moderation.access import Caller
from api.moderation.comments import State
from api.moderation.learning import decided, forgetting, labels, suggested
from api.moderation.learning.forgetting import Listed
from api.moderation.secondlooks import FINAL
from api.moderation.services import Services
from api.store.learning import ForgottenLabel
from api.store.tables import Comment, Decision

FORGOTTEN: Final = "forgotten"
"""Somebody had it forgotten."""
UNDECIDED: Final = "undecided"
"""Nobody has decided about its present wording."""
ESCALATED: Final = "escalated"
"""It was passed on, which says nothing of its words."""
AUTOMATIC: Final = "automatic"
"""Winnow decided it by itself."""
IGNORED: Final = "ignored"
"""The site's policy has nothing learnt of rejections for this reason."""
OFF: Final = "off"
"""The site's policy has nothing learnt at all."""
OLD: Final = "old"
"""As many labels as count are newer."""


@dataclass(frozen=True, slots=True)
class Influence:
    """What is learnt of a comment, or would be but for `why_not`, one of the codes above.

    `label` is None where there is nothing to learn of it; `suggested` is whether it is no decision
    but a score that a site suggests. `forgotten` says who had it forgotten, and when.
    """

    label: Listed | None
    why_not: str | None
    suggested: bool
    forgotten: ForgottenLabel | None


def find(services: Services, caller: Caller, state: State) -> Influence:
    """What a comment of the caller's site teaches."""
    learning = policies.find(services, caller.site_id).document.learning
    ignored, key = learning.ignore, state.comment.id
    with services.database.reading() as session:
        forgotten = session.get(ForgottenLabel, key)
        label = _find_decided(session, caller.site_id, ignored, key)
        hint = None if label else _find_suggested(session, caller.site_id, state.comment)
        found = label or hint
        why_not: str | None = None
        if forgotten is not None:
            why_not = FORGOTTEN
        elif found is None:
            why_not = _explain(state.decision)
        elif not learning.on:
            why_not = OFF
        elif _is_old(session, caller.site_id, ignored, found.decided_at):
            why_not = OLD
    return Influence(found, why_not, hint is not None, forgotten)


def _find_decided(
    session: Session, site_id: int, ignored: Collection[str], key: int
) -> Listed | None:
    wanted = decided.select_decided(site_id, ignored).where(Comment.id == key)
    row = session.execute(wanted).one_or_none()
    return None if row is None else forgetting.describe(row)


def _find_suggested(session: Session, site_id: int, comment: Comment) -> Listed | None:
    found = suggested.find_newest(session, site_id, labels.MOST, Comment.id == comment.id)
    for row, bad in found:
        return Listed(
            comment_id=comment.public_id,
            rejected=bad,
            weight=decided.HALF,
            actor=row.actor,
            reason=None,
            decided_at=row.created_at,
            forgotten=False,
        )
    return None


def _explain(decision: Decision | None) -> str:
    """Why nothing is learnt of what was decided."""
    if decision is None:
        return UNDECIDED
    if decision.action not in FINAL:
        return ESCALATED
    return AUTOMATIC if decision.actor == rejudging.ACTOR else IGNORED


def _is_old(session: Session, site_id: int, ignored: Collection[str], at: datetime) -> bool:
    """Whether as many decisions as count are newer; imports and suggestions are not counted."""
    newer = (
        decided.select_decided(site_id, ignored)
        .with_only_columns(Comment.id, maintain_column_froms=True)
        # The first condition follows from the second, and there is an index of it.
        .where(Comment.updated_at > at, Decision.created_at > at)
        .where(ForgottenLabel.comment_id.is_(None))
        .order_by(Comment.updated_at)
        .offset(labels.MOST - 1)
        .limit(1)
    )
    return session.scalar(newer) is not None
