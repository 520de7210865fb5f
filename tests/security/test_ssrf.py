"""A webhook's URL leads nowhere but where it may: no spelling, name or answer gets past."""

from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from api.moderation.outgoing import dialling
from api.moderation.outgoing.addresses import TargetError, check_address, read_url
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store.database import Database
from tests.conftest import ON_SQLITE
from tests.factories import Clock, submit, walk
from tests.receivers import Receiver, allow, reply, send

INSIDE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.0.192",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
OPEN = ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2001:4860::8888"]

NOT_URLS = [
    "",
    "/hook",
    "//gazette.example/",
    "gazette.example",
    "https:gazette.example",
    "https:/gazette.example",
    "https:///hook",
    "https://",
    "https://:443/",
    "ftp://gazette.example/",
    "file:///etc/passwd",
    "gopher://gazette.example/",
    "javascript:alert(1)",
    "https://user@gazette.example/",
    "https://user:word@gazette.example/",
    "https://1.1.1.1@127.0.0.1/",
    "https://127.0.0.1#@gazette.example/",
    "https://gazette.example#fragment",
    "https://gazette.example\\@127.0.0.1/",
    "https://gazette.example /",
    " https://gazette.example/",
    "https://gazette.example/\r\nHost: other",
    "https://gazette.example/\x00",
    "https://gazette.example:0/",
    "https://gazette.example:22/",
    "https://gazette.example:25/",
    "https://gazette.example:65536/",
    "https://gazette.example:999999/",
    "https://gazette.example:+443/",
    "https://gazette.example:/",
    "https://gazette.example./",
    "https://.gazette.example/",
    "https://gazette..example/",
    "https://-gazette.example/",
    "https://gaz%65tte.example/",
    "https://gazëtte.example/",
    "https://gazette。example/",
    "https://①②⑦.0.0.1/",
    "https://" + "a" * 64 + ".example/",
    "https://" + "a." * 126 + "example/",
    "https://[::1/",
    "https://::1/",
    "https://[gazette.example]/",
    "https://[fe80::1%25eth0]/",
    "https://[::ffff:127.0.0.1]:x/",
    "https://a,b.example/",
    "https://*.example/",
]
ODD = [
    "https://localhost/",
    "https://LOCALHOST/",
    "https://localhost./",
    "https://a.localhost/",
    "https://printer.local/",
    "https://metadata.google.internal/",
    "https://intranet/",
    "https://127.1/",
    "https://127.0.1/",
    "https://127.0.0.1./",
    "https://0/",
    "https://0.0.0.0/",
    "https://2130706433/",
    "https://017700000001/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://0X7F.0.0.1/",
    "https://0177.0.0.1/",
    "https://127.0.0.01/",
    "https://1.1.1.0x1/",
    "https://1.1.1.256/",
    "https://1.1.1/",
    "https://1.1.1.1.1/",
    "https://gazette.1/",
    "https://gazette.0x1/",
]


@pytest.fixture
def services(database: Database, scorer: Scorer, clock: Clock) -> Services:
    """An operator who allows one address of this machine, which plays the open internet."""
    return allow(Services(database, scorer, clock), "127.0.0.2/32")


@pytest.fixture
def inside() -> Iterator[Receiver]:
    """Something on this machine that no webhook may reach."""
    with Receiver() as found:
        yield found


def hook(client: FlaskClient, url: str) -> dict[str, Any]:
    answer = client.post("/v1/webhooks", json={"url": url})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def attempts(client: FlaskClient, webhook: dict[str, Any]) -> list[Any]:
    [logged] = walk(client, f"/v1/webhooks/{webhook['id']}/deliveries")
    return [one["error"] for one in logged["attempts"]]


def written(address: str) -> str:
    return f"[{address}]" if ":" in address else address


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_inside(address: str) -> None:
    with pytest.raises(TargetError, match="open internet"):
        check_address(ip_address(address), True, ())
    with pytest.raises(TargetError):
        read_url(f"https://{written(address)}/", ())


@pytest.mark.parametrize("address", OPEN)
def test_the_open_internet(address: str) -> None:
    target = read_url(f"https://{written(address)}:8443/hook?a=1", ())

    assert target.address == ip_address(address)
    assert (target.port, target.path) == (8443, "/hook?a=1")
    with pytest.raises(TargetError, match="https"):
        check_address(ip_address(address), False, ())


@given(st.ip_addresses())
def test_what_python_calls_private_is_refused(address: Any) -> None:
    try:
        check_address(address, True, ())
    except TargetError:
        return
    assert not address.is_private
    assert not address.is_reserved
    assert not address.is_multicast


@pytest.mark.parametrize("url", [*NOT_URLS, *ODD])
def test_no_url_but_a_plain_one(url: str) -> None:
    with pytest.raises(TargetError):
        read_url(url, ())


@pytest.mark.parametrize("url", NOT_URLS)
def test_not_even_where_the_operator_allows_networks(url: str) -> None:
    with pytest.raises(TargetError):
        read_url(url, (ip_network("0.0.0.0/0"), ip_network("::/0")))


@given(st.text(max_size=40))
def test_any_text_is_taken_apart_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://a.example{text}"):
        try:
            target = read_url(url, ())
        except TargetError:
            continue
        assert target.secure
        assert target.host.isascii()
        assert target.path.startswith("/")
        assert not set(" \r\n\t") & set(target.host + target.path)


@pytest.mark.parametrize(
    ("url", "authority", "path"),
    [
        ("https://gazette.example", "gazette.example", "/"),
        ("HTTPS://Gazette.Example:443/Hook", "gazette.example", "/Hook"),
        ("https://xn--bcher-kva.example:8443/?", "xn--bcher-kva.example:8443", "/?"),
        ("https://gazette.example?a=@b", "gazette.example", "/?a=@b"),
        ("https://[2606:4700::1111]/", "[2606:4700::1111]", "/"),
        ("https://a_b.gazette.example/@x:y", "a_b.gazette.example", "/@x:y"),
        ("https://gazette.example:80/", "gazette.example:80", "/"),
    ],
)
def test_plain_urls_are_read_as_they_are(url: str, authority: str, path: str) -> None:
    target = read_url(url, ())

    assert (target.authority, target.path) == (authority, path)


def test_http_is_for_networks_that_are_allowed() -> None:
    networks = (ip_network("10.1.0.0/16"),)
    with pytest.raises(TargetError, match="https"):
        read_url("http://gazette.example/", ())
    assert not read_url("http://gazette.example/", networks).secure
    assert not read_url("http://receiver:8080/", networks).secure
    assert read_url("http://10.1.2.3/", networks).address == ip_address("10.1.2.3")
    for url in ("http://10.2.2.3/", "https://10.2.2.3/", "http://1.1.1.1/", "https://[::1]/"):
        with pytest.raises(TargetError):
            read_url(url, networks)


@ON_SQLITE
@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://127.1/", "ftp://a.example/", "http://169.254.169.254/"]
)
def test_who_makes_such_a_webhook_is_told_which_field_is_wrong(
    admin: FlaskClient, url: str
) -> None:
    made = hook(admin, "https://gazette.example/")

    answers = [
        admin.post("/v1/webhooks", json={"url": url}),
        admin.patch(f"/v1/webhooks/{made['id']}", json={"url": url}),
    ]

    assert [one.status_code for one in answers] == [422, 422]
    assert [[e["pointer"] for e in one.json["errors"]] for one in answers] == [["/url"]] * 2
    assert [one["url"] for one in walk(admin, "/v1/webhooks")] == [made["url"]]


@ON_SQLITE
def test_a_name_that_leads_inside_the_second_time_reaches_nobody(
    services: Services, admin: FlaskClient, inside: Receiver, clock: Clock
) -> None:
    asked: list[str] = []

    def resolve(name: str, _port: int) -> list[str]:
        asked.append(name)
        return ["127.0.0.2"] if len(asked) == 1 else ["127.0.0.1"]

    with Receiver([reply(500)], address="127.0.0.2") as outside:
        # Both listen on the same port, so that only the address makes the difference.
        webhook = hook(admin, f"http://rebinding.example:{outside.port}/")
        with Receiver(port=outside.port) as trap:
            submit(admin)
            send(services, resolve=resolve)
            clock.move(seconds=5)
            send(services, resolve=resolve)

            assert trap.connections == 0
        assert outside.connections == 1
    assert asked == ["rebinding.example"] * 2
    first, second = attempts(admin, webhook)
    assert first == "The receiver answered 500."
    assert "https" in second


@ON_SQLITE
def test_one_address_inside_is_enough_to_reach_none(services: Services, admin: FlaskClient) -> None:
    with Receiver(address="127.0.0.2") as outside:
        webhook = hook(admin, f"http://both.example:{outside.port}/")
        submit(admin)

        send(services, resolve=lambda *_: ["127.0.0.2", "127.0.0.1"])

        assert outside.connections == 0
    assert len(attempts(admin, webhook)) == 1


@ON_SQLITE
@pytest.mark.parametrize("answer", ["127.0.0.1", "::1", "::ffff:127.0.0.2", "10.0.0.1"])
def test_what_is_refused_is_not_said_to_be_where(
    services: Services, admin: FlaskClient, answer: str
) -> None:
    webhook = hook(admin, "https://inside.example/")
    submit(admin)

    send(services, resolve=lambda *_: [answer])

    [error] = attempts(admin, webhook)
    assert "not on the open internet" in error
    assert answer not in error


@ON_SQLITE
def test_the_system_s_own_look_up_of_localhost_is_refused(
    services: Services, admin: FlaskClient, inside: Receiver
) -> None:
    webhook = hook(admin, f"https://localhost:{inside.port}/")
    submit(admin)

    send(services)

    assert inside.connections == 0
    assert "not on the open internet" in attempts(admin, webhook)[0]


@ON_SQLITE
def test_a_redirect_inside_is_not_followed(
    services: Services, admin: FlaskClient, inside: Receiver
) -> None:
    with Receiver([reply(307, {"Location": inside.url})], address="127.0.0.2") as outside:
        webhook = hook(admin, outside.url)
        submit(admin)

        send(services)

    assert inside.connections == 0
    assert attempts(admin, webhook) == ["The receiver answered 307, and no redirect is followed."]


@ON_SQLITE
def test_no_proxy_of_the_environment_is_asked(
    services: Services, admin: FlaskClient, inside: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, inside.url)
    with Receiver(address="127.0.0.2") as outside:
        hook(admin, outside.url)
        submit(admin)

        send(services)

        assert len(outside.received) == 1
    assert inside.connections == 0


@ON_SQLITE
def test_a_url_that_was_allowed_once_is_vetted_again(
    services: Services, admin: FlaskClient
) -> None:
    with Receiver(address="127.0.0.2") as outside:
        webhook = hook(admin, outside.url)
        submit(admin)

        send(allow(services, "10.0.0.0/8"))

        assert outside.connections == 0
    assert "https" in attempts(admin, webhook)[0]


def test_names_are_asked_of_the_system_once_each() -> None:
    found = dialling.resolve("localhost", 80)

    assert "127.0.0.1" in found
    assert len(found) == len(set(found))


def test_the_second_address_is_dialled_where_the_first_does_not_answer() -> None:
    networks = (ip_network("127.0.0.0/8"),)
    with Receiver(address="127.0.0.2") as outside:
        target = read_url(f"http://two.example:{outside.port}/", networks)

        answer = dialling.post(
            target, b"{}", {}, networks, resolve=lambda *_: ["127.0.0.3", "127.0.0.2"]
        )

    assert answer.status == 204
