"""Who may come in: sites, their keys, their moderators, and signed-in browsers."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.moderation import inforce
from api.moderation.errors import NotFoundError, SignInError, TakenError
from api.moderation.inforce import InForce
from api.moderation.repeats import Ticket, perform
from api.moderation.services import Services
from api.store.lookups import LookUp
from api.store.tables import ApiKey, Moderator, SignIn, Site

ROLES = ("backend", "moderator", "admin")
"""Each role may do what those before it may, and more."""

MIN_PASSWORD = 12
"""Shortest password a moderator may have, in characters."""

_PREFIX_LENGTH = len("wnw_") + 8

_hasher = PasswordHasher()
# Checked for an unknown address, so that its answer takes as long as a wrong password's.
_NOBODY = _hasher.hash(secrets.token_urlsafe())


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


def create_key(services: Services, site_id: int, role: str, ticket: Ticket | None = None) -> str:
    """Make a key and return it whole, the only time it can be seen."""
    key = f"wnw_{secrets.token_hex(4)}_{secrets.token_urlsafe(32)}"

    def add(session: Session) -> str:
        session.add(
            ApiKey(
                site_id=site_id,
                role=role,
                prefix=key_prefix(key),
                digest=digest(key),
                folded=digest(key.lower()),
                created_at=services.now(),
            )
        )
        return key

    return perform(services, site_id, ticket, add)


def key_prefix(key: str) -> str:
    """The part of a key by which people may call it."""
    return key[:_PREFIX_LENGTH]


def list_keys(services: Services, site_id: int) -> list[ApiKey]:
    """A site's keys, oldest first, revoked ones too."""
    with services.database.reading() as session:
        return list(
            session.scalars(select(ApiKey).where(ApiKey.site_id == site_id).order_by(ApiKey.id))
        )


def revoke_key(services: Services, site_id: int, prefix: str) -> None:
    """End a key's power at once."""
    with services.database.writing() as session:
        key = session.scalar(
            select(ApiKey).where(ApiKey.site_id == site_id, ApiKey.prefix == prefix)
        )
        if key is None:
            raise NotFoundError(f"There is no key {prefix}.")
        key.revoked_at = key.revoked_at or services.now()


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


def create_moderator(
    services: Services, site_id: int, email: str, password: str, role: str = "moderator"
) -> None:
    """Let a person sign in to a site's queue; raise TakenError when the address is known.

    `role` is `moderator`, or `admin` for who may also make keys and moderators.
    """
    try:
        with services.database.writing() as session:
            session.add(
                Moderator(
                    site_id=site_id,
                    email=email.strip().lower(),
                    password_hash=_hasher.hash(password),
                    created_at=services.now(),
                    role=role,
                )
            )
    except IntegrityError as error:
        raise TakenError(f"There is a moderator {email} already.") from error


def hash_password(password: str) -> str:
    """What is kept of a password; it takes a while, so that guessing does too."""
    return _hasher.hash(password)


def is_password(hashed: str, password: str) -> bool:
    """Whether this is the password of which that was kept."""
    try:
        return _hasher.verify(hashed, password)
    except (Argon2Error, InvalidHashError):
        return False


def sign_in(services: Services, email: str, password: str, hours: int) -> str:
    """Open a session for `hours` and return its token; raise SignInError on a wrong pair."""
    with services.database.reading() as session:
        moderator = session.scalar(
            select(Moderator).where(Moderator.email == email.strip().lower())
        )
    right = is_password(moderator.password_hash if moderator else _NOBODY, password)
    if moderator is None or not right:
        raise SignInError("The e-mail address or the password is wrong.")
    token = secrets.token_urlsafe(32)
    now = services.now()
    with services.database.writing() as session:
        session.execute(delete(SignIn).where(SignIn.expires_at <= now))
        session.add(
            SignIn(
                digest=digest(token),
                moderator_id=moderator.id,
                created_at=now,
                expires_at=now + timedelta(hours=hours),
            )
        )
    return token


def find_signed_in(services: Services, token: str) -> Caller | None:
    """Whose browser holds this token; None when it has expired or signed out."""
    wanted = (
        select(
            Moderator.site_id,
            Moderator.email,
            Moderator.role,
            Moderator.sections,
            Moderator.preferences,
        )
        .join(SignIn, SignIn.moderator_id == Moderator.id)
        .where(SignIn.digest == digest(token), SignIn.expires_at > services.now())
    )
    with services.database.reading() as session:
        found = session.execute(wanted).one_or_none()
    if found is None:
        return None
    wishes = found.preferences or {}
    return Caller(
        found.site_id,
        found.role,
        f"moderator:{found.email}",
        sections=tuple(found.sections or ()),
        spared=tuple(wishes.get("spared", ())),
        preferences=wishes,
    )


def sign_out(services: Services, token: str) -> None:
    """End the session of this token."""
    with services.database.writing() as session:
        session.execute(delete(SignIn).where(SignIn.digest == digest(token)))


def set_password(services: Services, email: str, password: str) -> None:
    """Change a moderator's password and end every session they have open."""
    with services.database.writing() as session:
        found = session.scalar(select(Moderator.id).where(Moderator.email == email.strip().lower()))
        if found is None:
            raise NotFoundError(f"There is no moderator {email}.")
        session.execute(
            update(Moderator)
            .where(Moderator.id == found)
            .values(password_hash=_hasher.hash(password))
        )
        session.execute(delete(SignIn).where(SignIn.moderator_id == found))
