"""What came on one day and what people decided on it, counted in one pass."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
from sqlalchemy import BigInteger, Connection, Integer, and_, bindparam, exists, func, or_, select

from api.moderation.learning import vocabulary
from api.moderation.markup import blank_markup
from api.moderation.moving import made_here
from api.store.asking import Question
from api.store.review import SecondLook
from api.store.since import find_first_comment
from api.store.tables import Comment, Decision, Revision, Verdict
from classifier import LABELS

MOST = 20_000
"""How many comments of a day are read; of more, evenly spaced ones stand for all."""

EDGES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9)
"""Where one bin of scores ends and the next begins: most scores are small."""

ALL = ""
"""Under what the decisions about all comments are counted, beside those of each reason."""

_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Day:
    """The counts of a day: a JSON document, and the words by place."""

    document: dict[str, Any]
    words: vocabulary.Counts


def count(connection: Connection, site_id: int, day: date) -> Day:
    """Count what came to a site on a day."""
    asked = {"site": site_id, **_range(connection, day, day)}
    actions: dict[str, int] = dict(_CAME.ask(connection, **asked))
    came = sum(actions.values())
    bins = np.zeros((len(LABELS), len(EDGES) + 1), dtype=np.int64)
    words, models, scored = vocabulary.start(), Counter[str](), 0
    for rows in _read(connection, asked, came):
        known = [[row[1][label] for label in LABELS] for row in rows if row[1]]
        scored += len(known)
        for place in np.searchsorted(EDGES, np.array(known).reshape(-1, len(LABELS)), "right"):
            bins[np.arange(len(LABELS)), place] += 1
        models.update(row[2].partition("+")[0] for row in rows if row[2])
        vocabulary.count(words, _find_texts(rows))
    document = {
        "came": came,
        "held": actions.get("hold", 0),
        "scored": scored,
        "model": models.most_common(1)[0][0] if models else None,
        "scores": dict(zip(LABELS, bins.tolist(), strict=True)),
    }
    return Day(document, words)


def count_words(
    connection: Connection, site_id: int, since: date, until: date, came: int
) -> vocabulary.Counts:
    """Count by place the words of what came from one day to another, so many comments."""
    words = vocabulary.start()
    for rows in _read(connection, {"site": site_id, **_range(connection, since, until)}, came):
        vocabulary.count(words, _find_texts(rows))
    return words


def count_decisions(connection: Connection, site_id: int, day: date) -> dict[str, list[int]]:
    """Of what people decided on a day, one by one: how many, and how many of them otherwise.

    Of all, those that are not what the machine had said; of what it held for a reason, those
    that people approved. What was asked to be learnt from is none of a site's usual work.
    """
    found: dict[str, list[int]] = {}
    since, until = _bounds(day, day)
    for verdict, action, codes, number in _DECIDED.ask(
        connection, site=site_id, since=since, until=until
    ):
        right = "approve" if verdict == "approve" else "reject"
        for code in {ALL, *(codes.split() if verdict == "hold" else ())}:
            told = found.setdefault(code, [0, 0])
            told[0] += number
            told[1] += number if action != right else 0
    return found


def _bounds(first: date, last: date) -> tuple[datetime, datetime]:
    since, until = (datetime.combine(day, time(), UTC) for day in (first, last))
    return since, until + timedelta(days=1)


def _range(connection: Connection, first: date, last: date) -> dict[str, Any]:
    since, until = _bounds(first, last)
    ends = [find_first_comment(connection, at) for at in (since, until)]
    return {"first": ends[0], "end": ends[1], "since": since}


def _read(connection: Connection, asked: Mapping[str, Any], came: int) -> Iterator[Sequence[Any]]:
    """The comments of a range in batches; of very many, evenly spaced ones."""
    names = ("site", "end", "since")
    end = {name: asked[name] for name in names} | {"every": max(1, -(-came // MOST))}
    rows: Sequence[Any] = [(asked["first"] - 1,)]
    while rows := _READ.ask(connection, **end, after=rows[-1][0], most=_AT_ONCE):
        yield rows


def _find_texts(rows: Sequence[Any]) -> list[str]:
    return [blank_markup(text) if html else text for *_, text, html in rows]


_mine = (
    Comment.site_id + 0 == bindparam("site"),
    Comment.id < bindparam("end", type_=BigInteger),
    # What was moved here on that day came long before.
    Comment.received_at >= bindparam("since"),
)
# What was said at first: what it became is another question.
_verdict = and_(Verdict.comment_id == Comment.id, Verdict.version == 1)
_CAME = Question(
    select(Verdict.action, func.count())
    .select_from(Comment)
    .join(Verdict, _verdict)
    .where(*_mine, Comment.id >= bindparam("first", type_=BigInteger))
    .group_by(Verdict.action)
)
_READ = Question(
    select(Comment.id, Verdict.scores, Verdict.model, Revision.text, Revision.html)
    .select_from(Comment)
    .join(Verdict, _verdict)
    .join(Revision, and_(Revision.comment_id == Comment.id, Revision.number == 1))
    .where(
        *_mine,
        Comment.id > bindparam("after", type_=BigInteger),
        Comment.id % bindparam("every", type_=BigInteger) == 0,
    )
    .order_by(Comment.id)
    .limit(bindparam("most", type_=Integer))
)
_open_look = exists().where(
    SecondLook.comment_id == Comment.id,
    SecondLook.version == Comment.version,
    SecondLook.second_at.is_(None),
)
_DECIDED = Question(
    select(Verdict.action, Decision.action, Comment.reason_codes, func.count())
    .select_from(Decision)
    .join(Comment, Comment.id == Decision.comment_id)
    .join(
        Verdict,
        and_(Verdict.comment_id == Comment.id, Verdict.version == Comment.verdict_version),
    )
    .where(
        Decision.created_at >= bindparam("since"),
        Decision.created_at < bindparam("until"),
        Decision.version == Comment.decision_version,
        Decision.version > Verdict.version,
        or_(Decision.action == "approve", Decision.action == "reject"),
        Decision.bulk.is_(None),
        Decision.undone_at.is_(None),
        Comment.site_id + 0 == bindparam("site"),
        Comment.asked.is_(None),
        made_here(),
        # What a colleague is asked about, blind, is not told yet.
        ~_open_look,
    )
    .group_by(Verdict.action, Decision.action, Comment.reason_codes)
)
