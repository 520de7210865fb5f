"""Akismet's question whether a comment is spam: the word, its headers, and what is kept."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation import access
from api.moderation.services import Services
from tests.api.web.dropin.akismet import BLOG, DEBUG, GUID, IP, TIP, Asker, said
from tests.conftest import ON_SQLITE
from tests.factories import START, count, decide, put_policy

GOOD, HELD, BAD, BLATANT = "A fine day.", "spam0.60", "spam0.95", "spam0.995"
ERROR, RECHECK = "X-akismet-error", "X-akismet-recheck-after"
CALLBACK = "https://blog.example/wp-json/akismet/v1/webhook"


@pytest.fixture
def akismet(client: FlaskClient, services: Services, site: int) -> Asker:
    return Asker(client, services, site)


@pytest.mark.parametrize(
    ("text", "word", "tip"),
    [
        (GOOD, b"false", None),
        (HELD, b"true", None),
        (BAD, b"true", None),
        (BLATANT, b"true", "discard"),
        ("toxicity0.95", b"true", None),
    ],
)
def test_the_word_says_how_the_comment_stands(
    akismet: Asker, text: str, word: bytes, tip: str | None
) -> None:
    answer = akismet.check(text)

    assert said(answer) == (200, word)
    assert answer.headers.get(TIP) == tip
    assert answer.headers["Content-Length"] == str(len(word))
    for name in (DEBUG, "X-akismet-alert-code", "X-akismet-alert-msg", ERROR, RECHECK):
        assert name not in answer.headers
    assert f"akismet-{answer.headers[GUID]}" == akismet.find().comment.public_id
    assert len(answer.headers[GUID]) == 32


def test_a_check_is_a_comment_like_any_other(
    akismet: Asker, moderator: FlaskClient, backend: FlaskClient
) -> None:
    guid = akismet.check(HELD).headers[GUID]

    [item] = moderator.get("/v1/queue").json["items"]
    assert item["id"] == f"akismet-{guid}"
    assert item["verdict"]["scores"]["spam"] == 0.60
    kinds = [one["type"] for one in backend.get("/v1/events").json["items"] if one["comment_id"]]
    assert kinds == ["comment.created"]


def test_all_that_a_call_says_of_a_comment_is_kept(akismet: Asker) -> None:
    akismet.check(
        "<p>A fine day.</p>",
        user_agent="Mozilla/5.0",
        referrer="https://search.example/",
        permalink="https://blog.example/a-17",
        comment_type="forum\u2011post",
        comment_author_email="Ann@x.example",
        comment_author_url="https://ann.example/",
        comment_date_gmt="2026-11-21T10:00:00Z",
        comment_parent="41",
        **{"comment_context[]": ["parks", "trees"]},
        blog_lang="fr_CA, en",
        POST_nonsense="1",
        HTTP_ACCEPT="*/*",
    )

    state = akismet.find()
    kept = state.comment
    assert (state.revision.text, state.revision.html) == ("<p>A fine day.</p>", True)
    assert kept.author == {
        "name": "Ann",
        "email": "Ann@x.example",
        "url": "https://ann.example/",
        "user_agent": "Mozilla/5.0",
        "ip": IP,
    }
    assert kept.article == {"id": "https://blog.example/a-17", "url": "https://blog.example/a-17"}
    assert (kept.language, kept.created_at) == ("fr-CA", datetime(2026, 11, 21, 10, tzinfo=UTC))
    assert kept.extra == {
        "door": "akismet",
        "blog": "blog.example",
        "type": "forum-post",
        "parent": "41",
        "context": "parks, trees",
    }
    check = akismet.find_check()
    assert (check.door, check.blog, check.answered) == ("akismet", "blog.example", "false")
    assert (check.callback, check.sealed_key, check.told) == (None, None, None)


def test_a_call_with_no_more_than_it_must_say_is_answered(akismet: Asker) -> None:
    answer = akismet.ask("comment-check")

    assert said(answer) == (200, b"false")
    state = akismet.find()
    assert (state.revision.text, state.revision.html) == ("", False)
    assert state.comment.article == {"id": BLOG, "url": BLOG}
    assert state.comment.author == {"ip": IP}


@ON_SQLITE
@pytest.mark.parametrize("empty", ["", "undefined", "null", " NULL "])
def test_what_is_sent_empty_is_absent(akismet: Asker, empty: str) -> None:
    akismet.check(
        permalink=empty,
        comment_author_email=empty,
        comment_author_url=empty,
        comment_date_gmt=empty,
        blog_lang=empty,
        honeypot_field_name=empty,
        is_test=empty,
        user_role=empty,
        callback=empty,
        recheck_reason=empty,
    )

    kept = akismet.find().comment
    assert kept.author == {"name": "Ann", "ip": IP}
    assert (kept.article["id"], kept.language, kept.created_at) == (BLOG, None, START)


def test_the_same_call_twice_is_one_comment(akismet: Asker) -> None:
    first, second = akismet.check(HELD), akismet.check(HELD)

    assert first.headers[GUID] == second.headers[GUID]
    assert len(akismet.find_ids()) == 1
    assert akismet.find_figures()["spam"] == "2"


@pytest.mark.parametrize(
    "other",
    [
        {"comment_author": "Bea"},
        {"comment_content": "Another day."},
        {"user_ip": "203.0.113.10"},
        {"permalink": "https://blog.example/b"},
        {"comment_author_email": "ann@x.example"},
        {"comment_date_gmt": "2026-11-21T10:00:00Z"},
        {"blog": "https://other.example/"},
    ],
)
def test_what_differs_is_another_comment(akismet: Asker, other: dict[str, str]) -> None:
    same = {"comment_content": GOOD, "comment_author": "Ann"}
    akismet.ask("comment-check", **same)
    akismet.ask("comment-check", **{**same, **other})

    assert len(akismet.find_ids()) == 2


@pytest.mark.parametrize(("action", "word"), [("approve", b"false"), ("reject", b"true")])
def test_what_people_decided_is_the_answer_from_then_on(
    akismet: Asker, moderator: FlaskClient, action: str, word: bytes
) -> None:
    guid = akismet.check(HELD).headers[GUID]
    decide(moderator, f"akismet-{guid}", action)

    answer = akismet.check(HELD)

    assert said(answer) == (200, word)
    assert TIP not in answer.headers
    assert akismet.find_check().answered == word.decode()


def test_blatant_spam_that_a_person_approved_is_no_spam(
    akismet: Asker, moderator: FlaskClient
) -> None:
    guid = akismet.check(BLATANT).headers[GUID]
    decide(moderator, f"akismet-{guid}", "approve")

    answer = akismet.check(BLATANT)

    assert said(answer) == (200, b"false")
    assert TIP not in answer.headers


def test_what_is_checked_again_is_the_comment_that_was_checked_before(akismet: Asker) -> None:
    first = akismet.check(HELD)

    again = {"recheck_reason": "recheck_queue", "comment_date_gmt": "2026-11-22 11:00:00"}
    second = akismet.check(HELD, **again)

    assert second.headers[GUID] == first.headers[GUID]
    assert len(akismet.find_ids()) == 1


def test_what_was_edited_is_another_comment(akismet: Asker) -> None:
    first = akismet.check(HELD)
    second = akismet.check("spam0.61", recheck_reason="edit")

    assert second.headers[GUID] != first.headers[GUID]
    assert len(akismet.find_ids()) == 2


@ON_SQLITE
class TestHoneypots:
    @pytest.mark.parametrize("name", ["website2", "POST_website2"])
    def test_a_filled_one_is_blatant(self, akismet: Asker, name: str) -> None:
        answer = akismet.check(honeypot_field_name="website2", **{name: "buy now"})
        assert (said(answer), answer.headers[TIP]) == ((200, b"true"), "discard")

    @pytest.mark.parametrize(
        "more", [{}, {"website2": ""}, {"other": "buy now"}, {"honeypot": "buy now"}]
    )
    def test_an_empty_one_says_nothing(self, akismet: Asker, more: dict[str, str]) -> None:
        assert akismet.check(honeypot_field_name="website2", **more).data == b"false"

    def test_a_field_that_nobody_calls_one_says_nothing(self, akismet: Asker) -> None:
        assert akismet.check(website2="buy now").data == b"false"


@ON_SQLITE
class TestTriggers:
    @pytest.mark.parametrize(
        "fields",
        [
            {"comment_author": "viagra-test-123"},
            {"comment_author": "akismet-guaranteed-spam"},
            {"comment_author_email": "akismet-guaranteed-spam@example.com"},
            {"comment_author": "viagra-test-123", "is_test": "1"},
        ],
    )
    def test_guaranteed_spam_is_spam_and_leaves_no_trace(
        self, akismet: Asker, fields: dict[str, str]
    ) -> None:
        before = count(akismet.services.database)

        answer = akismet.ask("comment-check", comment_content=GOOD, **fields)

        assert said(answer) == (200, b"true")
        assert not {TIP, DEBUG, RECHECK, ERROR} & set(answer.headers.keys())
        assert count(akismet.services.database) == before

    @pytest.mark.parametrize("name", ["viagra-test-1234", "Viagra", "akismet-guaranteed"])
    def test_almost_is_not_guaranteed(self, akismet: Asker, name: str) -> None:
        assert akismet.ask("comment-check", comment_author=name).data == b"false"

    @pytest.mark.parametrize("text", [GOOD, HELD, BAD, BLATANT])
    @pytest.mark.parametrize("test", ["", "1"])
    def test_an_administrator_writes_no_spam(self, akismet: Asker, text: str, test: str) -> None:
        answer = akismet.check(text, user_role="administrator", is_test=test)

        assert said(answer) == (200, b"false")
        assert not {TIP, DEBUG, RECHECK} & set(answer.headers.keys())
        assert len(akismet.find_ids()) == (0 if test else 1)

    def test_an_administrators_comment_is_staffs(self, akismet: Asker) -> None:
        akismet.check(user_role="administrator")
        assert akismet.find().comment.author["role"] == "staff"

    def test_an_administrator_is_ham_even_by_a_spammers_name(self, akismet: Asker) -> None:
        fields = {"comment_author": "viagra-test-123", "user_role": "administrator"}
        assert akismet.ask("comment-check", **fields).data == b"false"

    def test_other_roles_are_readers(self, akismet: Asker) -> None:
        assert akismet.check(BAD, user_role="editor").data == b"true"
        assert "role" not in akismet.find().comment.author


@ON_SQLITE
class TestTests:
    @pytest.mark.parametrize("on", ["1", "true", "True", "yes", "on"])
    @pytest.mark.parametrize(
        ("text", "word", "tip"),
        [(GOOD, b"false", None), (HELD, b"true", None), (BLATANT, b"true", "discard")],
    )
    def test_a_test_is_judged_and_leaves_no_trace(
        self, akismet: Asker, on: str, text: str, word: bytes, tip: str | None
    ) -> None:
        before = count(akismet.services.database)

        answer = akismet.check(text, is_test=on, callback=CALLBACK)

        assert said(answer) == (200, word)
        assert answer.headers.get(TIP) == tip
        assert not {DEBUG, RECHECK, ERROR} & set(answer.headers.keys())
        assert count(akismet.services.database) == before

    @pytest.mark.parametrize("off", ["0", "false", "False", "FALSE", "", " "])
    def test_what_is_no_test_is_kept(self, akismet: Asker, off: str) -> None:
        akismet.check(is_test=off)
        assert len(akismet.find_ids()) == 1


class TestCallbacks:
    def test_who_waits_for_a_moderator_is_told_to_wait(self, akismet: Asker) -> None:
        answer = akismet.check(HELD, callback=CALLBACK)

        assert said(answer) == (200, b"false")
        assert int(answer.headers[RECHECK]) >= 3600
        check = akismet.find_check()
        assert (check.callback, check.answered) == (CALLBACK, "false")
        assert check.sealed_key
        assert akismet.key not in check.sealed_key
        assert akismet.find_figures()["ham"] == "1"

    @pytest.mark.parametrize(
        ("text", "word", "tip"),
        [(GOOD, b"false", None), (BAD, b"true", None), (BLATANT, b"true", "discard")],
    )
    def test_what_is_clear_is_said_at_once(
        self, akismet: Asker, text: str, word: bytes, tip: str | None
    ) -> None:
        answer = akismet.check(text, callback=CALLBACK)

        assert said(answer) == (200, word)
        assert answer.headers.get(TIP) == tip
        assert RECHECK not in answer.headers
        assert akismet.find_check().callback == CALLBACK

    @pytest.mark.parametrize(
        "callback",
        ["https://elsewhere.example/hook", "https://127.0.0.1/hook", "ftp://blog.example/", "x"],
    )
    def test_a_callback_that_may_not_be_called_is_none(self, akismet: Asker, callback: str) -> None:
        answer = akismet.check(HELD, callback=callback)

        assert said(answer) == (200, b"true")
        assert RECHECK not in answer.headers
        assert akismet.find_check().callback is None

    def test_nobody_is_told_to_wait_for_what_will_not_come(self, akismet: Asker) -> None:
        akismet.check(HELD)
        answer = akismet.check(HELD, callback=CALLBACK)

        assert akismet.find_check().callback is None
        assert (answer.data, RECHECK in answer.headers) == (b"true", False)


@ON_SQLITE
class TestWithoutClassifier:
    @pytest.fixture(autouse=True)
    def _broken(self, services: Services) -> None:
        services.scorer.model = None

    def test_the_comment_is_held_by_whoever_knows_the_header(self, akismet: Asker) -> None:
        answer = akismet.check()

        assert said(answer) == (200, b"true")
        assert answer.headers[ERROR]
        assert not {TIP, DEBUG, RECHECK} & set(answer.headers.keys())
        assert akismet.find().comment.status == "pending"

    def test_who_waits_is_told_to_wait(self, akismet: Asker) -> None:
        answer = akismet.check(callback=CALLBACK)

        assert said(answer) == (200, b"false")
        assert RECHECK in answer.headers
        assert ERROR not in answer.headers

    def test_a_test_says_so_too(self, akismet: Asker) -> None:
        answer = akismet.check(is_test="1")
        assert (answer.data, ERROR in answer.headers) == (b"true", True)


@ON_SQLITE
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2026-11-21 10:00:00", "2026-11-21T10:00:00+00:00"),
        ("2026-11-21T10:00:00", "2026-11-21T10:00:00+00:00"),
        ("2026-11-21T10:00:00Z", "2026-11-21T10:00:00+00:00"),
        ("2026-11-21T12:00:00+02:00", "2026-11-21T10:00:00+00:00"),
        ("2026-11-21T10:00:00.123456", "2026-11-21T10:00:00.123456+00:00"),
        ("2026-11-21", "2026-11-21T00:00:00+00:00"),
        ("20261121T100000Z", "2026-11-21T10:00:00+00:00"),
        (" 2026-11-21 10:00 ", "2026-11-21T10:00:00+00:00"),
        ("2026-11-23T11:00:00Z", "2026-11-23T11:00:00+00:00"),
        *(
            (silly, START.isoformat())
            for silly in (
                *("0000-00-00 00:00:00", "yesterday", "2026-13-01", "2036-11-21T10:00:00Z"),
                *("1900-01-01 00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"),
                *("1764158400", "2026-11-21T25:00:00Z", "\u0662\u0660"),
            )
        ),
    ],
)
def test_dates_come_in_every_spelling(akismet: Asker, given: str, kept: str) -> None:
    assert akismet.check(comment_date_gmt=given).status_code == 200
    assert akismet.find().comment.created_at == datetime.fromisoformat(kept)


@ON_SQLITE
@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Look: <a href='https://x.example/'>here</a>", True),
        ("One<br />two", True),
        ("Tom &amp; Jerry", True),
        ("It&#8217;s fine", True),
        ("I <3 this", False),
        ("1 < 2 and 3 > 2", False),
        ("AT&T; R&D", False),
        ("See https://x.example/?a=1&b=2", False),
    ],
)
def test_markup_is_known_by_its_looks(akismet: Asker, text: str, html: bool) -> None:
    akismet.check(text)
    assert akismet.find().revision.html is html


@ON_SQLITE
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:DB8::1", "2001:db8::1"),
        ("203.0.113.9, 10.0.0.1", "203.0.113.9"),
        ("unknown", None),
        ("", None),
        ("undefined", None),
    ],
)
def test_an_address_that_is_none_is_left_out(akismet: Asker, given: str, kept: str | None) -> None:
    assert akismet.check(user_ip=given).data == b"false"
    assert akismet.find().comment.author.get("ip") == kept


def test_a_comment_is_cut_to_what_we_keep(akismet: Asker) -> None:
    answer = akismet.check("day " * 10_000, comment_author_email="x" * 999, permalink="y" * 9999)

    assert answer.data in (b"true", b"false")
    assert len(akismet.find().revision.text) == 20_000


@ON_SQLITE
def test_an_older_spelling_of_the_type_is_read(akismet: Asker) -> None:
    akismet.check(content_type="reply")
    assert akismet.find().comment.extra["type"] == "reply"


def test_comments_are_kept_as_long_as_the_policy_says(
    akismet: Asker, services: Services, site: int
) -> None:
    put_policy(services, site, {"dropin": {"keep_days": 7}})
    akismet.check()
    expires = akismet.find_check().expires_at
    assert expires is not None
    assert (expires - START).days == 7


def test_keys_of_two_sites_do_not_meet(
    akismet: Asker, client: FlaskClient, services: Services, connect: Callable[..., Any]
) -> None:
    other = access.create_site(services, "elsewhere")
    theirs = Asker(client, services, other)
    akismet.check(HELD)
    theirs.check(HELD)

    ids = akismet.find_ids()
    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert len(connect("moderator", other).get("/v1/queue").json["items"]) == 1
