"""Coral as far as Winnow can see it: what it sends, byte for byte, and what it takes for an answer.

The shapes are those of Coral's own source and documentation (`external.ts`, `signingSecret`,
`external-moderation-phases`). `validate` stands for its schema: what it would refuse fails here.
"""

import hashlib
import hmac
import json
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

SECRET = "empsec_0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"

NEW: dict[str, Any] = {
    "action": "NEW",
    "comment": {"body": "Here's a comment!", "parentID": None},
    "author": {"id": "baf4e943-3594-4fcc-b2ba-3e8de7a76352", "role": "COMMENTER"},
    "story": {
        "id": "245b3856-b0a0-4d2f-a6bb-58c71f18d6a6",
        "url": "http://localhost:1313/posts/a-story-url/",
    },
    "site": {"id": "a4bede88-2d2c-4424-bc18-4322a9e285a6"},
    "tenantID": "19ba5794-7eeb-4d46-a81b-c00c61672501",
    "tenantDomain": "localhost",
}
"""The example of a new comment in Coral's documentation."""

REPLY: dict[str, Any] = {
    **NEW,
    "comment": {"body": "Here's a reply!", "parentID": "d79b787f-f406-49a0-a179-72e3652e54be"},
}
"""The example of a reply."""

STATUSES = ("APPROVED", "NONE", "PREMOD", "REJECTED", "SYSTEM_WITHHELD")
FLAGS = ("COMMENT_DETECTED_TOXIC", "COMMENT_DETECTED_SPAM")
CODES = (
    *("OFFENSIVE", "ABUSIVE", "SPAM", "BANNED_WORD", "AD", "ILLEGAL_CONTENT", "MISINFORMATION"),
    *("HARASSMENT_BULLYING", "HATE_SPEECH", "IRRELEVANT_CONTENT", "OTHER"),
)


def spell(content: Any) -> bytes:
    """The bytes that Coral sends: `JSON.stringify(data, null, 2)`."""
    return json.dumps(content, indent=2, ensure_ascii=False).encode()


def sign(body: bytes, *secrets: str) -> str:
    """Coral's header, with a signature for each secret that is in force."""
    made = [hmac.new(one.encode(), body, hashlib.sha256).hexdigest() for one in secrets]
    return ",".join(f"sha256={one}" for one in made)


def write(text: str, **more: Any) -> dict[str, Any]:
    """A new comment with this text."""
    return {**NEW, "comment": {"body": text, "parentID": None}, **more}


def ask(client: FlaskClient, name: str, content: Any = NEW, secret: str = SECRET) -> TestResponse:
    """What a phase is answered; the answer is such as Coral takes."""
    answer = send(client, name, spell(content), secret)
    if answer.status_code == 200:
        validate(answer.json)
    return answer


def send(client: FlaskClient, name: str, body: bytes, secret: str = SECRET) -> TestResponse:
    """The same for any bytes."""
    headers = {
        "Content-Type": "application/json",
        "X-Coral-Signature": sign(body, secret),
        "User-Agent": "Coral Moderation/9.7.0",
    }
    return client.post(f"/coral/{name}", data=body, headers=headers)


def validate(answer: Any) -> None:
    """Fail where Coral's schema would; what it does not know it drops, so there is none of it."""
    assert set(answer) <= {"status", "actions", "moderationAction"}
    assert answer["status"] in STATUSES
    for action in answer["actions"]:
        assert set(action) == {"actionType", "reason"}
        assert action["actionType"] == "FLAG"
        assert action["reason"] in FLAGS
    # With it Coral tells the author of a rejection, so it comes with no other status.
    assert ("moderationAction" in answer) is (answer["status"] == "REJECTED")
    if "moderationAction" in answer:
        told = answer["moderationAction"]
        assert set(told) == {"status", "rejectionReason"}
        assert told["status"] == "REJECTED"
        assert set(told["rejectionReason"]) == {"code"}
        assert told["rejectionReason"]["code"] in CODES
