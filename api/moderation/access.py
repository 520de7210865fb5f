"""Who may come in: sites, the holders of their keys, and signed-in browsers.

Keys are made and ended in `api.moderation.keys`, sessions are opened in `api.moderation.signins`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from api.moderation import inforce
from api.moderation.errors import NotFoundError, TakenError
from api.moderation.inforce import InForce
from api.moderation.repeats import Ticket
from api.moderation.services import Services
from api.store.gathering import BusyError
from api.store.lookups import LookUp
from api.store.tables import ApiKey, Moderator, SignIn, Site

ROLES = ("backend", "moderator", "admin")
"""Each role may do what those before it may, and more."""

COMMAND_LINE = "command line"
"""Who acts where somebody has run `winnow`: nobody there says who they are."""

_PREFIX_LENGTH = len("wnw_") + 8

_SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is known when a browser was last heard of."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: of which site, with which role, and by which name the audit log knows them.

    `ticket` is what makes a request that is sent twice one act; None where none was asked for.
    `in_force` is what the site's comments are judged by, where the look-up of a key has told them.
    """

    site_id: int
    role: str
    actor: str
    ticket: Ticket | None = None
    in_force: InForce | None = None
    sections: tuple[str, ...] = ()
    """The sections that a signed-in moderator looks after."""
    spared: tuple[str, ...] = ()
    """The labels of which a signed-in moderator does not want to read."""
    preferences: Mapping[str, Any] = field(default_factory=dict)
    """What a signed-in moderator wants of the pages: see `api.moderation.people`."""

    def may(self, role: str) -> bool:
        """Whether the caller's role includes `role`."""
        return ROLES.index(self.role) >= ROLES.index(role)


def digest(secret: str) -> str:
    """What is kept of a secret of 256 random bits; such a secret needs no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def create_site(services: Services, name: str) -> int:
    """Make a site and return its id; raise TakenError when there is one of that name."""
    try:
        with services.database.writing() as session:
            site = Site(name=name, created_at=services.now())
            session.add(site)
            session.flush()
            return site.id
    except IntegrityError as error:
        raise TakenError(f"There is a site called {name!r} already.") from error


def find_site(services: Services, name: str) -> int:
    """The id of the site of that name."""
    with services.database.reading() as session:
        found = session.scalar(select(Site.id).where(Site.name == name))
    if found is None:
        raise NotFoundError(f"There is no site called {name!r}.")
    return found


def has_sites(services: Services) -> bool:
    """Whether anybody has set this database up."""
    with services.database.reading() as session:
        return session.scalar(select(Site.id).limit(1)) is not None


def get_site(services: Services, site_id: int) -> Site:
    """The site of that id."""
    with services.database.reading() as session:
        return session.scalars(select(Site).where(Site.id == site_id)).one()


def key_prefix(key: str) -> str:
    """The part of a key by which people may call it."""
    return key[:_PREFIX_LENGTH]


def list_keys(services: Services, site_id: int) -> list[ApiKey]:
    """A site's keys, oldest first, revoked ones too."""
    with services.database.reading() as session:
        return list(
            session.scalars(select(ApiKey).where(ApiKey.site_id == site_id).order_by(ApiKey.id))
        )


# Every request asks this.
_BY_DIGEST = LookUp(
    select(ApiKey.site_id, ApiKey.role, ApiKey.prefix, *inforce.COLUMNS)
    .join(Site, Site.id == ApiKey.site_id)
    .where(ApiKey.digest == bindparam("digest"), ApiKey.revoked_at.is_(None))
)


def find_caller(services: Services, key: str) -> Caller | None:
    """Who holds this key; None when nobody does or it was revoked."""
    found = _BY_DIGEST.find(services.database, digest=digest(key))
    if found is None:
        return None
    site, role, prefix, *in_force = found
    return Caller(site, role, f"key:{prefix}", in_force=InForce(*in_force))


def find_signed_in(
    services: Services, token: str, idle: timedelta | None = None, acts: bool = True
) -> Caller | None:
    """Whose browser holds this token; None when it has expired or signed out.

    A session that nothing was heard of for `idle` is over. Where nobody `acts`, as when a page
    asks by itself, that is not hearing of it.
    """
    wanted = (
        select(
            Moderator.site_id,
            Moderator.email,
            Moderator.role,
            Moderator.sections,
            Moderator.preferences,
            SignIn.seen_at,
        )
        .join(SignIn, SignIn.moderator_id == Moderator.id)
        .where(SignIn.digest == digest(token), SignIn.expires_at > services.now())
    )
    with services.database.reading() as session:
        found = session.execute(wanted).one_or_none()
    if found is None or (idle and found.seen_at and found.seen_at <= services.now() - idle):
        return None
    if acts:
        _note_seen(services, token, found.seen_at)
    wishes = found.preferences or {}
    return Caller(
        found.site_id,
        found.role,
        f"moderator:{found.email}",
        sections=tuple(found.sections or ()),
        spared=tuple(wishes.get("spared", ())),
        preferences=wishes,
    )


def _note_seen(services: Services, token: str, seen_at: datetime | None) -> None:
    """Write down that a browser was heard of, where that is news."""
    now = services.now()
    # What the release before opened says nothing of when it was seen.
    if seen_at is not None and now - seen_at < _SEEN_EVERY:
        return
    mine = update(SignIn).where(SignIn.digest == digest(token)).values(seen_at=now)
    try:
        services.database.write(lambda connection: connection.execute(mine))
    except (SQLAlchemyError, BusyError):
        # Who only reads can do so where nothing can be written.
        return


def sign_out(services: Services, token: str) -> None:
    """End the session of this token."""
    with services.database.writing() as session:
        session.execute(delete(SignIn).where(SignIn.digest == digest(token)))
