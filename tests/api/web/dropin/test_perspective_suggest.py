"""Perspective's `comments:suggestscore`: what a site says of a comment is a decision on it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.moderation import access
from api.moderation.services import Services
from tests.conftest import ON_SQLITE
from tests.factories import Clock, count, make_key, put_policy

PATH = "/v1alpha1/comments:suggestscore"
TEXT = "Nobody asked for your opinion."

Call = Callable[..., TestResponse]


@pytest.fixture
def key(services: Services, site: int) -> str:
    """A key of the site."""
    return make_key(services, site, "backend")


@pytest.fixture
def analyze(client: FlaskClient, key: str) -> Call:
    """Have a comment analysed, and so taken in."""

    def call(text: str = TEXT, **more: Any) -> TestResponse:
        body = {"comment": {"text": text}, "requestedAttributes": {"TOXICITY": {}}}
        answer = client.post(f"/v1alpha1/comments:analyze?key={key}", json={**body, **more})
        assert answer.status_code == 200, answer.text
        return answer

    return call


@pytest.fixture
def suggest(client: FlaskClient, key: str) -> Call:
    """Say what the scores of a comment should have been."""

    def call(scores: Any, text: str = TEXT, status: int = 200, **more: Any) -> TestResponse:
        body = {"comment": {"text": text}, "attributeScores": scores, **more}
        answer = client.post(f"{PATH}?key={key}", json=body)
        assert answer.status_code == status, answer.text
        return answer

    return call


@pytest.fixture
def kept(client: FlaskClient, key: str) -> Callable[[], list[dict[str, Any]]]:
    """The comments that there are, oldest first."""

    def call() -> list[dict[str, Any]]:
        answer = client.get("/v1/comments", headers={"Authorization": f"Bearer {key}"})
        items: list[dict[str, Any]] = answer.json["items"]
        return items[::-1]

    return call


@pytest.fixture
def events(client: FlaskClient, key: str) -> Callable[..., list[dict[str, Any]]]:
    """What has happened."""

    def call(kind: str = "comment.suggested") -> list[dict[str, Any]]:
        sent = {"Authorization": f"Bearer {key}"}
        items: list[dict[str, Any]] = client.get(f"/v1/events?type={kind}", headers=sent).json[
            "items"
        ]
        return items

    return call


def whole(**values: float) -> dict[str, Any]:
    """Scores of a whole text: `whole(TOXICITY=1)`."""
    return {name: {"summaryScore": {"value": value}} for name, value in values.items()}


def said(comment: dict[str, Any]) -> tuple[str, str | None, str | None]:
    """A comment's status, and the decision on it with its reason."""
    found = comment["decision"] or {"action": None, "reason": None}
    return comment["status"], found["action"], found["reason"]


@pytest.mark.parametrize(
    ("scores", "outcome"),
    [
        (whole(TOXICITY=1), ("rejected", "reject", "abusive")),
        (whole(TOXICITY=0), ("approved", "approve", None)),
        (whole(TOXICITY=0.5), ("rejected", "reject", "abusive")),
        (whole(TOXICITY=0.4999), ("approved", "approve", None)),
        (whole(SPAM=1), ("rejected", "reject", "spam")),
        (whole(SPAM=1, TOXICITY=0.6), ("rejected", "reject", "spam")),
        (whole(SPAM=0.6, TOXICITY=1), ("rejected", "reject", "abusive")),
        (whole(SPAM=0, TOXICITY=1, INSULT=0.1), ("rejected", "reject", "abusive")),
        (whole(SEVERE_TOXICITY_EXPERIMENTAL=1), ("rejected", "reject", "abusive")),
        (whole(**{"TOXICITY@2": 0.9}), ("rejected", "reject", "abusive")),
        (whole(TOXICITY=0, TOXICITY_EXPERIMENTAL=1), ("rejected", "reject", "abusive")),
        (whole(ATTACK_ON_COMMENTER=1), ("rejected", "reject", "abusive")),
        (whole(LIKELY_TO_REJECT=1), ("rejected", "reject", None)),
        (whole(OFF_TOPIC=1), ("rejected", "reject", None)),
        (whole(SOMETHING_OF_THEIRS=1), ("rejected", "reject", None)),
        (whole(SOMETHING_OF_THEIRS=0), ("approved", "approve", None)),
        (whole(TOXICITY=0.1, CONSTRUCTIVE_EXPERIMENTAL=0.9), ("approved", "approve", None)),
        ({"TOXICITY": {"summaryScore": {}}}, ("approved", "approve", None)),
        ({"TOXICITY": {"summaryScore": {"value": "1"}}}, ("rejected", "reject", "abusive")),
        (
            {"TOXICITY": {"summaryScore": {"value": 1, "type": "PROBABILITY"}}},
            ("rejected", "reject", "abusive"),
        ),
        (
            {"TOXICITY": {"summary_score": {"value": 1, "type": "SCORE_TYPE_UNSPECIFIED"}}},
            ("rejected", "reject", "abusive"),
        ),
    ],
)
@ON_SQLITE
def test_a_value_decides(
    analyze: Call, suggest: Call, kept: Call, scores: Any, outcome: tuple[str, str, str | None]
) -> None:
    analyze()
    suggest(scores)
    [comment] = kept()
    assert said(comment) == outcome


def test_it_is_a_decision_of_the_key_and_in_the_log(
    analyze: Call, suggest: Call, kept: Call, events: Call, key: str
) -> None:
    analyze()
    suggest(whole(TOXICITY=1, INSULT=0.25))
    [comment] = kept()
    [suggested] = events()
    [decided] = events("comment.decided")
    assert suggested["comment_id"] == decided["comment_id"] == comment["id"]
    assert suggested["actor"] == decided["actor"] == f"key:{access.key_prefix(key)}"
    assert suggested["outcome"] is None
    assert suggested["data"]["scores"] == {"TOXICITY": 1.0, "INSULT": 0.25}
    assert "spans" not in suggested["data"]
    assert TEXT not in json.dumps(events()) + json.dumps(decided)
    assert suggested["number"] < decided["number"]


@pytest.mark.parametrize(
    ("scores", "logged"),
    [
        (
            {"TOXICITY": {"spanScores": [{"begin": 0, "end": 6, "score": {"value": 0.9}}]}},
            {"spans": {"TOXICITY": [[0, 6, 0.9]]}},
        ),
        (whole(CONSTRUCTIVE_EXPERIMENTAL=0.9), {"scores": {"CONSTRUCTIVE_EXPERIMENTAL": 0.9}}),
        (whole(RESPECT_EXPERIMENTAL=0), {"scores": {"RESPECT_EXPERIMENTAL": 0.0}}),
    ],
)
def test_what_decides_nothing_is_kept_all_the_same(
    analyze: Call, suggest: Call, kept: Call, events: Call, scores: Any, logged: Any
) -> None:
    analyze()
    before = kept()
    suggest(scores)
    assert kept() == before
    [event] = events()
    assert {name: event["data"].get(name) for name in logged} == logged
    assert events("comment.decided") == []


def test_what_was_said_last_stands(analyze: Call, suggest: Call, kept: Call) -> None:
    analyze()
    suggest(whole(TOXICITY=1))
    suggest(whole(TOXICITY=0))
    [comment] = kept()
    assert said(comment) == ("approved", "approve", None)


def test_the_same_said_twice_decides_once(analyze: Call, suggest: Call, events: Call) -> None:
    analyze()
    answers = [suggest(whole(TOXICITY=1)) for _ in range(2)]
    assert answers[0].data == answers[1].data
    assert len(events("comment.decided")) == 1


def test_the_site_has_the_last_word_over_a_moderator(
    analyze: Call, suggest: Call, kept: Call, moderator: FlaskClient
) -> None:
    analyze()
    [comment] = kept()
    moderator.post(f"/v1/comments/{comment['id']}/decision", json={"action": "approve"})
    suggest(whole(TOXICITY=1))
    [comment] = kept()
    assert said(comment) == ("rejected", "reject", "abusive")


def test_a_comment_is_found_by_its_text_where_only_the_suggestion_has_a_token(
    analyze: Call, suggest: Call, kept: Call
) -> None:
    analyze()
    answer = suggest(whole(TOXICITY=1), clientToken="comment:17")
    assert answer.json["clientToken"] == "comment:17"
    [comment] = kept()
    assert comment["status"] == "rejected"


def test_of_comments_with_one_text_the_one_of_the_token_is_meant(
    analyze: Call, suggest: Call, kept: Call
) -> None:
    for name in ("a", "b", "c"):
        analyze(clientToken=name)
    suggest(whole(TOXICITY=1), clientToken="b")
    assert [one["status"] for one in kept()] == ["approved", "rejected", "approved"]


def test_a_token_that_everything_has_leads_to_no_other_text(
    analyze: Call, suggest: Call, kept: Call
) -> None:
    analyze("A fine day.", clientToken="site")
    suggest(whole(TOXICITY=1), "Not so fine.", clientToken="site")
    assert [(one["text"], one["status"]) for one in kept()] == [
        ("A fine day.", "approved"),
        ("Not so fine.", "rejected"),
    ]


def test_of_comments_with_one_text_the_newest_that_is_undecided_or_differs_is_meant(
    analyze: Call, suggest: Call, kept: Call, clock: Clock
) -> None:
    for name in ("a", "b", "c"):
        analyze(clientToken=name)
        clock.move(seconds=1)
    for _ in range(2):
        suggest(whole(TOXICITY=1))
    assert [said(one)[1] for one in kept()] == [None, "reject", "reject"]
    suggest(whole(TOXICITY=0))
    assert [said(one)[1] for one in kept()] == [None, "reject", "approve"]
    for _ in range(3):
        suggest(whole(TOXICITY=1))
    assert [said(one)[1] for one in kept()] == ["reject", "reject", "reject"]


def test_a_comment_never_seen_before_comes_in_decided(
    suggest: Call, kept: Call, events: Call
) -> None:
    suggest(whole(SPAM=1), clientToken="comment:9", languages=["en"])
    [comment] = kept()
    assert (comment["text"], comment["language"]) == (TEXT, "en")
    assert said(comment) == ("rejected", "reject", "spam")
    assert comment["metadata"] == {"door": "perspective", "clientToken": "comment:9"}
    assert len(events()) == 1


def test_what_was_not_to_be_stored_comes_in_with_a_suggestion(
    analyze: Call, suggest: Call, kept: Call
) -> None:
    analyze(doNotStore=True)
    assert kept() == []
    suggest(whole(TOXICITY=1))
    [comment] = kept()
    assert comment["status"] == "rejected"


def test_a_comment_that_was_deleted_comes_in_anew(
    analyze: Call, suggest: Call, kept: Call, backend: FlaskClient
) -> None:
    analyze()
    backend.delete(f"/v1/comments/{kept()[0]['id']}")
    suggest(whole(TOXICITY=1))
    [comment] = kept()
    assert comment["status"] == "rejected"


def test_other_sites_and_other_doors_are_left_alone(
    client: FlaskClient, services: Services, suggest: Call, kept: Call, backend: FlaskClient
) -> None:
    theirs = make_key(services, access.create_site(services, "elsewhere"), "backend")
    body = {"comment": {"text": TEXT}, "requestedAttributes": {"TOXICITY": {}}}
    client.post(f"/v1alpha1/comments:analyze?key={theirs}", json=body)
    backend.post("/v1/comments", json={"article": {"id": "a"}, "text": TEXT})
    suggest(whole(TOXICITY=1))
    assert [one["status"] for one in kept()] == ["approved", "rejected"]
    sent = {"Authorization": f"Bearer {theirs}"}
    [other] = client.get("/v1/comments", headers=sent).json["items"]
    assert other["status"] == "approved"


@ON_SQLITE
def test_a_reason_that_the_site_does_not_have_is_left_out(
    analyze: Call, suggest: Call, kept: Call, services: Services, site: int
) -> None:
    reasons = [{"code": "rude", "title": "Rude"}]
    put_policy(services, site, {"review": {"reasons": reasons, "only_these_reasons": True}})
    analyze()
    suggest(whole(TOXICITY=1))
    [comment] = kept()
    assert said(comment) == ("rejected", "reject", None)


@pytest.mark.parametrize(
    ("more", "body"),
    [
        ({}, {"detectedLanguages": ["en"]}),
        (
            {"clientToken": "t", "languages": ["en"]},
            {"clientToken": "t", "requestedLanguages": ["en"], "detectedLanguages": ["en"]},
        ),
        ({"clientToken": "", "languages": []}, {"detectedLanguages": ["en"]}),
        (
            {"languages": ["fr", "de"], "sessionId": "s", "communityId": "c"},
            {"requestedLanguages": ["fr", "de"], "detectedLanguages": ["en"]},
        ),
        (
            {"context": {"articleAndParentComment": {"article": {"text": "Trains"}}}},
            {"detectedLanguages": ["en"]},
        ),
        ({"context": {"entries": [{"text": "Trains"}]}}, {"detectedLanguages": ["en"]}),
        ({"client_token": "snake", "session_id": None}, {"clientToken": "snake"}),
    ],
)
@ON_SQLITE
def test_is_answered_with_the_token_and_the_languages(
    suggest: Call, more: dict[str, Any], body: dict[str, Any]
) -> None:
    answer = suggest(whole(TOXICITY=0), **more)
    assert answer.content_type == "application/json; charset=UTF-8"
    assert answer.json == {"detectedLanguages": ["en"], **body}


@ON_SQLITE
def test_is_answered_to_the_byte(client: FlaskClient, key: str) -> None:
    sent = (
        "{comment: {text: 'A fine day for all of us.',}, languages: ['en'], "
        "attributeScores: {TOXICITY: {summaryScore: {value: 0}}}, clientToken: 'c:1'}"
    )
    answer = client.post(f"{PATH}?key={key}", data=sent)
    assert answer.text == (
        '{\n  "clientToken": "c:1",\n  "requestedLanguages": [\n    "en"\n  ],\n'
        '  "detectedLanguages": [\n    "en"\n  ]\n}\n'
    )
    plain = client.post(f"{PATH}?key={key}&prettyPrint=false&fields=clientToken", data=sent)
    assert plain.text == '{"clientToken":"c:1"}'


def span(begin: Any, end: Any, **score: Any) -> dict[str, Any]:
    """The score of a part of the text."""
    return {"begin": begin, "end": end, "score": score or {"value": 1}}


FINE = whole(TOXICITY=1)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Comment must be non-empty."),
        ({"attributeScores": FINE}, "Comment must be non-empty."),
        ({"comment": {"text": ""}, "attributeScores": FINE}, "Comment must be non-empty."),
        ({"comment": {}, "attributeScores": FINE}, "Comment must be non-empty."),
        (
            {"comment": {"text": "é" * 10_241}, "attributeScores": FINE},
            "Comment text was too many bytes. Value (20482) exceeded limit (20480).",
        ),
        (
            {"comment": {"text": "x", "type": "HTML"}, "attributeScores": FINE},
            "Currently, only 'PLAIN_TEXT' comments are supported",
        ),
        ({"comment": {"text": "x"}}, "Missing attribute_scores"),
        ({"comment": {"text": "x"}, "attributeScores": {}}, "Missing attribute_scores"),
        ({"comment": {"text": "x"}, "attributeScores": None}, "Missing attribute_scores"),
    ],
)
@ON_SQLITE
def test_what_is_missing_is_refused(
    client: FlaskClient, key: str, services: Services, body: dict[str, Any], message: str
) -> None:
    before = count(services.database)
    answer = client.post(f"{PATH}?key={key}", json=body)
    refused = answer.json["error"]
    assert (answer.status_code, refused["code"]) == (400, 400)
    assert (refused["status"], refused["message"]) == ("INVALID_ARGUMENT", message)
    assert refused["details"][0]["errorType"]
    assert count(services.database) == before


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ({"TOXICITY": {}}, "Missing summary_score and span_scores of attribute TOXICITY"),
        ({"TOXICITY": None}, "Missing summary_score and span_scores of attribute TOXICITY"),
        (
            {"TOXICITY": {"summaryScore": None, "spanScores": []}},
            "Missing summary_score and span_scores of attribute TOXICITY",
        ),
        ({"": {"summaryScore": {}}}, "Unknown requested attribute: "),
        ({"toxic <b>": {"summaryScore": {}}}, "Unknown requested attribute: toxic <b>"),
        ({"A" * 300: {"summaryScore": {}}}, f"Unknown requested attribute: {'A' * 100}"),
        (whole(TOXICITY=1.01), "Score value 1.01 of attribute TOXICITY is not between 0 and 1"),
        (whole(TOXICITY=-1), "Score value -1.0 of attribute TOXICITY is not between 0 and 1"),
        (
            {"TOXICITY": {"summaryScore": {"value": 1, "type": "RAW"}}},
            "Requested score type RAW is not supported by attribute TOXICITY",
        ),
        (
            {"TOXICITY": {"spanScores": [{"end": 3, "score": {"value": 1}}]}},
            "Missing begin of a span score of attribute TOXICITY",
        ),
        (
            {"TOXICITY": {"spanScores": [{"begin": 3, "score": {"value": 1}}]}},
            "Missing end of a span score of attribute TOXICITY",
        ),
        (
            {"TOXICITY": {"spanScores": [{"begin": 0, "end": 3}]}},
            "Missing score of a span score of attribute TOXICITY",
        ),
        (
            {"TOXICITY": {"spanScores": [span(0, 4), span(2, 2)]}},
            "Span [2, 2) of attribute TOXICITY is not within the comment text",
        ),
        (
            {"TOXICITY": {"spanScores": [span(-1, 2)]}},
            "Span [-1, 2) of attribute TOXICITY is not within the comment text",
        ),
        (
            {"TOXICITY": {"spanScores": [span(0, 5)]}},
            "Span [0, 5) of attribute TOXICITY is not within the comment text",
        ),
        (
            {"TOXICITY": {"spanScores": [span(0, 4, value=2)]}},
            "Score value 2.0 of attribute TOXICITY is not between 0 and 1",
        ),
        (
            {**whole(TOXICITY=1), "INSULT": {}},
            "Missing summary_score and span_scores of attribute INSULT",
        ),
        (
            whole(**{f"A{place}": 0 for place in range(101)}),
            "Too many attributes. Exceeded limit (100).",
        ),
    ],
)
@ON_SQLITE
def test_scores_that_make_no_sense_are_refused(
    suggest: Call, services: Services, scores: Any, message: str
) -> None:
    before = count(services.database)
    refused = suggest(scores, "o \U0001f600", status=400).json["error"]
    assert (refused["status"], refused["message"]) == ("INVALID_ARGUMENT", message)
    assert refused["details"][0]["errorType"] == "INVALID_REQUEST"
    assert count(services.database) == before


@ON_SQLITE
def test_spans_count_utf_16(suggest: Call, events: Call) -> None:
    suggest({"TOXICITY": {"spanScores": [span(0, 4)]}}, "o \U0001f600")
    assert events()[0]["data"]["spans"] == {"TOXICITY": [[0, 4, 1.0]]}


@ON_SQLITE
def test_so_many_spans_are_kept_and_no_more(suggest: Call, events: Call) -> None:
    many = [span(place, place + 1) for place in range(700)]
    scores = {"TOXICITY": {"spanScores": many}, "INSULT": {"spanScores": many}}
    suggest({**scores, "THREAT": {"spanScores": many}}, "x" * 700)
    spans = events()[0]["data"]["spans"]
    assert {name: len(found) for name, found in spans.items()} == {"TOXICITY": 700, "INSULT": 300}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{", "Invalid JSON payload received."),
        ("[]", "Invalid JSON payload received."),
        (
            '{"comment": {"text": "x"}, "doNotStore": true}',
            'Invalid JSON payload received. Unknown name "doNotStore": Cannot find field.',
        ),
        (
            '{"requestedAttributes": {"TOXICITY": {}}}',
            'Invalid JSON payload received. Unknown name "requestedAttributes": ',
        ),
        ('{"attributeScores": 5}', "Invalid value at 'attribute_scores' (Map), 5"),
        (
            '{"attributeScores": {"TOXICITY": {"summaryScore": {"value": true}}}}',
            "Invalid value at 'attribute_scores[0].value.summary_score.value' (TYPE_FLOAT), true",
        ),
        (
            '{"attributeScores": {"TOXICITY": {"summaryScore": {"value": "NaN"}}}}',
            "Invalid value at 'attribute_scores[0].value.summary_score.value' (TYPE_FLOAT)",
        ),
        (
            '{"attributeScores": {"TOXICITY": {"spanScores": [{"begin": 0.5}]}}}',
            "Invalid value at 'attribute_scores[0].value.span_scores[0].begin' (TYPE_INT32), 0.5",
        ),
    ],
)
@ON_SQLITE
def test_bodies_that_cannot_be_read_are_refused(
    client: FlaskClient, key: str, body: str, message: str
) -> None:
    answer = client.post(f"{PATH}?key={key}", data=body)
    refused = answer.json["error"]
    assert (answer.status_code, refused["status"]) == (400, "INVALID_ARGUMENT")
    assert refused["message"].startswith(message)
    assert refused["details"][0]["fieldViolations"]


@pytest.mark.parametrize(("query", "status"), [("", 403), ("?key=nobodys", 400)])
@ON_SQLITE
def test_takes_a_key(client: FlaskClient, services: Services, query: str, status: int) -> None:
    before = count(services.database)
    body = {"comment": {"text": TEXT}, "attributeScores": FINE}
    answer = client.post(f"{PATH}{query}", json=body)
    assert (answer.status_code, answer.json["error"]["code"]) == (status, status)
    assert count(services.database) == before
