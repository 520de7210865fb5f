"""A sign-in that has begun: what the browser brings back, sealed, when it returns."""

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from api.moderation import sealing
from api.moderation.services import Services

LASTS = timedelta(minutes=10)
"""How long somebody may take at the provider."""

_PURPOSE = "sign-in"


@dataclass(frozen=True, slots=True)
class Pending:
    """What was asked of the provider, for one browser alone, and where it wanted to go."""

    state: str
    nonce: str
    verifier: str
    """What proves to the provider that who brings the code is who asked for it (RFC 7636)."""
    redirect_uri: str
    onward: str
    begun: float


def begin(services: Services, redirect_uri: str, onward: str) -> Pending:
    """Three secrets for a new sign-in."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Pending(state, nonce, verifier, redirect_uri, onward, services.now().timestamp())


def seal(services: Services, pending: Pending) -> str:
    """What the browser keeps: it can neither read nor change it."""
    return sealing.seal(services, json.dumps({"for": _PURPOSE, **asdict(pending)}))


def unseal(services: Services, kept: str) -> Pending | None:
    """What a browser brings back; None where that is none of ours, or too old."""
    try:
        found = json.loads(sealing.unseal(services, kept) or "null")
    except (ValueError, TypeError):
        return None
    if not isinstance(found, dict) or found.pop("for", None) != _PURPOSE:
        return None
    pending = Pending(**found)
    age = services.now() - datetime.fromtimestamp(pending.begun, UTC)
    # A clock may have been set back a little between two hosts.
    return pending if timedelta(minutes=-1) <= age < LASTS else None
