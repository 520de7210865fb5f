"""The provider, asked over HTTP: within a time limit, few at once, and not while it is down."""

import json
import logging
import urllib.parse
from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import ip_network
from threading import BoundedSemaphore
from typing import Any

from api.moderation.identity import Client, ProviderError
from api.moderation.outgoing import dialling
from api.moderation.outgoing.addresses import TargetError, read_url
from api.moderation.outgoing.dialling import NoReplyError, Reply
from api.moderation.services import Services

log = logging.getLogger(__name__)

SECONDS = 5.0
"""How long an answer may take, all of it."""

AT_ONCE = 2
"""How many people a process asks about at once: a slow provider must not hold all its threads."""

KNOWN = timedelta(minutes=10)
"""How long the provider's description of itself is believed."""

_WELL_KNOWN = ".well-known/openid-configuration"
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
# Who the provider is, the operator has said: it may well be inside of their own network.
_ANYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))


class Provider:
    """One provider; share it between threads freely."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._places = BoundedSemaphore(AT_ONCE)
        self._described: tuple[datetime, Mapping[str, Any]] | None = None

    def describe(self, services: Services) -> Mapping[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery 1.0); raise ProviderError."""
        now, known = services.now(), self._described
        if known is not None and timedelta() <= now - known[0] < KNOWN:
            return known[1]
        found = self.ask(services, f"{self.client.issuer.rstrip('/')}/{_WELL_KNOWN}")
        # Word for word: another issuer's keys would be another's people.
        if found.get("issuer") != self.client.issuer:
            raise ProviderError("it calls itself by another name than WINNOW_OIDC_ISSUER")
        for name in _NEEDED:
            self._check_endpoint(name, found.get(name))
        self._described = now, found
        return found

    def _check_endpoint(self, name: str, url: Any) -> None:
        try:
            target = read_url(url, _ANYWHERE) if isinstance(url, str) else None
        except TargetError:
            target = None
        # In the clear only where the provider itself is on this machine.
        if target is None or not (target.secure or self.client.issuer.startswith("http:")):
            raise ProviderError(f"its {name} is no https URL")

    def ask(
        self,
        services: Services,
        url: str,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The JSON object at a URL of the provider, or what it answers to a form.

        Raises ProviderError when there is none in time, or when it is busy or was down just now.
        """
        name, now = ("identity provider", self.client.issuer), services.now()
        if not services.breaker.lets_through(name, now):
            raise ProviderError("it has not answered several times", is_down=True)
        if not self._places.acquire(blocking=False):
            raise ProviderError("others are waiting for it", is_down=True)
        try:
            reply = _send(url, form, headers or {})
        except (NoReplyError, TargetError) as error:
            services.breaker.fail(name, services.now())
            raise ProviderError(str(error), is_down=True) from error
        finally:
            self._places.release()
        services.breaker.succeed(name)
        return _read(reply)


def _send(url: str, form: Mapping[str, str] | None, headers: Mapping[str, str]) -> Reply:
    sent = {"Accept": "application/json", "User-Agent": "Winnow", **headers}
    if form is None:
        return dialling.post(
            read_url(url, _ANYWHERE), b"", sent, _ANYWHERE, seconds=SECONDS, method="GET"
        )
    sent["Content-Type"] = "application/x-www-form-urlencoded"
    body = urllib.parse.urlencode(form).encode()
    return dialling.post(read_url(url, _ANYWHERE), body, sent, _ANYWHERE, seconds=SECONDS)


def _read(reply: Reply) -> dict[str, Any]:
    if reply.status >= 500 or reply.status == 429:
        raise ProviderError(f"it answered {reply.status}", is_down=True)
    if reply.status != 200:
        raise ProviderError(f"it answered {reply.status}")
    try:
        found = json.loads(reply.body)
    except (ValueError, RecursionError) as error:
        raise ProviderError("it answered something that is no JSON") from error
    if not isinstance(found, dict):
        raise ProviderError("it answered no JSON object")
    return found
