"""A site's keys of our own style: made, shown once, and ended; ended are those of any style."""

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.moderation.access import Caller, digest, key_prefix
from api.moderation.errors import NotFoundError
from api.moderation.events.recording import record
from api.moderation.repeats import perform
from api.moderation.services import Services
from api.store.tables import ApiKey


def create(services: Services, caller: Caller, role: str) -> str:
    """Make a key of the caller's site and return it whole, the only time it can be seen."""
    key = f"wnw_{secrets.token_hex(4)}_{secrets.token_urlsafe(32)}"
    name = key_prefix(key)

    def act(session: Session) -> str:
        row = ApiKey(
            site_id=caller.site_id,
            role=role,
            prefix=name,
            digest=digest(key),
            folded=digest(key.lower()),
            created_at=services.now(),
        )
        add(session, services, caller, row)
        return key

    return perform(services, caller.site_id, caller.ticket, act)


def add(session: Session, services: Services, caller: Caller, row: ApiKey) -> None:
    """Keep a key's row, whichever style it is of."""
    session.add(row)
    session.flush()
    said = {"key": row.prefix, "role": row.role, "style": row.style}
    record(session, services, caller, "key.created", said)


def revoke(services: Services, caller: Caller, prefix: str) -> None:
    """End a key's power at once; raise NotFoundError where the caller's site has none such."""
    here = ApiKey.site_id == caller.site_id, ApiKey.prefix == prefix
    with services.database.writing() as session:
        # Locked, so that of two who end it at once one has done it.
        key = session.scalar(select(ApiKey).where(*here).with_for_update())
        if key is None:
            raise NotFoundError(f"There is no key {prefix}.")
        if key.revoked_at is None:
            key.revoked_at = services.now()
            record(session, services, caller, "key.revoked", {"key": prefix})
