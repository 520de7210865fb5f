"""Coral's external moderation phase: what is sent is judged, kept, and answered in its words."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation import foreignkeys
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store.database import Database
from tests.api.web.dropin.coral import CODES, NEW, REPLY, SECRET, ask, send, spell, write
from tests.conftest import ON_SQLITE
from tests.factories import count, decide, operator, put_policy


@pytest.fixture
def phase(services: Services, site: int) -> str:
    """The name of a phase that has its secret."""
    name = foreignkeys.create_coral(services, operator(site)).key
    foreignkeys.set_secret(services, operator(site), name, SECRET)
    return name


@pytest.fixture
def kept(moderator: FlaskClient) -> Callable[[], list[dict[str, Any]]]:
    """Reads the comments of the site, newest first."""
    return lambda: list(moderator.get("/v1/comments").json["items"])


def test_what_coral_sends_is_spelt_as_its_documentation_has_it() -> None:
    assert spell(NEW).decode().splitlines()[:6] == [
        "{",
        '  "action": "NEW",',
        '  "comment": {',
        '    "body": "Here\'s a comment!",',
        '    "parentID": null',
        "  },",
    ]


def test_a_fine_comment_is_no_opinion_and_kept(
    client: FlaskClient, phase: str, kept: Callable[[], list[dict[str, Any]]]
) -> None:
    answer = ask(client, phase)

    assert (answer.status_code, answer.data) == (204, b"")
    [comment] = kept()
    assert comment["id"].startswith("coral-")
    assert comment["text"] == "Here's a comment!"
    assert comment["status"] == "approved"
    assert comment["article"] == {
        "id": "245b3856-b0a0-4d2f-a6bb-58c71f18d6a6",
        "url": "http://localhost:1313/posts/a-story-url/",
        "section": "a4bede88-2d2c-4424-bc18-4322a9e285a6",
    }
    assert comment["author"] == {"id": "baf4e943-3594-4fcc-b2ba-3e8de7a76352"}
    assert comment["metadata"] == {"door": "coral", "action": "NEW", "tenant": "localhost"}


def test_a_reply_knows_its_parent(
    client: FlaskClient, phase: str, kept: Callable[[], list[dict[str, Any]]]
) -> None:
    assert ask(client, phase, REPLY).status_code == 204

    assert kept()[0]["parent_id"] == "d79b787f-f406-49a0-a179-72e3652e54be"


HELD = {
    "spam": ("spam0.60", ["COMMENT_DETECTED_SPAM"]),
    "abuse": ("toxicity0.60", ["COMMENT_DETECTED_TOXIC"]),
    "an insult": ("insult0.60", ["COMMENT_DETECTED_TOXIC"]),
    "both": ("spam0.60 toxicity0.60", ["COMMENT_DETECTED_SPAM", "COMMENT_DETECTED_TOXIC"]),
    "a word": ("Such a heldword.", []),
}
REJECTED = {
    "spam": ("spam0.999", ["COMMENT_DETECTED_SPAM"], "SPAM"),
    "rudeness": ("toxicity0.999", ["COMMENT_DETECTED_TOXIC"], "OFFENSIVE"),
    "a threat": ("threat0.999", ["COMMENT_DETECTED_TOXIC"], "ABUSIVE"),
    "an insult": ("insult0.999", ["COMMENT_DETECTED_TOXIC"], "HARASSMENT_BULLYING"),
    "hatred": ("identity_attack0.999", ["COMMENT_DETECTED_TOXIC"], "HATE_SPEECH"),
    "bad language": ("profanity0.999", ["COMMENT_DETECTED_TOXIC"], "OFFENSIVE"),
    "a word": ("Such a badword.", [], "BANNED_WORD"),
    "a word, and spam": ("A badword spam0.60", ["COMMENT_DETECTED_SPAM"], "BANNED_WORD"),
}
STRICT = {
    "thresholds": {
        label: {"hold": 0.5, "reject": 0.9}
        for label in (
            *("spam", "toxicity", "severe_toxicity", "profanity", "threat", "insult"),
            "identity_attack",
        )
    },
    "rules": [{"word": "heldword", "do": "hold"}, {"word": "badword", "do": "reject"}],
}


def flags(reasons: list[str]) -> list[dict[str, str]]:
    return [{"actionType": "FLAG", "reason": one} for one in reasons]


@pytest.mark.parametrize("case", HELD)
@ON_SQLITE
def test_what_is_held_is_withheld_with_its_flags(
    client: FlaskClient, services: Services, site: int, phase: str, case: str
) -> None:
    put_policy(services, site, STRICT)
    text, expected = HELD[case]

    answer = ask(client, phase, write(text))

    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    assert answer.json["status"] == "SYSTEM_WITHHELD"
    assert sorted(one["reason"] for one in answer.json["actions"]) == sorted(expected)
    assert set(answer.json) == {"status", "actions"}


@pytest.mark.parametrize("case", REJECTED)
@ON_SQLITE
def test_what_is_rejected_says_why(
    client: FlaskClient, services: Services, site: int, phase: str, case: str
) -> None:
    put_policy(services, site, STRICT)
    text, expected, code = REJECTED[case]

    answer = ask(client, phase, write(text))

    assert answer.json == {
        "status": "REJECTED",
        "actions": flags(expected),
        "moderationAction": {"status": "REJECTED", "rejectionReason": {"code": code}},
    }


def test_without_a_classifier_a_comment_is_withheld(
    client: FlaskClient,
    scorer: Scorer,
    monkeypatch: pytest.MonkeyPatch,
    phase: str,
    kept: Callable[[], list[dict[str, Any]]],
) -> None:
    monkeypatch.setattr(scorer, "model", None)

    answer = ask(client, phase)

    assert answer.json == {"status": "SYSTEM_WITHHELD", "actions": []}
    assert kept()[0]["status"] == "pending"


def test_the_same_call_again_is_answered_as_the_comment_stands_now(
    client: FlaskClient, moderator: FlaskClient, phase: str, database: Database
) -> None:
    assert ask(client, phase, write("spam0.60")).json["status"] == "SYSTEM_WITHHELD"
    [comment] = moderator.get("/v1/comments").json["items"]
    before = count(database)

    assert ask(client, phase, write("spam0.60")).json["status"] == "SYSTEM_WITHHELD"
    assert count(database) == before
    decide(moderator, comment["id"], "approve")
    assert ask(client, phase, write("spam0.60")).status_code == 204
    decide(moderator, comment["id"], "reject", reason="off-topic")

    answer = ask(client, phase, write("spam0.60")).json
    assert answer["moderationAction"]["rejectionReason"] == {"code": "IRRELEVANT_CONTENT"}


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("spam", "SPAM"),
        ("abusive", "ABUSIVE"),
        ("off-topic", "IRRELEVANT_CONTENT"),
        ("other", "OTHER"),
        ("house-rule-7", "OTHER"),
        (None, "OTHER"),
    ],
)
@ON_SQLITE
def test_a_persons_reason_is_told_in_corals_words(
    client: FlaskClient, moderator: FlaskClient, phase: str, reason: str | None, code: str
) -> None:
    ask(client, phase)
    [comment] = moderator.get("/v1/comments").json["items"]
    decide(moderator, comment["id"], "reject", **({"reason": reason} if reason else {}))

    answer = ask(client, phase).json

    assert code in CODES
    assert answer["status"] == "REJECTED"
    assert answer["moderationAction"]["rejectionReason"] == {"code": code}


DIFFERENT: dict[str, dict[str, Any]] = {
    "text": write("Another comment!"),
    "parent": REPLY | {"comment": {**NEW["comment"], "parentID": "c-7"}},
    "author": {**NEW, "author": {"id": "u-2", "role": "COMMENTER"}},
    "story": {**NEW, "story": {"id": "s-2", "url": "http://localhost/2"}},
    "tenant": {**NEW, "tenantID": "t-2"},
}


@ON_SQLITE
@pytest.mark.parametrize("name", DIFFERENT)
def test_another_comment_is_another(
    client: FlaskClient, phase: str, kept: Callable[[], list[dict[str, Any]]], name: str
) -> None:
    ask(client, phase)
    ask(client, phase, DIFFERENT[name])

    assert len({one["id"] for one in kept()}) == 2


def test_an_edit_to_another_wording_is_a_comment_of_its_own(
    client: FlaskClient, phase: str, kept: Callable[[], list[dict[str, Any]]]
) -> None:
    ask(client, phase)
    answer = ask(client, phase, write("spam0.60", action="EDIT"))

    assert answer.json["status"] == "SYSTEM_WITHHELD"
    assert [one["metadata"]["action"] for one in kept()] == ["EDIT", "NEW"]


@ON_SQLITE
@pytest.mark.parametrize(
    ("role", "staff"),
    [
        ("COMMENTER", False),
        ("MEMBER", False),
        ("STAFF", True),
        ("MODERATOR", True),
        ("ADMIN", True),
        ("SOMETHING_NEW", False),
    ],
)
def test_who_works_for_the_site_is_staff(
    client: FlaskClient,
    phase: str,
    kept: Callable[[], list[dict[str, Any]]],
    role: str,
    staff: bool,
) -> None:
    ask(client, phase, {**NEW, "author": {"id": "u-5", "role": role}})

    assert kept()[0]["author"].get("role") == ("staff" if staff else None)


LINK = """\
<div><a href="https://e.example/" target="_blank" rel="noopener noreferrer ugc" \
class="coral-comment-content-link">https://e.example/</a></div>"""
"""As Coral's sanitizer leaves it."""

FORMATS = {
    "plain": ("Here's a comment!", "Here's a comment!"),
    "corals html": ("<div>Fine <b>day</b></div>", "     Fine    day"),
    "a link": (LINK, "https://e.example/"),
    "an escaped bracket": ("<div>1 &lt; 2</div>", "1 <    2"),
    "a bracket in plain text": ("Is 1 < 2 or 3 > 2?", "Is 1 < 2 or 3 > 2?"),
    "words between brackets": ("<cheap pills>", "<cheap pills>"),
    "words in an attribute": ('<span class="cheap pills">', '<span class="cheap pills">'),
}


@ON_SQLITE
@pytest.mark.parametrize("name", FORMATS)
def test_either_format_of_the_body_is_read_as_its_readers_see_it(
    client: FlaskClient, services: Services, site: int, phase: str, name: str
) -> None:
    text, shown = FORMATS[name]
    words = shown.strip().replace("\\", "\\\\")
    rule = {"regex": "".join(f"[{c}]" if c in "<>?[]()." else c for c in words), "do": "hold"}
    put_policy(services, site, {"rules": [rule]})

    answer = ask(client, phase, write(text))

    assert answer.json == {"status": "SYSTEM_WITHHELD", "actions": []}


@ON_SQLITE
@pytest.mark.parametrize("body", ["", "<div></div>", "\\ud800", "a\\u0000b", "x" * 50_000])
def test_no_text_is_refused(
    client: FlaskClient, phase: str, kept: Callable[[], list[dict[str, Any]]], body: str
) -> None:
    content = spell(write("BODY")).replace(b"BODY", body.encode())

    assert send(client, phase, content).status_code == 204
    assert len(kept()) == 1
