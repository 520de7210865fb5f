"""What a draft in shadow has found, counted by the database."""

import json
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, Text, and_, cast, func, select
from sqlalchemy.orm import Session

from api.moderation.drafts.tallies import SHOWN, Example, Tally
from api.store.policies import PolicyDraft, ShadowVerdict
from api.store.tables import Comment, Decision

LATEST = 100_000
"""So many of the newest comments that a draft has judged are counted."""


def count(session: Session, draft: PolicyDraft) -> Tally:
    """Count its verdicts on the newest comments, with the newest of each kind as examples."""
    return count_latest(session, _latest(draft))


def count_latest(session: Session, latest: Subquery) -> Tally:
    """Count verdicts, given by `comment_id`, `live`, `action` and `codes`, which is JSON's text."""
    tally = _count(session, latest)
    for kind, condition in _kinds(latest).items():
        tally.examples[kind] = [
            Example(number, live, action, json.loads(codes))
            for number, live, action, codes in session.execute(_newest(latest, condition))
        ]
    return tally


def _latest(draft: PolicyDraft) -> Subquery:
    codes = cast(ShadowVerdict.codes, Text).label("codes")
    judged = (ShadowVerdict.comment_id, ShadowVerdict.live, ShadowVerdict.action, codes)
    newest = ShadowVerdict.comment_id.desc()
    found = select(*judged).where(ShadowVerdict.draft_id == draft.id).order_by(newest)
    return found.limit(LATEST).subquery()


def _count(session: Session, latest: Subquery) -> Tally:
    group = latest.c.live, latest.c.action, latest.c.codes, Decision.action
    counted = _decided(select(*group, func.count()), latest).group_by(*group)
    tally = Tally()
    for live, action, codes, decision, number in session.execute(counted):
        tally.count(Example(0, live, action, json.loads(codes)), decision, number)
    return tally


def _decided(query: Select[*tuple[Any, ...]], latest: Subquery) -> Select[*tuple[Any, ...]]:
    """With the decisions in force, if any; not with those about what was asked to learn from.

    Of that the policy in force was unsure, which would make any other look better.
    """
    in_force = and_(
        Decision.comment_id == Comment.id,
        Decision.version == Comment.decision_version,
        Comment.asked.is_(None),
    )
    return (
        query.select_from(latest)
        .join(Comment, Comment.id == latest.c.comment_id)
        .outerjoin(Decision, in_force)
    )


def _kinds(latest: Subquery) -> dict[str, ColumnElement[bool]]:
    """The kinds of examples, as `tallies.find_kinds` tells them, in SQL."""
    live, draft, said = latest.c.live, latest.c.action, Decision.action
    return {
        "newly_held": and_(live == "approve", draft != "approve"),
        "newly_passed": and_(live != "approve", draft == "approve"),
        "newly_rejected": and_(live != "reject", draft == "reject"),
        "approved_by_people": and_(said == "approve", draft == "reject"),
        "rejected_by_people": and_(said == "reject", draft == "approve"),
    }


def _newest(latest: Subquery, condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    columns = latest.c.comment_id, latest.c.live, latest.c.action, latest.c.codes
    found = _decided(select(*columns), latest).where(condition)
    return found.order_by(latest.c.comment_id.desc()).limit(SHOWN)
