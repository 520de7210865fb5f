"""Reads what a provider says of somebody, and believes it only where its key has signed it."""

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from api.moderation.identity import Client, ProviderError

ALGORITHMS = [
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
]
"""Signatures with a key pair: neither `none`, nor one that whoever checks it could have made."""

LEEWAY = 60
"""By how many seconds the clocks of two machines may differ."""

LONGEST = 32 * 1024
_LONGEST_SUBJECT = 255


def read(
    client: Client,
    keys: Mapping[str, Any],
    token: Any,
    nonce: str,
    now: datetime,
    access_token: str | None = None,
) -> dict[str, Any]:
    """The claims of an ID token that this provider has made for us and for this sign-in.

    `keys` is the provider's JWK set. Raises ProviderError for any other token.
    """
    if not isinstance(token, str) or len(token) > LONGEST:
        raise ProviderError("there is no ID token")
    options: Any = {
        "iss": {"essential": True, "value": client.issuer},
        "aud": {"essential": True, "value": client.id},
    }
    params = {"client_id": client.id, "nonce": nonce, "access_token": access_token}
    try:
        found = jwt.decode(token, KeySet.import_key_set(dict(keys)), algorithms=ALGORITHMS)  # type: ignore[arg-type]
        claims = CodeIDToken(found.claims, found.header, options, params)
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
        return _check(dict(claims), nonce)
    except JoseError as error:
        raise ProviderError(f"its ID token is refused: {error.error}") from error
    # Keys and claims are whatever somebody has written there.
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ProviderError("its ID token or its keys cannot be read") from error


def _check(claims: dict[str, Any], nonce: str) -> dict[str, Any]:
    """What the library takes less seriously."""
    subject, said = claims["sub"], claims["nonce"]
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise ProviderError("its ID token has no subject")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
        raise ProviderError("its ID token is of another sign-in")
    return claims
