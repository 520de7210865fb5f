"""Nothing is lost and nothing slips through while Winnow is away."""

import os
import sqlite3
import subprocess
import sys

import pytest
import urllib3

from .visitor import APP, Visitor

AWAITING = "Your comment is awaiting moderation."
GARBAGE = [
    "echo",
    "<html>Please log in</html>",
    "",
    "null",
    "[]",
    "7",
    "{}",
    '{"items": [7]}',
    '{"id": "c-1"}',
    '{"id": "c-1", "status": "approved"}',
    '{"id": "c-1", "status": "approved", "verdict": [], "decision": null}',
]


def status(site):
    return [row["status"] for row in site.sql("SELECT status FROM comments")]


@pytest.mark.parametrize("answer", [500, 502, 503, 429, 409, 401, 404, 302, *GARBAGE])
def test_without_a_verdict_the_comment_waits(site, ada, bob, winnow, answer):
    winnow.answer = answer
    assert ada.post().status_code == 303
    assert status(site) == ["unsent"]
    assert AWAITING in ada.read()
    assert "Lovely article." not in bob.read()


def test_the_time_limit_is_two_seconds(site):
    options = site.winnow.connection_pool_kw
    assert options["timeout"].total == 2
    assert options["retries"].total is False, "a second try would take two seconds more"


def test_when_winnow_hangs_the_comment_waits(impatient, ada, bob, winnow):
    winnow.answer = "hang"
    assert ada.post().status_code == 303
    assert status(impatient) == ["unsent"]
    assert AWAITING in ada.read()
    assert "Lovely article." not in bob.read()


def test_retry_after_recovery(site, ada, bob, winnow):
    winnow.stop()
    ada.post()
    site.retry_unsent()
    assert status(site) == ["unsent"]
    winnow.start()
    site.retry_unsent()
    assert status(site) == ["approved"]
    assert "Lovely article." in bob.read()


def test_retry_sends_the_same_id_and_body(site, ada, winnow):
    winnow.answer = 503
    ada.post()
    site.retry_unsent()
    winnow.answer = "pending"
    site.retry_unsent()
    site.retry_unsent()
    assert len(winnow.posts) == 3
    assert len(set(winnow.posts)) == 1
    assert status(site) == ["pending"]


def test_an_answer_that_got_lost_is_fetched_later(site, ada, winnow):
    """Winnow took the comment in, but its answer did not reach us."""
    ada.post()
    site.sql("UPDATE comments SET status = 'unsent'")
    site.retry_unsent()
    assert status(site) == ["approved"]
    assert len(winnow.comments) == 1


def test_a_comment_survives_a_restart(start_site, winnow):
    winnow.answer = 503
    before = start_site()
    visitor = Visitor(before)
    visitor.post()
    cookie = visitor.browser.get_cookie("visitor").value

    after = start_site()
    winnow.answer = "approved"
    same_visitor = Visitor(after)
    same_visitor.browser.set_cookie("visitor", cookie)
    winnow.stop()
    assert AWAITING in same_visitor.read()
    winnow.start()
    after.retry_unsent()
    assert "Lovely article." in Visitor(after).read()


def test_the_page_shows_what_it_knew(site, ada, bob, winnow):
    ada.post(text="Seen before")
    winnow.answer = "pending"
    ada.post(text="Still hidden")
    winnow.stop()
    page = bob.read()
    assert "Seen before" in page
    assert "Still hidden" not in page
    winnow.start()


def test_one_bad_comment_does_not_hold_up_the_others(site, ada, winnow, monkeypatch):
    winnow.answer = 503
    ada.post(text="poison")
    ada.post(text="fine")
    winnow.answer = "approved"
    ask = site.winnow.request

    def stumble(method, url, **options):
        if "poison" in options.get("body", ""):
            raise urllib3.exceptions.ProtocolError("cut off")
        return ask(method, url, **options)

    monkeypatch.setattr(site.winnow, "request", stumble)
    site.retry_unsent()
    assert sorted(status(site)) == ["approved", "unsent"]


def test_a_refusal_after_the_visitor_left_is_told_on_the_page(site, ada, bob, winnow):
    winnow.answer = 503
    ada.post()
    winnow.answer, winnow.errors = 422, [{"pointer": "/author/email", "detail": "No such domain."}]
    site.retry_unsent()
    assert status(site) == ["rejected"]
    assert "No such domain." in ada.read()
    assert "No such domain." not in bob.read()


def test_the_background_thread_retries(site, ada, winnow):
    """The program as it is really started, with the comment that an earlier run left behind."""
    winnow.answer = 503
    ada.post()
    winnow.answer = "approved"
    winnow.posted.clear()
    command = [sys.executable, str(APP)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        command, env=os.environ | {"PORT": "0"}, stdout=quiet, stderr=quiet
    ) as program:
        try:
            assert winnow.posted.wait(30)
        finally:
            program.terminate()


def test_the_retry_outlives_an_error(site, monkeypatch):
    passes = []

    def fail():
        passes.append("tried")
        raise sqlite3.OperationalError("database or disk is full")

    def sleep(_):
        if len(passes) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(site, "retry_unsent", fail)
    monkeypatch.setattr(site.time, "sleep", sleep)
    with pytest.raises(KeyboardInterrupt):
        site.work_forever()
    assert passes == ["tried", "tried"]


def test_a_missing_key_is_said_in_one_sentence():
    command, settings = [sys.executable, str(APP)], os.environ | {"WINNOW_KEY": ""}
    program = subprocess.run(
        command, env=settings, capture_output=True, text=True, timeout=60, check=False
    )
    assert program.returncode == 1
    assert program.stderr.startswith("WINNOW_KEY is not set")
    assert program.stderr.count("\n") == 1
