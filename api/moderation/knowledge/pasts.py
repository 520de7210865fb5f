"""What came before a comment: of its author, from its address, under its article."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, null, select

from api.moderation.knowledge.query import ALL, Query
from api.moderation.policy.facts import Past
from api.moderation.traces import spell_email
from api.store.asking import Question
from api.store.tables import Comment

NEWEST = 200
"""How many of an author's comments make a record, and may speak for them."""

_EVER = datetime(1970, 1, 1, tzinfo=UTC)

_table: Any = Comment.__table__
_EMAIL = Comment.author["email"].as_string().label("email")
_COLUMNS = (
    Comment.author_id,
    Comment.article_id,
    Comment.status,
    Comment.decision_version.is_not(None).label("decided"),
    Comment.received_at,
    Comment.address,
    Comment.mailbox,
    Comment.reason_codes,
)


def _newest(name: str, *columns: Any) -> Any:
    """The newest `most` comments that have a value, one read after another along an index."""
    return (
        select(Comment.id, *columns)
        .where(
            Comment.site_id == bindparam("site"),
            _table.c[name] == bindparam("value"),
            Comment.id < bindparam("before"),
        )
        .order_by(Comment.id.desc())
        .limit(bindparam("most"))
        .subquery()
    )


def _since(name: str) -> Question:
    """Of the newest `most`, those since a time; so an old history is never walked through."""
    # Of a series of mailboxes not all are the author's.
    found = _newest(name, *_COLUMNS, _EMAIL if name == "mailbox" else null().label("email"))
    wanted = [one for one in found.c if one.key != "id"]
    recent = select(*wanted).where(found.c.received_at > bindparam("since"))
    return Question(recent.order_by(found.c.id.desc()))


def _approved(name: str) -> Question:
    found = _newest(name, Comment.status, _EMAIL)
    wanted = select(found.c.email).where(found.c.status == "approved")
    return Question(wanted.limit(bindparam("enough")))


_SINCE = {name: _since(name) for name in ("author_id", "mailbox", "address", "article_id")}
_APPROVED = {name: _approved(name) for name in ("author_id", "mailbox")}
_BEGAN = Question(
    select(Comment.received_at)
    .where(
        Comment.site_id == bindparam("site"),
        Comment.article_id == bindparam("article"),
        Comment.id < bindparam("before"),
    )
    .order_by(Comment.id)
    .limit(1)
)


def count_approved(query: Query, enough: int) -> int:
    """How many of the author's newest comments are approved, counted up to `enough`."""
    column, value = _find_key(query)
    if value is None:
        return 0
    # Of a series of mailboxes not all rows are the author's.
    most = enough if column == "author_id" else NEWEST
    given = {**_here(query), "value": value, "most": NEWEST, "enough": most}
    rows = _APPROVED[column].ask(query.connection, **given)
    return min(enough, sum(_is_own(query, column, email) for (email,) in rows))


def find_of_author(query: Query, most: int, since: timedelta) -> tuple[Past, ...]:
    """Of the author's newest comments, those of some time."""
    column, value = _find_key(query)
    rows = _ask(query, column, value, most, since)
    return tuple(_past(row) for row in rows if _is_own(query, column, row[-1]))


def find_by_id(connection: Connection, site_id: int, author_id: str) -> tuple[Past, ...]:
    """The newest comments that an author of this id has written, whenever they came."""
    given = {"site": site_id, "before": ALL, "value": author_id, "most": NEWEST}
    rows = _SINCE["author_id"].ask(connection, **given, since=_EVER)
    return tuple(map(_past, rows))


def find_of_address(query: Query, most: int, since: timedelta) -> tuple[Past, ...]:
    """Of the newest comments from this very address, those of some time."""
    rows = _ask(query, "address", query.known_by["address"], most, since)
    return tuple(map(_past, rows))


def find_of_article(query: Query, most: int, since: timedelta) -> tuple[Past, ...]:
    """Of the article's newest comments, those of some time."""
    rows = _ask(query, "article_id", query.subject.draft.article["id"], most, since)
    return tuple(map(_past, rows))


def find_began(query: Query) -> datetime | None:
    """When the article's first comment came that is still there."""
    article = query.subject.draft.article["id"]
    found = _BEGAN.ask(query.connection, **_here(query), article=article)
    return found[0][0] if found else None


def _find_key(query: Query) -> tuple[str, str | None]:
    """By which column and value the author is known: by their id, else by their mailbox."""
    author_id = query.subject.draft.author.get("id")
    return ("author_id", author_id) if author_id else ("mailbox", query.known_by["mailbox"])


def _is_own(query: Query, column: str, email: str | None) -> bool:
    own = query.subject.draft.author.get("email")
    return column == "author_id" or spell_email(email) == spell_email(own)


def _ask(
    query: Query, column: str, value: str | None, most: int, since: timedelta
) -> list[tuple[Any, ...]]:
    if value is None:
        return []
    given = {**_here(query), "value": value, "most": most, "since": query.subject.now - since}
    return _SINCE[column].ask(query.connection, **given)


def _here(query: Query) -> dict[str, Any]:
    return {"site": query.site_id, "before": query.before}


def _past(row: tuple[Any, ...]) -> Past:
    author, article, status, decided, came, address, mailbox, codes, _ = row
    code = next(iter(codes.split()), "")
    return Past(author, article, status, decided, came, address, mailbox, code)
