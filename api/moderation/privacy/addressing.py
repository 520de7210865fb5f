"""How a site keeps the addresses that its comments come from: whole, truncated, or hashed.

Truncated, only the network is kept: a /24 of IPv4, a /48 of IPv6. Hashed, keyed digests are kept
of the address and of its network: whoever has the server's secret key knows the same address
again, and nobody reads it. What is judged is judged by the address itself.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from api.moderation.derivation import derive
from api.moderation.services import Services
from api.moderation.traces import DIGEST, HIDDEN, identify, is_digest, read_address
from api.store.tables import Comment

WHOLE, TRUNCATED, HASHED = WAYS = ("whole", "truncated", "hashed")


@dataclass(frozen=True, slots=True)
class Keeper:
    """Makes of what a comment comes with what its site keeps of that."""

    way: str
    key: bytes = field(repr=False)

    def digest(self, kind: str, value: str) -> str:
        """What is kept of a whole `address` or `network`: at most 42 characters."""
        return DIGEST + hmac.new(self.key, f"{kind} {value}".encode(), "sha256").hexdigest()[:40]

    def digest_all(self, known: Mapping[str, str | None]) -> dict[str, str | None]:
        """The same of address and network, where they are known; a digest stays what it is."""
        return {
            name: value if value is None or is_digest(value) else self.digest(name, value)
            for name, value in known.items()
            if name in HIDDEN
        }

    def is_digest_of(self, digest: str | None, kind: str, value: str) -> bool:
        """Whether that is what is kept of this whole value."""
        return digest is not None and not is_digest(value) and self.digest(kind, value) == digest

    def keep_author(self, author: Mapping[str, Any]) -> dict[str, Any]:
        """An author as it is kept."""
        if self.way == WHOLE or "ip" not in author:
            return dict(author)
        others = {name: value for name, value in author.items() if name != "ip"}
        address, network = read_address(author["ip"])
        if self.way == HASHED:
            kept = author["ip"] if is_digest(author["ip"]) else None
            kept = self.digest("address", address) if address else kept
        else:
            kept = network and network.partition("/")[0]
        return {**others, "ip": kept} if kept else others

    def keep_known(self, known: Mapping[str, str | None]) -> dict[str, str | None]:
        """By what an author is known, see `traces.identify`, as it is kept."""
        if self.way == WHOLE:
            return dict(known)
        if self.way == HASHED:
            return {**known, **self.digest_all(known)}
        network = known["network"]
        return {**known, "address": None, "network": None if is_digest(network) else network}


def find_keeper(secret_key: str, site_id: int, way: str) -> Keeper:
    """The keeper of a site that keeps addresses in this way."""
    return Keeper(way, derive(secret_key, f"addresses of site {site_id}"))


def forms(services: Services, session: Session, site_id: int, address: str) -> list[str]:
    """Every form in which this very address may stand in `comments.address`: whole, and hashed.

    Truncated, it stands there in no form. Empty where it is no address.
    """
    if is_digest(address):
        return [address]
    exact, _ = read_address(address)
    if exact is None:
        return []
    return [exact, find_keeper(services.secret_key, site_id, HASHED).digest("address", exact)]


def rewrite(keeper: Keeper, comment: Comment) -> bool:
    """Have a comment's address be kept as all are now; whether that has changed anything.

    What was truncated or hashed does not become whole again.
    """
    known = {"address": comment.address, "network": comment.network}
    is_truncated = comment.address is None and comment.network is not None
    if not any(known.values()):
        # A release before 0.3 has kept it.
        found = identify(comment.author)
        known = {name: found[name] for name in known}
    author = keeper.keep_author(comment.author)
    if is_truncated and keeper.way == HASHED and not is_digest(comment.author.get("ip")):
        # It is no address, so its digest would be that of another one.
        author.pop("ip", None)
    kept = keeper.keep_known(known)
    before = comment.author, comment.address, comment.network
    if before == (author, kept["address"], kept["network"]):
        return False
    comment.author, comment.address, comment.network = author, kept["address"], kept["network"]
    return True
