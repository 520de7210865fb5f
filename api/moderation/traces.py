"""What a comment leaves behind for later comments to be judged by."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, select, update

from api.moderation.errors import SpentTokenError
from api.store.inserting import NewRow, write_all
from api.store.policies import LinkedHost, RuleHit, Signature, UsedToken
from api.store.tables import Comment

DIGEST = "h:"
"""With which a digest begins that is kept instead of an address: see `privacy.addressing`."""

HIDDEN = ("address", "network")
"""By what of an author a digest may be kept."""

_DIGITS = re.compile(r"\d+")
_DIGEST = re.compile(rf"{DIGEST}[0-9a-f]{{40}}\Z")


@dataclass(frozen=True, slots=True)
class Traces:
    """Rows to be written with a comment, once it has a number."""

    rules: tuple[str, ...] = ()
    """The keys of the rules that were found in it."""
    bands: tuple[int, ...] = ()
    """Of its text's signature: see `policy.duplicates`."""
    campaign: str | None = None
    """What it has in common with texts that are nearly the same."""
    mates: tuple[int, ...] = ()
    """Earlier comments of no campaign so far, which are of this one too."""
    hosts: tuple[str, ...] = ()
    """It links to these."""
    token: tuple[str, datetime] | None = None
    """The nonce of its form token, and when the token expires."""

    def write(self, connection: Connection, site_id: int, comment_id: int, now: datetime) -> None:
        """Write them in the transaction that keeps the comment; those there are stay.

        Raises SpentTokenError where another comment has used the token up since this was judged.
        """
        own = {"site_id": site_id, "comment_id": comment_id}
        rules = [{**own, "rule": one, "created_at": now} for one in sorted(set(self.rules))]
        write_all(connection, RuleHit, rules)
        write_all(connection, Signature, [{**own, "band": one} for one in sorted(set(self.bands))])
        write_all(connection, LinkedHost, [{**own, "host": one} for one in sorted(set(self.hosts))])
        if self.mates:
            _join(connection, self.campaign, self.mates)
        if self.token is not None:
            _use_up(connection, site_id, *self.token)


def identify(author: Mapping[str, Any]) -> dict[str, str | None]:
    """By what else than its id an author is known: `address`, `network`, `mailbox`."""
    ip = author.get("ip")
    address, network = (ip, None) if is_digest(ip) else read_address(ip)
    return {"address": address, "network": network, "mailbox": spell_mailbox(author.get("email"))}


def is_digest(value: str | None) -> bool:
    """Whether it is kept instead of an address or a network."""
    return value is not None and _DIGEST.match(value) is not None


def spell_mailbox(email: str | None) -> str | None:
    """One spelling for the addresses that people make in series: `spell_email` without digits."""
    one = spell_email(email)
    if one is None:
        return None
    local, _, domain = one.rpartition("@")
    return f"{_DIGITS.sub('', local) or local}@{domain}"


def spell_email(email: str | None) -> str | None:
    """One spelling for the addresses that reach one mailbox; None where it is no address.

    Without capitals, and without the dots and what follows a plus in the local part.
    """
    local, at, domain = (email or "").strip().lower().rpartition("@")
    if not at:
        return None
    plain = local.partition("+")[0].replace(".", "")
    return f"{plain or local}@{domain}"[:254]


@lru_cache(maxsize=1024)
def read_address(given: str | None) -> tuple[str | None, str | None]:
    """An address in its usual spelling, and its network: /24 of IPv4, /48 of IPv6."""
    try:
        address = ipaddress.ip_address(given or "")
    except ValueError:
        return None, None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    length = 24 if address.version == 4 else 48
    return str(address), str(ipaddress.ip_network((address, length), strict=False))


def _join(connection: Connection, campaign: str | None, mates: tuple[int, ...]) -> None:
    """Give earlier comments their campaign. What others hold is left to the next that is alike."""
    free = select(Comment.id).where(Comment.id.in_(mates), Comment.campaign.is_(None))
    # Waiting for each other's comments, two batches could wait for ever.
    locked = free.with_for_update(skip_locked=True, key_share=True)
    connection.execute(update(Comment).where(Comment.id.in_(locked)).values(campaign=campaign))


def _use_up(connection: Connection, site_id: int, nonce: str, expires: datetime) -> None:
    token = {"site_id": site_id, "nonce": nonce, "expires_at": expires}
    if NewRow(connection.dialect, UsedToken, token, unique=True).write_if_new(connection) is None:
        raise SpentTokenError("Another comment has used this form token up.")
