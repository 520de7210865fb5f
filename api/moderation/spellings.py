"""By which spelling an author is known, however people write their name down."""

import ipaddress

from api.moderation.traces import HIDDEN, is_digest, read_address, spell_email


def spell(kind: str, value: str) -> str:
    """The one spelling by which comments are compared; raise ValueError, in one sentence.

    Of an address that is its usual spelling, of a network `203.0.113.0/24` or `2001:db8::/48`,
    given as such or by any address in it. A digest that is kept instead of one is its own spelling.
    """
    if kind in HIDDEN and is_digest(value):
        return value
    if kind == "author":
        return value
    if kind == "email":
        return _spell_email(value)
    if kind == "address":
        return _require(read_address(value)[0], "Not an IPv4 or IPv6 address.")
    return _spell_network(value)


def _spell_email(value: str) -> str:
    spelled = spell_email(value) or ""
    local, _, domain = spelled.rpartition("@")
    if not local or "." not in domain or any(letter.isspace() for letter in spelled):
        raise ValueError("Not an e-mail address.")
    return spelled


def _spell_network(value: str) -> str:
    if "/" not in value:
        return _require(read_address(value)[1], "Not an IPv4 or IPv6 network.")
    try:
        network = ipaddress.ip_network(value.strip(), strict=False)
    except ValueError as error:
        raise ValueError("Not an IPv4 or IPv6 network.") from error
    spelled = read_address(str(network.network_address))[1]
    if str(network) != spelled:
        # Never more, nor less, than somebody meant.
        raise ValueError("A network is a /24 of IPv4 or a /48 of IPv6.")
    return spelled


def _require(spelled: str | None, otherwise: str) -> str:
    if spelled is None:
        raise ValueError(otherwise)
    return spelled
