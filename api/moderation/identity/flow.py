"""The way to the provider and back: where a browser is sent, and who it is that returns."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus, urlencode

from api.moderation.identity import Account, ProviderError
from api.moderation.identity.pending import Pending
from api.moderation.identity.provider import Provider
from api.moderation.services import Services

SCOPE = "openid email"
_LONGEST_CODE = 4096


def find_way(services: Services, provider: Provider, pending: Pending) -> str:
    """The URL at the provider where somebody signs in; raise ProviderError."""
    described = provider.describe(services)
    hashed = hashlib.sha256(pending.verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": provider.client.id,
        "redirect_uri": pending.redirect_uri,
        "scope": SCOPE,
        "state": pending.state,
        "nonce": pending.nonce,
        "code_challenge": base64.urlsafe_b64encode(hashed).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    endpoint = str(described["authorization_endpoint"])
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"


def find_account(
    services: Services, provider: Provider, pending: Pending, returned: Mapping[str, str]
) -> Account:
    """Who has signed in, by what the browser brought back from the provider.

    Raises ProviderError where it is no answer to what was asked, or cannot be believed.
    """
    described = provider.describe(services)
    _check_answer(provider, described, pending, returned)
    tokens = _exchange(services, provider, described, pending, returned["code"])
    # Only now: it imports what only `winnow[oidc]` brings.
    from api.moderation.identity import tokens as reading

    keys = provider.ask(services, str(described["jwks_uri"]))
    access = tokens.get("access_token")
    claims = reading.read(
        provider.client, keys, tokens.get("id_token"), pending.nonce, services.now(), access
    )
    if "email" not in claims:
        claims = {**claims, **_ask_for_email(services, provider, described, claims, access)}
    email, verified = claims.get("email"), claims.get("email_verified")
    # Not `true` as a word: who has verified an address says so as the standard has it.
    known = isinstance(email, str) and verified is True
    return Account(claims["sub"], str(email) if known else "")


def _check_answer(
    provider: Provider,
    described: Mapping[str, Any],
    pending: Pending,
    returned: Mapping[str, str],
) -> None:
    if not hmac.compare_digest(returned.get("state", "").encode(), pending.state.encode()):
        raise ProviderError("the answer is to another sign-in")
    # From another provider than was asked (RFC 9207).
    says_so = described.get("authorization_response_iss_parameter_supported") is True
    issuer = returned.get("iss", "" if says_so else provider.client.issuer)
    if issuer != provider.client.issuer:
        raise ProviderError("the answer is from another provider")
    if "error" in returned:
        raise ProviderError("it did not let somebody in")
    if not 0 < len(returned.get("code", "")) <= _LONGEST_CODE:
        raise ProviderError("the answer has no code")


def _exchange(
    services: Services,
    provider: Provider,
    described: Mapping[str, Any],
    pending: Pending,
    code: str,
) -> dict[str, Any]:
    """The tokens that the provider gives for a code."""
    client = provider.client
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": pending.redirect_uri,
        "code_verifier": pending.verifier,
    }
    headers = {}
    ways = described.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if client.secret and "client_secret_basic" in ways:
        pair = f"{quote_plus(client.id)}:{quote_plus(client.secret)}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    else:
        form["client_id"] = client.id
        if client.secret:
            form["client_secret"] = client.secret
    return provider.ask(services, str(described["token_endpoint"]), form, headers)


def _ask_for_email(
    services: Services,
    provider: Provider,
    described: Mapping[str, Any],
    claims: Mapping[str, Any],
    access: Any,
) -> dict[str, Any]:
    """The address of who has signed in, from a provider that keeps it out of its tokens."""
    place = described.get("userinfo_endpoint")
    if not isinstance(place, str) or not isinstance(access, str):
        return {}
    found = provider.ask(services, place, headers={"Authorization": f"Bearer {access}"})
    if found.get("sub") != claims["sub"]:
        raise ProviderError("it tells of somebody else")
    return {name: found[name] for name in ("email", "email_verified") if name in found}
