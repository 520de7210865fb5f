"""How lively articles are: what is written under one that many read is seen by more.

Nobody tells us how often an article is read. How many comments came under it within a day says
much the same, and is known: an article with up to ten is quiet, each tenfold adds one half, and
from a thousand on nothing more.
"""

import math
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, select

from api.store.review import Waiting
from api.store.since import find_first_comment
from api.store.tables import Comment

WITHIN = timedelta(hours=24)
"""How old the comments are, at most, that make an article lively."""

QUIET = 10
BUSY = 1_000
"""Up to how many comments nothing is added, and from how many on nothing more."""

MOST = 2.0
"""By what the busiest articles multiply the harm to be expected."""


def measure(count: int) -> float:
    """The heat of an article under which so many comments came within a day, from 1 on."""
    share = math.log(max(count, QUIET) / QUIET) / math.log(BUSY / QUIET)
    return 1 + (MOST - 1) * min(share, 1.0)


def find_all(connection: Connection, now: datetime) -> dict[tuple[int, str], float]:
    """The heat of all articles, by site and id, under which something waits."""
    since = now - WITHIN
    first = find_first_comment(connection, since)
    rows = connection.execute(_COUNTS, {"first": first, "since": since, "most": BUSY})
    return {(site_id, article_id): measure(count) for site_id, article_id, count in rows}


_waited = select(Waiting.site_id, Waiting.article_id).distinct().subquery()

_fresh = (
    select(Comment.id)
    .where(
        Comment.site_id == _waited.c.site_id,
        Comment.article_id == _waited.c.article_id,
        Comment.id >= bindparam("first"),
        # What was moved here lately came long ago.
        Comment.received_at >= bindparam("since"),
    )
    .limit(bindparam("most"))
    .correlate(_waited)
    .subquery()
)

_COUNTS = select(
    _waited.c.site_id,
    _waited.c.article_id,
    select(func.count()).select_from(_fresh).scalar_subquery(),
)
