"""Keys in the styles of foreign protocols, and how such protocols name our own.

An Akismet key is 12 hexadecimal digits, in small or capital letters, often in a host's name; the
WordPress plugin refuses any other. 48 bits can be tried out by whoever has stolen a plain digest,
so theirs is keyed with the server's secret key, and they open no door but Akismet's.

Coral signs what it sends and says no key: `cor_…` in the URL names the site, and the signature,
made with the secret that Coral shows, is the proof.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from api.moderation import inforce, keys, sealing
from api.moderation.access import Caller, digest, key_prefix
from api.moderation.errors import FieldError, NotFoundError
from api.moderation.events.recording import record
from api.moderation.inforce import InForce
from api.moderation.repeats import perform
from api.moderation.services import Services
from api.store.lookups import LookUp
from api.store.tables import ApiKey, Site

WINNOW, AKISMET, CORAL = "winnow", "akismet", "coral"
STYLES = (WINNOW, AKISMET, CORAL)

ROLE = "backend"
"""What a key of a foreign style may do, by the doors that it opens."""

_AKISMET_KEY = re.compile(r"[0-9a-fA-F]{12}")
_SIGNS = re.compile(r"[\x21-\x7e]{16,500}")


@dataclass(frozen=True, slots=True)
class Made:
    """A new key: `id` is what people call it, `key` what its caller says (the id, for Coral)."""

    id: str
    key: str


def create(services: Services, caller: Caller, style: str, role: str) -> Made:
    """Make a key of any style; `role` is for our own style, the others all have the same."""
    if style == AKISMET:
        return create_akismet(services, caller)
    if style == CORAL:
        return create_coral(services, caller)
    ticket = caller.ticket
    ours = ticket and replace(ticket, render=lambda key: ticket.render(_name(key)))
    return _name(keys.create(services, replace(caller, ticket=ours), role))


def create_akismet(services: Services, caller: Caller) -> Made:
    """Make a key of 12 digits for Akismet's calls, and return it whole, this once."""
    key = secrets.token_hex(6)
    made = Made(f"aks_{secrets.token_hex(4)}", key)
    return _add(services, caller, made, AKISMET, _digest_short(services, key))


def create_coral(services: Services, caller: Caller) -> Made:
    """Make a place for one of Coral's moderation phases; it takes `set_secret` to open it."""
    name = f"cor_{secrets.token_hex(4)}"
    return _add(services, caller, Made(name, name), CORAL, digest(secrets.token_hex()))


def set_secret(services: Services, caller: Caller, name: str, secret: str) -> None:
    """Keep the secret with which Coral signs, in the place of the one before.

    Raises FieldError for what is none, and NotFoundError where there is no such key.
    """
    if not _SIGNS.fullmatch(secret):
        says = "A signing secret is 16 to 500 visible ASCII characters, without blanks."
        raise FieldError("/secret", says)
    here = ApiKey.site_id == caller.site_id, ApiKey.prefix == name, ApiKey.style == CORAL
    with services.database.writing() as session:
        found = session.scalar(select(ApiKey).where(*here, ApiKey.revoked_at.is_(None)))
        if found is None:
            raise NotFoundError(f"There is no key {name} of the style {CORAL}.")
        found.secret = sealing.seal(services, secret)
        record(session, services, caller, "key.secret_set", {"key": name})


_COLUMNS = (ApiKey.site_id, ApiKey.role, ApiKey.prefix, *inforce.COLUMNS)
_LIVE = select(*_COLUMNS).join(Site, Site.id == ApiKey.site_id).where(ApiKey.revoked_at.is_(None))
_BY_DIGEST = LookUp(
    _LIVE.where(or_(ApiKey.digest == bindparam("digest"), ApiKey.folded == bindparam("folded")))
)
_BY_ID = LookUp(
    select(*_COLUMNS, ApiKey.secret)
    .join(Site, Site.id == ApiKey.site_id)
    .where(
        ApiKey.revoked_at.is_(None),
        ApiKey.prefix == bindparam("prefix"),
        ApiKey.style == bindparam("style"),
    )
)


def find_akismet(services: Services, key: str) -> Caller | None:
    """Who calls Akismet with this key, of whichever style and in whichever letters."""
    if _AKISMET_KEY.fullmatch(key):
        exact = folded = _digest_short(services, key)
    else:
        exact, folded = digest(key), digest(key.lower())
    found = _BY_DIGEST.find(services.database, digest=exact, folded=folded)
    return _caller(*found) if found else None


def find_coral(services: Services, name: str) -> tuple[Caller, str] | None:
    """Whose phase that is and the secret it is signed with; None while there is none."""
    found = _BY_ID.find(services.database, prefix=name, style=CORAL)
    if found is None:
        return None
    *who, sealed = found
    secret = sealed and sealing.unseal(services, sealed)
    return (_caller(*who), secret) if secret else None


def _caller(site: int, role: str, prefix: str, *in_force: Any) -> Caller:
    return Caller(site, role, f"key:{prefix}", in_force=InForce(*in_force))


def _name(key: str) -> Made:
    return Made(key_prefix(key), key)


def _digest_short(services: Services, key: str) -> str:
    secret = b"winnow akismet\0" + services.secret_key.encode()
    return hmac.new(secret, key.lower().encode(), hashlib.sha256).hexdigest()


def _add(services: Services, caller: Caller, made: Made, style: str, digested: str) -> Made:
    def act(session: Session) -> Made:
        row = ApiKey(
            site_id=caller.site_id,
            role=ROLE,
            prefix=made.id,
            digest=digested,
            style=style,
            created_at=services.now(),
        )
        keys.add(session, services, caller, row)
        return made

    return perform(services, caller.site_id, caller.ticket, act)
