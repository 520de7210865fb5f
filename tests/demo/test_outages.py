"""Nothing is lost and nothing slips through while Winnow is away."""

import json
import os
import re
import subprocess
import sys

import pytest

from .visitor import APP, Visitor

AWAITING = "Your comment is awaiting moderation."
GARBAGE = [
    "<html>Please log in</html>",
    "",
    "null",
    "[]",
    "7",
    "{}",
    '{"id": "c-1"}',
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


def test_a_form_opened_before_a_restart_keeps_its_time(start_site, winnow):
    stamp = re.search(r'name="stamp" value="([^"]+)"', Visitor(start_site()).read())[1]
    Visitor(start_site()).post(stamp=stamp)
    assert json.loads(winnow.posts[0][1])["form"]["elapsed_ms"] >= 0


def test_the_page_shows_what_it_knew(site, ada, bob, winnow):
    ada.post(comment="Seen before")
    winnow.answer = "pending"
    ada.post(comment="Still hidden")
    winnow.stop()
    page = bob.read()
    assert "Seen before" in page
    assert "Still hidden" not in page
    winnow.start()


def test_one_bad_comment_does_not_hold_up_the_others(site, ada, winnow, monkeypatch):
    winnow.answer = 503
    ada.post(comment="poison")
    ada.post(comment="fine")
    winnow.answer = "approved"
    ask = site.ask_winnow

    def stumble(method, path, headers=None, **options):
        if "poison" in options.get("body", ""):
            return 500, {}
        return ask(method, path, headers, **options)

    monkeypatch.setattr(site, "ask_winnow", stumble)
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
        raise RuntimeError("disk full")

    def sleep(_):
        if len(passes) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(site, "retry_unsent", fail)
    monkeypatch.setattr(site.time, "sleep", sleep)
    with pytest.raises(KeyboardInterrupt):
        site.retry_forever()
    assert passes == ["tried", "tried"]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"WINNOW_KEY": ""}, "WINNOW_KEY is not set"),
        ({"WINNOW_KEY": "k", "DEMO_DATABASE": "/nowhere/at/all.db"}, "Cannot use /nowhere/at/all"),
    ],
)
def test_what_stops_the_start_is_said_in_one_sentence(settings, sentence):
    command = [sys.executable, str(APP)]
    program = subprocess.run(
        command, env=os.environ | settings, capture_output=True, text=True, timeout=60, check=False
    )
    assert program.returncode == 1
    assert program.stderr.startswith(sentence)
    assert program.stderr.count("\n") == 1
