from itertools import pairwise

import pytest
import tldextract
from hypothesis import given, settings
from hypothesis import strategies as st
from linkify_it import LinkifyIt

from classifier import hosts
from classifier.linkage import find_linkage
from classifier.links import find_links, read_url

LINKED = [
    ("see http://example.com/foo?a=b#c now", ["http://example.com/foo?a=b#c"]),
    ("https://www.example.co.uk.", ["https://www.example.co.uk"]),
    ("(http://example.org/a)", ["http://example.org/a"]),
    ('<a href="http://example.com/x">here</a>', ["http://example.com/x"]),
    ("[url=http://example.com/x]here[/url]", ["http://example.com/x"]),
    ("example.com and www.example.net/", ["example.com", "www.example.net/"]),
    ("write to jane.doe+spam@mail.example.com!", ["jane.doe+spam@mail.example.com"]),
    ("😀😀 t.me/somebody 😀", ["t.me/somebody"]),
    ("EXAMPLE.COM", ["EXAMPLE.COM"]),
    ("http://192.0.2.7:8080/login", ["http://192.0.2.7:8080/login"]),
    ("http://user:secret@example.com/", ["http://user:secret@example.com/"]),
    ("xn--bcher-kva.example.com/a", ["xn--bcher-kva.example.com/a"]),
    ("one.com,two.com", ["one.com", "two.com"]),
]


@pytest.mark.parametrize(("text", "links"), LINKED)
def test_links_are_found_with_their_offsets(text, links):
    assert [text[link.start : link.end] for link in find_links(text)] == links


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No link here. Not one.",
        "I said so.It was late.",
        "end.Next and end.it was",
        "ASP.NET, VB.NET and System.IO",
        "Console.WriteLine(x.ToString());",
        "node.js, main.py, run.sh, README.md, foo.cs",
        "e.g. this, i.e. that, p.m. and U.S.A.",
        "version 1.2.3 costs 4.50",
        "@somebody and a @ b",
        "http:// and :// and http://nothing",
        "...com .com com.",
        "a@b",
    ],
)
def test_what_only_looks_like_a_link_is_none(text):
    assert find_links(text) == []


@pytest.mark.parametrize("text", [text for text, _ in LINKED if "url=" not in text])
def test_the_usual_library_finds_the_same_hosts(text):
    finder = LinkifyIt()
    theirs = {read_url(m.url.removeprefix("mailto:").split("@")[-1]) for m in finder.match(text)}
    ours = {link.host for link in find_links(text)}
    assert {link.host for link in theirs if link} == ours


@pytest.mark.parametrize(
    "host",
    ["example.com", "a.b.example.com", "shop.example.co.uk", "example.co.jp", "a.example.com.br"],
)
def test_the_registered_part_is_that_of_the_public_suffix_list(host):
    extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    assert hosts.domain_of(host) == extract(host).top_domain_under_public_suffix


def test_a_link_is_taken_apart():
    (link,) = find_links("see http://joe:pw@Shop.Example.COM:8080/a/b?c=d")
    assert (link.kind, link.host, link.path) == ("url", "shop.example.com", "/a/b?c=d")


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("http://example.com/", "example.com"),
        ("example.com/blog", "example.com"),
        (" //example.com ", "example.com"),
        ("", None),
        ("not a page", None),
        ("none", None),
    ],
)
def test_a_typed_page_is_read(typed, host):
    link = read_url(typed)
    assert (link.host if link else None) == host


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("see bit.ly/3abcde", "link_shortener"),
        ("join https://t.me/+abcdef", "link_messenger"),
        ("join https://discord.com/invite/abc", "link_messenger"),
        ("go http://192.0.2.7/a", "link_ip"),
        ("go http://xn--pypal-4ve.example/a", "link_punycode"),
        ("go http://win-prize.xyz/", "link_cheap_ending"),
        ("go http://a.b.c.d.example.com/", "link_crowded_host"),
        ("go http://best-online-casino.example.com/", "link_trade_host"),
        ("a.com/1 b a.com/2 c a.com/3", "link_repeated_host"),
        ("http://example.com/", "link_only"),
        ("[URL=http://example.com]x[/URL]", "bbcode_link"),
        ("[link]example.com[/link]", "bbcode_link"),
        ("<a rel=x href='http://example.com'>x</a>", "html_link"),
        ("<a href='http://evil.example.com'>www.bank.org</a>", "link_mismatch"),
        ("write to joe@example.com", "email_address"),
    ],
)
def test_each_kind_of_link_has_its_name(text, name):
    assert name in find_linkage(text, find_links(text))


@pytest.mark.parametrize(
    "text",
    [
        "see http://haskell.org/docs and https://en.wikipedia.org/wiki/Bridge",
        "my own page is http://www.jane-doe.example.com/blog",
        "http://sussex-birds.example.org has the pictures",
        "a list [1] and [links] and [url] as a word",
    ],
)
def test_ordinary_links_are_only_counted(text):
    names = set(find_linkage(text, find_links(text)))
    assert names <= {"link_count", "bbcode_link"}
    assert "http" not in text or names == {"link_count"}


def test_a_link_that_shows_its_own_site_does_not_lie():
    text = '<a href="http://www.example.com/a">example.com</a>'
    assert "link_mismatch" not in find_linkage(text, find_links(text))


@pytest.mark.parametrize(
    "unit", ["a.b", "http://", "@", "a@", "<a ", "[url=", ".com", "www.", "://"]
)
def test_twice_the_text_gives_at_most_twice_the_links(unit):
    once, twice = (find_links(unit * size) for size in (500, 1000))
    assert len(twice) <= 2 * len(once) + 1
    assert all(later.start >= link.end for link, later in pairwise(twice))


@given(st.text())
@settings(max_examples=300, deadline=None)
def test_never_raises_and_offsets_hold(text):
    for link in find_links(text):
        assert 0 <= link.start < link.end <= len(text)
    find_linkage(text, find_links(text))
    read_url(text)


@given(st.text(alphabet="a.:/@<>=[]url htp\"'-😀", max_size=200))
@settings(max_examples=500, deadline=None)
def test_never_raises_on_pieces_of_links(text):
    found = find_linkage(text, find_links(text))
    for shape in found.values():
        assert all(0 <= start < end <= len(text) for start, end in shape.places)
