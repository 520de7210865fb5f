"""The webhook: only Winnow is believed, and what it could not tell is learnt later."""

from datetime import UTC, datetime, timedelta

import pytest


@pytest.fixture
def decided(ada, winnow):
    """A held comment that a moderator has approved, and the site does not know yet."""
    winnow.answer = "pending"
    ada.post()
    [(comment_id, _)] = winnow.posts
    winnow.decide(comment_id, "approved")
    return comment_id


def status(site):
    return [row["status"] for row in site.sql("SELECT status FROM comments")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "whsec_" + "dHR0" * 8},
        {"data": "{}"},
        {"data": b"\xff"},
        {"headers": {}},
        {"headers": {"webhook-id": "m", "webhook-timestamp": "1", "webhook-signature": "v1,x"}},
        {"off": timedelta(minutes=-6)},
        {"off": timedelta(minutes=6)},
    ],
)
def test_what_is_not_signed_is_not_believed(site, winnow, decided, wrong):
    assert winnow.tell(site, **wrong) == 401
    assert status(site) == ["pending"]


@pytest.mark.parametrize("signature", ["", "v1", "v1,", "v1,%%%", "v2,AAAA", "x y z", ","])
def test_nor_is_nonsense(site, winnow, decided, signature):
    now = str(int(datetime.now(UTC).timestamp()))
    headers = {"webhook-id": "m", "webhook-timestamp": now, "webhook-signature": signature}
    assert winnow.tell(site, headers=headers) == 401
    assert status(site) == ["pending"]


def test_without_a_secret_nobody_is_believed(site, winnow, decided, monkeypatch):
    monkeypatch.setattr(site, "SECRET", None)
    assert winnow.tell(site) == 401


def test_the_same_event_twice_does_no_harm(site, winnow, decided):
    assert [winnow.tell(site), winnow.tell(site)] == [204, 204]
    assert status(site) == ["approved"]


def test_an_old_event_that_comes_late_does_not_turn_back(site, winnow, decided):
    assert winnow.tell(site) == 204
    winnow.events.append(winnow.events[0])
    assert winnow.tell(site) == 204
    assert status(site) == ["approved"]


def test_what_was_deleted_in_winnow_goes_here_too(site, winnow, decided):
    del winnow.comments[decided]
    assert winnow.tell(site) == 204
    assert status(site) == []


def test_what_is_still_to_be_sent_stays(site, ada, winnow, decided):
    winnow.answer = 503
    ada.post(text="Second")
    winnow.answer = "pending"
    winnow.happen(winnow.posts[-1][0])
    assert winnow.tell(site) == 204
    assert sorted(status(site)) == ["pending", "unsent"]


def test_a_test_message_is_accepted(site, winnow, decided):
    winnow.events.append({"webhook": "It works."})
    assert winnow.tell(site) == 204


@pytest.mark.parametrize("answer", [500, 503, 401, "<html>", "{}"])
def test_while_winnow_does_not_answer_it_is_asked_to_tell_again(site, winnow, decided, answer):
    winnow.answer = answer
    assert winnow.tell(site) == 500
    assert status(site) == ["pending"]
    winnow.answer = "pending"
    assert winnow.tell(site) == 204


def test_what_nobody_told_is_learnt_later(site, ada, winnow):
    winnow.answer = "pending"
    for number in range(5):
        ada.post(text=f"Number {number}")
    for comment_id, _ in winnow.posts[1:4]:
        winnow.decide(comment_id, "approved")

    site.catch_up()

    assert sorted(status(site)) == ["approved"] * 3 + ["pending"] * 2
    assert site.sql("SELECT max(number) FROM seen")[0][0] == 8
    winnow.decide(winnow.posts[0][0], "rejected")
    site.catch_up()
    assert sorted(status(site)) == ["approved"] * 3 + ["pending", "rejected"]


def test_learning_goes_on_where_it_was_interrupted(site, winnow, decided):
    winnow.answer = 503
    with pytest.raises(Exception, match="items"):
        site.catch_up()
    assert status(site) == ["pending"]
    winnow.answer = "pending"
    site.catch_up()
    assert status(site) == ["approved"]
