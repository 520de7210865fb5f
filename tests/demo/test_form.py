"""The form: what it says, what it refuses, and that it never loses what a visitor typed."""

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


def test_the_honeypot_is_out_of_peoples_way(ada):
    page = ada.read()
    assert '<p class="not-for-people" aria-hidden="true">' in page
    assert 'tabindex="-1"' in tag(page, "subject")
    assert 'autocomplete="off"' in tag(page, "subject")


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
