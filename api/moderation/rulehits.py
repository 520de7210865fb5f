"""How often each rule of a site's policy was found in comments, and in which."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, case, exists, func, select

from api.moderation import comments, policies
from api.moderation.access import Caller
from api.moderation.comments import State
from api.moderation.paging import CursorError, Order, Page, read_cursor, write_cursor
from api.moderation.policy.document import Rule
from api.moderation.policy.inforce import FIRST, Policy
from api.moderation.services import Services
from api.store.asking import Question
from api.store.policies import RuleHit
from api.store.tables import Comment

RECENT = timedelta(days=30)
"""How long ago a hit may be to count as recent."""

_TOGETHER = 50
"""Of how many rules one statement asks whether they were ever found."""


def _is_found(number: int) -> Any:
    here = RuleHit.site_id == bindparam("site"), RuleHit.rule == bindparam(f"rule{number}")
    return exists(RuleHit.comment_id).where(*here).label(f"found{number}")


_FOUND = Question(select(*map(_is_found, range(_TOGETHER))))
_NEWEST_HIT = Order((RuleHit.comment_id,), descending=True)


@dataclass(frozen=True, slots=True)
class Used:
    """A rule, in how many comments of those that are kept it was found, and when last."""

    rule: Rule
    hits: int = 0
    recent: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class UsedPage:
    """Some rules of a version of the policy, in its order, and the cursor of the next page."""

    version: int
    items: Sequence[Used]
    next: str | None


def list_rules(
    services: Services, caller: Caller, unused: bool, limit: int, cursor: str | None
) -> UsedPage:
    """The rules of the policy in force, or those alone that were never found.

    Later pages are of the version that the first is of, whatever is put meanwhile.
    """
    policy, start = _begin(services, caller, cursor)
    rules = policy.document.rules
    places: Iterator[int] = iter(range(start, len(rules)))
    with services.database.looking() as connection:
        if unused:
            places = _find_unused(connection, caller.site_id, rules, start)
        some = list(islice(places, limit + 1))
        shown = [rules[place] for place in some[:limit]]
        used = {} if unused else _count(connection, services.now(), caller.site_id, shown)
    items = [used.get(rule.key, Used(rule)) for rule in shown]
    more = len(some) > limit
    return UsedPage(
        policy.version, items, write_cursor([policy.version, some[limit]]) if more else None
    )


def list_comments(
    services: Services, caller: Caller, rule: str, limit: int, cursor: str | None
) -> Page[State]:
    """The comments in which the rule with this key was found, newest first.

    Those of a rule that is in force no longer too.
    """
    query = comments.states().join(RuleHit, RuleHit.comment_id == Comment.id)
    here = query.where(RuleHit.site_id == caller.site_id, RuleHit.rule == rule)
    paged = _NEWEST_HIT.apply(here, cursor).limit(limit + 1)
    with services.database.reading() as session:
        states = [State(*row) for row in session.execute(paged)]
    more = len(states) > limit
    return Page(states[:limit], write_cursor([states[limit - 1].comment.id]) if more else None)


def _begin(services: Services, caller: Caller, cursor: str | None) -> tuple[Policy, int]:
    if cursor is None:
        return policies.find(services, caller.site_id), 0
    version, start = map(int, read_cursor(cursor, [int, int]))
    newest = policies.find(services, caller.site_id).version
    if not (FIRST <= version <= newest and start > 0):
        raise CursorError("This cursor was not given out for this list.")
    return policies.get(services, caller.site_id, version), start


def _find_unused(
    connection: Connection, site_id: int, rules: Sequence[Rule], start: int
) -> Iterator[int]:
    """The places of rules that were never found, looked for as they are asked for."""
    for first in range(start, len(rules), _TOGETHER):
        places = range(first, min(first + _TOGETHER, len(rules)))
        keys = [rules[place].key for place in places]
        keys += keys[:1] * (_TOGETHER - len(keys))
        asked = {f"rule{number}": key for number, key in enumerate(keys)}
        [found] = _FOUND.ask(connection, site=site_id, **asked)
        yield from (place for place, one in zip(places, found, strict=False) if not one)


def _count(
    connection: Connection, now: datetime, site_id: int, rules: Sequence[Rule]
) -> dict[str, Used]:
    """By key, those of the rules that were found."""
    by_key = {rule.key: rule for rule in rules}
    recent = func.sum(case((RuleHit.created_at > now - RECENT, 1), else_=0))
    counted = (
        select(RuleHit.rule, func.count(), recent, func.max(RuleHit.created_at))
        .where(RuleHit.site_id == site_id, RuleHit.rule.in_(by_key))
        .group_by(RuleHit.rule)
    )
    return {key: Used(by_key[key], *rest) for key, *rest in connection.execute(counted)}
