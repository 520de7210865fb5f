"""What is known: texts that may be nearly the same, and what was decided about them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, not_, select, union_all

from api.moderation.knowledge.query import Query
from api.moderation.markup import blank_markup
from api.moderation.policy.duplicates import MOST, find_bands
from api.moderation.policy.facts import Following, Near
from api.moderation.policy.signatures import BANDS, READ
from api.store.asking import Question
from api.store.policies import CampaignDecision, Signature
from api.store.tables import Comment, Revision

MOST_BY_CHANCE = 20
"""How many are read that may share a band by chance: copies that share but one are few."""

MARKED_UP = 2 * READ
"""Characters that are read of a text: room for some markup, which is not compared."""


def ask(query: Query) -> dict[str, Any]:
    """Members of `Facts`, as far as the policy asks for them."""
    bands = find_bands(query.policy, query.subject)
    if not bands:
        return {}
    now = query.subject.now
    rows = _NEAR.ask(
        query.connection,
        site=query.site_id,
        before=query.before,
        own=query.subject.draft.id or "",
        since=now - timedelta(days=query.policy.document.duplicates.days),
        now=now,
        **{f"band{number}": band for number, band in enumerate(bands)},
    )
    return {"near": tuple(map(_read_near, rows)), "following": _read_following(rows)}


def _read_near(row: tuple[Any, ...]) -> Near:
    number, campaign, author, article, text, html, received_at = row[:7]
    return Near(
        number, campaign, author, article, blank_markup(text) if html else text, received_at
    )


def _read_following(rows: Sequence[tuple[Any, ...]]) -> tuple[Following, ...]:
    found = {row[1]: Following(row[1], *row[7:]) for row in rows if row[7] is not None}
    return tuple(found.values())


def _in_band(number: int) -> Select[int]:
    """The newest comments of a band: one with 100,000 costs no more than one with 100."""
    newest = (
        select(Signature.comment_id)
        .where(
            Signature.site_id == bindparam("site"),
            Signature.band == bindparam(f"band{number}"),
            Signature.comment_id < bindparam("before"),
        )
        .order_by(Signature.comment_id.desc())
        .limit(MOST)
        .subquery()
    )
    return select(newest.c.comment_id)


def _build() -> Select[*tuple[Any, ...]]:
    """Those that share the most bands, then the newest, with the text in force."""
    shared = union_all(*map(_in_band, range(BANDS))).subquery()
    number, bands = shared.c.comment_id, func.count().label("bands")
    ranked = select(number, bands).group_by(number).order_by(bands.desc(), number.desc())
    likely = ranked.limit(MOST).subquery()
    order = likely.c.bands.desc(), likely.c.comment_id.desc()
    placed = select(likely, func.row_number().over(order_by=order).label("place")).subquery()
    by_chance = and_(placed.c.bands == 1, placed.c.place > MOST_BY_CHANCE)
    best = select(placed.c.comment_id, placed.c.bands).where(not_(by_chance)).subquery()
    followed = and_(
        CampaignDecision.site_id == Comment.site_id,
        CampaignDecision.campaign == Comment.campaign,
        # A comment that is judged again knows nothing of what came after it.
        CampaignDecision.created_at <= bindparam("now"),
        CampaignDecision.until > bindparam("now"),
    )
    return (
        select(
            Comment.id,
            Comment.campaign,
            Comment.author_id,
            Comment.article_id,
            func.substr(Revision.text, 1, MARKED_UP),
            Revision.html,
            Comment.received_at,
            CampaignDecision.action,
            CampaignDecision.actor,
            CampaignDecision.until,
        )
        .join_from(best, Comment, Comment.id == best.c.comment_id)
        .join(
            Revision, and_(Revision.comment_id == Comment.id, Revision.number == Comment.revision)
        )
        .outerjoin(CampaignDecision, followed)
        .where(
            # The same comment under the same id, sent once more or with another text, is no copy.
            Comment.public_id != bindparam("own"),
            Comment.received_at > bindparam("since"),
        )
        .order_by(best.c.bands.desc(), Comment.id.desc())
    )


_NEAR = Question(_build())
