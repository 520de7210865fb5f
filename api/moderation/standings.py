"""What people say of authors: that they are trusted, held, suspended for a time, or banned."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, not_, or_, select
from sqlalchemy.orm import Session

from api.moderation.access import Caller
from api.moderation.errors import NotFoundError
from api.moderation.events import recording
from api.moderation.paging import Order, Page
from api.moderation.repeats import perform
from api.moderation.services import Services
from api.store.policies import AuthorStanding
from api.store.tables import Site

SAID = "author.standing"
"""The type of the event that tells of a standing, or of its end."""

_NEWEST = Order((AuthorStanding.id,), descending=True)


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says of an author; `value` is spelled as `api.moderation.spellings` has it."""

    kind: str
    value: str
    standing: str
    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which standings to list; None means any. `active` is whether they are in force."""

    kind: str | None = None
    value: str | None = None
    active: bool | None = None

    def conditions(self, now: datetime) -> list[ColumnElement[bool]]:
        """The same in SQL."""
        equal = {AuthorStanding.kind: self.kind, AuthorStanding.value: self.value}
        found = [column == value for column, value in equal.items() if value is not None]
        if self.active is not None:
            found.append(_in_force(now) if self.active else not_(_in_force(now)))
        return found


def put(services: Services, caller: Caller, said: Said) -> AuthorStanding:
    """Have something said of an author, from the next comment on; it ends what was said before."""
    now = services.now()

    def act(session: Session) -> AuthorStanding:
        # One at a time, or two could both be in force.
        turn = select(Site.id).where(Site.id == caller.site_id)
        session.execute(turn.with_for_update(key_share=True))
        before = _find_in_force(session, caller, said, now)
        for one in before:
            one.ended_at = now
        row = AuthorStanding(
            site_id=caller.site_id,
            public_id=f"std_{secrets.token_hex(12)}",
            kind=said.kind,
            value=said.value,
            standing=said.standing,
            reason=said.reason,
            actor=caller.actor,
            created_at=now,
            until=said.until,
        )
        session.add(row)
        _record(session, services, caller, row, replaces=[one.public_id for one in before])
        return row

    return perform(services, caller.site_id, caller.ticket, act)


def end(services: Services, caller: Caller, public_id: str) -> None:
    """Have a standing be in force no longer; it stays in the history."""
    with services.database.writing() as session:
        found = _load(session, caller, public_id, lock=True)
        now = services.now()
        if is_in_force(found, now):
            found.ended_at = now
            _record(session, services, caller, found)


def find(services: Services, caller: Caller, public_id: str) -> AuthorStanding:
    """One standing of the caller's site; raise NotFoundError when there is none."""
    with services.database.reading() as session:
        return _load(session, caller, public_id)


def list_standings(
    services: Services, caller: Caller, wanted: Wanted, limit: int, cursor: str | None = None
) -> Page[AuthorStanding]:
    """One page of the site's standings, newest first, those that have ended too."""
    here = AuthorStanding.site_id == caller.site_id
    query = select(AuthorStanding).where(here, *wanted.conditions(services.now()))
    with services.database.reading() as session:
        found = session.scalars(_NEWEST.apply(query, cursor).limit(limit + 1)).all()
    more = len(found) > limit
    return Page(found[:limit], _NEWEST.encode(found[limit - 1]) if more else None)


def is_in_force(row: AuthorStanding, now: datetime) -> bool:
    """Whether comments that come now are judged by it."""
    return row.ended_at is None and (row.until is None or row.until > now)


def _in_force(now: datetime) -> ColumnElement[bool]:
    lasting = or_(AuthorStanding.until.is_(None), AuthorStanding.until > now)
    return and_(AuthorStanding.ended_at.is_(None), lasting)


def _find_in_force(
    session: Session, caller: Caller, said: Said, now: datetime
) -> Sequence[AuthorStanding]:
    wanted = Wanted(said.kind, said.value, active=True).conditions(now)
    here = AuthorStanding.site_id == caller.site_id
    return session.scalars(select(AuthorStanding).where(here, *wanted)).all()


def _load(session: Session, caller: Caller, public_id: str, lock: bool = False) -> AuthorStanding:
    wanted = select(AuthorStanding).where(
        AuthorStanding.site_id == caller.site_id, AuthorStanding.public_id == public_id
    )
    found = session.scalar(wanted.with_for_update() if lock else wanted)
    if found is None:
        raise NotFoundError(f"There is no standing {public_id}.")
    return found


def _record(
    session: Session,
    services: Services,
    caller: Caller,
    row: AuthorStanding,
    replaces: Sequence[str] = (),
) -> None:
    """Write into the log what was said, but not of whom: the log outlives what people erase."""
    data = {
        "id": row.public_id,
        "kind": row.kind,
        "standing": row.standing,
        "until": row.until and row.until.isoformat(),
        "ended": row.ended_at is not None,
        "replaces": list(replaces),
    }
    recording.record(session, services, caller, SAID, data)
