"""Comments through the HTTP door: sent, sent again, checked, edited, deleted."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation import access
from api.moderation.services import Services
from api.store.database import Database
from tests.factories import Clock, comment, count, decide, submit

WHOLE: dict[str, Any] = {
    "id": "c-1001",
    "article": {
        "id": "a-17",
        "url": "https://gazette.example/a/17",
        "title": "The harbour",
        "section": "world",
    },
    "parent_id": "c-1000",
    "text": "A fine day.",
    "html": False,
    "author": {
        "id": "u-5",
        "name": "Ada",
        "email": "ada@gazette.example",
        "url": "https://ada.example/",
        "ip": "192.0.2.7",
        "user_agent": "Mozilla/5.0",
        "created_at": "2020-02-29T10:00:00+01:00",
        "role": "reader",
    },
    "form": {"elapsed_ms": 12000, "token": "t"},
    "language": "en",
    "metadata": {"a": [1, 2.5, None, True, {"b": "é"}], "z": 1, "b": -0.0},
}


def test_a_clean_comment_is_approved_and_kept(backend: FlaskClient) -> None:
    answer = backend.post("/v1/comments", json=comment("A fine day.", id="c-1"))

    assert answer.status_code == 201
    assert answer.json["status"] == "approved"
    assert backend.get("/v1/comments/c-1").json == answer.json


@pytest.mark.parametrize(
    ("text", "action", "status"),
    [
        ("spam0.49", "approve", "approved"),
        ("spam0.50", "hold", "pending"),
        ("spam0.899", "hold", "pending"),
        ("spam0.90", "reject", "rejected"),
    ],
)
def test_the_status_follows_the_scores(
    backend: FlaskClient, text: str, action: str, status: str
) -> None:
    found = submit(backend, text)

    assert (found["verdict"]["action"], found["status"]) == (action, status)


def test_the_answer_holds_what_was_sent(backend: FlaskClient) -> None:
    found = submit(backend, **WHOLE)

    assert {name: found[name] for name in WHOLE} == WHOLE


def test_an_answer_has_the_fields_of_the_contract_and_no_others(backend: FlaskClient) -> None:
    found = submit(backend, "spam0.97")

    assert set(found) == {
        *WHOLE,
        *("status", "revision", "version", "verdict", "decision", "published_text"),
        "text_deleted",
        *("created_at", "received_at", "updated_at"),
    }
    assert set(found["verdict"]) == {
        *("action", "blatant", "scores", "reasons", "model", "language", "policy", "flips_if"),
        *("second_opinion", "second_model"),
    }
    [reason] = found["verdict"]["reasons"]
    assert set(reason) == {*("code", "message", "action", "score", "threshold", "rule", "spans")}


def test_a_verdict_explains_itself(backend: FlaskClient) -> None:
    verdict = submit(backend, "Buy now spam0.97 today")["verdict"]

    assert verdict["scores"]["spam"] == 0.97
    assert len(verdict["scores"]) == 7
    assert verdict["model"] == "words-1"
    [reason] = verdict["reasons"]
    assert reason["code"] == "spam_score"
    assert (reason["score"], reason["threshold"]) == (0.97, 0.9)
    assert reason["spans"] == [{"start": 8, "end": 16, "text": "spam0.97", "weight": 1.94}]


def test_spans_count_code_points(backend: FlaskClient) -> None:
    text = "👩‍👩‍👧 e\u0301 \U0001f1eb\U0001f1f7 spam0.97"

    [reason] = submit(backend, text)["verdict"]["reasons"]

    [span] = reason["spans"]
    assert text[span["start"] : span["end"]] == span["text"] == "spam0.97"


def test_spans_of_html_count_in_what_was_sent(backend: FlaskClient) -> None:
    html = "<p>Hello &amp; <b class='spam0.97'>good</b>\n<i>spam0.60</i></p>"

    verdict = submit(backend, html, html=True)["verdict"]

    assert verdict["scores"]["spam"] == 0.6
    [span] = verdict["reasons"][0]["spans"]
    assert html[span["start"] : span["end"]] == "spam0.60"


def test_without_an_id_one_is_made_that_can_be_asked_for(backend: FlaskClient) -> None:
    ids = {submit(backend)["id"] for _ in range(3)} | {submit(backend, id=None)["id"]}

    assert len(ids) == 4
    assert all(backend.get(f"/v1/comments/{one}").status_code == 200 for one in ids)


@pytest.mark.parametrize("given", ["check~", "a:b@c", "-", "0", "a..b", "A+b=", "x" * 128])
def test_an_id_may_be_anything_that_can_stand_in_a_path(backend: FlaskClient, given: str) -> None:
    submit(backend, id=given)

    assert backend.get(f"/v1/comments/{given}").json["id"] == given


@pytest.mark.parametrize("given", ["check", "batch"])
def test_an_id_that_is_also_a_route_can_be_asked_for(backend: FlaskClient, given: str) -> None:
    submit(backend, id=given)

    assert backend.get(f"/v1/comments/{given}").status_code == 200


def test_the_same_sent_again_answers_200_and_changes_nothing(
    backend: FlaskClient, database: Database
) -> None:
    first = submit(backend, **WHOLE)
    before = count(database)

    again = backend.post("/v1/comments", json=comment(**WHOLE))

    assert again.status_code == 200
    assert again.json == first
    assert count(database) == before


def test_the_same_text_with_other_fields_changes_nothing(backend: FlaskClient) -> None:
    first = submit(backend, id="c-1", metadata={"a": 1})

    again = backend.post("/v1/comments", json=comment(id="c-1", metadata={"a": 2}, language="en"))

    assert again.status_code == 200
    assert again.json == first


def test_another_text_under_the_same_id_is_a_new_revision(
    backend: FlaskClient, clock: Clock
) -> None:
    first = submit(backend, "A fine day.", id="c-1")
    clock.move(hours=1)

    answer = backend.post("/v1/comments", json=comment("spam0.97", id="c-1"))

    assert answer.status_code == 201
    assert (answer.json["revision"], answer.json["version"]) == (2, 2)
    assert answer.json["status"] == "rejected"
    assert answer.json["created_at"] == first["created_at"]
    assert answer.json["updated_at"] == "2026-11-22T13:00:00Z"


def test_the_same_text_as_html_is_a_new_revision(backend: FlaskClient) -> None:
    submit(backend, "<b>fine</b>", id="c-1")

    again = submit(backend, "<b>fine</b>", id="c-1", html=True)

    assert (again["revision"], again["html"]) == (2, True)


def test_the_same_id_in_two_sites_is_two_comments(
    backend: FlaskClient, stranger: FlaskClient
) -> None:
    submit(backend, "Ours.", id="c-1")

    answer = stranger.post("/v1/comments", json=comment("Theirs.", id="c-1"))

    assert (answer.status_code, answer.json["revision"]) == (201, 1)
    assert backend.get("/v1/comments/c-1").json["text"] == "Ours."


def test_a_filled_honeypot_is_rejected_and_blatant(backend: FlaskClient) -> None:
    verdict = submit(backend, form={"honeypot": "http://x.example"})["verdict"]

    assert (verdict["action"], verdict["blatant"]) == ("reject", True)
    assert [reason["code"] for reason in verdict["reasons"]] == ["honeypot"]


def test_form_fields_left_empty_are_as_good_as_not_sent(backend: FlaskClient) -> None:
    empty = {"name": "", "email": "", "url": None, "ip": "", "role": "", "created_at": ""}

    found = submit(backend, author=empty, form={"honeypot": "", "elapsed_ms": None})

    assert (found["author"], found["form"]) == ({}, {})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05.123456+05:30", "2026-01-01T21:34:05.123456Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_times_come_back_in_utc(backend: FlaskClient, given: str, kept: str) -> None:
    found = submit(backend, id="c-1", created_at=given)

    assert found["created_at"] == kept
    assert found["received_at"] == "2026-11-22T12:00:00Z"
    assert backend.get("/v1/comments/c-1").json == found


@pytest.mark.parametrize(
    ("given", "kept"), [("192.0.2.7", "192.0.2.7"), ("2001:DB8:0:0::1", "2001:db8::1")]
)
def test_addresses_are_kept_in_their_usual_spelling(
    backend: FlaskClient, given: str, kept: str
) -> None:
    assert submit(backend, author={"ip": given})["author"]["ip"] == kept


def test_metadata_may_fill_4096_bytes(backend: FlaskClient) -> None:
    full = {"a": "x" * (4096 - len('{"a": ""}'))}

    assert submit(backend, metadata=full)["metadata"] == full


def test_metadata_may_speak_of_nul_without_holding_it(backend: FlaskClient) -> None:
    spelt = {"a": "\\u0000", "\\u0000": "\\\\u0000"}

    assert submit(backend, metadata=spelt)["metadata"] == spelt


def test_a_text_may_have_20000_characters(backend: FlaskClient) -> None:
    longest = "é" * 20_000

    assert submit(backend, longest)["text"] == longest


def test_check_says_what_submitting_would_and_keeps_nothing(
    backend: FlaskClient, database: Database
) -> None:
    given = comment("Buy spam0.97 now", id="c-1", form={"honeypot": "x"})
    before = count(database)

    answer = backend.post("/v1/comments/check", json=given)

    assert answer.status_code == 200
    assert set(answer.json) == {"verdict"}
    assert count(database) == before
    assert backend.get("/v1/comments/c-1").status_code == 404
    assert backend.post("/v1/comments", json=given).json["verdict"] == answer.json["verdict"]


def test_an_edit_is_a_new_revision_judged_afresh(backend: FlaskClient) -> None:
    submit(backend, "spam0.97", id="c-1")

    answer = backend.patch("/v1/comments/c-1", json={"text": "A fine day."})

    assert answer.status_code == 200
    assert (answer.json["revision"], answer.json["version"]) == (2, 2)
    assert (answer.json["text"], answer.json["status"]) == ("A fine day.", "approved")
    assert backend.get("/v1/comments/c-1").json == answer.json


def test_an_edit_that_changes_nothing_is_no_revision(
    backend: FlaskClient, database: Database
) -> None:
    first = submit(backend, id="c-1")
    before = count(database)

    answer = backend.patch("/v1/comments/c-1", json={"text": "A fine day."})

    assert answer.json == first
    assert count(database) == before


def test_an_edit_keeps_html_unless_it_says_otherwise(backend: FlaskClient) -> None:
    submit(backend, "<b>one</b>", id="c-1", html=True)

    kept = backend.patch("/v1/comments/c-1", json={"text": "<b>two</b>"}).json
    changed = backend.patch("/v1/comments/c-1", json={"text": "three", "html": False}).json

    assert (kept["html"], changed["html"]) == (True, False)


def test_an_edit_of_an_older_version_is_409_with_the_present_one(backend: FlaskClient) -> None:
    submit(backend, "One.", id="c-1")
    two = backend.patch("/v1/comments/c-1", json={"text": "Two.", "version": 1})

    late = backend.patch("/v1/comments/c-1", json={"text": "Three.", "version": 1})

    assert two.status_code == 200
    assert (late.status_code, late.json["version"]) == (409, 2)
    assert late.json["type"] == "urn:winnow:problem:stale-version"
    assert backend.get("/v1/comments/c-1").json == two.json


def test_an_edit_does_not_empty_the_honeypot(backend: FlaskClient) -> None:
    submit(backend, "One.", id="c-1", form={"honeypot": "x"})

    assert backend.patch("/v1/comments/c-1", json={"text": "Two."}).json["status"] == "rejected"


@pytest.mark.parametrize("again", ["edited", "sent again"])
def test_a_change_after_a_rejection_is_held(
    backend: FlaskClient, moderator: FlaskClient, again: str
) -> None:
    submit(backend, "One.", id="c-1")
    decide(moderator, "c-1", "reject")

    if again == "edited":
        found = backend.patch("/v1/comments/c-1", json={"text": "Two."}).json
    else:
        found = submit(backend, "Two.", id="c-1")

    assert (found["status"], found["decision"]) == ("pending", None)
    assert [r["code"] for r in found["verdict"]["reasons"]] == ["edited_after_rejection"]


def test_changing_it_twice_does_not_overrule_a_rejection_either(
    backend: FlaskClient, moderator: FlaskClient
) -> None:
    submit(backend, "One.", id="c-1")
    decide(moderator, "c-1", "reject")
    backend.patch("/v1/comments/c-1", json={"text": "Two."})

    third = backend.patch("/v1/comments/c-1", json={"text": "Three."}).json
    first = backend.patch("/v1/comments/c-1", json={"text": "One."}).json

    assert (third["status"], first["status"]) == ("pending", "pending")


@pytest.mark.parametrize("taken_back", [True, False])
def test_a_change_after_a_rejection_that_no_longer_counts_is_not_held(
    backend: FlaskClient, moderator: FlaskClient, taken_back: bool
) -> None:
    submit(backend, "One.", id="c-1")
    decide(moderator, "c-1", "reject")
    if taken_back:
        moderator.delete("/v1/comments/c-1/decision")
    else:
        decide(moderator, "c-1", "approve")

    assert backend.patch("/v1/comments/c-1", json={"text": "Two."}).json["status"] == "approved"


def test_a_change_after_a_rejection_does_not_soften_the_verdict(
    backend: FlaskClient, moderator: FlaskClient
) -> None:
    submit(backend, "One.", id="c-1")
    decide(moderator, "c-1", "reject")

    assert submit(backend, "spam0.97", id="c-1")["status"] == "rejected"


def test_an_approval_is_of_one_wording_only(backend: FlaskClient, moderator: FlaskClient) -> None:
    submit(backend, "spam0.60", id="c-1")
    decide(moderator, "c-1", "approve")

    found = backend.patch("/v1/comments/c-1", json={"text": "spam0.97"}).json

    assert (found["status"], found["decision"]) == ("rejected", None)


def test_a_deleted_comment_is_gone_with_every_text(
    backend: FlaskClient, moderator: FlaskClient, database: Database
) -> None:
    submit(backend, "One.", id="c-1")
    submit(backend, "Two.", id="c-1")
    decide(moderator, "c-1", "reject", note="Three.")

    answer = backend.delete("/v1/comments/c-1")

    assert (answer.status_code, answer.data) == (204, b"")
    rows = count(database)
    gone = ("comments", "revisions", "verdicts", "decisions")
    assert [rows[table] for table in gone] == [0, 0, 0, 0]
    assert backend.get("/v1/comments/c-1").status_code == 404
    assert backend.delete("/v1/comments/c-1").status_code == 404


def test_a_deleted_id_begins_anew_and_the_log_remembers(backend: FlaskClient) -> None:
    submit(backend, "One.", id="c-1")
    backend.delete("/v1/comments/c-1")

    found = submit(backend, "Two.", id="c-1")

    assert (found["revision"], found["version"]) == (1, 1)
    events = backend.get("/v1/comments/c-1/history").json["events"]
    assert [event["type"] for event in events] == [
        "comment.created",
        "comment.deleted",
        "comment.created",
    ]


def test_the_history_holds_everything_oldest_first(
    backend: FlaskClient, moderator: FlaskClient, clock: Clock
) -> None:
    submit(backend, "spam0.60", id="c-1")
    clock.move(minutes=1)
    decide(moderator, "c-1", "approve", reason="fine", note="A regular.")
    clock.move(minutes=1)
    moderator.delete("/v1/comments/c-1/decision")
    clock.move(minutes=1)
    submit(backend, "Two.", id="c-1")

    kept = backend.get("/v1/comments/c-1/history").json

    assert [(r["revision"], r["text"]) for r in kept["revisions"]] == [(1, "spam0.60"), (2, "Two.")]
    assert [(v["version"], v["action"]) for v in kept["verdicts"]] == [(1, "hold"), (4, "approve")]
    [decision] = kept["decisions"]
    assert (decision["action"], decision["reason"]) == ("approve", "fine")
    assert decision["undone_at"] == "2026-11-22T12:02:00Z"
    assert [e["type"] for e in kept["events"]] == [
        "comment.created",
        "comment.decided",
        "comment.undone",
        "comment.edited",
    ]
    assert [e["data"]["status"] for e in kept["events"]] == [
        "pending",
        "approved",
        "pending",
        "approved",
    ]
    assert all(e["actor"].startswith("key:wnw_") for e in kept["events"])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/comments/nobody"),
        ("PATCH", "/v1/comments/nobody"),
        ("DELETE", "/v1/comments/nobody"),
        ("GET", "/v1/comments/nobody/history"),
    ],
)
def test_an_unknown_id_is_404(backend: FlaskClient, method: str, path: str) -> None:
    answer = backend.open(path, method=method, json={"text": "Two."})

    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


def test_an_edit_of_a_comment_deleted_meanwhile_is_404(
    connect: Callable[..., FlaskClient], services: Services, site: int
) -> None:
    backend = connect("backend")
    submit(backend, id="c-1")
    caller = access.Caller(site, "backend", "key:other")

    class Deleting:
        """A model during whose work somebody deletes the comment."""

        def __init__(self, model: Any) -> None:
            self.version, self.thresholds, self.model = model.version, model.thresholds, model
            self.labels, self.profiles = model.labels, model.profiles

        def score(self, texts: list[str]) -> Any:
            from api.moderation.learning import erasing

            erasing.delete_comment(services, caller, "c-1")
            return self.model.score(texts)

    services.scorer.model = Deleting(services.scorer.model)  # type: ignore[assignment]

    assert backend.patch("/v1/comments/c-1", json={"text": "Two."}).status_code == 404
