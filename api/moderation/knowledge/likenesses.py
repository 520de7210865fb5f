"""Who else has written from an author's network, or from nearly the same mailbox."""

from typing import Any, NamedTuple

from rapidfuzz.distance import Levenshtein
from sqlalchemy import ColumnElement, bindparam, select

from api.moderation.knowledge import standings
from api.moderation.knowledge.query import Query
from api.moderation.policy.facts import Standing
from api.moderation.traces import spell_email
from api.store.asking import Question
from api.store.tables import Comment

NEWEST_OF_NETWORK = 50
"""How many comments from the same network are looked at."""

NEWEST_OF_MAILBOX = 20
"""How many comments from a series of mailboxes are looked at."""

FURTHEST = 2
"""How many letters of an e-mail address may differ for it to be nearly the same."""


def _question(column: ColumnElement[Any], most: int) -> Question:
    here = (
        Comment.site_id == bindparam("site"),
        column == bindparam("value"),
        Comment.id < bindparam("before"),
    )
    wanted = select(Comment.author_id, Comment.author["email"].as_string())
    return Question(wanted.where(*here).order_by(Comment.id.desc()).limit(most))


_OF_NETWORK = _question(Comment.__table__.c.network, NEWEST_OF_NETWORK)
_OF_MAILBOX = _question(Comment.__table__.c.mailbox, NEWEST_OF_MAILBOX)


class _Author(NamedTuple):
    id: str | None
    email: str | None


def find(query: Query) -> tuple[Standing, ...]:
    """The bans and suspensions in force of those others."""
    if not standings.is_anybody_shut_out(query):
        return ()
    author = query.subject.draft.author
    own = _Author(author.get("id"), spell_email(author.get("email")))
    others = {one for one in _find_near(query, own) if not _is_same(one, own)}
    ids = sorted({one.id for one in others if one.id})
    emails = sorted({one.email for one in others if one.email} - {own.email or ""})
    return standings.find_of_others(query, ids, emails) if ids or emails else ()


def _find_near(query: Query, own: _Author) -> list[_Author]:
    network = _ask(query, _OF_NETWORK, query.kept_as["network"])
    series = _ask(query, _OF_MAILBOX, query.known_by["mailbox"])
    return network + [one for one in series if _is_near(one.email or "", own.email or "")]


def _ask(query: Query, question: Question, value: str | None) -> list[_Author]:
    if value is None:
        return []
    given = {"site": query.site_id, "value": value, "before": query.before}
    return [
        _Author(author, spell_email(email))
        for author, email in question.ask(query.connection, **given)
    ]


def _is_near(one: str, other: str) -> bool:
    return Levenshtein.distance(one, other, score_cutoff=FURTHEST) <= FURTHEST


def _is_same(one: _Author, own: _Author) -> bool:
    """Whether it is the very author: a standing of their own is not one of somebody alike."""
    return one.id == own.id if own.id else one.email == own.email
