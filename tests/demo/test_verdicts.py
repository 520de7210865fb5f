"""What becomes of a comment on the page, by what Winnow says of it."""

import json
import re
from datetime import UTC, datetime, timedelta

AWAITING = "Your comment is awaiting moderation."


def comments(page):
    """The part of the page above the form, where comments are."""
    return page[page.index('id="comments"') : page.index('id="respond"')]


def test_approved_comment_is_shown_to_everybody(ada, bob):
    answer = ada.post()
    assert answer.status_code == 303
    assert re.fullmatch(r"/#c-[0-9a-f]{32}", answer.location)
    for page in (ada.read(), bob.read()):
        assert "Lovely article." in page
        assert "One response to" in page
        assert AWAITING not in page


def test_winnow_is_told_what_helps_to_judge(site, ada, winnow):
    ada.post(url="https://ada.example", text=" One\n\nTwo ", topic_00000001="I am a bot")
    [(key, body)] = winnow.posts
    sent = json.loads(body)
    assert sent["id"] == key
    age = datetime.now(UTC) - datetime.fromisoformat(sent.pop("created_at"))
    assert timedelta() <= age < timedelta(minutes=1)
    assert sent == {
        "id": key,
        "article": {
            "id": "a-17",
            "title": site.ARTICLE["title"],
            "url": "http://localhost/",
        },
        "text": "One\n\nTwo",
        "author": {
            "name": "Ada",
            "email": "ada@secret.example",
            "url": "https://ada.example",
            "ip": "127.0.0.1",
            "user_agent": "TestBrowser/1.0",
        },
        "form": {"honeypot": "I am a bot", "token": "a-token"},
    }


def test_held_comment_is_shown_to_its_author_only(ada, bob, winnow):
    winnow.answer = "pending"
    ada.post()
    assert AWAITING in ada.read()
    assert "Lovely article." in ada.read()
    assert "Lovely article." not in bob.read()
    assert "Ada" not in bob.read()
    assert "No comments yet" in ada.read()


def test_another_visitor_with_a_cookie_does_not_see_held_text(ada, bob, winnow):
    bob.post(text="Mine")
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


def test_page_learns_that_a_moderator_approved(site, ada, bob, winnow):
    winnow.answer = "pending"
    ada.post()
    winnow.decide(winnow.posts[0][0], "approved")
    assert winnow.tell(site) == 204
    assert "Lovely article." in bob.read()
    assert AWAITING not in ada.read()


def test_page_learns_that_a_moderator_rejected(site, ada, bob, winnow):
    ada.post()
    winnow.decide(winnow.posts[0][0], "rejected")
    assert winnow.tell(site) == 204
    assert "Lovely article." not in bob.read()
    assert "A moderator decided so." in ada.read()
    assert "secret-code" not in ada.read()
    assert "secret note" not in ada.read()


def test_unknown_status_is_not_published(ada, bob, winnow):
    winnow.answer = "escalated"
    ada.post()
    assert "Lovely article." not in bob.read()
    assert AWAITING in ada.read()


def test_comments_of_other_sites_backends_are_left_alone(site, ada, bob, winnow):
    ada.post()
    stranger = winnow.comments[winnow.posts[0][0]] | {"id": "c-elsewhere", "text": "Not ours"}
    winnow.comments["c-elsewhere"] = stranger
    winnow.happen("c-elsewhere")
    assert winnow.tell(site) == 204
    site.catch_up()
    assert "Not ours" not in bob.read()
    assert len(site.sql("SELECT id FROM comments")) == 1


def test_comments_stand_in_the_order_they_came(ada, bob):
    ada.post(text="First")
    bob.post(text="Second")
    page = comments(bob.read())
    assert page.index("First") < page.index("Second")
