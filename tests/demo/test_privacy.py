"""What the pages must never do: show an e-mail address, run a visitor's markup, leak a cookie."""

import pytest
from markupsafe import escape

NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea><script>alert(1)</script>",
    "{{ config }}",
    "'; DROP TABLE comments; --",
]


@pytest.mark.parametrize("status", ["approved", "pending", "rejected", 503])
def test_email_never_appears(ada, bob, winnow, status):
    winnow.answer = status
    answer = ada.post()
    for page in (answer.get_data(as_text=True), ada.read(), bob.read()):
        assert "secret.example" not in page


@pytest.mark.parametrize("nasty", NASTY)
def test_markup_is_shown_as_text(site, ada, bob, nasty):
    ada.post(text=nasty, name=nasty)
    for page in (ada.read(), bob.read()):
        assert "<script" not in page
        assert "<img" not in page
        assert f'<p class="comment-text">{escape(nasty)}</p>' in page
    assert len(site.sql("SELECT id FROM comments")) == 1


@pytest.mark.parametrize("nasty", NASTY[:2])
def test_winnows_words_are_shown_as_text(ada, winnow, nasty):
    winnow.answer, winnow.reasons = "rejected", [{"message": nasty}]
    ada.post()
    assert "<script" not in ada.read()
    assert "<img" not in ada.read()


def test_website_is_linked_without_endorsement(ada, bob):
    ada.post(url="https://ada.example/?a=1&b=2")
    link = '<a href="https://ada.example/?a=1&amp;b=2" rel="nofollow ugc noopener">Ada</a>'
    assert link in bob.read()


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "https:evil.example",
        "ada.example",
        "vbscript:x//https://ok.example",
    ],
)
def test_other_addresses_are_not_linked(site, ada, bob, address):
    """Not even if one got into the database by another way than the form."""
    ada.post()
    site.sql("UPDATE comments SET url = ?", address)
    page = bob.read()
    assert "Lovely article." in page
    assert "nofollow" not in page
    assert "alert" not in page


def test_a_link_cannot_be_broken_out_of(ada, bob):
    ada.post(url='https://x" onmouseover="alert(1)')
    assert 'href="https://x&#34; onmouseover=&#34;alert(1)" rel=' in bob.read()


def test_the_visitors_cookie_is_kept_from_scripts_and_other_sites(ada):
    assert "Set-Cookie" not in ada.browser.get("/").headers
    cookie = ada.post().headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    https = {"base_url": "https://localhost", "data": {"text": "a", "name": "b", "email": "c"}}
    assert "Secure" in ada.browser.post("/", **https).headers["Set-Cookie"]


def test_the_visitors_token_is_told_to_nobody(ada, winnow):
    winnow.answer = "pending"
    ada.post()
    token = ada.browser.get_cookie("visitor").value
    assert token not in ada.read()
    assert token.encode() not in winnow.posts[0][1]


def test_an_empty_cookie_sees_nothing_of_others(ada, bob, winnow):
    winnow.answer = "pending"
    ada.post()
    bob.browser.set_cookie("visitor", "")
    assert "Lovely article." not in bob.read()


@pytest.mark.parametrize("path", ["/", "/static/style.css", "/nowhere"])
def test_every_answer_carries_the_strict_headers(ada, path):
    with ada.browser.get(path) as answer:
        assert answer.headers["Content-Security-Policy"] == (
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
            " base-uri 'none'; frame-ancestors 'none'"
        )
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_page_asks_nothing_of_others(ada):
    page = ada.read()
    assert "http://" not in page
    assert "https://" not in page
    assert "style=" not in page
