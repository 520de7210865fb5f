"""Signing in at an OpenID Connect provider: a real one, over HTTP, down, slow or false as well.

OWASP ASVS 5.0: 10.1.2, 10.2.1, 10.2.2, 10.5.1 to 10.5.3, 6.8.1, 6.8.2; RFC 9207, RFC 9700.
"""

import base64
import hashlib
import hmac
import http.client
import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import select
from werkzeug.test import TestResponse

from api.errors import StartupError
from api.moderation import access
from api.moderation.identity import Client, letting
from api.moderation.identity import provider as asking
from api.moderation.outgoing.breaker import MOST_FAILURES
from api.moderation.services import Services
from api.settings import read_settings
from api.store.database import Database
from api.store.outbox import Event
from api.store.tables import Moderator
from tests.conftest import ON_SQLITE
from tests.factories import START as START_TIME
from tests.factories import Clock, count, make_moderator
from tests.security.people import ADA, PASSWORD, browser_of, fail, try_with, use_quick_hashes
from tests.security.provider import CLIENT_ID, CLIENT_SECRET, KEY, OTHER_KEY, Provider, serving

START, RETURN = "/moderate/sign-in/start", "/moderate/sign-in/return"
COOKIE = "winnow-sign-in"
UNKNOWN = "Nobody is known here by that account."
DOWN = "The sign-in service cannot be reached just now."
WRONG = "did not understand each other"
LOST = "This sign-in was begun in another browser, or too long ago, or is done already."


@pytest.fixture
def provider(clock: Clock) -> Iterator[Provider]:
    """The provider, which has the time of the app."""
    with serving(Provider(lambda: clock.time.timestamp())) as found:
        yield found


@pytest.fixture
def ada(services: Services, site: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """A moderator's address."""
    use_quick_hashes(monkeypatch)
    make_moderator(services, site, ADA, PASSWORD)
    return ADA


@pytest.fixture
def browser(app: Flask, provider: Provider, ada: str) -> FlaskClient:
    """Somebody's browser on a Winnow that knows the provider."""
    know(app, provider.url)
    return browser_of(app)


def know(app: Flask, issuer: str) -> None:
    """Have the app send people to this provider."""
    client = Client(issuer, CLIENT_ID, CLIENT_SECRET, "Gazette accounts")
    app.config["PROVIDER"] = asking.Provider(client)


def leave(browser: FlaskClient, **query: str) -> str:
    """Follow the link on the page; where it leads."""
    answer = browser.get(START, query_string=query)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def visit(place: str) -> str:
    """Be at the provider; where it sends the browser."""
    found = urlsplit(place)
    # Not by a library that writes down where it goes, as no browser does.
    with closing(http.client.HTTPConnection(str(found.hostname), found.port, timeout=30)) as line:
        line.request("GET", f"{found.path}?{found.query}")
        answer = line.getresponse()
        assert answer.status == 303, answer.read()
        return str(answer.getheader("Location"))


def come_back(browser: FlaskClient, place: str) -> TestResponse:
    """Return from there, which is another site."""
    found = urlsplit(place)
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    return browser.get(f"{found.path}?{found.query}", headers=headers)


def go(browser: FlaskClient, **query: str) -> TestResponse:
    """All the way there and back."""
    return come_back(browser, visit(leave(browser, **query)))


def refused(answer: TestResponse, status: int, words: str) -> bool:
    """Whether it is a page that says so, and nobody has been let in by it."""
    assert (answer.status_code, answer.mimetype) == (status, "text/html"), answer.text
    assert words in answer.text
    cookies = answer.headers.getlist("Set-Cookie")
    assert not [one for one in cookies if one.startswith(("winnow=", "__Host-winnow="))]
    return True


def subject_of(database: Database, email: str = ADA) -> str | None:
    """Whose account a moderator is bound to."""
    with database.reading() as session:
        return session.scalars(select(Moderator.subject).where(Moderator.email == email)).one()


class TestComingIn:
    def test_is_by_a_page_that_leads_on_without_a_script(
        self, browser: FlaskClient, services: Services
    ) -> None:
        page = browser.get("/moderate/sign-in?next=/moderate/search?q=a").text
        assert "Sign in with Gazette accounts" in page
        answer = go(browser, next="/moderate/search?q=a")

        assert answer.status_code == 200
        meta = '<meta http-equiv="refresh" content="0; url=/moderate/search?q=a">'
        assert meta in answer.text
        assert "<script" not in answer.text
        assert '<a href="/moderate/search?q=a">Go on</a>' in answer.text
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert ADA in browser.get("/moderate").text
        cookies = {one.partition("=")[0]: one for one in answer.headers.getlist("Set-Cookie")}
        assert "SameSite=Strict" in cookies["winnow"]
        assert "Max-Age=0" in cookies[COOKIE]

    def test_binds_the_account_to_the_moderator(
        self, browser: FlaskClient, database: Database, provider: Provider
    ) -> None:
        go(browser)

        bound = hashlib.sha256(f"{provider.url}\na-1".encode()).hexdigest()
        assert subject_of(database) == bound

    def test_asks_with_proof_of_who_asks(self, browser: FlaskClient, provider: Provider) -> None:
        place = leave(browser)
        asked = dict(parse_qsl(urlsplit(place).query))
        kept = browser.get_cookie(COOKIE)
        assert kept is not None

        assert place.startswith(f"{provider.url}/authorize?")
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["redirect_uri"] == f"http://localhost{RETURN}"
        assert asked["scope"] == "openid email"
        assert asked["code_challenge_method"] == "S256"
        assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
        assert min(len(asked[one]) for one in ("state", "nonce", "code_challenge")) == 43
        for secret in (CLIENT_SECRET, asked["state"], asked["nonce"], "verifier"):
            assert secret not in kept.value
            assert secret not in base64.urlsafe_b64decode(kept.value + "==").decode("latin1")
        assert CLIENT_SECRET not in place

    def test_over_https_keeps_its_cookie_to_this_host(self, browser: FlaskClient) -> None:
        answer = browser.get(START, base_url="https://mod.example.org")

        [cookie] = answer.headers.getlist("Set-Cookie")
        pair, *flags = cookie.split("; ")
        assert pair.startswith(f"__Host-{COOKIE}=")
        kept = {flag for flag in flags if not flag.startswith("Expires")}
        assert kept == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=600"}
        asked = dict(parse_qsl(urlsplit(answer.location).query))
        assert asked["redirect_uri"] == f"https://mod.example.org{RETURN}"

    def test_returns_to_the_public_address(self, browser: FlaskClient, app: Flask) -> None:
        app.config["PUBLIC_URL"] = "https://mod.example.org/"

        asked = dict(parse_qsl(urlsplit(leave(browser)).query))
        assert asked["redirect_uri"] == f"https://mod.example.org{RETURN}"

    def test_needs_https_as_all_signing_in_does(self, browser: FlaskClient) -> None:
        answer = browser.get(START, base_url="http://mod.example.org")

        assert (answer.status_code, "Signing in needs HTTPS" in answer.text) == (403, True)

    @pytest.mark.parametrize(
        "wanted", ["https://evil.example/", "//evil.example", "/moderate/../x"]
    )
    def test_leads_nowhere_else(self, browser: FlaskClient, wanted: str) -> None:
        assert 'content="0; url=/moderate"' in go(browser, next=wanted).text

    def test_ends_the_session_that_was_there(
        self, browser: FlaskClient, database: Database
    ) -> None:
        assert try_with(browser, password=PASSWORD).status_code == 303
        go(browser)

        assert count(database)["sign_ins"] == 1

    def test_is_open_to_who_is_locked_out_by_others(self, browser: FlaskClient, app: Flask) -> None:
        fail(browser_of(app, "203.0.113.1"), 30)
        assert try_with(browser, password=PASSWORD).status_code == 429

        assert go(browser).status_code == 200

    @pytest.mark.parametrize("ways", [["client_secret_post"], ["client_secret_basic"], None])
    def test_shows_the_provider_who_asks_as_it_wants(
        self, browser: FlaskClient, provider: Provider, ways: list[str] | None
    ) -> None:
        provider.described["token_endpoint_auth_methods_supported"] = ways

        assert go(browser).status_code == 200

    def test_reads_the_address_from_where_some_keep_it(
        self, browser: FlaskClient, provider: Provider
    ) -> None:
        provider.claims = {"email": None, "email_verified": None}
        provider.userinfo = provider.person

        assert go(browser).status_code == 200

    def test_asks_the_provider_for_its_description_once_in_a_while(
        self, browser: FlaskClient, provider: Provider, clock: Clock
    ) -> None:
        described = "GET /.well-known/openid-configuration"
        for _ in range(3):
            go(browser)
        assert provider.asked.count(described) == 1
        clock.move(minutes=10)
        go(browser)

        assert provider.asked.count(described) == 2


class TestWhoMayComeIn:
    def test_is_known_by_the_account_from_then_on(
        self, browser: FlaskClient, provider: Provider
    ) -> None:
        go(browser)
        provider.person |= {"email": "ada.married@gazette.example", "email_verified": False}

        assert go(browser).status_code == 200
        assert ADA in browser.get("/moderate").text

    def test_not_another_account_with_the_same_address(
        self, browser: FlaskClient, provider: Provider, database: Database
    ) -> None:
        go(browser)
        bound = subject_of(database)
        provider.person["sub"] = "a-2"

        assert refused(go(browser_of(browser.application)), 403, UNKNOWN)
        assert subject_of(database) == bound

    def test_not_the_same_account_of_another_provider(
        self, browser: FlaskClient, app: Flask, clock: Clock
    ) -> None:
        go(browser)
        with serving(Provider(lambda: clock.time.timestamp())) as other:
            know(app, other.url)
            assert refused(go(browser_of(app)), 403, UNKNOWN)

    def test_the_log_tells_who_came_and_that_the_provider_has_bound_the_account(
        self, browser: FlaskClient, provider: Provider, services: Services, database: Database
    ) -> None:
        go(browser)
        go(browser)
        provider.person["sub"] = "a-2"
        refused(go(browser_of(browser.application)), 403, UNKNOWN)
        for _ in range(2):
            letting.forget(services, ADA)

        with database.reading() as session:
            found = session.scalars(select(Event).order_by(Event.id)).all()
        [name] = {one.data.pop("moderator") for one in found}
        assert re.fullmatch("mod_[0-9a-f]{24}", name)
        bound, came = {"changed": ["subject"]}, {"way": "oidc"}
        assert [(one.type, one.actor, one.data) for one in found] == [
            ("moderator.changed", "identity provider", bound),
            ("session.started", f"moderator:{ADA}", came),
            ("session.started", f"moderator:{ADA}", came),
            ("moderator.changed", "command line", bound),
        ]

    def test_until_an_admin_forgets_the_account(
        self, browser: FlaskClient, provider: Provider, services: Services
    ) -> None:
        go(browser)
        provider.person["sub"] = "a-2"
        letting.forget(services, ADA)

        assert go(browser).status_code == 200

    @pytest.mark.parametrize("verified", [False, None, "true", "false", 1, [True]])
    def test_not_an_address_that_nobody_has_verified(
        self, browser: FlaskClient, provider: Provider, database: Database, verified: Any
    ) -> None:
        provider.person["email_verified"] = verified

        assert refused(go(browser), 403, UNKNOWN)
        assert (subject_of(database), count(database)["sign_ins"]) == (None, 0)

    @pytest.mark.parametrize(
        "email", ["eve@gazette.example", "", None, 7, [ADA], f"{ADA}\x00", f"{ADA},x", "% "]
    )
    def test_nobody_is_made(
        self, browser: FlaskClient, provider: Provider, database: Database, email: Any
    ) -> None:
        provider.person["email"] = email
        provider.userinfo = {"sub": "a-1"}

        assert refused(go(browser), 403, UNKNOWN)
        assert (count(database)["moderators"], subject_of(database)) == (1, None)

    def test_not_a_letter_that_turns_into_another(
        self, browser: FlaskClient, provider: Provider, services: Services, site: int
    ) -> None:
        make_moderator(services, site, "kim@gazette.example", PASSWORD)
        provider.person["email"] = "\u212aim@gazette.example"

        assert refused(go(browser), 403, UNKNOWN)

    def test_not_who_was_let_go(
        self, browser: FlaskClient, database: Database, connect: Callable[..., FlaskClient]
    ) -> None:
        go(browser)
        with database.writing() as session:
            session.query(access.SignIn).delete()
            session.query(Moderator).delete()

        assert refused(go(browser), 403, UNKNOWN)

    def test_two_moderators_do_not_share_an_account(
        self, browser: FlaskClient, provider: Provider, services: Services, site: int
    ) -> None:
        make_moderator(services, site, "bo@gazette.example", PASSWORD)
        go(browser)
        provider.person["email"] = "bo@gazette.example"

        assert go(browser).status_code == 200
        assert ADA in browser.get("/moderate").text


def unsigned(claims: dict[str, Any]) -> str:
    return f"{part({'alg': 'none'})}.{part(claims)}."


def with_public_key(claims: dict[str, Any]) -> str:
    """As if the public key were a password (CVE-2015-9235)."""
    head = f"{part({'alg': 'HS256', 'kid': 'k-1'})}.{part(claims)}"
    made = hmac.digest(KEY.as_pem(private=False), head.encode(), "sha256")
    return f"{head}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"


def with_secret(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET * 2))


def part(found: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(found).encode()).rstrip(b"=").decode()


def with_key(key: RSAKey, kid: str) -> Callable[[dict[str, Any]], str]:
    return lambda claims: jwt.encode({"alg": "RS256", "kid": kid}, claims, key)


def with_own_key(claims: dict[str, Any]) -> str:
    """A key that comes along in the token."""
    header = {"alg": "RS256", "jwk": OTHER_KEY.as_dict(private=False)}
    return jwt.encode(header, claims, OTHER_KEY)


def changed(claims: dict[str, Any]) -> str:
    """Another payload under a right signature."""
    head, _, mark = jwt.encode({"alg": "RS256", "kid": "k-1"}, claims, KEY).split(".")
    return f"{head}.{part({**claims, 'sub': 'a-2'})}.{mark}"


NOW = int(START_TIME.timestamp())
TOKENS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "alg none": unsigned,
    "alg None": lambda claims: unsigned(claims).replace(
        part({"alg": "none"}), part({"alg": "None"})
    ),
    "the public key as a password": with_public_key,
    "the client's secret as a password": with_secret,
    "another key": with_key(OTHER_KEY, "k-2"),
    "another key under the name of theirs": with_key(OTHER_KEY, "k-1"),
    "a key of its own": with_own_key,
    "a changed payload": changed,
    "no signature": lambda claims: unsigned(claims).rstrip("."),
    "words": lambda _: "not a token",
    "an encrypted one": lambda _: "a.b.c.d.e",
    "nothing": lambda _: None,
    "an object": lambda claims: claims,
    "too much": lambda _: "x" * 40_000,
}
CLAIMS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "somebody else"},
    "no audience": {"aud": None},
    "an empty audience": {"aud": []},
    "two audiences and no party": {"aud": [CLIENT_ID, "somebody else"]},
    "another party": {"azp": "somebody else"},
    "another sign-in's nonce": {"nonce": "x"},
    "no nonce": {"nonce": None},
    "a nonce that is none": {"nonce": True},
    "no time": {"exp": None},
    "over": {"exp": NOW - 61},
    "a time in words": {"exp": "tomorrow"},
    "not yet": {"nbf": NOW + 120},
    "made tomorrow": {"iat": NOW + 86_400},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "a number for a subject": {"sub": 1},
    "too long a subject": {"sub": "x" * 256},
    "another access token's": {"at_hash": "x" * 22},
}


@ON_SQLITE
class TestFalseTokens:
    @pytest.mark.parametrize("name", TOKENS)
    def test_are_believed_by_nobody(
        self, browser: FlaskClient, provider: Provider, database: Database, name: str
    ) -> None:
        provider.make_token = TOKENS[name]

        assert refused(go(browser), 403, WRONG)
        assert (subject_of(database), count(database)["sign_ins"]) == (None, 0)

    @pytest.mark.parametrize("name", CLAIMS)
    def test_with_right_signatures_neither(
        self, browser: FlaskClient, provider: Provider, database: Database, name: str
    ) -> None:
        provider.claims = CLAIMS[name]

        assert refused(go(browser), 403, WRONG)
        assert (subject_of(database), count(database)["sign_ins"]) == (None, 0)

    @pytest.mark.parametrize(
        "claims",
        [
            {"aud": [CLIENT_ID]},
            {"aud": [CLIENT_ID, "somebody else"], "azp": CLIENT_ID},
            {"exp": NOW - 30},
            {"iat": NOW + 30, "nbf": NOW + 30},
        ],
    )
    def test_right_ones_are(
        self, browser: FlaskClient, provider: Provider, claims: dict[str, Any]
    ) -> None:
        provider.claims = claims

        assert go(browser).status_code == 200

    @pytest.mark.parametrize(
        "keys",
        [
            {},
            {"keys": []},
            {"keys": "x"},
            {"keys": [7]},
            {"keys": [{"kty": "RSA"}]},
            {"keys": None},
        ],
    )
    def test_keys_that_are_none_prove_nothing(
        self, browser: FlaskClient, provider: Provider, keys: Any
    ) -> None:
        provider.keys = keys

        assert refused(go(browser), 403, WRONG)

    def test_a_new_key_is_known_at_once(self, browser: FlaskClient, provider: Provider) -> None:
        go(browser)
        provider.make_token = with_key(OTHER_KEY, "k-2")
        provider.keys = {"keys": [one.as_dict(private=False) for one in (KEY, OTHER_KEY)]}

        assert go(browser).status_code == 200

    def test_an_address_of_somebody_else_is_not_theirs(
        self, browser: FlaskClient, provider: Provider
    ) -> None:
        provider.claims = {"email": None, "email_verified": None}
        provider.userinfo = {**provider.person, "sub": "a-2"}

        assert refused(go(browser), 403, WRONG)


@ON_SQLITE
class TestTheAnswer:
    @pytest.mark.parametrize("change", ["state=x", "state=", "state"])
    def test_to_another_question_is_refused(self, browser: FlaskClient, change: str) -> None:
        place = visit(leave(browser))
        other = re.sub(r"state=[^&]+", change, place)

        assert refused(come_back(browser, other), 403, WRONG)
        assert refused(come_back(browser, place), 403, LOST)

    def test_in_a_browser_that_asked_nothing_is_refused(
        self, browser: FlaskClient, app: Flask, provider: Provider
    ) -> None:
        place = visit(leave(browser))
        provider.asked.clear()

        assert refused(come_back(browser_of(app), place), 403, LOST)
        assert provider.asked == []

    @pytest.mark.parametrize("kept", ["", "x", "gAAAAA", "é", "x" * 5000])
    def test_with_a_cookie_that_is_not_ours_is_refused(
        self, browser: FlaskClient, kept: str
    ) -> None:
        place = visit(leave(browser))
        browser.delete_cookie(COOKIE)
        browser.environ_base["HTTP_COOKIE"] = f"{COOKIE}={kept}".encode().decode("latin1")

        assert refused(come_back(browser, place), 403, LOST)

    def test_with_something_else_that_we_have_sealed_is_refused(
        self, browser: FlaskClient, services: Services
    ) -> None:
        from api.moderation import sealing

        place = visit(leave(browser))
        for sealed in ("empsec_0123456789abcdef", '{"for": "another"}', "[]", "7", "null"):
            browser.set_cookie(COOKIE, sealing.seal(services, sealed))
            assert refused(come_back(browser, place), 403, LOST)

    def test_that_comes_too_late_is_refused(self, browser: FlaskClient, clock: Clock) -> None:
        place = visit(leave(browser))
        clock.move(minutes=10)

        assert refused(come_back(browser, place), 403, LOST)

    def test_is_good_once(self, browser: FlaskClient) -> None:
        place = visit(leave(browser))
        kept = browser.get_cookie(COOKIE)
        assert kept is not None
        assert come_back(browser, place).status_code == 200

        assert refused(come_back(browser, place), 403, LOST)
        browser.set_cookie(COOKIE, kept.value)
        assert refused(come_back(browser, place), 403, WRONG)

    def test_with_the_code_of_somebody_else_is_refused(
        self, browser: FlaskClient, app: Flask
    ) -> None:
        """A code that an attacker was given, in the browser of a victim who asked, too."""
        theirs = dict(parse_qsl(urlsplit(visit(leave(browser_of(app)))).query))
        mine = urlsplit(visit(leave(browser)))
        state = dict(parse_qsl(mine.query))["state"]

        answer = browser.get(mine.path, query_string={"code": theirs["code"], "state": state})
        assert refused(answer, 403, WRONG)

    @pytest.mark.parametrize("issuer", ["https://evil.example", ""])
    def test_from_another_provider_is_refused(
        self, browser: FlaskClient, provider: Provider, issuer: str
    ) -> None:
        provider.returns = {"iss": issuer or f"{provider.url}/"}

        assert refused(go(browser), 403, WRONG)
        assert "POST /token" not in provider.asked

    def test_must_say_from_whom_where_the_provider_does(
        self, browser: FlaskClient, provider: Provider
    ) -> None:
        provider.described["authorization_response_iss_parameter_supported"] = True
        assert refused(go(browser), 403, WRONG)
        provider.returns = {"iss": provider.url}

        assert go(browser).status_code == 200

    def test_twice_in_one_is_refused(self, browser: FlaskClient) -> None:
        place = visit(leave(browser))

        assert refused(come_back(browser, f"{place}&code=other"), 403, LOST)

    def test_may_be_no(self, browser: FlaskClient) -> None:
        state = dict(parse_qsl(urlsplit(leave(browser)).query))["state"]
        query = {"error": "access_denied", "error_description": "<b>x</b>", "state": state}
        answer = browser.get(RETURN, query_string=query)

        assert refused(answer, 403, "did not let you in, or you have stopped it")
        assert "<b>x" not in answer.text

    @pytest.mark.parametrize("query", ["", "code=x", "state=x", "code=&state=", "error=x"])
    def test_may_be_nothing(self, browser: FlaskClient, query: str) -> None:
        assert refused(browser.get(f"{RETURN}?{query}"), 403, LOST)
        leave(browser)
        assert refused(browser.get(f"{RETURN}?{query}"), 403, WRONG)

    def test_is_a_get(self, browser: FlaskClient) -> None:
        found = urlsplit(visit(leave(browser)))

        for method in ("HEAD", "POST"):
            answer = browser.open(f"{found.path}?{found.query}", method=method)
            assert answer.status_code == 405
        assert come_back(browser, found.geturl()).status_code == 200


HTML = {"Content-Type": "text/html"}
DESCRIBED = "/.well-known/openid-configuration"
ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "not found": (404, {}, b""),
    "a redirect": (302, {"Location": "http://127.0.0.1:1/"}, b""),
    "refused": (400, {}, b'{"error": "invalid_grant"}'),
    "a page": (200, HTML, b"<p>Sign in"),
    "a list": (200, {}, b"[]"),
    "nothing": (200, {}, b""),
    "depth": (200, {}, b"[" * 60_000),
    "too much": (200, {}, b'{"a": "' + b"x" * 200_000 + b'"}'),
    "bytes": (200, {}, bytes(range(256))),
}
AWAY: dict[str, tuple[int, dict[str, str], bytes]] = {
    "broken": (500, {}, b"{}"),
    "in the way": (502, HTML, b""),
    "busy": (429, {"Retry-After": "60"}, b""),
    "gone": (0, {}, b""),
}


@ON_SQLITE
class TestTheProvider:
    @pytest.mark.parametrize("path", [DESCRIBED, "/token", "/keys"])
    @pytest.mark.parametrize("name", [*ANSWERS, *AWAY])
    def test_may_answer_what_it_likes(
        self, browser: FlaskClient, provider: Provider, path: str, name: str
    ) -> None:
        provider.answers[path] = {**ANSWERS, **AWAY}[name]
        answer = browser.get(START) if path == DESCRIBED else go(browser)

        assert refused(answer, *((503, DOWN) if name in AWAY else (403, WRONG)))

    @pytest.mark.parametrize(
        "described",
        [
            {"issuer": "https://evil.example"},
            {"issuer": None},
            {"authorization_endpoint": None},
            {"authorization_endpoint": "javascript:alert(1)"},
            {"token_endpoint": "file:///etc/passwd"},
            {"token_endpoint": ["x"]},
            {"jwks_uri": "ftp://127.0.0.1/"},
        ],
    )
    def test_may_describe_itself_as_it_likes(
        self, browser: FlaskClient, provider: Provider, described: dict[str, Any]
    ) -> None:
        provider.described = described

        assert refused(browser.get(START), 403, WRONG)

    @pytest.mark.parametrize("place", ["http://[::/x", "http://a b/", "http:", "http://é/"])
    @pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
    def test_may_name_places_that_are_none(
        self, browser: FlaskClient, provider: Provider, name: str, place: str
    ) -> None:
        provider.described = {name: place}

        assert refused(browser.get(START), 403, WRONG)

    def test_may_be_down(self, browser: FlaskClient, app: Flask) -> None:
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            know(app, f"http://127.0.0.1:{nobody.getsockname()[1]}")
            assert refused(browser.get(START), 503, DOWN)
        assert try_with(browser, password=PASSWORD).status_code == 303

    def test_may_be_slow_and_holds_nobody_for_long(
        self, browser: FlaskClient, provider: Provider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert asking.SECONDS <= 5
        monkeypatch.setattr(asking, "SECONDS", 0.2)
        provider.pause = 60

        assert refused(browser.get(START), 503, DOWN)

    def test_is_left_alone_for_a_while_after_some_failures(
        self, browser: FlaskClient, provider: Provider, clock: Clock
    ) -> None:
        provider.answers[DESCRIBED] = AWAY["gone"]
        for _ in range(MOST_FAILURES + 3):
            assert refused(browser.get(START), 503, DOWN)
        assert len(provider.asked) == MOST_FAILURES
        provider.answers.clear()
        clock.move(seconds=30)

        assert go(browser).status_code == 200

    def test_is_asked_by_few_at_once(self, browser: FlaskClient, app: Flask) -> None:
        places = app.config["PROVIDER"]._places
        for _ in range(asking.AT_ONCE):
            assert places.acquire(blocking=False)
        assert refused(browser.get(START), 503, DOWN)
        places.release()

        assert go(browser).status_code == 200

    def test_leaves_no_secret_in_the_log(
        self, browser: FlaskClient, provider: Provider, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("DEBUG")
        go(browser)
        for path, answer in (("/token", ANSWERS["refused"]), ("/keys", ANSWERS["a list"])):
            provider.answers = {path: answer}
            go(browser)
        provider.answers = {}
        provider.make_token = TOKENS["a changed payload"]
        go(browser)
        codes = [code for asked in provider.codes.values() for code in asked.values()]
        codes = [one for one in codes if len(one) > 20]

        ours = [one for one in caplog.records if one.name.startswith(("api", "winnow"))]
        told = "\n".join(one.getMessage() for one in ours)
        assert told.count("nobody could sign in at the identity provider") == 3
        for secret in (CLIENT_SECRET, ADA, "a-1", "at-1", "eyJ", *codes):
            assert secret not in told


@ON_SQLITE
class TestWithoutPasswords:
    def test_nobody_signs_in_with_one(self, browser: FlaskClient, app: Flask) -> None:
        app.config["PASSWORDS"] = False
        page = browser.get("/moderate/sign-in").text
        assert "Sign in with Gazette accounts" in page
        assert 'type="password"' not in page

        answer = try_with(browser, password=PASSWORD)
        assert refused(answer, 403, "Nobody signs in with a password here.")
        assert go(browser).status_code == 200

    def test_nobody_changes_one(self, browser: FlaskClient, app: Flask) -> None:
        app.config["PASSWORDS"] = False
        go(browser)
        assert 'type="password"' not in browser.get("/moderate/preferences").text
        form = {"old": PASSWORD, "new": "battery staple horse", "again": "battery staple horse"}

        assert browser.post("/moderate/preferences/password", data=form).status_code == 403


@ON_SQLITE
@pytest.mark.usefixtures("ada")
def test_where_no_provider_is_named_there_is_no_such_page(app: Flask) -> None:
    browser = browser_of(app)

    assert [browser.get(path).status_code for path in (START, RETURN)] == [404, 404]
    assert "Sign in with" not in browser.get("/moderate/sign-in").text


class TestSettings:
    @pytest.fixture(autouse=True)
    def bare(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
        """An environment with a home and nothing else of ours."""
        import os

        for name in [name for name in os.environ if name.startswith("WINNOW_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("WINNOW_HOME", str(tmp_path))

    def read(self, monkeypatch: pytest.MonkeyPatch, **given: str) -> Any:
        for name, value in given.items():
            monkeypatch.setenv(f"WINNOW_{name}", value)
        return read_settings()

    def test_name_a_provider(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found = self.read(
            monkeypatch,
            OIDC_ISSUER="https://login.example/",
            OIDC_CLIENT_ID="winnow",
            OIDC_CLIENT_SECRET=CLIENT_SECRET,
            PASSWORDS="no",
        )

        assert (found.oidc_issuer, found.oidc_name) == ("https://login.example/", "login.example")
        assert found.passwords is False
        assert CLIENT_SECRET not in repr(found)

    @pytest.mark.parametrize(
        ("given", "why"),
        [
            ({"OIDC_ISSUER": "login.example"}, "must be like"),
            ({"OIDC_ISSUER": "http://login.example", "OIDC_CLIENT_ID": "w"}, "must be https"),
            ({"OIDC_ISSUER": "ftp://login.example", "OIDC_CLIENT_ID": "w"}, "must be https"),
            ({"OIDC_ISSUER": "https://login.example"}, "WINNOW_OIDC_CLIENT_ID"),
            ({"OIDC_ISSUER": "https://l.example/?a", "OIDC_CLIENT_ID": "w"}, "a plain URL"),
            ({"PASSWORDS": "no"}, "must be like"),
        ],
    )
    def test_that_cannot_work_are_refused(
        self, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], why: str
    ) -> None:
        with pytest.raises(StartupError, match=why):
            self.read(monkeypatch, **given)

    def test_take_the_packages_of_an_extra(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("api.settings.find_spec", lambda _: None)

        with pytest.raises(StartupError, match=r"winnow\[oidc\]"):
            self.read(monkeypatch, OIDC_ISSUER="https://l.example", OIDC_CLIENT_ID="w")
