"""Published clients of Akismet, unmodified, by their service's own name on a real server.

Three of PyPI's (`akismet`, `python-akismet`, `pykismet3`) and two of npm's (`akismet-api`,
`akismet`): five programs by five authors, on four HTTP libraries, with the key in the form or in
the host's name.
"""

import asyncio
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import akismet
import httpx
import pytest

from tests.contract.clients.calling import PATIENCE_SECONDS, CallError, call_python_akismet
from tests.contract.clients.running import Running, Site, capture

with warnings.catch_warnings():
    # It compares texts with `is`.
    warnings.simplefilter("ignore", SyntaxWarning)
    import pykismet3

BLOG = "https://gazette.example"
ADDRESS, AGENT = "192.0.2.17", "Mozilla/5.0 (X11; Linux x86_64)"

HARMLESS = "The council should repair the bridge before winter; it has been shut since spring."
SPAM = (
    "CHEAP PILLS!!! Buy cheap pills online without prescription, best casino bonus "
    "http://pills.example http://casino.example http://loans.example click here now"
)
THANKS = "Thanks for making the web a better place."
NOBODYS_KEY = "0123456789ab"

Node = Callable[..., list[Any]]


@pytest.fixture
def http(captured: Running) -> Iterator[httpx.Client]:
    """The client's connections, with more patience than its second: the machine may be busy."""
    with httpx.Client(timeout=PATIENCE_SECONDS) as found:
        yield found


Make = Callable[..., akismet.SyncClient]


@pytest.fixture
def make(own: Site, http: httpx.Client) -> Make:
    """Makes a client, which goes to rest.akismet.com by https and nowhere else."""

    def make_client(key: str = own.akismet_key, url: str = BLOG) -> akismet.SyncClient:
        return akismet.SyncClient(akismet.Config(key=key, url=url), http_client=http)

    return make_client


@pytest.fixture
def client(make: Make) -> akismet.SyncClient:
    """A client with a good key."""
    found = make()
    assert found.verify_key() is True
    return found


def written(text: str) -> dict[str, str]:
    """What is said of a comment beside the address it came from."""
    return {
        "user_agent": AGENT,
        "referrer": "https://search.example/",
        "permalink": f"{BLOG}/bridge",
        "comment_type": "comment",
        "comment_author": "Ada",
        "comment_author_email": "ada@mail.example",
        "comment_content": text,
    }


# akismet, from PyPI


def test_akismet_checks_and_what_it_checked_is_a_comment(
    client: akismet.SyncClient, own: Site, captured: Running
) -> None:
    assert client.comment_check(ADDRESS, **written(HARMLESS)) is akismet.CheckResponse.HAM
    assert client.comment_check(ADDRESS, **written(SPAM)) is akismet.CheckResponse.DISCARD
    harmless, spam = own.comments()
    assert captured.wires.names[-1] == "rest.akismet.com"
    assert (harmless["text"], harmless["status"]) == (HARMLESS, "approved")
    assert (spam["text"], spam["status"]) == (SPAM, "rejected")
    assert harmless["metadata"]["door"] == "akismet"
    assert harmless["author"]["name"] == "Ada"
    assert harmless["author"]["ip"] == ADDRESS
    assert harmless["article"]["url"] == f"{BLOG}/bridge"


@pytest.mark.parametrize(
    ("text", "submit", "status", "is_spam"),
    [(HARMLESS, "submit_spam", "rejected", True), (SPAM, "submit_ham", "approved", False)],
)
def test_what_akismet_reports_is_a_decision(
    client: akismet.SyncClient, own: Site, text: str, submit: str, status: str, is_spam: bool
) -> None:
    client.comment_check(ADDRESS, **written(text))
    assert getattr(client, submit)(ADDRESS, **written(text)) is True
    assert own.comment()["status"] == status
    assert bool(client.comment_check(ADDRESS, **written(text))) is is_spam


def test_akismet_reports_what_was_never_checked(client: akismet.SyncClient, own: Site) -> None:
    assert client.submit_spam(ADDRESS, **written(HARMLESS)) is True
    assert own.comment()["status"] == "rejected"


def test_akismet_tries_out_without_leaving_a_trace(client: akismet.SyncClient, own: Site) -> None:
    test = {**written(SPAM), "is_test": True}
    assert client.comment_check(ADDRESS, **test) is akismet.CheckResponse.DISCARD
    guaranteed = {**test, "comment_author": "akismet-guaranteed-spam", "comment_content": HARMLESS}
    assert client.comment_check(ADDRESS, **guaranteed) is akismet.CheckResponse.SPAM
    staff = {**test, "user_role": "administrator"}
    assert client.comment_check(ADDRESS, **staff) is akismet.CheckResponse.HAM
    assert client.submit_spam(ADDRESS, **test) is True
    assert own.comments() == []


def test_akismet_counts_what_it_used(client: akismet.SyncClient) -> None:
    client.comment_check(ADDRESS, **written(HARMLESS))
    client.comment_check(ADDRESS, **written(SPAM))
    used = client.usage_limit()
    assert used == {"limit": "none", "usage": 2, "percentage": "0.00", "throttled": False}


def test_akismet_asks_for_its_sites_without_a_key(client: akismet.SyncClient) -> None:
    # So it does, and so does the real service refuse it.
    with pytest.raises(akismet.APIKeyError):
        client.key_sites()


def test_akismet_is_told_of_a_key_that_is_nobodys(make: Make, own: Site) -> None:
    with pytest.raises(akismet.APIKeyError), make(NOBODYS_KEY):
        pass
    assert make().verify_key(NOBODYS_KEY, BLOG) is False


def test_every_call_of_akismet_needs_a_key(make: Make) -> None:
    client = make(NOBODYS_KEY)
    for call in (client.comment_check, client.submit_spam, client.submit_ham):
        with pytest.raises(akismet.APIKeyError):
            call(ADDRESS, **written(HARMLESS))
    with pytest.raises(akismet.APIKeyError):
        client.usage_limit()


@pytest.mark.parametrize("url", ["", "gazette", "ftp://gazette.example"])
def test_akismet_is_told_of_a_site_that_is_none(make: Make, own: Site, url: str) -> None:
    client = make(url=url)
    assert client.verify_key() is False
    with pytest.raises(akismet.APIKeyError):
        client.comment_check(ADDRESS, **written(HARMLESS))
    assert own.comments() == []


def test_akismet_takes_a_key_of_winnow(make: Make, own: Site) -> None:
    client = make(own.key)
    assert client.verify_key() is True
    assert client.comment_check(ADDRESS, **written(HARMLESS)) is akismet.CheckResponse.HAM
    assert own.comment()["text"] == HARMLESS


def test_akismet_asks_without_waiting(own: Site, captured: Running) -> None:
    config = akismet.Config(key=own.akismet_key, url=BLOG)

    async def ask() -> list[Any]:
        http = httpx.AsyncClient(timeout=PATIENCE_SECONDS)
        async with akismet.AsyncClient(config, http_client=http) as client:
            checks = [client.comment_check(ADDRESS, **written(t)) for t in (HARMLESS, SPAM)]
            found = await asyncio.gather(*checks)
            return [*found, await client.submit_ham(ADDRESS, **written(SPAM))]

    ham, spam = akismet.CheckResponse.HAM, akismet.CheckResponse.DISCARD
    assert asyncio.run(ask()) == [ham, spam, True]
    assert {one["status"] for one in own.comments()} == {"approved"}
    assert len(own.comments()) == 2


def test_akismet_says_that_nobody_is_there(own: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    config = akismet.Config(key=own.akismet_key, url=BLOG)
    with httpx.Client() as http, pytest.raises(akismet.RequestError):
        akismet.SyncClient(config, http_client=http).comment_check(ADDRESS, **written(HARMLESS))


def test_without_a_classifier_akismet_hears_spam_and_the_comment_waits(
    speechless: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture(speechless, monkeypatch)
    site = speechless.make_site()
    config = akismet.Config(key=site.akismet_key, url=BLOG)
    with httpx.Client(timeout=PATIENCE_SECONDS) as http:
        client = akismet.SyncClient(config, http_client=http)
        assert client.comment_check(ADDRESS, **written(HARMLESS)) is akismet.CheckResponse.SPAM
    assert site.comment()["status"] == "pending"


# python-akismet, from PyPI: the key is in the host's name, and the answer is read as JSON


def test_python_akismet_checks_and_reports(own: Site, running: Running) -> None:
    options = {"api_key": own.akismet_key, "blog": BLOG, "application_user_agent": "Shop/1.0"}
    who = {"user_ip": ADDRESS, **written(HARMLESS)}
    spam = {**who, "comment_content": SPAM}
    harmless, definite, probable, *reported = call_python_akismet(
        options,
        ("check", who),
        ("check", spam),
        ("check", {**who, "comment_author": "viagra-test-123", "is_test": True}),
        ("submit_ham", spam),
        ("submit_spam", who),
        environment=running.environment,
    )
    assert (harmless, definite, probable) == (0, 3, 2)
    assert reported == [None, None]
    assert running.wires.names[-1] == f"{own.akismet_key}.rest.akismet.com"
    assert [(one["text"], one["status"]) for one in own.comments()] == [
        (HARMLESS, "rejected"),
        (SPAM, "approved"),
    ]


def test_python_akismet_is_told_what_is_wrong(own: Site, running: Running) -> None:
    who = {"user_ip": ADDRESS, **written(HARMLESS)}
    calls: list[Any] = [("check", who), ("submit_spam", who)]
    bad_key = call_python_akismet(
        {"api_key": NOBODYS_KEY, "blog": BLOG}, *calls, environment=running.environment
    )
    bad_blog = call_python_akismet(
        {"api_key": own.akismet_key, "blog": "gazette"}, *calls, environment=running.environment
    )
    for error in (*bad_key, *bad_blog):
        assert isinstance(error, CallError)
        assert error.name == "AkismetServerError"
    assert "key" in str(bad_key[0])
    assert "unable to parse your blog URI" in str(bad_blog[0])
    assert own.comments() == []


# pykismet3, from PyPI: plain http, here through a proxy, so that its request lines are absolute


@pytest.mark.parametrize("style", ["akismet_key", "key"])
def test_pykismet3_checks_and_reports(own: Site, captured: Running, style: str) -> None:
    client = pykismet3.Akismet(getattr(own, style), BLOG, "Shop/1.0")
    assert client.check({"user_ip": ADDRESS, **written(HARMLESS)}) is False
    assert client.check({"user_ip": ADDRESS, **written(SPAM)}) is True
    client.submit_ham({"user_ip": ADDRESS, **written(SPAM)})
    client.submit_spam({"user_ip": ADDRESS, **written(HARMLESS)})
    assert [one["status"] for one in own.comments()] == ["rejected", "approved"]


def test_pykismet3_is_told_of_a_key_that_is_nobodys(own: Site, captured: Running) -> None:
    client = pykismet3.Akismet(NOBODYS_KEY, BLOG, "Shop/1.0")
    for call in (client.check, client.submit_spam, client.submit_ham):
        with pytest.raises(pykismet3.AkismetServerError, match="invalid"):
            call({"user_ip": ADDRESS, **written(HARMLESS)})


# akismet-api, from npm: the key is in the host's name, by https


def test_akismet_api_checks_and_reports(own: Site, running: Running, call_node: Node) -> None:
    who = {"ip": ADDRESS, "useragent": AGENT, "name": "Ada", "date": "2026-11-26T10:00:00Z"}
    outcomes = call_node(
        "akismet-api",
        {"key": own.akismet_key, "blog": BLOG, "lang": "en"},
        ("verifyKey",),
        ("checkSpam", {**who, "content": HARMLESS}),
        ("checkSpam", {**who, "content": SPAM}),
        ("checkSpam", {**who, "content": f"{HARMLESS} Again.", "honeypot": "buy now"}),
        ("submitHam", {**who, "content": SPAM}),
        ("submitSpam", {**who, "content": HARMLESS}),
    )
    assert outcomes == [True, False, True, True, THANKS, THANKS]
    assert running.wires.names[-1] == f"{own.akismet_key}.rest.akismet.com"
    statuses = {one["text"]: one["status"] for one in own.comments()}
    assert statuses[HARMLESS] == "rejected"
    assert statuses[SPAM] == "approved"
    assert statuses[f"{HARMLESS} Again."] != "approved"


def test_akismet_api_is_told_what_is_wrong(own: Site, call_node: Node) -> None:
    who = {"ip": ADDRESS, "content": HARMLESS}
    verified, invalid = call_node(
        "akismet-api", {"key": NOBODYS_KEY, "blog": BLOG}, ("verifyKey",), ("checkSpam", who)
    )
    assert verified is False
    assert str(invalid) == "Invalid API key"
    unnamed, nobody = call_node(
        "akismet-api",
        {"key": own.akismet_key},
        ("checkSpam", who),
        ("checkSpam", {"content": HARMLESS}),
    )
    assert str(unnamed) == "Missing required field: blog."
    assert str(nobody) == "Missing required field: blog."
    [nobody] = call_node(
        "akismet-api",
        {"key": own.akismet_key, "blog": BLOG},
        ("checkSpam", {"content": HARMLESS}),
    )
    assert str(nobody) == "Missing required field: user_ip."
    assert own.comments() == []


# akismet, from npm: of 2012, by http or https as its port says


@pytest.mark.parametrize("port", [80, 443])
def test_akismet_of_npm_checks_and_reports(own: Site, call_node: Node, port: int) -> None:
    who = {"user_ip": ADDRESS, **written(HARMLESS)}
    spam = {**who, "comment_content": SPAM}
    outcomes = call_node(
        "akismet",
        {"apiKey": own.akismet_key, "blog": BLOG, "port": port},
        ("verifyKey",),
        ("checkComment", who),
        ("checkComment", spam),
        ("submitSpam", who),
        ("submitHam", spam),
    )
    assert outcomes == [True, False, True, None, None]
    assert [one["status"] for one in own.comments()] == ["rejected", "approved"]


def test_akismet_of_npm_is_told_of_a_key_that_is_nobodys(own: Site, call_node: Node) -> None:
    options = {"apiKey": NOBODYS_KEY, "blog": BLOG}
    who = {"user_ip": ADDRESS, **written(SPAM)}
    assert call_node("akismet", options, ("verifyKey",), ("checkComment", who)) == [False, False]
    assert own.comments() == []
