"""Links: how many, where they lead, and whether anything else is said."""

from typing import Any

import pytest

from api.moderation.policy import links
from api.moderation.policy.facts import Facts
from api.moderation.policy.inforce import Policy
from api.moderation.policy.matches import Match
from api.moderation.policy.reading.schema import load_document
from api.moderation.policy.subject import Draft, Subject
from tests.factories import START


def find(
    text: str,
    rules: dict[str, Any],
    facts: Facts | None = None,
    html: bool = False,
    newcomers: int = 0,
    **author: str,
) -> list[Match]:
    document = load_document({"links": rules, "authors": {"newcomers": newcomers}})
    draft = Draft(text, {"id": "a-17"}, html=html, author=author)
    return links.find(Policy(document), Subject(draft, START, facts or Facts()))


def codes(text: str, rules: dict[str, Any], **more: Any) -> list[str]:
    return [match.reason["code"] for match in find(text, rules, **more)]


def test_links_are_let_pass_where_nothing_is_said_of_them() -> None:
    assert find("https://a.example " * 50, {}) == []


@pytest.mark.parametrize(
    ("text", "most", "found"),
    [
        ("no link", 0, []),
        ("https://a.example", 0, ["too_many_links"]),
        ("https://a.example", 1, []),
        ("https://a.example and https://b.example", 1, ["too_many_links"]),
        ("https://a.example and b.com/page", 1, ["too_many_links"]),
        ("hxxp://a[.]com and b.com/page", 1, ["too_many_links"]),
        ("me@a.com and you@b.com", 0, []),
        ("https://fine.example, https://www.fine.example/a, https://x.fine.example", 0, []),
    ],
)
def test_more_links_than_are_let_pass(text: str, most: int, found: list[str]) -> None:
    assert codes(text, {"most": most, "allow": ["fine.example"]}) == found


def test_the_author_s_page_is_no_link_of_the_text() -> None:
    assert codes("A fine day.", {"most": 0, "only_links": "hold"}, url="https://a.example") == []


def test_an_address_that_stands_twice_in_html_counts_once() -> None:
    link = "<a href='https://a.example/x'>https://a.example/x</a>"

    assert codes(link, {"most": 1}, html=True) == []
    assert codes(link.replace("/x", "/y", 1), {"most": 1}, html=True) == ["too_many_links"]


def test_a_reason_says_where_the_links_are() -> None:
    text = "🖕 see https://a.example or hxxps://b[.]com!"

    [match] = find(text, {"most": 1, "too_many": "reject"})

    assert (match.check, match.action) == ("links", "reject")
    spans = match.reason["spans"]
    assert [span["text"] for span in spans] == ["https://a.example", "hxxps://b[.]com"]
    assert all(text[span["start"] : span["end"]] == span["text"] for span in spans)


@pytest.mark.parametrize(
    ("host", "block", "allow", "found"),
    [
        ("evil.example", ["evil.example"], [], ["blocked_host"]),
        ("EVIL.example", ["evil.example"], [], ["blocked_host"]),
        ("www.evil.example", ["evil.example"], [], ["blocked_host"]),
        ("a.b.evil.example", ["evil.example"], [], ["blocked_host"]),
        ("notevil.example", ["evil.example"], [], []),
        ("evil.example.org", ["evil.example"], [], []),
        ("good.evil.example", ["evil.example"], ["good.evil.example"], []),
        ("evil.good.example", ["evil.good.example"], ["good.example"], ["blocked_host"]),
        ("both.example", ["both.example"], ["both.example"], ["blocked_host"]),
    ],
)
def test_a_blocked_host_is_found_with_its_subdomains(
    host: str, block: list[str], allow: list[str], found: list[str]
) -> None:
    rules = {"block": block, "allow": allow}

    assert codes(f"See https://{host}/page", rules) == found
    assert codes("A fine day.", rules, url=f"http://{host}:8080/") == found
    assert codes("A fine day.", rules, email=f"me@{host}") == found


def test_a_blocked_host_is_named_once_and_rejected() -> None:
    text = "https://evil.example https://a.evil.example me@evil.com"

    found = find(text, {"block": ["evil.example", "evil.com"]})

    assert [match.reason["rule"] for match in found] == ["host:evil.example", "host:evil.com"]
    assert [match.action for match in found] == ["reject", "reject"]
    assert [len(match.reason["spans"]) for match in found] == [2, 1]


def test_a_disguised_host_is_blocked() -> None:
    assert codes("go to evil dot com now", {"block": ["evil.com"]}) == ["blocked_host"]


def test_what_is_blocked_may_be_ignored() -> None:
    assert codes("https://evil.example", {"block": ["evil.example"], "blocked": "off"}) == []


@pytest.mark.parametrize(
    ("text", "author", "found"),
    [
        ("https://bit.ly/abc", {}, ["shortener"]),
        ("tinyurl.com/abc", {}, ["shortener"]),
        ("https://rabbit.ly/abc", {}, []),
        ("A fine day.", {"url": "https://bit.ly/abc"}, ["shortener"]),
        ("A fine day.", {"email": "me@bit.ly"}, []),
        ("https://t.co/abc", {}, []),
    ],
)
def test_a_shortener_hides_where_a_link_leads(
    text: str, author: dict[str, str], found: list[str]
) -> None:
    assert codes(text, {"shorteners": "flag", "allow": ["t.co"]}, **author) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://a.example", ["only_links"]),
        (" https://a.example\n\n… https://fine.example !!", ["only_links"]),
        ("https://a.example wow", []),
        ("https://fine.example", []),
        ("hxxp://a[.]com", ["only_links"]),
        ("me@a.com", []),
        ("!!!", []),
        ("看 https://a.example", []),
    ],
)
def test_a_comment_that_says_nothing_beside_its_links(text: str, found: list[str]) -> None:
    assert codes(text, {"only_links": "hold", "allow": ["fine.example"]}) == found


@pytest.mark.parametrize(
    ("approved", "newcomers", "found"),
    [(0, 0, True), (1, 0, False), (0, 3, True), (2, 3, True), (3, 3, False)],
)
def test_a_newcomer_links_to_a_new_host(approved: int, newcomers: int, found: bool) -> None:
    facts = Facts(approved=approved)

    new = codes("https://a.example", {"new_host": "hold"}, facts=facts, newcomers=newcomers)

    assert new == (["new_host"] if found else [])


@pytest.mark.parametrize(
    ("text", "author", "found"),
    [
        ("https://known.example", {}, []),
        ("https://www.known.example/page", {}, []),
        ("https://known.example https://b.example", {}, ["new_host"]),
        ("https://fine.example", {}, []),
        ("me@a.com", {"email": "me@b.com"}, []),
        ("A fine day.", {"url": "https://b.example"}, ["new_host"]),
    ],
)
def test_a_host_is_new_that_is_neither_known_nor_allowed(
    text: str, author: dict[str, str], found: list[str]
) -> None:
    facts = Facts(known_hosts=frozenset({"known.example"}))

    rules = {"new_host": "hold", "allow": ["fine.example"]}
    assert codes(text, rules, facts=facts, **author) == found


def test_hosts_are_kept_only_where_new_ones_are_minded() -> None:
    text = "https://www.a.example https://a.example/x https://fine.example me@c.com b.com/x"
    subject = Subject(Draft(text, {"id": "a-17"}, author={"url": "https://d.example"}), START)

    def keep(rules: dict[str, Any]) -> tuple[str, ...]:
        return links.find_hosts(Policy(load_document({"links": rules})), subject)

    assert keep({}) == ()
    minded = {"new_host": "flag", "allow": ["fine.example"]}
    assert keep(minded) == ("a.example", "b.com", "d.example")


def test_so_many_hosts_are_kept_and_no_more() -> None:
    text = " ".join(f"https://h{number}.example" for number in range(80))
    policy = Policy(load_document({"links": {"new_host": "flag"}}))
    long = Subject(Draft(f"https://{'a.' * 130}example", {"id": "a-17"}), START)

    assert len(links.find_hosts(policy, Subject(Draft(text, {"id": "a"}), START))) == 50
    assert links.find_hosts(policy, long) == ()
