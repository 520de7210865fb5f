"""Lists of hosts, each with its subdomains."""

from collections.abc import Iterable, Iterator


class HostNames:
    """Hosts that are allowed and hosts that are blocked; the name that says more counts."""

    def __init__(self, allow: Iterable[str], block: Iterable[str]) -> None:
        self._allow = frozenset(allow)
        self._block = frozenset(block)

    def allows(self, host: str) -> bool:
        """Whether the host, or a domain it belongs to, is allowed and not blocked nearer by."""
        for name in _domains(host):
            if name in self._block:
                return False
            if name in self._allow:
                return True
        return False

    def find_blocked(self, host: str) -> str | None:
        """The name on the list by which the host is blocked."""
        for name in _domains(host):
            if name in self._block:
                return name
            if name in self._allow:
                return None
        return None


def plain_host(host: str) -> str:
    """One spelling for a host with and without `www.`."""
    return host.removeprefix("www.")


def _domains(host: str) -> Iterator[str]:
    """The host and each domain it belongs to, but for the ending alone."""
    while "." in host:
        yield host
        host = host.partition(".")[2]
