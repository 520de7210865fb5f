"""Where webhooks and outside checkers may be: which URLs are accepted, and which addresses.

Such a URL comes from a site and is asked by our machine, which stands inside the operator's
network. What is not on the open internet is refused, unless the operator has named its network.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from api.moderation.errors import RuleError

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]
"""What the operator allows beyond the open internet."""

PORTS = {"http": 80, "https": 443}

_OPEN = (ip_network("0.0.0.0/0"), ip_network("2000::/3"))
# Written down here because what Python's `is_global` says depends on Python's version.
_CLOSED = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8",  # this host; on Linux another name of loopback
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # behind a carrier's NAT; also a cloud's metadata
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # public by its looks, a cloud's metadata in truth
        "169.254.0.0/16",  # link-local, and most clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocols
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays from IPv6
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
        "2001::/23",  # protocols; Teredo, which hides an IPv4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which hides an IPv4 address
        "3fff::/20",  # documentation
        # Outside 2000::/3 lie loopback, ::ffff:0:0/96 and 64:ff9b::/96 (IPv4 in disguise),
        # unique local, link-local, site-local and multicast addresses.
    )
)
_HOST = re.compile(
    r"([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
)
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[^/?:\[\]]+)(:(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[^?]*)?(\?(?P<query>.*))?",
    re.IGNORECASE,
)


class TargetError(RuleError):
    """The URL, or an address behind its name, is none that a webhook may be sent to."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart: `address` is its host where that is no name; `path` holds the query."""

    secure: bool
    host: str
    port: int
    path: str
    address: Address | None = None

    @property
    def authority(self) -> str:
        """The host as HTTP writes it, with the port where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = PORTS["https" if self.secure else "http"]
        return host if self.port == usual else f"{host}:{self.port}"


def read_url(url: str, networks: Networks) -> Target:
    """Take a webhook's URL apart; raise TargetError, in one sentence, when it is refused.

    A name is not looked up here: what is behind it may change from one try to the next.
    """
    if not re.fullmatch(r"[!-~]+", url) or "\\" in url:
        raise TargetError("Use visible ASCII only: xn-- for names, %XX for the rest.")
    if "#" in url or "@" in re.split(r"[/?]", url.partition("://")[2], maxsplit=1)[0]:
        raise TargetError("A user name, a password or a fragment has no place here.")
    found = _URL.fullmatch(url)
    if found is None:
        raise TargetError("Not a URL of the form https://host/path.")
    secure = found["scheme"].lower() == "https"
    host = found["host"].lower().strip("[]")
    path = (found["path"] or "/") + (f"?{found['query']}" if found["query"] is not None else "")
    address = _read_host(host, ":" in host)
    target = Target(secure, str(address or host), _read_port(found["port"], secure), path, address)
    _check_host(target, networks)
    return target


def check_address(address: Address, secure: bool, networks: Networks) -> None:
    """Raise TargetError unless a webhook may be sent to this address."""
    if any(address in network for network in networks):
        return
    if not secure:
        raise TargetError("Use https; http is for networks that the operator has allowed.")
    inside = any(address in network for network in _OPEN)
    if not inside or any(address in network for network in _CLOSED):
        raise TargetError(
            "This address is not on the open internet, and the operator has not allowed its"
            " network (WINNOW_WEBHOOK_NETWORKS)."
        )


def _read_host(host: str, bracketed: bool) -> Address | None:
    """The address that the host is; None where it is a name."""
    # The C library reads 127.1, 0x7f.1, 017700000001 and 2130706433 as addresses, too.
    last = host.rpartition(".")[2]
    if bracketed or re.fullmatch(r"[0-9]+|0x[0-9a-f]*", last):
        try:
            return ip_address(host)
        except ValueError as error:
            raise TargetError("Not an IPv4 or IPv6 address in its usual spelling.") from error
    if len(host) > 253 or not _HOST.fullmatch(host):
        raise TargetError("Not a host's name: letters, digits, - and single dots inside.")
    return None


def _read_port(given: str | None, secure: bool) -> int:
    port = PORTS["https" if secure else "http"] if given is None else int(given)
    # Below 1024 are mail, shells and name servers, which may read HTTP as their own commands.
    if port not in PORTS.values() and not 1024 <= port <= 65535:
        raise TargetError("The port must be 80, 443 or one from 1024 to 65535.")
    return port


def _check_host(target: Target, networks: Networks) -> None:
    """Refuse what can be told without looking a name up."""
    if target.address is not None:
        check_address(target.address, target.secure, networks)
    elif not networks:
        if not target.secure:
            raise TargetError("Use https; http is for networks that the operator has allowed.")
        if "." not in target.host or target.host.endswith((".localhost", ".local", ".internal")):
            raise TargetError("This name is not one of the open internet.")
