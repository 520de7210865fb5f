"""How much waits in each queue of a site, and of what: for a moderator to choose from."""

from dataclasses import dataclass

from sqlalchemy import func, select

from api.moderation.access import Caller
from api.moderation.queues import AUDIT
from api.moderation.services import Services
from api.store.review import Waiting
from api.store.tables import Comment

MOST_NAMED = 100
"""How many sections and articles are named, those with the most first."""


@dataclass(frozen=True, slots=True)
class Overview:
    """How many wait in each queue, and the sections and articles that they are of."""

    queues: dict[str, int]
    sections: list[str]
    articles: dict[str, str]


def survey(services: Services, caller: Caller) -> Overview:
    """Count what waits for the site's moderators."""
    here, most = Waiting.site_id == caller.site_id, func.count().desc()
    queues = select(Waiting.queue, func.count()).where(here).group_by(Waiting.queue)
    open_ = here & (Waiting.queue != AUDIT)
    sections = select(Waiting.section).where(open_, Waiting.section.is_not(None))
    sections = sections.group_by(Waiting.section).order_by(most).limit(MOST_NAMED)
    newest = select(func.max(Waiting.comment_id)).where(open_).group_by(Waiting.article_id)
    articles = select(Comment.article).where(
        Comment.id.in_(newest.order_by(most).limit(MOST_NAMED))
    )
    with services.database.reading() as session:
        return Overview(
            dict(session.execute(queues).all()),
            sorted(section for section in session.scalars(sections) if section),
            {one["id"]: one.get("title") or one["id"] for one in session.scalars(articles)},
        )
