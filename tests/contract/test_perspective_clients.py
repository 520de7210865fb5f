"""Published clients of Perspective, unmodified, on a real server.

Google's own library for Python and that for Node, which build themselves from our description of
the API, and four that know their service's address only: PyPI's `perspective` and `PyPerspective`,
npm's `perspective-api-client` and `@conversationai/perspectiveapi-js-client`.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.error import HTTPError

import httplib2
import pytest
from googleapiclient import discovery
from googleapiclient.errors import HttpError
from perspective import PerspectiveAPI
from PyPerspective.errors import InvalidAuthKey
from PyPerspective.Perspective import Perspective

from tests.contract.clients.calling import CallError
from tests.contract.clients.running import Running, Site, capture

HARMLESS = "The council should repair the bridge before winter; it has been shut since spring."
INSULT = "You are a complete idiot and a pathetic liar, shut up."
TURKISH = "Belediye başkanı köprünün kıştan önce onarılacağını söyledi, ama kimse buna inanmıyor."

NOBODYS_KEY = "AIzaSyA-0123456789abcdefghijklmnopqrstu"
BAD_KEY = "API key not valid. Please pass a valid API key."
SIX = ("TOXICITY", "SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT")

Node = Callable[..., list[Any]]


@contextmanager
def build(url: str, key: str, **http: str) -> Iterator[Any]:
    """Google's client for Python, of the API that this URL describes."""
    # Its own connection would be left open where the description is refused.
    with closing(httplib2.Http(**http)) as connection:
        yield discovery.build(
            "commentanalyzer",
            "v1alpha1",
            developerKey=key,
            discoveryServiceUrl=f"{url}/$discovery/rest?version=v1alpha1",
            static_discovery=False,
            cache_discovery=False,
            http=connection,
        )


@pytest.fixture
def google(running: Running, own: Site) -> Iterator[Any]:
    """The same of our server, with a good key."""
    with build(running.url, own.key) as found:
        yield found.comments()


def body(text: str, *attributes: str, **more: Any) -> dict[str, Any]:
    """A request to analyze a text, for toxicity or for these attributes."""
    asked = {name: {} for name in attributes or ("TOXICITY",)}
    return {"comment": {"text": text}, "requestedAttributes": asked, **more}


def analyze(google: Any, text: str, *attributes: str, **more: Any) -> Any:
    return google.analyze(body=body(text, *attributes, **more)).execute()


def refusal(google: Any, text: str, *attributes: str, **more: Any) -> dict[str, Any]:
    """The error that Google's client raises, which is 400 INVALID_ARGUMENT."""
    with pytest.raises(HttpError) as found:
        analyze(google, text, *attributes, **more)
    error: dict[str, Any] = json.loads(found.value.content)["error"]
    assert found.value.status_code == error["code"] == 400
    assert error["status"] == "INVALID_ARGUMENT"
    assert found.value.reason == error["message"]
    return error


def summary(answer: Any, attribute: str = "TOXICITY") -> float:
    """An attribute's score of the whole text."""
    found = answer["attributeScores"][attribute]["summaryScore"]
    assert found["type"] == "PROBABILITY"
    return float(found["value"])


# google-api-python-client, from PyPI


def test_google_hears_what_is_toxic_and_the_comments_are_kept(google: Any, own: Site) -> None:
    harmless = analyze(google, HARMLESS, *SIX)
    insult = analyze(google, INSULT, *SIX, languages=["en"], clientToken="t-1")
    assert set(insult["attributeScores"]) == set(SIX)
    assert summary(insult) > 0.9 > 0.2 > summary(harmless)
    assert summary(insult, "INSULT") > 0.9
    assert insult["languages"] == insult["detectedLanguages"] == ["en"]
    assert insult["clientToken"] == "t-1"
    assert insult["attributeScores"]["TOXICITY"]["spanScores"][0]["end"] == len(INSULT)
    assert [(one["text"], one["status"]) for one in own.comments()] == [
        (HARMLESS, "approved"),
        (INSULT, "rejected"),
    ]
    assert {one["metadata"]["door"] for one in own.comments()} == {"perspective"}


def test_google_keeps_nothing_of_what_is_not_to_be_stored(google: Any, own: Site) -> None:
    assert summary(analyze(google, INSULT, doNotStore=True)) > 0.9
    assert own.comments() == []


def test_google_hears_of_each_sentence(google: Any) -> None:
    # The sign is two of the units that spans count in.
    text = f"\N{THUMBS UP SIGN} Well put. {INSULT}"
    answer = analyze(google, text, spanAnnotations=True)
    first, second = answer["attributeScores"]["TOXICITY"]["spanScores"]
    assert (first["begin"], second["end"]) == (0, len(text) + 1)
    assert first["end"] == second["begin"] == len("\N{THUMBS UP SIGN} Well put. ") + 1
    assert second["score"]["value"] > 0.9 > 0.5 > first["score"]["value"]


def test_google_hears_only_what_reaches_its_thresholds(google: Any) -> None:
    high, low = {"scoreThreshold": 0.9}, {"scoreThreshold": 0}
    some = analyze(google, INSULT, requestedAttributes={"TOXICITY": high, "THREAT": high})
    assert set(some["attributeScores"]) == {"TOXICITY"}
    assert "attributeScores" not in analyze(google, HARMLESS, requestedAttributes={"INSULT": high})
    assert (
        "INSULT"
        in analyze(google, HARMLESS, requestedAttributes={"INSULT": low})["attributeScores"]
    )


def test_google_is_told_what_cannot_be_asked(google: Any, own: Site) -> None:
    def kind(error: dict[str, Any]) -> tuple[str, str]:
        return error["message"], error["details"][0]["errorType"]

    assert kind(refusal(google, "")) == ("Comment must be non-empty.", "COMMENT_EMPTY")
    assert kind(refusal(google, "a " * 10_241)) == (
        "Comment text was too many bytes. Value (20482) exceeded limit (20480).",
        "COMMENT_TOO_LONG",
    )
    assert kind(refusal(google, HARMLESS, requestedAttributes={})) == (
        "Missing requested_attributes",
        "NO_REQUESTED_ATTRIBUTES",
    )
    assert kind(refusal(google, HARMLESS, "FOO")) == (
        "Unknown requested attribute: FOO",
        "INVALID_REQUEST",
    )
    raw = {"TOXICITY": {"scoreType": "RAW"}}
    assert kind(refusal(google, HARMLESS, requestedAttributes=raw)) == (
        "Requested score type RAW is not supported by attribute TOXICITY",
        "INVALID_REQUEST",
    )
    html = {"text": HARMLESS, "type": "HTML"}
    assert kind(refusal(google, HARMLESS, comment=html)) == (
        "Currently, only 'PLAIN_TEXT' comments are supported",
        "INVALID_REQUEST",
    )
    unknown = refusal(google, HARMLESS, foo=1)
    assert unknown["message"] == (
        'Invalid JSON payload received. Unknown name "foo": Cannot find field.'
    )
    assert own.comments() == []


def test_google_drops_one_attribute_after_the_other(google: Any) -> None:
    # As programs do that cannot know which languages are supported.
    left, refused = ["TOXICITY", "SPAM", "INSULT"], []
    answer = None
    while answer is None:
        try:
            answer = analyze(google, TURKISH, *left)
        except HttpError as error:
            refused.append(error)
            # The second word of the message is the name, as one client reads it.
            left.remove(error.reason.split()[1])
    assert [one.error_details[0] for one in refused] == [
        {
            "@type": "type.googleapis.com/google.commentanalyzer.v1alpha1.Error",
            "errorType": "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
            "languageNotSupportedByAttributeError": {
                "detectedLanguages": ["tr"],
                "attribute": attribute,
            },
        }
        for attribute in ("TOXICITY", "INSULT")
    ]
    assert set(answer["attributeScores"]) == {"SPAM"}


def test_google_has_what_is_not_supported_left_out(google: Any) -> None:
    asked = ("TOXICITY", "SEXUALLY_EXPLICIT")
    error = refusal(google, HARMLESS, *asked, languages=["en"])
    detail = error["details"][0]
    assert detail["errorType"] == "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"
    assert detail["languageNotSupportedByAttributeError"] == {
        "requestedLanguages": ["en"],
        "attribute": "SEXUALLY_EXPLICIT",
    }
    answer = analyze(google, HARMLESS, *asked, dropUnsupportedAttributes=True)
    assert set(answer["attributeScores"]) == {"TOXICITY"}


@pytest.mark.parametrize(("value", "status"), [(1, "rejected"), (0, "approved")])
def test_what_google_suggests_is_a_decision(
    google: Any, own: Site, value: int, status: str
) -> None:
    text = INSULT if status == "approved" else HARMLESS
    analyze(google, text)
    scores = {"TOXICITY": {"summaryScore": {"value": value}}}
    suggestion = {"comment": {"text": text}, "attributeScores": scores, "clientToken": "t-2"}
    answer = google.suggestscore(body=suggestion).execute()
    assert answer["clientToken"] == "t-2"
    assert own.comment()["status"] == status


def test_google_is_told_of_a_suggestion_without_scores(google: Any, own: Site) -> None:
    with pytest.raises(HttpError) as found:
        google.suggestscore(body={"comment": {"text": HARMLESS}, "attributeScores": {}}).execute()
    assert found.value.status_code == 400
    assert own.comments() == []


def test_google_asks_much_at_once(running: Running, own: Site) -> None:
    long = f"{HARMLESS} " * 30
    asked = {
        "first": body(INSULT),
        # Its own id for a call may be the whole comment.
        long: body(long),
        "empty": body(""),
        "unknown": body(HARMLESS, "FOO"),
    }
    heard: dict[str, Any] = {}
    with build(running.url, own.key) as client:
        batch = client.new_batch_http_request()
        for name, one in asked.items():
            batch.add(
                client.comments().analyze(body=one),
                request_id=name,
                callback=lambda name, answer, error: heard.__setitem__(name, error or answer),
            )
        batch.execute()
    assert set(heard) == set(asked)
    assert summary(heard["first"]) > 0.9
    assert summary(heard[long]) < 0.5
    assert heard["empty"].reason == "Comment must be non-empty."
    assert heard["unknown"].reason == "Unknown requested attribute: FOO"
    assert {one["text"] for one in own.comments()} == {INSULT, long}


def test_google_is_told_of_a_key_that_is_nobodys(running: Running, own: Site) -> None:
    # The description is the first thing it asks for.
    with pytest.raises(HttpError, match=BAD_KEY) as found, build(running.url, NOBODYS_KEY):
        pass
    assert found.value.status_code == 400
    assert found.value.error_details[0]["reason"] == "API_KEY_INVALID"
    with build(running.url, own.key) as client:
        client._developerKey = NOBODYS_KEY
        assert refusal(client.comments(), HARMLESS)["message"] == BAD_KEY
    assert own.comments() == []


def test_without_a_classifier_google_is_refused_over_tls(speechless: Running) -> None:
    site = speechless.make_site()
    url, authority = speechless.public_url.rstrip("/"), str(speechless.wires.authority)
    with build(url, site.key, ca_certs=authority) as client, pytest.raises(HttpError) as found:
        analyze(client.comments(), HARMLESS)
    assert found.value.uri.startswith(speechless.public_url)
    assert found.value.status_code == 503
    assert json.loads(found.value.content)["error"]["status"] == "UNAVAILABLE"
    assert site.comment()["status"] == "pending"


# perspective and PyPerspective, from PyPI


def test_perspective_hears_and_suggests(own: Site, captured: Running) -> None:
    client = PerspectiveAPI(own.key)
    assert client.score(INSULT, tests=["TOXICITY", "INSULT"])["INSULT"] > 0.9
    answer = client.analyze_comment(
        HARMLESS,
        requested_attributes={"TOXICITY": {"scoreType": "PROBABILITY", "scoreThreshold": 0.0}},
        context=[{"text": "Do we need the bridge?", "type": "PLAIN_TEXT"}],
        span_annotations=True,
        languages=["en"],
        client_token="t-1",
        session_id="s-1",
        community_id="gazette",
    )
    assert summary(answer) < 0.2
    assert answer["clientToken"] == "t-1"
    scores = {"TOXICITY": {"summaryScore": {"value": 1.0}}}
    assert client.suggest_score(HARMLESS, scores, client_token="t-2")["clientToken"] == "t-2"
    assert captured.wires.names[-1] == "commentanalyzer.googleapis.com"
    assert {one["text"]: one["status"] for one in own.comments()} == {
        INSULT: "rejected",
        HARMLESS: "rejected",
    }


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [("", "", "Comment must be non-empty."), (NOBODYS_KEY, HARMLESS, BAD_KEY)],
)
def test_perspective_is_told_what_is_wrong(
    own: Site, captured: Running, key: str, text: str, message: str
) -> None:
    with pytest.raises(HTTPError) as found:
        PerspectiveAPI(key or own.key).analyze_comment(text, validate=False)
    with found.value as error:
        assert error.code == 400
        assert json.loads(error.read())["error"]["message"] == message


def test_pyperspective_hears_of_the_text_and_its_parts(own: Site, captured: Running) -> None:
    client = Perspective(own.key)
    found = client.get_score(INSULT, tests=["TOXICITY", "THREAT"], langs=["en"])
    assert found["toxicity"].score > 0.9 > found["threat"].score
    assert str(found["toxicity"][0]) == INSULT
    assert (found.requests_langs, found.detected_langs) == (["en"], ["en"])
    # It says so of whatever it sends, unless it is changed in its source.
    assert own.comments() == []


def test_pyperspective_is_told_of_a_key_that_is_nobodys(captured: Running) -> None:
    # It asks with no body, and takes any other error for a good key.
    with pytest.raises(InvalidAuthKey):
        Perspective(NOBODYS_KEY)


# googleapis-common, from npm: what Google's library for Node is made of


def test_google_for_node_hears_suggests_and_is_told(
    running: Running, own: Site, call_node: Node
) -> None:
    scores = {"TOXICITY": {"summaryScore": {"value": 0}}}
    options = {"url": f"{running.url}/$discovery/rest?version=v1alpha1", "key": own.key}
    found, suggested, unknown, language = call_node(
        "googleapis-common",
        options,
        ("analyze", body(INSULT, *SIX)),
        ("suggestscore", {"comment": {"text": INSULT}, "attributeScores": scores}),
        ("analyze", body(HARMLESS, "FOO")),
        ("analyze", body(HARMLESS, "THREAT", languages=["ar"])),
    )
    assert summary(found) > 0.9
    assert suggested["detectedLanguages"] == ["en"]
    assert str(unknown) == "Unknown requested attribute: FOO"
    assert str(language) == "Attribute THREAT does not support request languages: ar"
    assert language.more["status"] == 400
    assert own.comment()["status"] == "approved"


def test_google_for_node_is_told_of_a_key_that_is_nobodys(
    running: Running, call_node: Node
) -> None:
    url = f"{running.url}/$discovery/rest?version=v1alpha1"
    [late] = call_node(
        "googleapis-common", {"url": url, "key": NOBODYS_KEY}, ("analyze", body("a"))
    )
    [early] = call_node("googleapis-common", {"url": f"{url}&key={NOBODYS_KEY}"}, ("analyze", {}))
    for error in (late, early):
        assert isinstance(error, CallError)
        assert error.more["status"] == 400
        assert error.more["data"]["error"]["message"] == BAD_KEY


# perspective-api-client and @conversationai/perspectiveapi-js-client, from npm


def test_perspective_api_client_hears_and_is_told(
    running: Running, own: Site, call_node: Node
) -> None:
    kept = {"doNotStore": False}
    found, plain, unknown = call_node(
        "perspective-api-client",
        {"apiKey": own.key},
        ("analyze", INSULT, {"attributes": ["toxicity", "insult"], **kept}),
        ("analyze", f"<b>{HARMLESS}</b>"),
        ("analyze", HARMLESS, {"attributes": ["FOO"], **kept}),
    )
    assert summary(found, "INSULT") > 0.9
    assert summary(plain) < 0.2
    assert (unknown.name, str(unknown)) == ("ResponseError", "Unknown requested attribute: FOO")
    assert running.wires.names[-1] == "commentanalyzer.googleapis.com"
    # The others were not to be stored.
    assert own.comment()["text"] == INSULT


def test_perspective_api_client_is_told_of_a_key_that_is_nobodys(call_node: Node) -> None:
    [error] = call_node("perspective-api-client", {"apiKey": NOBODYS_KEY}, ("analyze", HARMLESS))
    assert (error.name, str(error)) == ("ResponseError", BAD_KEY)


def test_conversationais_client_hears_and_is_told(own: Site, call_node: Node) -> None:
    kept = {"attributes": [*SIX, "SPAM", "OBSCENE"], "doNotStore": False}
    usual, many, unknown = call_node(
        "perspectiveapi-js-client",
        own.key,
        ("getScores", INSULT),
        ("getScores", HARMLESS, kept),
        ("getScores", HARMLESS, {"attributes": ["FOO"]}),
    )
    assert usual["TOXICITY"] > 0.9 > usual["SPAM"]
    assert set(many) == set(kept["attributes"])
    assert max(many.values()) < 0.2
    assert "status code 400" in str(unknown)
    assert own.comment()["text"] == HARMLESS


def test_without_a_classifier_perspective_is_refused(
    speechless: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture(speechless, monkeypatch)
    with pytest.raises(HTTPError) as found:
        PerspectiveAPI(speechless.make_site().key).score(HARMLESS)
    with found.value as error:
        assert error.code == 503
