"""How often Akismet's callers asked, and how often they said that the answer was wrong.

Counts are kept for each key, month and blog. Months are those of UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite

from api.moderation.access import Caller
from api.moderation.services import Services
from api.store.dropin import AkismetUsage

COUNTS = ("spam", "ham", "missed_spam", "false_positives")
"""What is counted: two kinds of answers, and two kinds of them that were wrong."""

LONGEST_BLOG = 300

_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_USED = AkismetUsage.spam + AkismetUsage.ham


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of what `of` names: a blog, or a month."""

    of: str
    spam: int
    ham: int
    missed_spam: int
    false_positives: int

    @property
    def calls(self) -> int:
        """How many checks were answered."""
        return self.spam + self.ham


def name_month(when: datetime) -> str:
    """The month of a moment, such as `2026-11`."""
    return f"{when.astimezone(UTC):%Y-%m}"


def count(connection: Connection, caller: Caller, blog: str, now: datetime, what: str) -> None:
    """Count one more of `what`, in a transaction that is under way."""
    table: Table = AkismetUsage.__table__  # type: ignore[assignment]
    values = {
        "site_id": caller.site_id,
        "key": _name_key(caller),
        "month": name_month(now),
        "blog": blog[:LONGEST_BLOG],
    }
    statement = _INSERTS[connection.dialect.name](table).values(**values, **{what: 1})
    one_more = {what: table.c[what] + 1}
    connection.execute(statement.on_conflict_do_update(index_elements=[*values], set_=one_more))


def list_blogs(
    services: Services,
    caller: Caller,
    month: str,
    part: str = "",
    order: str = "total",
    limit: int = 500,
    offset: int = 0,
) -> tuple[list[Counts], int]:
    """The blogs that used a key in a month, those with most first, and how many there are.

    Only those with `part` in their names. `order` is one of COUNTS, or else all checks.
    """
    wanted = [*_of(caller), AkismetUsage.month == month]
    if part:
        wanted.append(func.lower(AkismetUsage.blog).contains(part.lower(), autoescape=True))
    most = getattr(AkismetUsage, order) if order in COUNTS else _USED
    columns = AkismetUsage.blog, *(getattr(AkismetUsage, name) for name in COUNTS)
    sorted_ = select(*columns).where(*wanted).order_by(most.desc(), AkismetUsage.blog)
    with services.database.reading() as session:
        total = session.scalar(select(func.count()).select_from(AkismetUsage).where(*wanted))
        rows = session.execute(sorted_.limit(limit).offset(offset))
        return [Counts(*row) for row in rows], total or 0


def count_calls(services: Services, caller: Caller) -> int:
    """How many checks a key has asked for this month."""
    here = *_of(caller), AkismetUsage.month == name_month(services.now())
    with services.database.reading() as session:
        return int(session.scalar(select(func.sum(_USED)).where(*here)) or 0)


def by_month(services: Services, caller: Caller, blog: str | None = None) -> list[Counts]:
    """A key's counts month by month, of one blog or of all together."""
    sums = [func.sum(getattr(AkismetUsage, name)) for name in COUNTS]
    found: Select[*tuple[Any, ...]] = select(AkismetUsage.month, *sums).where(*_of(caller))
    if blog is not None:
        found = found.where(AkismetUsage.blog == blog)
    with services.database.reading() as session:
        rows: Sequence[Any] = session.execute(
            found.group_by(AkismetUsage.month).order_by(AkismetUsage.month)
        ).all()
    return [Counts(month, *(int(one) for one in counts)) for month, *counts in rows]


def _of(caller: Caller) -> tuple[ColumnElement[bool], ...]:
    return AkismetUsage.site_id == caller.site_id, AkismetUsage.key == _name_key(caller)


def _name_key(caller: Caller) -> str:
    return caller.actor.removeprefix("key:")
