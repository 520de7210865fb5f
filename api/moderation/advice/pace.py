"""How long a person takes over a comment: from a site's own decisions, or a guess."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from operator import itemgetter
from statistics import median

from sqlalchemy import Connection, and_, bindparam, select

from api.moderation.moving import made_here
from api.store.asking import Question
from api.store.tables import Comment, Decision

GUESS_SECONDS = 20.0
"""What a review is taken to last where a site has too few decisions to tell."""

ENOUGH = 100
"""How many spacings between decisions tell how long one takes."""

SHORTEST_SECONDS, LONGEST_SECONDS = 1.0, 300.0
"""Decisions closer together were made as one; farther apart, somebody did something else."""

LATEST = 5_000
"""How many of the site's newest comments are looked at for decisions."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds a review takes: the median of `reviews` of the site's own, or a guess where 0."""

    seconds: float = GUESS_SECONDS
    reviews: int = 0

    def minutes(self, comments: int) -> float:
        """How long so many reviews take."""
        return comments * self.seconds / 60


# From the decisions, by the newest comments: to go by the site would sort all of its comments.
_newest = (
    select(Decision.actor, Decision.created_at)
    .join(
        Comment,
        and_(Comment.id == Decision.comment_id, Comment.decision_version == Decision.version),
    )
    .where(Comment.site_id + 0 == bindparam("site"), made_here())
    .order_by(Decision.comment_id.desc())
    .limit(LATEST)
    .subquery()
)
_DECIDED = Question(
    select(_newest.c.actor, _newest.c.created_at).order_by(_newest.c.actor, _newest.c.created_at)
)


def measure(connection: Connection, site_id: int) -> Pace:
    """How long the site's people take, by the spacing of their latest decisions."""
    return work_out(_DECIDED.ask(connection, site=site_id))


def work_out(decisions: Iterable[tuple[str, datetime]]) -> Pace:
    """How long one takes, of decisions as who and when, in this order."""
    spacings = [
        spacing
        for _, own in groupby(decisions, key=itemgetter(0))
        for (_, before), (_, after) in pairwise(own)
        if SHORTEST_SECONDS <= (spacing := (after - before).total_seconds()) <= LONGEST_SECONDS
    ]
    return Pace(median(spacings), len(spacings)) if len(spacings) >= ENOUGH else Pace()
