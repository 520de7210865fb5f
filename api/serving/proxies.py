"""Who a client is and what it has asked for, as the proxies in front say, if they are ours.

A header of a request is whatever its sender wants. `X-Forwarded-*` is believed only of a peer in
one of the networks where our proxies are, and of the addresses it lists only those that our own
proxies have added: what a client has written itself stands further left (OWASP ASVS 5.0, 4.1.3).
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix

App = Callable[[dict[str, Any], Any], Iterable[bytes]]

FORWARDED = tuple(
    f"HTTP_{name}"
    for name in (
        *("FORWARDED", "X_FORWARDED_FOR", "X_FORWARDED_PROTO", "X_FORWARDED_HOST"),
        *("X_FORWARDED_PORT", "X_FORWARDED_PREFIX", "X_FORWARDED_SSL", "X_FORWARDED_PROTOCOL"),
        *("X_REAL_IP", "X_CLIENT_IP", "TRUE_CLIENT_IP", "CF_CONNECTING_IP", "X_SCRIPT_NAME"),
    )
)
"""What might be taken for the word of a proxy; only of a trusted one, and then only three."""


class Proxies:
    """WSGI around the app: `hops` proxies in front, the last of them in one of `networks`."""

    def __init__(
        self, app: App, hops: int, networks: tuple[IPv4Network | IPv6Network, ...]
    ) -> None:
        self._app = app
        self._fixed = ProxyFix(self._forget, hops, hops, hops) if hops else self._forget
        self._knows = lru_cache(maxsize=1024)(lambda address: _is_in(address, networks))

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Believe the peer or not, then hand on."""
        peer = environ.get("REMOTE_ADDR", "")
        if self._knows(peer):
            return self._fixed(environ, start_response)
        return self._forget(environ, start_response)

    def _forget(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Hand on without any such header: nothing behind this can believe one by mistake."""
        for name in FORWARDED:
            environ.pop(name, None)
        peer = environ.get("werkzeug.proxy_fix.orig", environ).get("REMOTE_ADDR", "")
        environ["REMOTE_ADDR"] = _read(environ.get("REMOTE_ADDR", "")) or peer
        return self._app(environ, start_response)


def _is_in(address: str, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    found = getattr(found, "ipv4_mapped", None) or found
    return any(found in network for network in networks)


@lru_cache(maxsize=1024)
def _read(address: str) -> str:
    """An address without the port that some proxies add; empty where it is none."""
    for one in (address, address.rpartition(":")[0]):
        try:
            found = ip_address(one.strip("[]").partition("%")[0])
        except ValueError:
            continue
        return str(getattr(found, "ipv4_mapped", None) or found)
    return ""
