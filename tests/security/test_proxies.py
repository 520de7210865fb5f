"""nginx, HAProxy and Caddy, with the configuration that docs/deploy shows, in front of a server.

Who a client is reaches limits and cookies; what it says of itself does not. OWASP ASVS 5.0: 4.1.3
and 15.3.4.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from api.moderation import access
from api.moderation.services import Services
from api.store.database import Database
from tests.factories import make_moderator, words_scorer
from tests.reliability.reverse import HOST, Front, find, running
from tests.reliability.serving import Server
from tests.security.wire import ask

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="127.0.0.2 is Linux's")

FORGED = {
    "X-Forwarded-For": "203.0.113.66",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "666",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Ssl": "off",
    "X-Real-IP": "203.0.113.66",
    "Forwarded": "for=203.0.113.66;proto=http;host=evil.example",
    "Script-Name": "/evil",
}
BUDGET = 5
EMAIL, PASSWORD = "ada@example.com", "a long password for a person behind a proxy"
DISCOVERY = "/$discovery/rest?version=v1alpha1"
MIB = 1024 * 1024


def start(folder: Path, **given: str) -> Server:
    server = Server(
        folder,
        WINNOW_WORKER="no",
        WINNOW_WORKERS="1",
        WINNOW_LIMIT_ADDRESS=f"{BUDGET}/minute",
        **given,
    )
    server.make_key("backend")
    server.start()
    return server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that knows of one proxy, and allows an address a few requests a minute."""
    found = start(tmp_path_factory.mktemp("server"), WINNOW_TRUSTED_PROXIES="1")
    yield found
    found.close()


@pytest.fixture(scope="module")
def key(server: Server) -> str:
    return server.make_key("backend")


@pytest.fixture(scope="module")
def moderator(server: Server, key: str) -> None:
    """A person who may sign in."""
    database = Database(server.database_url)
    services = Services(database, words_scorer())
    site = access.find_site(services, "gazette")
    make_moderator(services, site, EMAIL, PASSWORD)
    database.dispose()


@pytest.fixture(params=["nginx", "haproxy", "caddy"])
def front(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> Iterator[Front]:
    """One of the proxies."""
    if find(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    with running(request.param, tmp_path, (server.port, server.port)) as found:
        yield found


ADDRESSES = {"nginx": 10, "haproxy": 20, "caddy": 30}
"""Each proxy's clients have addresses of their own: the server counts for a minute."""


def statuses(front: Front, last: int, times: int) -> list[int]:
    """What a client without a key is answered, whatever address it claims to have."""
    address = f"127.0.0.{ADDRESSES[front.name] + last}"
    with front.pool(address) as pool:
        return [
            pool.request(
                "GET",
                "/v1/queue",
                headers={"Host": HOST, **FORGED, "X-Forwarded-For": f"203.0.113.{number}"},
            ).status
            for number in range(times)
        ]


def test_limits_count_the_clients_true_address(front: Front) -> None:
    assert statuses(front, 2, BUDGET + 2) == [401] * BUDGET + [429] * 2
    # Another client behind the same proxy has a budget of its own.
    assert statuses(front, 3, 1) == [401]


def test_it_is_known_that_the_client_came_by_https_and_to_which_host(front: Front) -> None:
    with front.pool(f"127.0.0.{ADDRESSES[front.name] + 4}") as pool:
        for forged in ({}, FORGED):
            found = pool.request("GET", DISCOVERY, headers={"Host": HOST, **forged})
            assert found.json()["rootUrl"] == f"https://{HOST}/"
        assert "max-age" in found.headers["Strict-Transport-Security"]


def sign_in(front: Front, pool: urllib3.HTTPSConnectionPool) -> str:
    """The cookie that a moderator is given."""
    fields = {"email": EMAIL, "password": PASSWORD}
    answer = pool.request_encode_body(
        "POST",
        "/moderate/sign-in",
        fields=fields,
        encode_multipart=False,
        headers={"Host": HOST, "Origin": f"https://{HOST}", **FORGED},
        redirect=False,
    )
    assert answer.status == 303, answer.data
    return answer.headers["Set-Cookie"]


def test_cookies_are_for_https_alone(front: Front, moderator: None) -> None:
    with front.pool(f"127.0.0.{ADDRESSES[front.name] + 5}") as pool:
        page = pool.request("GET", "/moderate/sign-in", headers={"Host": HOST, **FORGED})
        assert page.status == 200
        cookie = sign_in(front, pool)
    assert cookie.startswith("__Host-winnow=")
    assert "Secure" in cookie


def test_what_others_do_is_told_at_once(front: Front, moderator: None) -> None:
    with front.pool(f"127.0.0.{ADDRESSES[front.name] + 6}") as pool:
        headers = {"Host": HOST, "Cookie": sign_in(front, pool).partition(";")[0]}
        stream = pool.request("GET", "/moderate/live", headers=headers, preload_content=False)
        assert stream.status == 200
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        # The stream goes on for minutes: a proxy that waited for its end would say nothing now.
        assert stream.read1(7) == b"retry: "
        stream.close()


def test_what_may_be_as_large_as_a_batch_comes_through_and_no_more(front: Front, key: str) -> None:
    sent = {"Host": HOST, "Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    with front.pool() as pool:
        body = b'{"items": [' + b" " * 7 * MIB + b"]}"
        answer = pool.request("POST", "/v1/comments/batch", body=body, headers=sent)
        assert answer.status == 422
        answer = pool.request("POST", "/v1/comments", body=b" " * 2 * MIB, headers=sent)
        assert answer.status == 413
        try:
            status = pool.request("POST", "/v1/comments", body=b" " * 12 * MIB, headers=sent).status
        except (urllib3.exceptions.ProtocolError, urllib3.exceptions.SSLError):
            # It was told so before it had sent all.
            status = 413
        assert status == 413


def test_whoever_watches_from_this_machine_is_let_through(front: Front) -> None:
    with front.pool() as pool:
        assert pool.request("GET", "/metrics").status == 200


def test_without_a_proxy_in_front_nobody_is_believed(tmp_path: Path) -> None:
    direct = start(tmp_path)
    try:
        with urllib3.HTTPConnectionPool("127.0.0.1", direct.port, retries=False) as pool:
            found = [
                pool.request(
                    "GET", "/v1/queue", headers={**FORGED, "X-Forwarded-For": f"203.0.113.{number}"}
                ).status
                for number in range(BUDGET + 1)
            ]
            assert found == [401] * BUDGET + [429]
        said = {**FORGED, "X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "on"}
        with urllib3.HTTPConnectionPool(
            "127.0.0.1", direct.port, retries=False, source_address=("127.0.0.2", 0)
        ) as pool:
            found = pool.request("GET", DISCOVERY, headers=said).json()
            assert found["rootUrl"] == f"http://127.0.0.1:{direct.port}/"
    finally:
        direct.close()


@pytest.mark.parametrize(
    "header",
    [
        b"SCRIPT_NAME: /live",
        b"PATH_INFO: /live",
        b"X_Forwarded_For: 203.0.113.1",
        b"REMOTE_ADDR: 1",
    ],
)
def test_a_header_with_an_underscore_is_none(server: Server, header: bytes) -> None:
    sent = b"GET /live HTTP/1.1\r\nHost: a\r\n" + header + b"\r\nConnection: close\r\n\r\n"
    assert ask(server.port, sent).statuses == (200,)


def test_a_proxy_elsewhere_is_believed_only_where_it_is_named(tmp_path: Path) -> None:
    far = start(tmp_path, WINNOW_TRUSTED_PROXIES="1", WINNOW_PROXY_NETWORKS="127.0.0.9/32")
    said = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": HOST}
    try:
        for source, url in (
            ("127.0.0.9", f"https://{HOST}/"),
            ("127.0.0.8", f"http://127.0.0.1:{far.port}/"),
        ):
            with urllib3.HTTPConnectionPool(
                "127.0.0.1", far.port, retries=False, source_address=(source, 0)
            ) as pool:
                assert pool.request("GET", DISCOVERY, headers=said).json()["rootUrl"] == url
    finally:
        far.close()
