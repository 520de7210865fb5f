"""What a site reports as missed spam or as a false positive becomes a decision, once."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation import access
from api.moderation.services import Services
from tests.api.web.dropin.akismet import GUID, THANKS, Asker, said
from tests.conftest import ON_SQLITE
from tests.factories import count, put_policy

THANKED = (200, THANKS.encode())
NOTHING = {"api_calls": "0", "spam": "0", "ham": "0", "missed_spam": "0", "false_positives": "0"}
REPORTS = {"spam": ("rejected", "reject", "spam"), "ham": ("approved", "approve", None)}


@pytest.fixture
def akismet(client: FlaskClient, services: Services, site: int) -> Asker:
    return Asker(client, services, site)


@pytest.mark.parametrize("what", REPORTS)
@pytest.mark.parametrize("text", ["A fine day.", "spam0.60", "spam0.95"])
def test_a_report_is_a_decision_on_the_comment(akismet: Asker, what: str, text: str) -> None:
    akismet.check(text)

    answer = akismet.report(what, text)

    assert said(answer) == THANKED
    assert len(answer.data) == 41
    assert not {name for name, _ in answer.headers if name.lower().startswith("x-akis")}
    state = akismet.find()
    decision = state.decision
    assert decision is not None
    assert (state.comment.status, decision.action, decision.reason) == REPORTS[what]
    assert decision.actor == f"key:{akismet.key_id}"


@pytest.mark.parametrize("what", REPORTS)
def test_the_same_report_twice_is_one_decision(
    akismet: Asker, backend: FlaskClient, what: str
) -> None:
    akismet.check("spam0.60")

    assert said(akismet.report(what, "spam0.60")) == THANKED
    assert said(akismet.report(what, "spam0.60")) == THANKED

    kinds = [one["type"] for one in backend.get("/v1/events").json["items"] if one["comment_id"]]
    assert kinds == ["comment.created", "comment.decided"]


def test_a_site_may_change_its_mind(akismet: Asker) -> None:
    akismet.check()
    for what, word in (("spam", b"true"), ("ham", b"false"), ("spam", b"true")):
        akismet.report(what)
        assert akismet.check().data == word
    assert len(akismet.find_ids()) == 1


@pytest.mark.parametrize("what", REPORTS)
def test_a_comment_that_was_never_checked_is_kept_first(
    akismet: Asker, backend: FlaskClient, what: str
) -> None:
    assert said(akismet.report(what)) == THANKED

    assert akismet.find().comment.status == REPORTS[what][0]
    assert akismet.find_check().answered is None
    kinds = [one["type"] for one in backend.get("/v1/events").json["items"] if one["comment_id"]]
    assert kinds == ["comment.created", "comment.decided"]

    assert said(akismet.report(what)) == THANKED
    assert len(akismet.find_ids()) == 1


def test_a_report_finds_the_comment_by_what_it_says(akismet: Asker) -> None:
    akismet.check(" A fine day. \n", comment_author_email="Ann@X.example", user_ip="192.0.2.7")

    more = {"comment_author_email": "ann@x.EXAMPLE", "user_ip": "", "referrer": "x"}
    akismet.report("spam", "A fine day.", comment_date_gmt="2026-11-01 00:00:00", **more)

    assert akismet.find().comment.status == "rejected"


@pytest.mark.parametrize(
    "other",
    [
        {"comment_author": "Bea"},
        {"comment_content": "Another day."},
        {"comment_author_email": "bea@x.example"},
        {"blog": "https://other.example"},
    ],
)
def test_a_report_of_another_comment_finds_another(akismet: Asker, other: dict[str, str]) -> None:
    same = {"comment_content": "A fine day.", "comment_author": "Ann"}
    akismet.ask("comment-check", **same)
    akismet.ask("submit-spam", **{**same, **other})

    assert len(akismet.find_ids()) == 2


def test_of_comments_that_look_alike_the_newest_is_meant(
    akismet: Asker, backend: FlaskClient
) -> None:
    akismet.check(comment_date_gmt="2026-11-20 10:00:00")
    newest = akismet.check(comment_date_gmt="2026-11-21 10:00:00").headers[GUID]

    akismet.report("spam")

    [rejected] = backend.get("/v1/comments?status=rejected").json["items"]
    assert rejected["id"] == f"akismet-{newest}"


class TestGuids:
    def test_a_report_finds_the_comment_by_its_guid_alone(self, akismet: Asker) -> None:
        guid = akismet.check().headers[GUID]

        answer = akismet.ask("submit-spam", guid=guid)

        assert said(answer) == THANKED
        assert akismet.find().comment.status == "rejected"

    def test_the_guid_counts_for_more_than_what_is_said(self, akismet: Asker) -> None:
        guid = akismet.check(comment_date_gmt="2026-11-20 10:00:00").headers[GUID]
        akismet.check(comment_date_gmt="2026-11-21 10:00:00")

        akismet.report("spam", guid=guid.upper())

        states = {akismet.check(comment_date_gmt=f"2026-11-{day} 10:00:00").data for day in (20,)}
        assert states == {b"true"}
        assert akismet.check(comment_date_gmt="2026-11-21 10:00:00").data == b"false"

    @pytest.mark.parametrize("guid", ["0" * 32, "https://blog.example/?p=1", "", "x" * 4000])
    def test_a_guid_that_names_nothing_is_no_matter(self, akismet: Asker, guid: str) -> None:
        akismet.check()
        assert said(akismet.report("spam", guid=guid)) == THANKED
        assert akismet.find().comment.status == "rejected"

    def test_another_sites_guid_names_nothing(
        self, akismet: Asker, client: FlaskClient, services: Services
    ) -> None:
        theirs = Asker(client, services, access.create_site(services, "elsewhere"))
        guid = theirs.check("spam0.60").headers[GUID]

        akismet.report("ham", "Something else.", guid=guid)

        assert theirs.check("spam0.60").data == b"true"


def test_a_report_without_a_text_is_taken(akismet: Asker) -> None:
    for what in REPORTS:
        assert said(akismet.ask(f"submit-{what}", comment_author="Ann")) == THANKED
    state = akismet.find()
    assert (state.revision.text, state.comment.status) == ("", "approved")


def test_what_wordpress_adds_is_harmless(akismet: Asker) -> None:
    akismet.check()
    row = {
        "comment_ID": "7",
        "comment_post_ID": "1",
        "comment_approved": "1",
        "comment_check_response": "false",
        "reporter": "admin",
        "site_domain": "blog.example",
        "is_spam": "1",
        "user_id": "0",
    }
    assert said(akismet.report("spam", **row)) == THANKED
    assert akismet.find().comment.status == "rejected"


@pytest.mark.parametrize("what", REPORTS)
def test_a_test_is_thanked_for_and_teaches_nothing(akismet: Asker, what: str) -> None:
    akismet.check("spam0.60")
    before = count(akismet.services.database)

    assert said(akismet.report(what, "spam0.60", is_test="1")) == THANKED
    assert said(akismet.report(what, "Never seen.", is_test="true")) == THANKED

    assert count(akismet.services.database) == before
    assert akismet.find().decision is None


def test_a_site_that_has_other_reasons_gives_none(
    akismet: Asker, services: Services, site: int
) -> None:
    review = {
        "only_these_reasons": True,
        "reasons": [{"code": "rude", "title": "Rude"}],
        "reason_required": ["reject"],
    }
    put_policy(services, site, {"review": review})
    akismet.report("spam")

    decision = akismet.find().decision
    assert decision is not None
    assert (decision.action, decision.reason) == ("reject", None)


@ON_SQLITE
@pytest.mark.parametrize("what", REPORTS)
@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ({"blog": None}, b"Missing required field: blog."),
        ({"user_ip": None}, b"Missing required field: user_ip."),
        ({"blog": ""}, b"invalid"),
        ({"blog": "nonsense"}, b"invalid"),
    ],
)
def test_a_report_that_lacks_something_is_told_so(
    akismet: Asker, what: str, fields: dict[str, Any], body: bytes
) -> None:
    assert said(akismet.report(what, **fields)) == (200, body)
    assert akismet.find_ids() == []


class TestCounts:
    @pytest.fixture
    def figures(self, akismet: Asker) -> Callable[[], dict[str, str]]:
        return lambda: {
            name: value for name, value in akismet.find_figures().items() if value != "0"
        }

    def test_spam_that_was_called_ham_was_missed(
        self, akismet: Asker, figures: Callable[[], dict[str, str]]
    ) -> None:
        akismet.check()
        for _ in range(2):
            akismet.report("spam")
        assert figures() == {"api_calls": "1", "ham": "1", "missed_spam": "1"}

    def test_ham_that_was_called_spam_is_a_false_positive(
        self, akismet: Asker, figures: Callable[[], dict[str, str]]
    ) -> None:
        akismet.check("spam0.60")
        for _ in range(2):
            akismet.report("ham", "spam0.60")
        assert figures() == {"api_calls": "1", "spam": "1", "false_positives": "1"}

    @pytest.mark.parametrize(("text", "what"), [("A fine day.", "ham"), ("spam0.60", "spam")])
    def test_who_agrees_counts_nothing(
        self, akismet: Asker, figures: Callable[[], dict[str, str]], text: str, what: str
    ) -> None:
        akismet.check(text)
        akismet.report(what, text)
        assert set(figures()) == {"api_calls", "ham" if what == "ham" else "spam"}

    @pytest.mark.parametrize("what", REPORTS)
    def test_what_was_never_asked_was_never_wrong(self, akismet: Asker, what: str) -> None:
        akismet.report(what)
        answer = akismet.client.get("/1.2/key-sites", query_string={"api_key": akismet.key})
        assert answer.json["2026-11"] == []
