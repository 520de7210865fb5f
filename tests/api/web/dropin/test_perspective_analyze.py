"""Perspective's `comments:analyze`: scores in its form, and the comment kept like any other."""

import json
import logging
import re
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store.database import Database
from api.store.dropin import DropinCheck, RejectionFit
from api.web.comment_schemas import MAX_TEXT
from api.web.dropin.perspective import sentences
from classifier import LABELS, Submission
from tests.api.web.dropin.perspective import (
    PATH,
    PRODUCTION,
    analyze,
    post,
    request,
    spans_of,
    value_of,
)
from tests.conftest import ON_SQLITE
from tests.factories import WordModel, count, put_policy, rows

TURKISH = "Bu gerçekten çok güzel bir yazı olmuş, teşekkürler"


def test_an_answer_is_written_as_google_writes_it(shared_admin: FlaskClient) -> None:
    text = "Hi there. toxicity0.91 é!"

    answer = post(shared_admin, request(text, spanAnnotations=True, clientToken="my-token"))

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert answer.text == (
        """{
  "attributeScores": {
    "TOXICITY": {
      "spanScores": [
        {
          "begin": 0,
          "end": 10,
          "score": {
            "value": 0.01,
            "type": "PROBABILITY"
          }
        },
        {
          "begin": 10,
          "end": 25,
          "score": {
            "value": 0.91,
            "type": "PROBABILITY"
          }
        }
      ],
      "summaryScore": {
        "value": 0.91,
        "type": "PROBABILITY"
      }
    }
  },
  "languages": [
    "en"
  ],
  "detectedLanguages": [
    "en"
  ],
  "clientToken": "my-token"
}
"""
    )


@pytest.mark.parametrize("value", ["false", "False", "0"])
def test_an_answer_may_be_compact(shared_admin: FlaskClient, value: str) -> None:
    answer = post(shared_admin, request("hé", "SPAM", clientToken="é"), f"prettyPrint={value}")

    assert answer.text == (
        '{"attributeScores":{"SPAM":{"spanScores":[{"begin":0,"end":2,'
        '"score":{"value":0.01,"type":"PROBABILITY"}}],'
        '"summaryScore":{"value":0.01,"type":"PROBABILITY"}}},'
        '"languages":["en"],"detectedLanguages":["en"],"clientToken":"é"}'
    )


@pytest.mark.parametrize(("name", "label"), PRODUCTION.items())
def test_each_attribute_is_the_score_of_ours_that_means_the_same(
    shared_admin: FlaskClient, name: str, label: str
) -> None:
    asked = [name, f"{name}_EXPERIMENTAL", f"{name}@6", f"{name}_EXPERIMENTAL@2"]
    others = [other for other in PRODUCTION if other != name]
    # The word model finds `toxicity` in `severe_toxicity`, too.
    text = f"toxicity0.01 {label}0.70" if label == "severe_toxicity" else f"{label}0.70"

    body = analyze(shared_admin, text, *asked, *others)

    assert list(body["attributeScores"]) == [*asked, *others]
    assert {value_of(body, one) for one in asked} == {0.7}
    assert {value_of(body, one) for one in others} == {0.01}


@pytest.mark.parametrize(
    ("name", "label"),
    [("SPAM", "spam"), ("OBSCENE", "profanity"), ("TOXICITY_FAST", "toxicity"), ("SPAM@1", "spam")],
)
def test_attributes_of_other_groups(shared_admin: FlaskClient, name: str, label: str) -> None:
    assert value_of(analyze(shared_admin, f"{label}0.70", name), name) == 0.7


class Fixed:
    """A model that gives every text the same scores."""

    version, labels = "fixed-1", LABELS

    def __init__(self, *scores: float) -> None:
        self.scores = scores

    def score(self, items: list[Submission]) -> Any:
        """The same for all."""
        return np.array([self.scores for _ in items])


@ON_SQLITE
@pytest.mark.parametrize(
    ("score", "shown"),
    [
        (0.8125037612345, "0.81250376"),
        (0.4125979999999, "0.412598"),
        (0.1, "0.1"),
        (1 / 3, "0.33333334"),
        (0.0, "0.0"),
        (1.0, "1.0"),
        (0.9999999999, "1.0"),
        (1.2345678e-05, "1.2345678e-05"),
    ],
)
@pytest.mark.parametrize("pretty", ["true", "false"])
def test_a_value_is_of_32_bits_in_its_shortest_form(
    backend: FlaskClient, scorer: Scorer, score: float, shown: str, pretty: str
) -> None:
    scorer.model = Fixed(*[score] * len(LABELS))  # type: ignore[assignment]

    answer = post(backend, request("hi", doNotStore=True), f"prettyPrint={pretty}")

    assert set(re.findall(r'"value": ?([^,\s}]+)', answer.text)) == {shown}


@pytest.mark.parametrize(
    ("text", "more", "languages", "detected"),
    [
        ("I have never seen such a beautiful harbour.", {}, ["en"], ["en"]),
        ("idiot", {}, ["en"], ["en"]),
        ("𝕚𝕕𝕚𝕠𝕥", {}, ["en"], ["en"]),
        ("hi", {"languages": []}, ["en"], ["en"]),
        ("hi", {"languages": ["en-US"]}, ["en-US"], ["en"]),
        ("hi", {"languages": ["EN_gb", "de"]}, ["EN_gb", "de"], ["en"]),
        ("hi", {"languages": "en"}, ["en"], ["en"]),
        (TURKISH, {"languages": ["en"]}, ["en"], ["tr"]),
        ("👍", {"languages": ["en"]}, ["en"], ["und"]),
    ],
)
def test_languages_are_those_that_were_named_or_else_detected(
    shared_admin: FlaskClient,
    text: str,
    more: dict[str, Any],
    languages: list[str],
    detected: list[str],
) -> None:
    body = analyze(shared_admin, text, **more)

    assert (body["languages"], body["detectedLanguages"]) == (languages, detected)


@pytest.mark.parametrize(
    ("text", "detected"), [(TURKISH, "tr"), ("👍👍", "und"), ("12345", "und"), (" ", "und")]
)
def test_spam_is_told_in_any_language(shared_admin: FlaskClient, text: str, detected: str) -> None:
    body = analyze(shared_admin, text, "SPAM", "INSULT", dropUnsupportedAttributes=True)

    assert list(body["attributeScores"]) == ["SPAM"]
    assert body["languages"] == body["detectedLanguages"] == [detected]


def test_what_no_language_allows_leaves_no_scores(shared_admin: FlaskClient) -> None:
    body = analyze(shared_admin, TURKISH, "INSULT", dropUnsupportedAttributes=True)

    assert body == {"languages": ["tr"], "detectedLanguages": ["tr"]}


@pytest.mark.parametrize(
    ("threshold", "found"), [(0, True), (0.69, True), (0.7, True), (0.71, False), (1.5, False)]
)
def test_a_score_below_its_threshold_is_left_out(
    shared_admin: FlaskClient, threshold: float, found: bool
) -> None:
    asked = {"INSULT": {"scoreThreshold": threshold}}

    answer = post(shared_admin, {"comment": {"text": "insult0.70"}, "requestedAttributes": asked})

    assert ("attributeScores" in answer.json) is found
    assert {"languages", "detectedLanguages"} <= answer.json.keys()


def test_each_attribute_has_a_threshold_of_its_own(shared_admin: FlaskClient) -> None:
    asked = {"INSULT": {"scoreThreshold": 0.5}, "THREAT": {"scoreThreshold": 0.5}, "SPAM": {}}
    body = {"comment": {"text": "insult0.70"}, "requestedAttributes": asked}

    assert list(post(shared_admin, body).json["attributeScores"]) == ["INSULT", "SPAM"]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("Hello", [(0, 5)]),
        ("Hello.", [(0, 6)]),
        # As in the one capture there is: the blank between belongs to the first.
        ("What a nice person. You are stupid .", [(0, 20), (20, 36)]),
        ("One!  Two?\tThree", [(0, 6), (6, 11), (11, 16)]),
        ("One...two. three", [(0, 11), (11, 16)]),
        ('He said "no." Then he left.', [(0, 14), (14, 27)]),
        ("A line\nand another\n\n", [(0, 7), (7, 20)]),
        ("\n\n  Late. Yes", [(0, 10), (10, 13)]),
        ("Mr. Smith met Dr. J. Doe at 3.5 p.m. or so. Yes", [(0, 37), (37, 44), (44, 47)]),
        ("いい天気。そうですね！", [(0, 5), (5, 11)]),
        ("😀 one. 😀😀 two. é", [(0, 8), (8, 18), (18, 19)]),
        ("👨‍👩‍👧. e\u0301. x", [(0, 10), (10, 14), (14, 15)]),
        ("?! ?", [(0, 3), (3, 4)]),
        (" ", [(0, 1)]),
    ],
)
def test_spans_are_sentences_in_units_of_utf_16(
    shared_admin: FlaskClient, text: str, spans: list[tuple[int, int]]
) -> None:
    body = analyze(shared_admin, text, "SPAM", spanAnnotations=True)

    assert [(begin, end) for begin, end, _ in spans_of(body, "SPAM")] == spans


def test_each_sentence_has_a_score_of_its_own(shared_admin: FlaskClient) -> None:
    text = "insult0.30. threat0.80! insult0.60 threat0.20"

    body = analyze(shared_admin, text, "INSULT", "THREAT", spanAnnotations=True)

    assert spans_of(body, "INSULT") == [(0, 12, 0.3), (12, 24, 0.01), (24, 45, 0.6)]
    assert spans_of(body, "THREAT") == [(0, 12, 0.01), (12, 24, 0.8), (24, 45, 0.2)]
    # The word model goes by the first word it finds.
    assert (value_of(body, "INSULT"), value_of(body, "THREAT")) == (0.3, 0.8)


@pytest.mark.parametrize("more", [{}, {"spanAnnotations": False}])
def test_without_annotations_there_is_one_span_of_all(
    shared_admin: FlaskClient, more: dict[str, Any]
) -> None:
    body = analyze(shared_admin, "One 😀. insult0.30 two.", "INSULT", "SPAM", **more)

    assert spans_of(body, "INSULT") == [(0, 23, 0.3)]
    assert spans_of(body, "SPAM") == [(0, 23, 0.01)]


def test_sentences_are_the_whole_text_whatever_it_is() -> None:
    for text in ("a. " * 3000, "." * 20_000, '."' * 10_000, " " * 99, "\n" * 99, "x", ".\n" * 500):
        pieces = sentences.split(text)
        assert "".join(pieces) == text
        assert all(pieces)
        assert len(pieces) <= sentences.MOST
        assert sentences.measure(pieces)[-1][1] == len(text)


@ON_SQLITE
def test_the_site_shows_its_scores_along_its_curve(
    backend: FlaskClient, services: Services, site: int
) -> None:
    put_policy(services, site, {"perspective_curve": {"INSULT": [[0.2, 0.5], [0.6, 0.8]]}})
    names = "INSULT", "INSULT_EXPERIMENTAL", "INSULT@2", "THREAT"
    text = "insult0.40 threat0.40. insult0.60"

    body = analyze(backend, text, *names, spanAnnotations=True)

    assert [value_of(body, name) for name in names] == [0.65, 0.65, 0.65, 0.4]
    assert [score for _, _, score in spans_of(body, "INSULT")] == [0.65, 0.8]
    # A threshold is of what is shown.
    asked = {"INSULT": {"scoreThreshold": 0.6}}
    answer = post(backend, {"comment": {"text": text}, "requestedAttributes": asked})
    assert value_of(answer.json, "INSULT") == 0.65


@ON_SQLITE
def test_likely_to_reject_is_what_the_sites_moderators_do(
    backend: FlaskClient, services: Services, site: int
) -> None:
    # What they have decided says: as likely as it is an insult.
    weights = {"bias": 0.0, "labels": {**dict.fromkeys(LABELS, 0.0), "insult": 1.0}}
    learnt = {"weights": weights, "approved": 50, "rejected": 50, "fitted_at": services.now()}
    with services.database.writing() as session:
        session.add(RejectionFit(site_id=site, model=WordModel.version, **learnt))
    name = "LIKELY_TO_REJECT"

    body = analyze(backend, "Hi. insult0.60", name, f"{name}@1", spanAnnotations=True)

    assert value_of(body, name) == value_of(body, f"{name}@1") == 0.6
    assert spans_of(body, name) == [(0, 4, 0.01), (4, 14, 0.6)]
    answer = post(backend, request("hi", name, languages=["ar"]))
    assert answer.json["error"]["message"].startswith(f"Attribute {name} does not support")
    put_policy(services, site, {"perspective_curve": {name: [[0.6, 0.9]]}})
    assert value_of(analyze(backend, "insult0.60", name), name) == 0.9


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ("languages", {"languages": ["en"]}),
        ("languages,client_token", {"languages": ["en"], "clientToken": "t"}),
        (
            "attributeScores/SPAM/summaryScore/value",
            {"attributeScores": {"SPAM": {"summaryScore": {"value": 0.01}}}},
        ),
        (
            "attributeScores.SPAM.spanScores(begin, end)",
            {"attributeScores": {"SPAM": {"spanScores": [{"begin": 0, "end": 2}]}}},
        ),
        (
            "attribute_scores(*(summary_score(value)))",
            {
                "attributeScores": {
                    "SPAM": {"summaryScore": {"value": 0.01}},
                    "THREAT": {"summaryScore": {"value": 0.01}},
                }
            },
        ),
        ("nothing", {}),
    ],
)
def test_a_mask_leaves_what_it_names(
    shared_admin: FlaskClient, fields: str, left: dict[str, Any]
) -> None:
    answer = post(
        shared_admin, request("hi", "SPAM", "THREAT", clientToken="t"), f"fields={fields}"
    )

    assert answer.status_code == 200
    assert answer.json == left


@pytest.mark.parametrize("fields", ["", "*", "attributeScores,attributeScores/SPAM,languages/x,*"])
def test_a_mask_may_leave_all(shared_admin: FlaskClient, fields: str) -> None:
    body = analyze(shared_admin, "hi", "SPAM", "THREAT")

    answer = post(shared_admin, request("hi", "SPAM", "THREAT"), f"fields={fields}")

    assert answer.json == body


@pytest.mark.parametrize(
    "fields",
    ["a(", "a)", "(a)", "a,,b", "a/", "/a", ",", "a(b))", "a b", "a;b", "a(" * 50, "a" * 3000],
)
def test_what_is_no_mask_is_refused(shared_admin: FlaskClient, fields: str) -> None:
    answer = post(shared_admin, request("hi"), f"fields={fields}")

    assert answer.status_code == 400
    assert answer.json["error"]["details"][0]["fieldViolations"][0]["field"] == "fields"


@pytest.mark.parametrize("name", ["f", "my.call_back.$1", "_x"])
def test_an_answer_may_call_a_function(shared_admin: FlaskClient, name: str) -> None:
    token = "</script>&\u2028"

    answer = post(shared_admin, request("hi", clientToken=token), f"callback={name}")

    assert answer.content_type == "text/javascript; charset=UTF-8"
    begin, end = f"// API callback\n{name}(", ");"
    assert answer.text.startswith(begin)
    assert answer.text.endswith(end)
    inside = answer.text.removeprefix(begin).removesuffix(end)
    assert json.loads(inside)["clientToken"] == token
    assert not any(one in inside for one in "<>&\u2028")


@pytest.mark.parametrize(
    "name", ["alert(1)//", "a b", "a..b", ".a", "1a", "a[0]", "a\n", "é", "a" * 129]
)
def test_a_callback_is_a_plain_name(shared_admin: FlaskClient, name: str) -> None:
    answer = shared_admin.post(PATH, query_string={"callback": name}, json=request("hi"))

    assert answer.status_code == 400
    assert answer.content_type == "application/json; charset=UTF-8"
    assert name not in answer.text


def test_a_failure_calls_the_function_too(shared_admin: FlaskClient) -> None:
    answer = post(shared_admin, "", "callback=f&prettyPrint=false&fields=languages")

    assert answer.status_code == 400
    assert answer.content_type == "text/javascript; charset=UTF-8"
    assert answer.text.startswith('// API callback\nf({"error":{"code":400,')


@pytest.mark.parametrize("path", [PATH, f"{PATH}/", PATH.replace(":", "%3A")])
def test_a_path_may_be_written_otherwise(shared_admin: FlaskClient, path: str) -> None:
    assert shared_admin.post(path, json=request("hi")).status_code == 200


def test_a_context_may_be_a_megabyte(shared_admin: FlaskClient) -> None:
    entries = [{"text": "x" * 1_000_000}, {"text": "<b>", "type": "HTML"}, None]

    assert analyze(shared_admin, "hi", context={"entries": entries}) == analyze(shared_admin, "hi")


def test_a_comment_is_kept_like_any_other(
    backend: FlaskClient, database: Database, site: int
) -> None:
    text = "toxicity0.60 it is"
    more: dict[str, Any] = {
        "clientToken": "token-1",
        "sessionId": "session-1",
        "communityId": "community-1",
        "languages": ["en-GB"],
        "context": {"articleAndParentComment": {"article": {"text": "The harbour"}}},
    }

    body = analyze(backend, text, "TOXICITY", "SPAM", **more)

    [kept] = backend.get("/v1/comments").json["items"]
    assert re.fullmatch("perspective-[0-9a-f]{32}", kept["id"])
    assert (kept["text"], kept["status"], kept["language"]) == (text, "pending", "en-GB")
    assert kept["article"]["title"] == "The harbour"
    assert re.fullmatch("perspective-[0-9a-f]{16}", kept["article"]["id"])
    assert kept["metadata"] == {
        "door": "perspective",
        "clientToken": "token-1",
        "sessionId": "session-1",
        "communityId": "community-1",
    }
    assert kept["verdict"]["scores"]["toxicity"] == value_of(body)
    with database.reading() as session:
        [check] = session.query(DropinCheck)
        assert (check.site_id, check.door) == (site, "perspective")
        assert check.token is not None
        assert check.expires_at is not None


def test_a_bare_comment_is_kept_too(backend: FlaskClient) -> None:
    analyze(backend, "A fine day.")

    [kept] = backend.get("/v1/comments").json["items"]
    assert kept["status"] == "approved"
    assert kept["article"] == {"id": "perspective"}
    assert kept["metadata"] == {"door": "perspective"}


@ON_SQLITE
def test_a_call_sent_twice_is_one_comment(backend: FlaskClient, database: Database) -> None:
    article = {"articleAndParentComment": {"article": {"text": "The harbour"}}}
    calls: list[dict[str, Any]] = [
        {},
        {"clientToken": "a"},
        {"sessionId": "a"},
        {"communityId": "a"},
        {"context": article},
    ]
    for more in calls:
        assert analyze(backend, "Hi.", **more) == analyze(backend, "Hi.", **more)
        # Which attributes are asked for, and how, changes nothing of the comment.
        analyze(backend, "Hi.", "SPAM", spanAnnotations=True, **more)

    assert count(database)["comments"] == len(calls)
    assert count(database)["dropin_checks"] == len(calls)


def test_a_comment_that_was_edited_since_is_judged_as_it_is_asked_about(
    backend: FlaskClient,
) -> None:
    first = analyze(backend, "toxicity0.60 it is")
    [kept] = backend.get("/v1/comments").json["items"]
    edited = backend.patch(f"/v1/comments/{kept['id']}", json={"text": "A fine day."})
    assert edited.json["verdict"]["scores"]["toxicity"] != value_of(first)

    again = analyze(backend, "toxicity0.60 it is")

    assert again == first
    [now] = backend.get("/v1/comments").json["items"]
    assert (now["text"], now["revision"]) == ("toxicity0.60 it is", 3)


@ON_SQLITE
@pytest.mark.parametrize("refused", [request(""), request("hi", "FOO"), request(TURKISH)])
def test_what_is_refused_is_not_kept(
    backend: FlaskClient, database: Database, refused: dict[str, Any]
) -> None:
    before = rows(database)

    assert post(backend, refused).status_code == 400
    assert post(backend, request("hi"), "fields=a(").status_code == 400
    assert post(backend, request("hi"), "callback=a(").status_code == 400
    assert rows(database) == before


def test_what_is_not_to_be_stored_is_written_nowhere(
    backend: FlaskClient, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    more: dict[str, Any] = {
        "context": {"articleAndParentComment": {"article": {"text": "private-article"}}},
        "clientToken": "private-token",
        "sessionId": "private-session",
        "communityId": "private-community",
        "spanAnnotations": True,
        "doNotStore": True,
    }
    before = rows(database)

    with caplog.at_level(logging.DEBUG):
        body = analyze(backend, "private-text. toxicity0.95", "TOXICITY", "SPAM", **more)

    assert value_of(body) == 0.95
    assert rows(database) == before
    assert "private" not in caplog.text


def test_scores_are_the_same_whether_stored_or_not(shared_admin: FlaskClient) -> None:
    for text in ("toxicity0.60 a\0b \ud83d", "x" * 20_480, f"{'x ' * 10_100}toxicity0.60"):
        for more in ({}, {"languages": ["en"]}, {"spanAnnotations": True}):
            stored = analyze(shared_admin, text, *PRODUCTION, **more)
            assert stored == analyze(shared_admin, text, *PRODUCTION, **more)
            assert stored == analyze(shared_admin, text, *PRODUCTION, **more, doNotStore=True)


@ON_SQLITE
def test_all_of_a_text_is_scored_even_where_it_is_cut_to_be_kept(backend: FlaskClient) -> None:
    text = f"{'x ' * 10_100}toxicity0.60"

    body = analyze(backend, text)

    assert value_of(body) == 0.6
    assert spans_of(body) == [(0, len(text), 0.6)]
    [kept] = backend.get("/v1/comments").json["items"]
    assert kept["text"] == text[:MAX_TEXT]


@pytest.mark.parametrize(("size", "status"), [(20_480, 200), (20_481, 400)])
def test_a_text_may_have_20480_bytes(shared_admin: FlaskClient, size: int, status: int) -> None:
    assert post(shared_admin, request("a" * size)).status_code == status
    assert post(shared_admin, request("é" * (size // 2) + "a" * (size % 2))).status_code == status


@ON_SQLITE
def test_texts_that_no_database_can_hold(backend: FlaskClient) -> None:
    answer = post(backend, request("a\0b\ud800", "SPAM", clientToken="\0"))

    assert answer.status_code == 200
    assert spans_of(answer.json, "SPAM") == [(0, 4, 0.01)]
    assert answer.json["clientToken"] == "\0"
    [kept] = backend.get("/v1/comments").json["items"]
    assert kept["text"] == "a\ufffdb\ufffd"


def test_sites_see_their_own_comments_only(backend: FlaskClient, stranger: FlaskClient) -> None:
    assert analyze(backend, "A fine day.") == analyze(stranger, "A fine day.")

    for client in (backend, stranger):
        assert len(client.get("/v1/comments").json["items"]) == 1
