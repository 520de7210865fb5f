"""What becomes of a comment on the page, by what Winnow says of it."""

import json
import re
from datetime import timedelta

import pytest

AWAITING = "Your comment is awaiting moderation."


def comments(page):
    """The part of the page above the form, where comments are."""
    return page[page.index('id="comments"') : page.index('id="respond"')]


def test_home_leads_to_the_article(ada):
    answer = ada.browser.get("/")
    assert (answer.status_code, answer.location) == (302, "/articles/a-17")


def test_approved_comment_is_shown_to_everybody(ada, bob):
    answer = ada.post()
    assert answer.status_code == 303
    assert re.fullmatch(r"/articles/a-17#c-[0-9a-f-]{36}", answer.location)
    for page in (ada.read(), bob.read()):
        assert "Lovely article." in page
        assert "One response to" in page
        assert AWAITING not in page


def test_winnow_is_told_what_helps_to_judge(site, ada, winnow, monkeypatch):
    later = site.now() + timedelta(seconds=12)
    ada.read()
    real = site.signer.dumps(int(site.now().timestamp() * 1000))
    monkeypatch.setattr(site, "now", lambda: later)
    ada.post(website="ada.example", comment="One\r\nTwo", stamp=real, subject="I am a bot")
    [(key, body)] = winnow.posts
    sent = json.loads(body)
    assert sent["id"] == key
    assert 11_000 <= sent["form"].pop("elapsed_ms") <= 12_001
    assert sent == {
        "id": key,
        "article": {
            "id": "a-17",
            "title": site.ARTICLE["title"],
            "url": "http://localhost/articles/a-17",
        },
        "text": "One\nTwo",
        "author": {
            "name": "Ada",
            "email": "ada@secret.example",
            "url": "https://ada.example",
            "ip": "127.0.0.1",
            "user_agent": "TestBrowser/1.0",
        },
        "form": {"honeypot": "I am a bot"},
        "created_at": later.isoformat(timespec="seconds"),
    }


@pytest.mark.parametrize("stamp", ["", "made.up", "12000"])
def test_a_forged_time_stamp_says_nothing(ada, winnow, stamp):
    assert ada.post(stamp=stamp).status_code == 303
    assert "elapsed_ms" not in json.loads(winnow.posts[0][1])["form"]


def test_held_comment_is_shown_to_its_author_only(ada, bob, winnow):
    winnow.answer = "pending"
    ada.post()
    assert AWAITING in ada.read()
    assert "Lovely article." in ada.read()
    assert "Lovely article." not in bob.read()
    assert "Ada" not in bob.read()
    assert "No comments yet" in ada.read()


def test_another_visitor_with_a_cookie_does_not_see_held_text(ada, bob, winnow):
    bob.post(comment="Mine")
    winnow.answer = "pending"
    ada.post()
    assert "Lovely article." not in bob.read()


def test_rejected_comment_is_explained_to_its_author_only(ada, bob, winnow):
    winnow.answer = "rejected"
    winnow.reasons = [
        {"message": "It reads like an advert."},
        {"message": "Too many links."},
    ]
    ada.post()
    page = ada.read()
    assert "Sorry, your comment was not published." in page
    assert "It reads like an advert. Too many links." in page
    assert "Lovely article." in page
    assert "Lovely article." not in bob.read()
    assert "advert" not in bob.read()


def test_page_learns_that_a_moderator_approved(ada, bob, winnow):
    winnow.answer = "pending"
    ada.post()
    winnow.decide(winnow.posts[0][0], "approved")
    assert "Lovely article." in bob.read()
    assert AWAITING not in ada.read()
    assert winnow.views[-1] == {"article": "a-17", "limit": "100"}


def test_page_learns_that_a_moderator_rejected(ada, bob, winnow):
    ada.post()
    winnow.decide(winnow.posts[0][0], "rejected")
    assert "Lovely article." not in bob.read()
    assert "A moderator decided so." in ada.read()
    assert "secret-code" not in ada.read()
    assert "secret note" not in ada.read()


def test_page_follows_the_list_to_its_end(ada, bob, winnow):
    winnow.answer = "pending"
    winnow.page_size = 2
    for number in range(5):
        ada.post(comment=f"Text {number}")
    for comment_id, _ in winnow.posts:
        winnow.decide(comment_id, "approved")
    assert "5 responses to" in bob.read()


def test_unknown_status_is_not_published(ada, bob, winnow):
    winnow.answer = "escalated"
    ada.post()
    assert "Lovely article." not in bob.read()
    assert AWAITING in ada.read()


def test_comments_of_other_sites_backends_are_left_alone(ada, bob, winnow):
    ada.post()
    stranger = winnow.comments[winnow.posts[0][0]] | {"id": "c-elsewhere", "text": "Not ours"}
    winnow.comments["c-elsewhere"] = stranger
    assert "Not ours" not in bob.read()


def test_comments_stand_in_the_order_they_came(ada, bob):
    ada.post(comment="First")
    bob.post(comment="Second")
    page = comments(bob.read())
    assert page.index("First") < page.index("Second")
