"""What came before a comment: of its author, from its address, under its article."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    literal_column,
    null,
    select,
    union_all,
)

from api.moderation.knowledge.query import ALL, Query
from api.moderation.policy.facts import Past
from api.moderation.traces import spell_email
from api.store.asking import Question
from api.store.tables import Comment

NEWEST = 200
"""How many of an author's comments make a record, and may speak for them."""

EVER = datetime(1970, 1, 1, tzinfo=UTC)

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


def _newest(name: str, number: str, *columns: Any) -> Any:
    """The newest `most` comments that have a value, one read after another along an index."""
    return (
        select(Comment.id, *columns)
        .where(
            Comment.site_id == bindparam("site"),
            _table.c[name] == bindparam(f"value{number}"),
            Comment.id < bindparam("before"),
        )
        .order_by(Comment.id.desc())
        .limit(bindparam(f"most{number}"))
        .subquery()
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of the newest `most` comments whose `column` has a value, those since a time.

    So an old history is never walked through. With `enough`, only approved ones, so many at most.
    """

    column: str
    value: str
    most: int
    since: datetime
    enough: int | None = None


def _select(name: str, number: str, approved: bool) -> Select[*tuple[Any, ...]]:
    # Of a series of mailboxes not all are the author's.
    email = _EMAIL if name == "mailbox" else null().label("email")
    found = _newest(name, number, *_COLUMNS, email)
    place: ColumnElement[int] = literal_column(number or "0").label("place")
    rows = select(place, found).where(found.c.received_at > bindparam(f"since{number}"))
    if not approved:
        return rows
    some = rows.where(found.c.status == "approved").limit(bindparam(f"enough{number}")).subquery()
    return select(some)


@cache
def _question(kinds: tuple[tuple[str, bool], ...]) -> Question:
    """All that is wanted in one statement, and so in one way to the server and back."""
    parts: list[Select[*tuple[Any, ...]]] = [
        _select(name, str(n), approved) for n, (name, approved) in enumerate(kinds)
    ]
    # One alone is no union.
    whole = parts[0].subquery() if len(parts) == 1 else union_all(*parts).subquery()
    columns: list[Any] = list(whole.c)
    return Question(select(*columns).order_by(whole.c.place, whole.c.id.desc()))


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


def find(query: Query, wanted: Sequence[Wanted]) -> list[list[tuple[Any, ...]]]:
    """For each that is wanted the rows, newest first; `read` and `count_own` read them."""
    found: list[list[tuple[Any, ...]]] = [[] for _ in wanted]
    if not wanted:
        return found
    given: dict[str, Any] = {"site": query.site_id, "before": query.before}
    for number, one in enumerate(wanted):
        given |= {f"value{number}": one.value, f"most{number}": one.most}
        given |= {f"since{number}": one.since}
        given |= {} if one.enough is None else {f"enough{number}": one.enough}
    kinds = tuple((one.column, one.enough is not None) for one in wanted)
    for place, _, *row in _question(kinds).ask(query.connection, **given):
        found[place].append(tuple(row))
    return found


def want_approved(query: Query, enough: int) -> Wanted | None:
    """The author's newest comments that are approved, up to `enough`."""
    column, value = _find_key(query)
    if value is None:
        return None
    # Of a series of mailboxes not all rows are the author's.
    most = enough if column == "author_id" else NEWEST
    return Wanted(column, value, NEWEST, EVER, most)


def want_of_author(query: Query, most: int, since: datetime) -> Wanted | None:
    """Of the author's newest comments, those of some time."""
    column, value = _find_key(query)
    return None if value is None else Wanted(column, value, most, since)


def read(query: Query, wanted: Wanted, rows: Sequence[tuple[Any, ...]]) -> tuple[Past, ...]:
    """The comments that were found; of a series of mailboxes, the author's own."""
    return tuple(_past(row) for row in rows if _is_own(query, wanted.column, row[-1]))


def find_by_id(connection: Connection, site_id: int, author_id: str) -> tuple[Past, ...]:
    """The newest comments that an author of this id has written, whenever they came."""
    given = {"site": site_id, "before": ALL, "value0": author_id, "most0": NEWEST}
    rows = _question((("author_id", False),)).ask(connection, **given, since0=EVER)
    return tuple(_past(row[2:]) for row in rows)


def find_began(query: Query) -> datetime | None:
    """When the article's first comment came that is still there."""
    article = query.subject.draft.article["id"]
    found = _BEGAN.ask(query.connection, site=query.site_id, before=query.before, article=article)
    return found[0][0] if found else None


def _find_key(query: Query) -> tuple[str, str | None]:
    """By which column and value the author is known: by their id, else by their mailbox."""
    author_id = query.subject.draft.author.get("id")
    return ("author_id", author_id) if author_id else ("mailbox", query.known_by["mailbox"])


def _is_own(query: Query, column: str, email: str | None) -> bool:
    own = query.subject.draft.author.get("email")
    return column != "mailbox" or spell_email(email) == spell_email(own)


def _past(row: tuple[Any, ...]) -> Past:
    author, article, status, decided, came, address, mailbox, codes, _ = row
    code = next(iter(codes.split()), "")
    return Past(author, article, status, decided, came, address, mailbox, code)
