"""Whose word is taken for who a client is: the last proxies' that are ours, and nobody else's."""

from ipaddress import ip_network
from typing import Any

import pytest

from api.serving.proxies import FORWARDED, Proxies
from api.settings import PRIVATE

FORGED = {
    "HTTP_FORWARDED": "for=203.0.113.66;proto=https;host=evil.example",
    "HTTP_X_FORWARDED_FOR": "203.0.113.66",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_HOST": "evil.example",
    "HTTP_X_FORWARDED_PORT": "666",
    "HTTP_X_FORWARDED_PREFIX": "/evil",
    "HTTP_X_FORWARDED_SSL": "on",
    "HTTP_X_REAL_IP": "203.0.113.66",
}


def see(
    peer: str, headers: dict[str, str], hops: int = 1, networks: Any = PRIVATE
) -> dict[str, Any]:
    """What the app is told of a request from this peer."""
    seen: dict[str, Any] = {}

    def app(environ: dict[str, Any], _start: Any) -> list[bytes]:
        seen.update(environ)
        return []

    environ = {
        "REMOTE_ADDR": peer,
        "wsgi.url_scheme": "http",
        "HTTP_HOST": "inside:8000",
        "SERVER_NAME": "inside",
        "SERVER_PORT": "8000",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/live",
        **headers,
    }
    list(Proxies(app, hops, networks)(environ, None))
    return seen


def facts(seen: dict[str, Any]) -> tuple[str, str, str, str]:
    return (
        seen["REMOTE_ADDR"],
        seen["wsgi.url_scheme"],
        seen["HTTP_HOST"],
        seen["SCRIPT_NAME"],
    )


@pytest.mark.parametrize("peer", ["203.0.113.9", "8.8.8.8", "2001:db8::1", "::ffff:8.8.8.8"])
def test_a_stranger_is_believed_nothing(peer: str) -> None:
    seen = see(peer, FORGED, hops=2)
    address = peer.removeprefix("::ffff:")
    assert facts(seen) == (address, "http", "inside:8000", "")
    assert not set(FORWARDED) & set(seen)


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.0.0.1", "203.0.113.9"])
def test_where_no_proxy_is_trusted_nobody_is_believed(peer: str) -> None:
    seen = see(peer, FORGED, hops=0)
    assert facts(seen) == (peer, "http", "inside:8000", "")
    assert not set(FORWARDED) & set(seen)


PEERS = ["127.0.0.1", "::1", "10.2.3.4", "172.18.0.5", "192.168.1.1", "fd00::5", "::ffff:10.0.0.1"]


@pytest.mark.parametrize("peer", PEERS)
def test_a_proxy_of_ours_is_believed_what_it_has_added_and_no_more(peer: str) -> None:
    said = {
        **FORGED,
        "HTTP_X_FORWARDED_FOR": "203.0.113.66, 198.51.100.7",
        "HTTP_X_FORWARDED_PROTO": "http, https",
        "HTTP_X_FORWARDED_HOST": "evil.example, winnow.example",
    }
    seen = see(peer, said)
    assert facts(seen) == ("198.51.100.7", "https", "winnow.example", "")
    assert not set(FORWARDED) & set(seen)


def test_of_two_proxies_the_first_says_who_the_client_is() -> None:
    said = {"HTTP_X_FORWARDED_FOR": "203.0.113.66, 198.51.100.7, 10.0.0.2"}
    assert see("10.0.0.1", said, hops=2)["REMOTE_ADDR"] == "198.51.100.7"
    # Fewer than there should be: it has not come the way it should have.
    assert see("10.0.0.1", {"HTTP_X_FORWARDED_FOR": "203.0.113.66"}, hops=2)["REMOTE_ADDR"] == (
        "10.0.0.1"
    )


def test_only_the_networks_that_are_named_hold_proxies() -> None:
    named = (ip_network("10.2.0.0/16"), ip_network("2001:db8::/32"))
    said = {"HTTP_X_FORWARDED_FOR": "198.51.100.7"}
    for peer, believed in (
        ("10.2.3.4", True),
        ("2001:db8::5", True),
        ("10.3.0.1", False),
        ("127.0.0.1", False),
        ("", False),
        ("not an address", False),
    ):
        found = see(peer, said, networks=named)["REMOTE_ADDR"]
        assert (found == "198.51.100.7") == believed, peer


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("198.51.100.7:5000", "198.51.100.7"),
        ("[2001:db8::1]:5000", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("unknown", "10.0.0.1"),
        ("_hidden", "10.0.0.1"),
        ("198.51.100.7\t<script>", "10.0.0.1"),
        ("", "10.0.0.1"),
    ],
)
def test_an_address_is_one_or_it_is_the_proxys(said: str, found: str) -> None:
    assert see("10.0.0.1", {"HTTP_X_FORWARDED_FOR": said})["REMOTE_ADDR"] == found
