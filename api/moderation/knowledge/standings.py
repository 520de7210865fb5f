"""What people have said of authors, as far as it is in force."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, select

from api.moderation.knowledge.query import Query
from api.moderation.policy.facts import KINDS, Standing
from api.moderation.traces import HIDDEN, is_digest
from api.store.asking import Question
from api.store.policies import AuthorStanding

MOST = 20
"""How many are taken into account: of one kind and value there is one in force at a time."""

AT_ONCE = 24
"""How many others are asked for at once; of many more a database would rather read all it has."""

_COLUMNS = (
    AuthorStanding.public_id,
    AuthorStanding.kind,
    AuthorStanding.value,
    AuthorStanding.standing,
    AuthorStanding.reason,
    AuthorStanding.until,
)
_IN_FORCE = (
    AuthorStanding.site_id == bindparam("site"),
    # A draft is replayed by what had been said when a comment came.
    AuthorStanding.created_at <= bindparam("now"),
    or_(AuthorStanding.ended_at.is_(None), AuthorStanding.ended_at > bindparam("now")),
    or_(AuthorStanding.until.is_(None), AuthorStanding.until > bindparam("now")),
)


def _is_any(kind: str, names: Iterable[str]) -> ColumnElement[bool]:
    values: list[Any] = [bindparam(name) for name in names]
    return and_(AuthorStanding.kind == kind, AuthorStanding.value.in_(values))


def _slots(kind: str) -> list[str]:
    return [f"{kind}_{number}" for number in range(AT_ONCE)]


_SLOTS = {kind: [kind, f"{kind}_kept"] if kind in HIDDEN else [kind] for kind in KINDS}
# No order: a database that wants one may walk through all standings to get it.
_OWN = Question(
    select(*_COLUMNS)
    .where(*_IN_FORCE, or_(*(_is_any(kind, slots) for kind, slots in _SLOTS.items())))
    .limit(MOST)
)
_OF_HIDDEN = AuthorStanding.kind.in_([bindparam(kind) for kind in HIDDEN])
_TYPED = Question(select(*_COLUMNS).where(*_IN_FORCE, _OF_HIDDEN))
_ASKED_FOR = {"banned": "banned", "suspended": "suspended"}
_SHUT_OUT = AuthorStanding.standing.in_([bindparam("banned"), bindparam("suspended")])
# Here an order keeps it to the site's own, along the index.
_ANY = Question(
    select(AuthorStanding.id)
    .where(*_IN_FORCE, _SHUT_OUT)
    .order_by(AuthorStanding.kind, AuthorStanding.value)
    .limit(1)
)
_OTHERS = Question(
    select(*_COLUMNS)
    .where(
        *_IN_FORCE,
        _SHUT_OUT,
        or_(_is_any("author", _slots("author")), _is_any("email", _slots("email"))),
    )
    .limit(MOST)
)


def find_own(query: Query, known_by: Mapping[str, str | None]) -> tuple[Standing, ...]:
    """Those of an author known by a value of each of `KINDS`, None where it is unknown.

    An address counts whether somebody has typed it or it is the digest of one.
    """
    if not any(known_by.values()):
        return ()
    given = {kind: known_by[kind] or "" for kind in KINDS}
    digests = query.keeper.digest_all(known_by)
    given |= {f"{kind}_kept": digests[kind] or "" for kind in HIDDEN}
    rows = _OWN.ask(query.connection, **_here(query), **given)
    return _order(rows + _find_typed(query, known_by))


def _find_typed(query: Query, known_by: Mapping[str, str | None]) -> list[tuple[Any, ...]]:
    """Those that somebody has typed, where the comment has nothing but the digest by now."""
    if not any(is_digest(known_by[kind]) for kind in HIDDEN):
        return []
    return [
        row
        for row in _TYPED.ask(query.connection, **_here(query), **{one: one for one in HIDDEN})
        if query.keeper.is_digest_of(known_by[row[1]], row[1], row[2])
    ]


def is_anybody_shut_out(query: Query) -> bool:
    """Whether the site has a ban or a suspension in force; most have none, or few."""
    return bool(_ANY.ask(query.connection, **_here(query), **_ASKED_FOR))


def find_of_others(query: Query, ids: list[str], emails: list[str]) -> tuple[Standing, ...]:
    """The bans and suspensions of other authors, by their ids and their e-mail addresses."""
    most = max(len(ids), len(emails))
    asked = {**_here(query), **_ASKED_FOR}
    rows: list[tuple[Any, ...]] = []
    for start in range(0, most, AT_ONCE):
        some = _fill("author", ids[start:]) | _fill("email", emails[start:])
        rows += _OTHERS.ask(query.connection, **asked, **some)
    return _order(rows)


def _fill(kind: str, values: list[str]) -> dict[str, str]:
    slots = _slots(kind)
    return dict.fromkeys(slots, "") | dict(zip(slots, values, strict=False))


def _here(query: Query) -> dict[str, Any]:
    return {"site": query.site_id, "now": query.asked_at or query.subject.now}


def _order(rows: list[tuple[Any, ...]]) -> tuple[Standing, ...]:
    found = [Standing(*row) for row in rows]
    return tuple(sorted(found, key=lambda one: (KINDS.index(one.kind), one.value)))
