"""Who calls: a key or a token of ours, wherever Google's clients put theirs."""

from collections.abc import Mapping

from werkzeug.datastructures import Headers

from api.moderation import access
from api.moderation.access import Caller
from api.moderation.services import Services
from api.web import limits
from api.web.dropin.perspective.errors import refuse_key, refuse_stranger

_PARAMETERS = ("key", "access_token", "oauth_token")


def authenticate(services: Services, query: Mapping[str, str], headers: Headers) -> Caller:
    """Whose key it is, of the first that was given; raise GoogleError for none or a wrong one.

    Raises TooOftenError where a key is used, or tried, too often.
    """
    key = find_key(query, headers)
    if not key:
        limits.admit_stranger()
        raise refuse_stranger()
    caller = access.find_caller(services, key)
    if caller is None:
        limits.admit_stranger()
        raise refuse_key()
    limits.admit(caller)
    return caller


def find_key(query: Mapping[str, str], headers: Headers) -> str:
    """The key that a call says; empty where it says none."""
    key = query.get("key") or headers.get("X-Goog-Api-Key")
    if key:
        return key.strip()
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return next((query[name] for name in _PARAMETERS if query.get(name)), "")
