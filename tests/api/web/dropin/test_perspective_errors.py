"""What Perspective's clients are told when a call fails: in Google's words, to the letter."""

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from api.moderation import access, foreignkeys
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store.database import Database
from api.store.gathering import BusyError
from tests.api.web.dropin.perspective import ERROR, PATH, UNSCORED, analyze, post, refused, request
from tests.conftest import ON_SQLITE
from tests.factories import Failing, count, make_key, operator, revoke_key

ARABIC = "هذا المقال جيد جدا وأنا أشكر الكاتب على كل ما كتبه"
TURKISH = "Bu gerçekten çok güzel bir yazı olmuş, teşekkürler"

ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
BAD_KEY = "API key not valid. Please pass a valid API key."


def test_an_error_is_written_as_google_writes_it(shared_admin: FlaskClient) -> None:
    answer = post(shared_admin, "")

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert answer.text == (
        """{
  "error": {
    "code": 400,
    "message": "Comment must be non-empty.",
    "status": "INVALID_ARGUMENT",
    "details": [
      {
        "@type": "type.googleapis.com/google.commentanalyzer.v1alpha1.Error",
        "errorType": "COMMENT_EMPTY"
      }
    ]
  }
}
"""
    )


@pytest.mark.parametrize(
    ("body", "message", "kind"),
    [
        ({}, "Comment must be non-empty.", "COMMENT_EMPTY"),
        ({"comment": {}}, "Comment must be non-empty.", "COMMENT_EMPTY"),
        (request(""), "Comment must be non-empty.", "COMMENT_EMPTY"),
        (
            request("a" * 20_501),
            "Comment text was too many bytes. Value (20501) exceeded limit (20480).",
            "COMMENT_TOO_LONG",
        ),
        (
            request("é" * 10_241),
            "Comment text was too many bytes. Value (20482) exceeded limit (20480).",
            "COMMENT_TOO_LONG",
        ),
        ({"comment": {"text": "hi"}}, "Missing requested_attributes", "NO_REQUESTED_ATTRIBUTES"),
        (
            {"comment": {"text": "hi"}, "requestedAttributes": {}},
            "Missing requested_attributes",
            "NO_REQUESTED_ATTRIBUTES",
        ),
        (request("hi", "FOO"), "Unknown requested attribute: FOO", "INVALID_REQUEST"),
        (request("hi", "toxicity"), "Unknown requested attribute: toxicity", "INVALID_REQUEST"),
        (request("hi", "TOXICITY", ""), "Unknown requested attribute: ", "INVALID_REQUEST"),
        (request("hi", "FOO@2"), "Unknown requested attribute: FOO@2", "INVALID_REQUEST"),
        (
            request("hi", "TOXICITY@two"),
            "Unknown requested attribute: TOXICITY@two",
            "INVALID_REQUEST",
        ),
        (
            request("hi", "SPAM_EXPERIMENTAL", dropUnsupportedAttributes=True),
            "Unknown requested attribute: SPAM_EXPERIMENTAL",
            "INVALID_REQUEST",
        ),
        (
            {"comment": {"text": "hi", "type": "HTML"}, "requestedAttributes": {"SPAM": {}}},
            "Currently, only 'PLAIN_TEXT' comments are supported",
            "INVALID_REQUEST",
        ),
        (
            {"comment": {"text": "hi", "type": "MARKDOWN"}, "requestedAttributes": {"SPAM": {}}},
            "Unknown text type",
            "INVALID_REQUEST",
        ),
        (
            {"comment": {"text": "hi", "type": 7}, "requestedAttributes": {"SPAM": {}}},
            "Unknown text type",
            "INVALID_REQUEST",
        ),
        (
            request(
                "hi",
                context={"entries": [{"text": "a"}], "articleAndParentComment": {"article": {}}},
            ),
            (
                "Context can have either entries or article_and_parent_comment, "
                "but both fields were populated."
            ),
            "INVALID_REQUEST",
        ),
        (
            request("hi", *(f"TOXICITY@{at}" for at in range(101))),
            "Too many attributes. Exceeded limit (100).",
            "INVALID_REQUEST",
        ),
        # Of several errors, the one that the document names first.
        (request("", "FOO", languages=["ar"]), "Comment must be non-empty.", "COMMENT_EMPTY"),
        (
            request("hi", "THREAT", "FOO", languages=["ar"]),
            "Unknown requested attribute: FOO",
            "INVALID_REQUEST",
        ),
    ],
)
def test_the_analyzers_own_errors(
    shared_admin: FlaskClient, body: dict[str, Any], message: str, kind: str
) -> None:
    status, error = refused(post(shared_admin, body))

    assert (status, error["status"], error["message"]) == (400, "INVALID_ARGUMENT", message)
    assert error["details"] == [{"@type": ERROR, "errorType": kind}]


@pytest.mark.parametrize("kind", ["RAW", "STD_DEV_SCORE", "PERCENTILE", 4, "NOVEL"])
def test_a_score_of_another_type(shared_admin: FlaskClient, kind: str | int) -> None:
    asked = {"THREAT": {}, "TOXICITY": {"scoreType": kind}}

    _, error = refused(post(shared_admin, {**request("hi"), "requestedAttributes": asked}))

    name = "RAW" if kind == 4 else kind
    assert error["message"] == f"Requested score type {name} is not supported by attribute TOXICITY"
    assert error["details"] == [{"@type": ERROR, "errorType": "INVALID_REQUEST"}]


def test_a_language_that_was_named(shared_admin: FlaskClient) -> None:
    _, error = refused(
        post(shared_admin, request("hi", "SPAM", "THREAT", "INSULT", languages=["ar"]))
    )

    assert error == {
        "code": 400,
        "message": "Attribute THREAT does not support request languages: ar",
        "status": "INVALID_ARGUMENT",
        "details": [
            {
                "@type": ERROR,
                "errorType": "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
                "languageNotSupportedByAttributeError": {
                    "requestedLanguages": ["ar"],
                    "attribute": "THREAT",
                },
            }
        ],
    }


def test_several_languages_that_were_named(shared_admin: FlaskClient) -> None:
    body = request("hi", "TOXICITY_EXPERIMENTAL@3", languages=["ar", "pt-BR"])

    _, error = refused(post(shared_admin, body))

    says = "Attribute TOXICITY_EXPERIMENTAL@3 does not support request languages: ar, pt-BR"
    assert error["message"] == says
    [detail] = error["details"]
    assert detail["languageNotSupportedByAttributeError"] == {
        "requestedLanguages": ["ar", "pt-BR"],
        "attribute": "TOXICITY_EXPERIMENTAL@3",
    }


@pytest.mark.parametrize(("text", "language"), [(TURKISH, "tr"), (ARABIC, "ar")])
def test_a_language_that_was_detected(shared_admin: FlaskClient, text: str, language: str) -> None:
    _, error = refused(post(shared_admin, request(text, "INSULT")))

    says = f"Attribute INSULT does not support request languages: {language}"
    assert error["message"] == says
    [detail] = error["details"]
    assert detail["languageNotSupportedByAttributeError"] == {
        "detectedLanguages": [language],
        "attribute": "INSULT",
    }


def test_a_client_that_drops_what_it_is_told_to_gets_there(shared_admin: FlaskClient) -> None:
    asked = ["TOXICITY", "SPAM", "THREAT"]
    dropped = []

    while (answer := post(shared_admin, request(TURKISH, *asked))).status_code != 200:
        _, error = refused(answer)
        dropped.append(error["message"].split()[1])
        asked.remove(dropped[-1])

    assert dropped == ["TOXICITY", "THREAT"]
    assert list(answer.json["attributeScores"]) == ["SPAM"]


@pytest.mark.parametrize("text", ["👍👍👍", "12345", "?!", " ", "привет", "死"])
def test_a_text_whose_language_nobody_can_tell(shared_admin: FlaskClient, text: str) -> None:
    _, error = refused(post(shared_admin, request(text)))

    assert error["message"] == "Unable to detect language"
    assert error["details"] == [{"@type": ERROR, "errorType": "LANGUAGE_DETECTION_FAILED"}]


@pytest.mark.parametrize("name", UNSCORED)
def test_what_is_known_and_cannot_be_had(shared_admin: FlaskClient, name: str) -> None:
    _, error = refused(post(shared_admin, request("hi", "TOXICITY", name, languages=["en"])))

    assert error["message"] == f"Attribute {name} does not support request languages: en"

    body = analyze(shared_admin, "hi", "TOXICITY", name, dropUnsupportedAttributes=True)
    assert list(body["attributeScores"]) == ["TOXICITY"]


@ON_SQLITE
@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("key=wrong", {}),
        ("key=%ff%00", {}),
        ("access_token=wrong", {}),
        ("oauth_token=wrong", {}),
        ("", {"X-Goog-Api-Key": "wrong"}),
        ("", {"Authorization": "Bearer wrong"}),
    ],
)
def test_a_key_that_nobody_has(client: FlaskClient, query: str, headers: dict[str, str]) -> None:
    answer = client.post(f"{PATH}?{query}", data=b"{no json", headers=headers)

    status, error = refused(answer)
    assert (status, error["status"], error["message"]) == (400, "INVALID_ARGUMENT", BAD_KEY)
    assert error["details"] == [
        {
            "@type": ERROR_INFO,
            "reason": "API_KEY_INVALID",
            "domain": "googleapis.com",
            "metadata": {"service": "commentanalyzer.googleapis.com"},
        },
        {
            "@type": "type.googleapis.com/google.rpc.LocalizedMessage",
            "locale": "en-US",
            "message": BAD_KEY,
        },
    ]


@ON_SQLITE
@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer"}]
)
@pytest.mark.parametrize("query", ["", "key=", "key=&access_token="])
def test_no_key_at_all(client: FlaskClient, query: str, headers: dict[str, str]) -> None:
    answer = client.post(f"{PATH}?{query}", json=request("hi"), headers=headers)

    status, error = refused(answer)
    assert (status, error["status"]) == (403, "PERMISSION_DENIED")
    assert error["message"] == (
        "Method doesn't allow unregistered callers (callers without established identity). "
        "Please use API Key or other form of API consumer identity to call this API."
    )
    assert error["details"][0]["reason"]


@ON_SQLITE
@pytest.mark.parametrize("role", ["backend", "moderator", "admin"])
def test_any_key_of_the_site_will_do(
    client: FlaskClient, services: Services, site: int, role: str
) -> None:
    key = make_key(services, site, role)
    ways: list[tuple[str, dict[str, str]]] = [
        (f"key={key}", {}),
        (f"access_token={key}", {}),
        (f"oauth_token={key}", {}),
        ("", {"x-goog-api-key": key}),
        ("", {"Authorization": f"bearer {key}"}),
        (f"alt=json&quotaUser=u&uploadType=x&upload_protocol=y&$.xgafv=2&zzz=1&key={key}", {}),
    ]

    for query, headers in ways:
        answer = client.post(f"{PATH}?{query}", json=request("hi"), headers=headers)
        assert answer.status_code == 200


@ON_SQLITE
def test_keys_that_open_other_doors_do_not_open_this(
    client: FlaskClient, services: Services, site: int
) -> None:
    for made in (
        foreignkeys.create_akismet(services, operator(site)),
        foreignkeys.create_coral(services, operator(site)),
    ):
        status, error = refused(client.post(f"{PATH}?key={made.key}", json=request("hi")))
        assert (status, error["message"]) == (400, BAD_KEY)


@ON_SQLITE
def test_a_key_that_was_revoked(client: FlaskClient, services: Services, site: int) -> None:
    key = make_key(services, site, "backend")
    revoke_key(services, site, access.key_prefix(key))

    assert refused(client.post(f"{PATH}?key={key}", json=request("hi")))[0] == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", PATH),
        ("PUT", PATH),
        ("DELETE", PATH),
        ("POST", "/v1alpha1/comments:analyse"),
        ("POST", "/v1alpha1/comments"),
        ("GET", "/v1alpha1"),
        ("POST", f"/{PATH}"),
    ],
)
def test_where_nothing_is_there_is_a_page(
    shared_admin: FlaskClient, method: str, path: str
) -> None:
    answer = shared_admin.open(path, method=method)

    assert answer.status_code == 404
    if path.startswith("/v1alpha1"):
        assert answer.content_type == "text/html; charset=UTF-8"
        assert answer.text.startswith("<!DOCTYPE html>")


@ON_SQLITE
def test_a_body_that_is_larger_than_any(app: Flask, backend: FlaskClient) -> None:
    app.config["MAX_BATCH_LENGTH"] = 1000

    status, error = refused(post(backend, request("x" * 1000)))

    assert (status, error["status"]) == (400, "INVALID_ARGUMENT")
    assert error["message"] == "Request payload size exceeds the limit: 1000 bytes."


@ON_SQLITE
@pytest.mark.parametrize("more", [{}, {"doNotStore": True}, {"spanAnnotations": True}])
def test_a_classifier_that_is_missing(
    backend: FlaskClient, scorer: Scorer, database: Database, more: dict[str, Any]
) -> None:
    scorer.model = None

    status, error = refused(post(backend, request("Hello. There.", "TOXICITY", "SPAM", **more)))

    assert (status, error["status"]) == (503, "UNAVAILABLE")
    kept = backend.get("/v1/comments").json["items"]
    assert [one["status"] for one in kept] == ([] if "doNotStore" in more else ["pending"])
    assert count(database)["dropin_checks"] == len(kept)


@ON_SQLITE
def test_a_comment_that_was_kept_unscored_is_scored_when_it_comes_again(
    backend: FlaskClient, scorer: Scorer
) -> None:
    model, scorer.model = scorer.model, None
    assert post(backend, request("toxicity0.40")).status_code == 503
    scorer.model = model

    assert analyze(backend, "toxicity0.40")["attributeScores"]["TOXICITY"]
    [kept] = backend.get("/v1/comments").json["items"]
    assert kept["status"] == "pending"


@ON_SQLITE
@pytest.mark.parametrize(
    ("fault", "status", "name"),
    [
        (
            OperationalError("SELECT secret", {"text": "private"}, Exception("gone")),
            503,
            "UNAVAILABLE",
        ),
        (BusyError("The database is busy with other writers."), 503, "UNAVAILABLE"),
        (RuntimeError("inner workings of secret"), 500, "INTERNAL"),
    ],
)
def test_what_fails_on_our_side(
    backend: FlaskClient,
    services: Any,
    caplog: pytest.LogCaptureFixture,
    fault: Exception,
    status: int,
    name: str,
) -> None:
    object.__setattr__(services, "database", Failing(fault))

    found, error = refused(post(backend, request("private")))

    assert (found, error["status"]) == (status, name)
    assert not any(word in json.dumps(error) + caplog.text for word in ("secret", "private"))
