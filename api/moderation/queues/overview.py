"""How much waits in each queue of a site, and of what: for a moderator to choose from."""

import heapq
from collections import Counter
from collections.abc import Iterable
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
    """Count what waits for the site's moderators, from indexes alone.

    What the caller has skipped or judged is counted as well: to leave it out takes every row.
    """
    here = Waiting.site_id == caller.site_id
    queues = select(Waiting.queue, func.count()).where(here).group_by(Waiting.queue)
    subjects = (
        select(Waiting.article_id, Waiting.section, func.count(), func.max(Waiting.comment_id))
        .where(here, Waiting.queue != AUDIT)
        .group_by(Waiting.article_id, Waiting.section)
    )
    with services.database.reading() as session:
        waiting = dict(session.execute(queues).all())
        found = [
            (article, section, n, key) for article, section, n, key in session.execute(subjects)
        ]
        newest = {key for *_, key in heapq.nlargest(MOST_NAMED, found, key=lambda one: one[2])}
        articles = session.scalars(select(Comment.article).where(Comment.id.in_(newest)))
        return Overview(
            waiting,
            _most_frequent(found),
            {one["id"]: one.get("title") or one["id"] for one in articles},
        )


def _most_frequent(found: Iterable[tuple[str, str | None, int, int]]) -> list[str]:
    sections: Counter[str] = Counter()
    for _, section, number, _ in found:
        if section:
            sections[section] += number
    return sorted(section for section, _ in sections.most_common(MOST_NAMED))
