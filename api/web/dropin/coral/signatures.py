"""How Coral signs: `X-Coral-Signature: sha256=<hex>[,sha256=<hex>…]`, over the body's bytes.

There are several while a secret is being changed, one with each; any that is right will do.
"""

import hashlib
import hmac

HEADER = "X-Coral-Signature"

SCHEME = "sha256="


def is_signed(secret: str, body: bytes, given: str) -> bool:
    """Whether one of the signatures in the header is that of this body."""
    right = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()
    signatures = [one.strip() for one in given.split(",")]
    fits = [
        hmac.compare_digest(right, one.removeprefix(SCHEME).lower().encode())
        for one in signatures
        if one.startswith(SCHEME)
    ]
    return any(fits)
