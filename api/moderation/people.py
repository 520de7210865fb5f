"""The people who moderate a site: who they are, what they may do, and what they want of the pages.

Keys are for programs, see `api.moderation.access`; here is who signs in.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.moderation import passwords
from api.moderation.access import Caller
from api.moderation.errors import ConflictError, NotFoundError, TakenError
from api.moderation.events.recording import record
from api.moderation.repeats import perform
from api.moderation.services import Services
from api.store.tables import Moderator, SignIn, Site
from classifier import LABELS

ROLES = ("moderator", "admin")
"""A moderator works through the queue; an admin makes keys, webhooks and moderators besides."""

WISHES: Mapping[str, Any] = {"blur": False, "remind_minutes": None, "spared": (), "keys": True}
"""What the pages do for who has said nothing: see `set_wishes`."""

LONGEST_REMINDER = 600


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in; `sections` is what they look after, empty means everything."""

    id: str
    email: str
    role: str
    sections: tuple[str, ...]
    created_at: datetime
    wishes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Whom to let sign in; without a password one is made that is to be changed."""

    email: str
    role: str = "moderator"
    sections: tuple[str, ...] = ()
    password: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """Somebody who was just let in, and the password that was made for them, if one was."""

    person: Person
    password: str | None


def list_people(services: Services, caller: Caller) -> list[Person]:
    """All who may sign in to the caller's site, in the order in which they came."""
    with services.database.reading() as session:
        return [_describe(row) for row in session.scalars(_of_site(caller))]


def find(services: Services, caller: Caller, person_id: str) -> Person:
    """One of the caller's site; raise NotFoundError when there is none."""
    with services.database.reading() as session:
        return _describe(load(session, caller, person_id))


def find_own(services: Services, caller: Caller) -> Person:
    """Who is signed in."""
    with services.database.reading() as session:
        return _describe(load_own(session, caller))


def create(services: Services, caller: Caller, wanted: Newcomer) -> Made:
    """Let somebody sign in; raise TakenError when the address is known, here or elsewhere.

    Raises FieldError for a password that nobody should have.
    """
    if wanted.password is not None:
        passwords.check(wanted.password, wanted.email)
    made = None if wanted.password is not None else secrets.token_urlsafe(12)
    # Outside of the transaction: it is slow on purpose.
    hashed = passwords.hash_password(made or wanted.password or "")
    email = wanted.email.strip().lower()
    taken = TakenError(f"There is a moderator {email} already.")

    def act(session: Session) -> Made:
        if session.scalar(select(Moderator.id).where(Moderator.email == email)) is not None:
            raise taken
        row = Moderator(
            site_id=caller.site_id,
            email=email,
            password_hash=hashed,
            created_at=services.now(),
            role=wanted.role,
            sections=list(wanted.sections) or None,
        )
        session.add(row)
        session.flush()
        said = {"moderator": identify(row), "role": row.role}
        record(session, services, caller, "moderator.created", said)
        return Made(_describe(row), made)

    try:
        return perform(services, caller.site_id, caller.ticket, act)
    except IntegrityError as error:
        raise taken from error


def change(
    services: Services,
    caller: Caller,
    person_id: str,
    role: str | None = None,
    sections: Sequence[str] | None = None,
) -> Person:
    """Give somebody another role or other sections, from their next request on.

    Raises ConflictError for whoever is the last admin and would not be one.
    """
    with services.database.writing() as session:
        found = load(session, caller, person_id, alone=True)
        if role is not None and role != "admin":
            _keep_an_admin(session, found)
        before = _describe(found)
        found.role = role or found.role
        if sections is not None:
            found.sections = list(sections) or None
        session.flush()
        after = _describe(found)
        _record_change(session, services, caller, before, after)
        return after


def _record_change(
    session: Session, services: Services, caller: Caller, before: Person, after: Person
) -> None:
    changed = [one for one in ("role", "sections") if getattr(before, one) != getattr(after, one)]
    if not changed:
        return
    said: dict[str, Any] = {"moderator": after.id, "changed": changed}
    if "role" in changed:
        said["role"] = after.role
    record(session, services, caller, "moderator.changed", said)


def remove(services: Services, caller: Caller, person_id: str) -> None:
    """Let somebody in no longer; where they are signed in, that ends now.

    Raises ConflictError for the last admin.
    """
    with services.database.writing() as session:
        found = load(session, caller, person_id, alone=True)
        _keep_an_admin(session, found)
        # Nobody signs in between the two.
        session.refresh(found, with_for_update=True)
        session.execute(delete(SignIn).where(SignIn.moderator_id == found.id))
        record(session, services, caller, "moderator.removed", {"moderator": identify(found)})
        session.delete(found)


def set_wishes(services: Services, caller: Caller, wishes: Mapping[str, Any]) -> None:
    """Keep what the signed-in person wants of the pages.

    `blur`: comments are covered until asked for. `remind_minutes`: after how long a break is
    suggested. `spared`: labels of which they do not want to read. `keys`: whether keys act.
    """
    with services.database.writing() as session:
        found = load_own(session, caller)
        kept = {name: wishes[name] for name in WISHES if name in wishes}
        if "spared" in kept:
            kept["spared"] = [label for label in LABELS if label in kept["spared"]]
        found.preferences = {**(found.preferences or {}), **kept}


def _of_site(caller: Caller) -> Any:
    return select(Moderator).where(Moderator.site_id == caller.site_id).order_by(Moderator.id)


def load(session: Session, caller: Caller, person_id: str, alone: bool = False) -> Moderator:
    """The row of one of the caller's site, `alone` for who changes it; raises NotFoundError."""
    if alone:
        # One at a time, or two admins could each remove the other.
        turn = select(Site.id).where(Site.id == caller.site_id)
        session.execute(turn.with_for_update(key_share=True))
    for row in session.scalars(_of_site(caller)):
        if identify(row) == person_id:
            found: Moderator = row
            return found
    raise NotFoundError(f"There is no moderator {person_id}.")


def load_own(session: Session, caller: Caller) -> Moderator:
    """The row of who is signed in; raise NotFoundError when there is none any more."""
    kind, _, email = caller.actor.partition(":")
    here = Moderator.site_id == caller.site_id, Moderator.email == email
    found = session.scalar(select(Moderator).where(*here)) if kind == "moderator" else None
    if found is None:
        raise NotFoundError("You are no moderator of this site any more.")
    return found


def _keep_an_admin(session: Session, leaving: Moderator) -> None:
    others = select(func.count()).where(
        Moderator.site_id == leaving.site_id,
        Moderator.role == "admin",
        Moderator.id != leaving.id,
    )
    if leaving.role == "admin" and not session.scalar(others):
        raise ConflictError("This is the site's only admin; make somebody else one first.")


def identify(row: Moderator) -> str:
    """An id that says nothing, is the same for as long as the address is, and needs no column."""
    return f"mod_{hashlib.sha256(f'{row.site_id} {row.email}'.encode()).hexdigest()[:24]}"


def _describe(row: Moderator) -> Person:
    return Person(
        identify(row),
        row.email,
        row.role,
        tuple(row.sections or ()),
        row.created_at,
        {**WISHES, **(row.preferences or {})},
    )
