"""Several hosts on one machine: network namespaces, joined by a switch that can be unplugged."""

import os
import secrets
import shutil
import subprocess
from typing import Self


def reason_against() -> str | None:
    """Why there can be none here, or None."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    for program in ("ip", "nsenter"):
        if shutil.which(program) is None:
            return f"network namespaces need {program} (Debian: iproute2, util-linux)"
    name = f"wn-{secrets.token_hex(3)}"
    tried = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True)
    if tried.returncode != 0:
        return f"no network namespace can be made here: {tried.stderr.strip()}"
    subprocess.run(["ip", "netns", "delete", name], check=True)
    return None


class Network:
    """Hosts by number, `address(1)` and so on; the tests themselves are number 250.

    `with Network(3) as network:` makes three and removes them. All are joined in a namespace of
    their own, so that the machine's own network is left as it is but for one interface.
    """

    def __init__(self, hosts: int) -> None:
        self.mark = secrets.token_hex(2)
        self.hosts = range(1, hosts + 1)
        # For measurements between hosts (RFC 2544): nobody's real network.
        self._net = f"198.18.{secrets.randbelow(256)}"

    def address(self, host: int) -> str:
        """The host's IPv4 address."""
        return f"{self._net}.{host}"

    def namespace(self, host: int) -> str:
        """The name of the host's network namespace."""
        return f"wn{self.mark}-{host}"

    def inside(self, host: int) -> list[str]:
        """What a command begins with that shall run on the host."""
        return ["nsenter", f"--net=/run/netns/{self.namespace(host)}", "--"]

    def unplug(self, host: int) -> None:
        """Let nothing reach the host or leave it."""
        _ip("-n", self._switch, "link", "set", f"p{host}", "down")

    def plug(self, host: int) -> None:
        """Join it again."""
        _ip("-n", self._switch, "link", "set", f"p{host}", "up")

    @property
    def _switch(self) -> str:
        return f"wn{self.mark}-sw"

    def __enter__(self) -> Self:
        try:
            _ip("netns", "add", self._switch)
            _ip("-n", self._switch, "link", "add", "br0", "type", "bridge")
            _ip("-n", self._switch, "link", "set", "br0", "up")
            for host in self.hosts:
                self._add(host)
            # The tests' own end, in the namespace they run in.
            mine = f"wn{self.mark}"
            _ip("link", "add", mine, "type", "veth", "peer", "p250", "netns", self._switch)
            _ip("addr", "add", f"{self.address(250)}/24", "dev", mine)
            _ip("link", "set", mine, "up")
            self._join(250)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _add(self, host: int) -> None:
        name = self.namespace(host)
        _ip("netns", "add", name)
        _ip(
            "-n",
            self._switch,
            "link",
            "add",
            f"p{host}",
            "type",
            "veth",
            "peer",
            "eth0",
            "netns",
            name,
        )
        for interface in ("lo", "eth0"):
            _ip("-n", name, "link", "set", interface, "up")
        _ip("-n", name, "addr", "add", f"{self.address(host)}/24", "dev", "eth0")
        self._join(host)

    def _join(self, host: int) -> None:
        _ip("-n", self._switch, "link", "set", f"p{host}", "master", "br0")
        self.plug(host)

    def __exit__(self, *_: object) -> None:
        # With a namespace go the interfaces in it, and the other ends of their cables.
        for name in (self._switch, *map(self.namespace, self.hosts)):
            subprocess.run(["ip", "netns", "delete", name], capture_output=True)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
