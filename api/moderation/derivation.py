"""Keys for one purpose each, made of the server's one secret key."""

import hmac

_SALT = b"winnow"


def derive(secret: str, purpose: str) -> bytes:
    """32 bytes for one purpose, by HKDF with SHA-256: none tells of another, or of the secret."""
    inner = hmac.digest(_SALT, secret.encode(), "sha256")
    return hmac.digest(inner, purpose.encode() + b"\x01", "sha256")
