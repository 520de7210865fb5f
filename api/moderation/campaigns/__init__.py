"""Campaigns: comments whose texts are nearly the same, shown as one thing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, Subquery, case, distinct, func, select
from sqlalchemy.orm import Session

from api.moderation import comments
from api.moderation.access import Caller
from api.moderation.comments import NEWEST, State
from api.moderation.errors import NotFoundError
from api.moderation.filters import Filter
from api.moderation.markup import blank_markup
from api.moderation.paging import Order, Page
from api.moderation.services import Services
from api.store.policies import CampaignDecision
from api.store.tables import Comment, Revision

LOOKED_AT = 1000
"""Of a campaign's newest comments so many are looked at, to count what differs among them."""

SHOWN = 500
"""Characters of a text that stand for all."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """What a campaign is made of; `pending`, `authors` and `articles` of its newest `LOOKED_AT`.

    Authors without an id are told apart by e-mail or address. `sample` is the newest comment's
    text, `sample_id` that comment. `decision` is the last about it, whether still followed or not.
    """

    id: str
    size: int
    pending: int
    authors: int
    articles: int
    first_at: datetime
    last_at: datetime
    sample_id: str
    sample: str
    decision: CampaignDecision | None


def list_campaigns(
    services: Services, caller: Caller, limit: int, cursor: str | None = None
) -> Page[Campaign]:
    """One page of the campaigns of two comments or more, those that have grown last first.

    Reads an index of the site's copies; what came only once is of no campaign.
    """
    growing = _growing(caller.site_id)
    order = Order((growing.c.last,), descending=True)
    paged = order.apply(select(growing.c.campaign, growing.c.last), cursor).limit(limit + 1)
    with services.database.reading() as session:
        found = session.execute(paged).all()
        items = [load(session, caller.site_id, row.campaign) for row in found[:limit]]
    return Page(items, order.encode(found[limit - 1]) if len(found) > limit else None)


def find(services: Services, caller: Caller, campaign: str) -> Campaign:
    """One campaign of the caller's site; raise NotFoundError when there is none."""
    with services.database.reading() as session:
        return load(session, caller.site_id, campaign)


def list_members(
    services: Services, caller: Caller, campaign: str, limit: int, cursor: str | None = None
) -> Page[State]:
    """One page of a campaign's comments, the newest first."""
    wanted = Filter(campaign=campaign)
    return comments.list_comments(services, caller, wanted, limit, cursor, NEWEST)


def load(session: Session, site_id: int, campaign: str) -> Campaign:
    """A campaign as it is in this transaction; raise NotFoundError when there is none."""
    here = Comment.site_id == site_id, Comment.campaign == campaign
    size = session.scalar(select(func.count()).select_from(Comment).where(*here))
    if not size:
        raise NotFoundError(f"There is no campaign {campaign}.")
    of_it = select(Comment.public_id, Comment.received_at, Revision.text, Revision.html).where(
        *here
    )
    texts = of_it.join(
        Revision, (Revision.comment_id == Comment.id) & (Revision.number == Comment.revision)
    )
    newest = session.execute(texts.order_by(Comment.id.desc()).limit(1)).one()
    first_at = select(Comment.received_at).where(*here).order_by(Comment.id).limit(1)
    pending, authors, articles = session.execute(_counting(site_id, campaign)).one()
    return Campaign(
        id=campaign,
        size=size,
        pending=pending,
        authors=authors,
        articles=articles,
        first_at=session.scalars(first_at).one(),
        last_at=newest.received_at,
        sample_id=newest.public_id,
        sample=_shorten(newest.text, newest.html),
        decision=session.get(CampaignDecision, (site_id, campaign)),
    )


def _growing(site_id: int) -> Subquery:
    last = func.max(Comment.id).label("last")
    return (
        select(Comment.campaign, last)
        .where(Comment.site_id == site_id, Comment.campaign.is_not(None))
        .group_by(Comment.campaign)
        .having(func.count() > 1)
        .subquery()
    )


def _counting(site_id: int, campaign: str) -> Select[int, int, int]:
    newest = (
        select(
            case((Comment.status == "pending", 1)).label("pending"),
            func.coalesce(Comment.author_id, Comment.mailbox, Comment.address).label("author"),
            Comment.article_id,
        )
        .where(Comment.site_id == site_id, Comment.campaign == campaign)
        .order_by(Comment.id.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    return select(
        func.count(newest.c.pending),
        func.count(distinct(newest.c.author)),
        func.count(distinct(newest.c.article_id)),
    )


def _shorten(text: str, html: bool) -> str:
    plain = blank_markup(text) if html else text
    return plain.strip()[:SHOWN]
