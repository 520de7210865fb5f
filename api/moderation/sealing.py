"""Secrets that must be read again, kept so that the database alone does not give them away."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken

from api.moderation.services import Services


def seal(services: Services, secret: str) -> str:
    """Encrypt with the server's secret key (WINNOW_SECRET_KEY), authenticated."""
    return _lock(services).encrypt(secret.encode()).decode()


def unseal(services: Services, sealed: str) -> str | None:
    """What was sealed; None where the server's secret key is another by now."""
    try:
        return _lock(services).decrypt(sealed).decode()
    except InvalidToken:
        return None


def _lock(services: Services) -> Fernet:
    # The secret key signs other things too: what is made of it here is for this alone.
    made = hashlib.sha256(b"winnow sealing\0" + services.secret_key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(made))
