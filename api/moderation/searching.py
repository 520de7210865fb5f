"""Searching comments by their words: pages that are short rather than late.

A look-up stops after a while wherever it is. Then its page holds fewer comments than it might,
none perhaps, and a cursor that goes on from there.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from api.moderation.errors import RuleError
from api.moderation.filters import Filter
from api.moderation.paging import Order, Page, read_cursor, write_cursor
from api.store import queries
from api.store.finding import Finder, Found, open_finder
from api.store.patience import Patience
from api.store.queries import Query, QueryError
from api.store.review import Waiting
from api.store.tables import Comment, Verdict

PATIENCE = 0.02
"""How many seconds a look-up goes on."""

CANDIDATES = 1_000
"""How many comments it looks at a time."""

Step = Callable[[int | None], Found]
"""Gives the next candidates below a number."""


class SearchError(RuleError):
    """This is nothing that can be searched for."""


def parse(text: str) -> Query:
    """Read what somebody searches for; raise SearchError when nothing can be looked for."""
    try:
        return queries.parse(text)
    except QueryError as error:
        raise SearchError(str(error)) from error


def find_newest(
    session: Session,
    site_id: int,
    wanted: Filter,
    now: datetime,
    limit: int,
    cursor: str | None = None,
) -> Page[int]:
    """The keys of comments that pass a filter with a `q`, newest first."""
    query, patience = parse(wanted.q or ""), Patience(PATIENCE)
    finder = open_finder(session.connection(), site_id, query, patience)
    others = _others(site_id, wanted, now)
    below = None if cursor is None else int(read_cursor(cursor, [int])[0])
    # Where nothing else is asked for, every candidate is shown.
    most = limit + 1 if replace(wanted, q=None) == Filter() else CANDIDATES
    step, keep, first = _choose(session, finder, wanted, others, below, most)
    found: list[int] = []
    while True:
        kept = keep(first.ids)
        found += [key for key in first.ids if key in kept]
        if len(found) > limit:
            return Page(found[:limit], write_cursor([found[limit - 1]]))
        if first.reached is None:
            return Page(found, None)
        if patience.over:
            return Page(found, write_cursor([first.reached]))
        first = step(first.reached)


def _choose(
    session: Session,
    finder: Finder,
    wanted: Filter,
    others: Select[int],
    below: int | None,
    most: int,
) -> tuple[Step, Callable[[Sequence[int]], set[int]], Found]:
    """What is rarer, the words or what else is asked for, gives the candidates."""

    def by_words(place: int | None) -> Found:
        return finder.newest(place, most)

    def by_others(place: int | None) -> Found:
        query = others if place is None else others.where(Comment.id < place)
        ordered = query.order_by(Comment.id.desc()).limit(CANDIDATES)
        ids = list(session.scalars(ordered))
        return Found(ids, ids[-1] if len(ids) == CANDIDATES else None)

    def keep(ids: Sequence[int]) -> set[int]:
        return set(session.scalars(others.where(Comment.id.in_(ids)))) if ids else set()

    words = by_words(below)
    if words.reached is not None and _is_narrow(wanted):
        # Of two rows of a thousand, the one that reaches further back is of what is rarer.
        narrow = by_others(below)
        if narrow.reached is None or narrow.reached < words.reached:
            return by_others, finder.among, narrow
    return by_words, keep, words


def _is_narrow(wanted: Filter) -> bool:
    """Whether an index leads to what else is asked for."""
    return any((wanted.article, wanted.author, wanted.campaign, wanted.reporter))


def _others(site_id: int, wanted: Filter, now: datetime) -> Select[int]:
    """The comments that pass a filter whatever words they have."""
    query = select(Comment.id).where(Comment.site_id == site_id)
    if wanted.language or wanted.scores:
        query = query.join(
            Verdict,
            (Verdict.comment_id == Comment.id) & (Verdict.version == Comment.verdict_version),
        )
    return query.where(*replace(wanted, q=None).conditions(now))


def find_waiting(
    session: Session,
    site_id: int,
    texts: Sequence[str],
    waiting: Select[Waiting],
    order: Order,
    limit: int,
    cursor: str | None = None,
) -> Page[Waiting]:
    """What of these rows of `waiting` has all words of all the texts, in an order of the queue."""
    both = [parse(text) for text in texts]
    query = Query(
        tuple(term for one in both for term in one.wanted),
        tuple(term for one in both for term in one.unwanted),
    )
    patience = Patience(PATIENCE)
    finder = open_finder(session.connection(), site_id, query, patience)
    words = finder.newest(None, CANDIDATES)
    if words.reached is None:
        few = order.apply(waiting.where(Waiting.comment_id.in_(words.ids)), cursor)
        rows = session.scalars(few.limit(limit + 1)).all()
        return Page(rows[:limit], order.encode(rows[limit - 1]) if len(rows) > limit else None)
    return _go_through(session, finder, waiting, order, limit, cursor, patience)


def _go_through(
    session: Session,
    finder: Finder,
    waiting: Select[Waiting],
    order: Order,
    limit: int,
    cursor: str | None,
    patience: Patience,
) -> Page[Waiting]:
    """Page by page of what waits, whoever has the words: they are many."""
    found: list[Any] = []
    next_: str | None
    keys = waiting.with_only_columns(*{Waiting.comment_id: 0, **dict.fromkeys(order.columns, 0)})
    while True:
        some = session.execute(order.apply(keys, cursor).limit(CANDIDATES)).all()
        kept = finder.among([row.comment_id for row in some])
        found += [row for row in some if row.comment_id in kept]
        if len(found) > limit:
            next_ = order.encode(found[limit - 1])
            break
        next_ = order.encode(some[-1]) if len(some) == CANDIDATES else None
        if next_ is None or patience.over:
            break
        cursor = next_
    chosen = [row.comment_id for row in found[:limit]]
    rows = session.scalars(order.apply(select(Waiting), None).where(Waiting.comment_id.in_(chosen)))
    return Page(rows.all(), next_)
