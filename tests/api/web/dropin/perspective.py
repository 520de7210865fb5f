"""What the tests of Perspective's calls share: the document's tables, and calls."""

import json
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PATH = "/v1alpha1/comments:analyze"

PRODUCTION = {
    "TOXICITY": "toxicity",
    "SEVERE_TOXICITY": "severe_toxicity",
    "IDENTITY_ATTACK": "identity_attack",
    "INSULT": "insult",
    "PROFANITY": "profanity",
    "THREAT": "threat",
}
"""As the document lists them, and what we call the same."""

UNSCORED = (
    *("SEXUALLY_EXPLICIT", "FLIRTATION"),
    *("AFFINITY_EXPERIMENTAL", "COMPASSION_EXPERIMENTAL", "CONSTRUCTIVE_EXPERIMENTAL"),
    *("CURIOSITY_EXPERIMENTAL", "NUANCE_EXPERIMENTAL", "PERSONAL_STORY_EXPERIMENTAL"),
    *("REASONING_EXPERIMENTAL", "RESPECT_EXPERIMENTAL"),
    *("ALIENATION_EXPERIMENTAL", "FEARMONGERING_EXPERIMENTAL", "GENERALIZATION_EXPERIMENTAL"),
    *("MORAL_OUTRAGE_EXPERIMENTAL", "POWER_APPEAL_EXPERIMENTAL", "SCAPEGOATING_EXPERIMENTAL"),
    *("ATTACK_ON_AUTHOR", "ATTACK_ON_COMMENTER", "INCOHERENT", "INFLAMMATORY"),
    *("LIKELY_TO_REJECT", "UNSUBSTANTIAL", "ATTACK_ON_PUBLISHER", "OFF_TOPIC"),
)
"""What the document lists besides, and a site without decisions has no score for."""

ERROR = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"


def request(text: str, *attributes: str, **more: Any) -> dict[str, Any]:
    """The body of a call."""
    names = attributes or ("TOXICITY",)
    asked = {"comment": {"text": text}, "requestedAttributes": {name: {} for name in names}}
    return {**asked, **more}


def post(client: FlaskClient, body: Any, query: str = "") -> TestResponse:
    """Send a body: bytes and text as they are, anything else as JSON; without a content type."""
    data = body if isinstance(body, (bytes, str)) else json.dumps(body)
    return client.post(f"{PATH}?{query}", data=data)


def analyze(client: FlaskClient, text: str, *attributes: str, **more: Any) -> dict[str, Any]:
    """Have a comment scored, and return the whole answer."""
    answer = post(client, request(text, *attributes, **more))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def value_of(body: dict[str, Any], name: str = "TOXICITY") -> float:
    """An attribute's summary."""
    found: float = body["attributeScores"][name]["summaryScore"]["value"]
    return found


def spans_of(body: dict[str, Any], name: str = "TOXICITY") -> list[tuple[int, int, float]]:
    """An attribute's spans: begin, end and score."""
    spans = body["attributeScores"][name]["spanScores"]
    return [(one["begin"], one["end"], one["score"]["value"]) for one in spans]


def refused(answer: TestResponse) -> tuple[int, dict[str, Any]]:
    """The status and the error of an answer, which is in Google's form whatever went wrong."""
    assert answer.content_type == "application/json; charset=UTF-8"
    [(name, error)] = answer.json.items()
    assert name == "error"
    assert list(error) == ["code", "message", "status", "details"]
    assert error["code"] == answer.status_code
    assert error["details"]
    assert all(detail["@type"].startswith("type.googleapis.com/") for detail in error["details"])
    return answer.status_code, error
