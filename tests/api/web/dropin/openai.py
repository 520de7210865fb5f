"""What the tests of OpenAI's endpoint share: the document's tables, and calls."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PATH = "/v1/moderations"

CATEGORIES = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/intent",
    "self-harm/instructions",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)
"""As the document lists them."""

TEXT_MODELS = ("text-moderation-latest", "text-moderation-stable", "text-moderation-007")
OMNI_MODELS = ("omni-moderation-latest", "omni-moderation-2024-09-26")


def ask(client: FlaskClient, given: Any, **more: Any) -> dict[str, Any]:
    """Have something moderated, and return the whole answer."""
    answer = client.post(PATH, json={"input": given, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def find(client: FlaskClient, text: str) -> dict[str, Any]:
    """The result of one text."""
    [result] = ask(client, text)["results"]
    found: dict[str, Any] = result
    return found


def true_of(result: dict[str, Any]) -> set[str]:
    """The categories that are true."""
    return {name for name, is_true in result["categories"].items() if is_true}


def refused(answer: TestResponse) -> tuple[int, dict[str, Any]]:
    """The status and the error of an answer, which has nothing else in it."""
    assert answer.content_type == "application/json"
    [(name, error)] = answer.json.items()
    assert name == "error"
    assert list(error) == ["message", "type", "param", "code"]
    return answer.status_code, error
