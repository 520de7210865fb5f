"""The form: what it says, what it refuses, and that it never loses what a visitor typed."""

import json
import re

import pytest


def tag(page, field):
    return re.search(rf'<(?:input|textarea) id="{field}"[^>]*>', page)[0]


def test_the_form_is_the_one_people_know(ada):
    page = " ".join(ada.read().split())
    text = re.sub(r"<[^>]+>", "", page)
    assert "Leave a Reply" in text
    assert "Your email address will not be published. Required fields are marked *" in text
    for label in ("Comment *", "Name *", "Email *", "Website", "Post Comment"):
        assert label in text
    for field in ("text", "name", "email", "url"):
        assert f'<label for="{field}">' in page
    for field in ("text", "name", "email"):
        assert " required" in tag(page, field)
    assert " required" not in tag(page, "url")
    assert "<script" not in page


def honeypot(page):
    """The name of the field that people do not see."""
    found = re.search(
        r'<p class="not-for-people" aria-hidden="true">.+?name="(\w+)"', page, re.DOTALL
    )
    assert 'tabindex="-1"' in tag(page, found[1])
    assert 'autocomplete="off"' in tag(page, found[1])
    return found[1]


def token(page):
    return re.search(r'<input type="hidden" name="token" value="([^"]*)">', page)[1]


def test_each_form_has_its_token_and_its_honeypot(ada):
    pages = [ada.read(), ada.read()]
    assert [token(page) for page in pages] == ["a-17-token-1", "a-17-token-2"]
    assert [honeypot(page) for page in pages] == ["topic_00000001", "topic_00000002"]


def test_what_the_form_saw_is_passed_on(ada, winnow):
    page = ada.read()
    ada.post(token=token(page), **{honeypot(page): "cheap watches"})
    [(_, body)] = winnow.posts
    assert json.loads(body)["form"] == {"honeypot": "cheap watches", "token": "a-17-token-1"}


def test_whatever_field_is_not_of_the_form_is_a_trap(ada, winnow):
    ada.post(phone="1", comment="2")
    [(_, body)] = winnow.posts
    assert json.loads(body)["form"]["honeypot"] == "12"


@pytest.mark.parametrize("answer", [503, 404, "", "[]", "null", '{"token": "x"}'])
def test_without_winnow_the_form_is_shown_all_the_same(ada, winnow, answer):
    winnow.answer = answer
    page = ada.read()
    assert (token(page), honeypot(page)) == ("", "subject")
    assert ada.post(token="").status_code == 303


def test_a_winnow_that_hangs_costs_a_reader_half_a_second(site, ada, winnow, monkeypatch):
    asked = []
    ask = site.winnow.request

    def listen(*given, **options):
        asked.append(options["timeout"])
        return ask(*given, **options)

    monkeypatch.setattr(site.winnow, "request", listen)
    winnow.answer = "hang"
    assert token(ada.read()) == ""
    assert asked == [0.5]


def test_a_form_that_comes_back_has_a_token_of_its_own(ada, winnow):
    first = token(ada.read())
    page = ada.post(name="").get_data(as_text=True)
    assert token(page) not in ("", first)


@pytest.mark.parametrize("field", ["text", "name", "email"])
@pytest.mark.parametrize("value", ["", "  \r\n "])
def test_a_missing_field_is_shown_beside_it(site, ada, winnow, field, value):
    answer = ada.post(**{field: value})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'<p class="error" id="{field}-error">Please fill this in.</p>' in page
    assert f'aria-invalid="true" aria-describedby="{field}-error"' in tag(page, field)
    assert page.count("aria-invalid") == 1
    assert winnow.posts == []
    assert site.sql("SELECT id FROM comments") == []


TYPED = {
    "text": "<b>Long</b>\n\n  and \"careful\" & 'quoted'",
    "name": "Ada <i>",
    "email": "ada@secret.example",
    "url": "https://ada.example/?a=1&b=2",
}
ESCAPED = (
    "\n&lt;b&gt;Long&lt;/b&gt;\n\n  and &#34;careful&#34; &amp; &#39;quoted&#39;</textarea>",
    'value="Ada &lt;i&gt;"',
    'value="ada@secret.example"',
    'value="https://ada.example/?a=1&amp;b=2"',
)


def test_what_winnow_refuses_is_shown_beside_its_field(site, ada, winnow):
    winnow.answer = 422
    winnow.errors = [
        {"pointer": "/text", "detail": "Longer than 20,000 characters."},
        {"pointer": "/author/name", "detail": "Name trouble."},
        {"pointer": "/author/email", "detail": "Email trouble."},
        {"pointer": "/author/url", "detail": "Website trouble."},
        {"pointer": "/article/title", "detail": "Something else."},
    ]
    answer = ada.post(**TYPED)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for field, detail in (
        ("text", "Longer than 20,000 characters."),
        ("name", "Name trouble."),
        ("email", "Email trouble."),
        ("url", "Website trouble."),
    ):
        assert f'<p class="error" id="{field}-error">{detail}</p>' in page
        assert f'aria-invalid="true" aria-describedby="{field}-error"' in tag(page, field)
    assert '<p class="error">Something else.</p>' in page
    for value in ESCAPED:
        assert value in page
    assert site.sql("SELECT id FROM comments") == []


def test_our_own_errors_keep_what_was_typed(ada):
    page = ada.post(**TYPED | {"name": " "}).get_data(as_text=True)
    assert all(value in page for value in ESCAPED if "Ada" not in value)


def test_a_corrected_form_is_accepted(ada, bob, winnow):
    winnow.answer = 422
    ada.post(**TYPED)
    winnow.answer = "approved"
    assert ada.post(**TYPED).status_code == 303
    assert len({key for key, _ in winnow.posts}) == 2
    assert "One response to" in bob.read()
