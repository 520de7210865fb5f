"""Where people are signed in: shown to themselves, and ended by them or by an admin."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from api.moderation import access, people
from api.moderation.access import Caller
from api.moderation.events.recording import record
from api.moderation.services import Services
from api.store.tables import Moderator, SignIn


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A browser that is signed in; of which kind it is and where, nobody has written down."""

    since: datetime
    seen_at: datetime | None
    """When it was last heard of, to the minute; None where the release before opened it."""
    until: datetime
    """When it ends, however busy it is."""
    is_this: bool


def list_own(
    services: Services, caller: Caller, token: str, idle: timedelta | None = None
) -> list[OpenSession]:
    """Where the signed-in person is signed in, the latest first; `token` is this browser's.

    What nothing was heard of for `idle` is over, see `access.find_signed_in`.
    """
    now, this = services.now(), access.digest(token)
    with services.database.reading() as session:
        mine: list[Any] = [SignIn.moderator_id == people.load_own(session, caller).id]
        mine.append(SignIn.expires_at > now)
        if idle:
            mine.append(or_(SignIn.seen_at.is_(None), SignIn.seen_at > now - idle))
        found = session.scalars(select(SignIn).where(*mine).order_by(SignIn.created_at.desc()))
        return [
            OpenSession(one.created_at, one.seen_at, one.expires_at, one.digest == this)
            for one in found
        ]


def end_others(services: Services, caller: Caller, token: str) -> None:
    """Sign the signed-in person out everywhere but in the browser of `token`."""
    with services.database.writing() as session:
        mine = people.load_own(session, caller)
        _end(session, services, caller, mine, SignIn.digest != access.digest(token))


def end_all(services: Services, caller: Caller, person_id: str) -> None:
    """Sign somebody of the caller's site out everywhere; raise NotFoundError for nobody."""
    with services.database.writing() as session:
        _end(session, services, caller, people.load(session, caller, person_id))


def _end(
    session: Session,
    services: Services,
    caller: Caller,
    whose: Moderator,
    *which: ColumnElement[bool],
) -> None:
    here = delete(SignIn).where(SignIn.moderator_id == whose.id, *which)
    ended = len(session.scalars(here.returning(SignIn.moderator_id)).all())
    if ended:
        said = {"moderator": people.identify(whose), "ended": ended}
        record(session, services, caller, "session.ended_all", said)
