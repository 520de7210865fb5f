"""What an outside checker's word counts beside ours."""

import json
from dataclasses import replace
from typing import Any

import pytest

from api.moderation.policy.document import Checker, Document
from api.moderation.policy.inforce import Policy
from api.moderation.policy.judging import Judgement
from api.moderation.policy.matches import reason
from api.moderation.policy.opinions import NonsenseError, Opinion, fail, read_opinion, weigh

POLICY = Policy(Document())
OBSERVE = Policy(Document(profile="observe"))
CHECKER = Checker("https://checker.example/")
OVERRIDE = replace(CHECKER, may="override")
OURS = ("approve", "hold", "reject")


def judgement(action: str, **more: Any) -> Judgement:
    return Judgement(action, reasons=[reason("spam_score", "x", action)], model="m", **more)


def codes(found: Judgement) -> list[str]:
    return [one["code"] for one in found.reasons]


@pytest.mark.parametrize("ours", OURS)
@pytest.mark.parametrize("theirs", OURS)
def test_escalating_the_stricter_counts(ours: str, theirs: str) -> None:
    found = weigh(POLICY, CHECKER, judgement(ours), Opinion(theirs))

    assert found.action == max(ours, theirs, key=OURS.index)
    won = OURS.index(theirs) > OURS.index(ours)
    assert codes(found) == (["checker", "spam_score"] if won else ["spam_score", "checker"])


@pytest.mark.parametrize("ours", OURS)
@pytest.mark.parametrize("theirs", OURS)
def test_overriding_theirs_counts(ours: str, theirs: str) -> None:
    found = weigh(POLICY, OVERRIDE, judgement(ours), Opinion(theirs))

    assert found.action == theirs
    assert codes(found) == ["checker", "spam_score"]


@pytest.mark.parametrize("checker", [CHECKER, OVERRIDE])
@pytest.mark.parametrize("ours", OURS)
def test_no_opinion_changes_nothing(checker: Checker, ours: str) -> None:
    assert weigh(POLICY, checker, judgement(ours), Opinion("none")) == judgement(ours)


@pytest.mark.parametrize("checker", [CHECKER, OVERRIDE])
@pytest.mark.parametrize("theirs", OURS)
def test_who_observes_hears_it_and_publishes(checker: Checker, theirs: str) -> None:
    found = weigh(OBSERVE, checker, judgement("approve"), Opinion(theirs))

    assert (found.action, codes(found)) == ("approve", ["spam_score", "checker"])


def test_the_reason_carries_code_and_sentence() -> None:
    [first, _] = weigh(
        POLICY, CHECKER, judgement("approve"), Opinion("hold", "phone.number", "A number.")
    ).reasons

    assert first == reason("checker", "A number.", "hold", rule="checker:phone.number")


def test_without_a_sentence_there_is_one_of_ours() -> None:
    [first, _] = weigh(POLICY, CHECKER, judgement("approve"), Opinion("reject")).reasons

    assert first["message"] == "The site's checker rejects this."
    assert first["rule"] == "checker"


def test_what_would_change_it_is_the_checkers_word() -> None:
    def flips(ours: str, theirs: str) -> str:
        return weigh(POLICY, OVERRIDE, judgement(ours), Opinion(theirs)).flips_if

    assert flips("approve", "hold") == "approved if the site's checker said nothing"
    assert flips("reject", "approve") == "rejected if the site's checker said nothing"
    assert flips("hold", "hold") == "the site's checker said otherwise"


def test_what_is_not_rejected_is_not_blatant() -> None:
    ours = judgement("reject", blatant=True)

    assert not weigh(POLICY, OVERRIDE, ours, Opinion("hold")).blatant
    assert weigh(POLICY, OVERRIDE, ours, Opinion("reject")).blatant


@pytest.mark.parametrize(
    ("on_failure", "ours", "action", "first"),
    [
        ("hold", "approve", "hold", "checker_failed"),
        ("hold", "hold", "hold", "spam_score"),
        ("hold", "reject", "reject", "spam_score"),
        ("pass", "approve", "approve", "spam_score"),
        ("pass", "hold", "hold", "spam_score"),
        ("pass", "reject", "reject", "spam_score"),
    ],
)
@pytest.mark.parametrize("may", ["escalate", "override"])
def test_a_failure_holds_or_passes(
    on_failure: str, ours: str, action: str, first: str, may: str
) -> None:
    found = fail(POLICY, replace(CHECKER, on_failure=on_failure, may=may), judgement(ours), "Why.")

    assert (found.action, codes(found)[0]) == (action, first)
    [said] = [one for one in found.reasons if one["code"] == "checker_failed"]
    assert said["action"] == ("hold" if on_failure == "hold" else "flag")
    assert said["message"].endswith("Why.")


def test_who_observes_publishes_whatever_fails() -> None:
    assert fail(OBSERVE, CHECKER, judgement("approve"), "Why.").action == "approve"


def test_no_content_is_no_opinion() -> None:
    assert read_opinion(204, b"") == Opinion("none")


def test_an_answer_is_read() -> None:
    body = {"action": "hold", "reason": "phone", "message": " A number. ", "more": [1]}

    assert read_opinion(200, json.dumps(body).encode()) == Opinion("hold", "phone", "A number.")
    assert read_opinion(200, b'{"action": "none", "reason": null}') == Opinion("none")


def test_a_message_is_one_that_can_be_kept() -> None:
    body = json.dumps({"action": "hold", "message": "\0a\ud800" + "x" * 600}).encode()

    message = read_opinion(200, body).message

    assert message == "\ufffda?" + "x" * 497
    assert read_opinion(200, b'{"action": "hold", "message": 7}').message == ""


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"yes"),
        (200, b"{"),
        (200, b"[]"),
        (200, b'"hold"'),
        (200, b"null"),
        (200, b"{}"),
        (200, b'{"action": null}'),
        (200, b'{"action": "HOLD"}'),
        (200, b'{"action": "flag"}'),
        (200, b'{"action": ["hold"]}'),
        (200, b'{"action": {}}'),
        (200, b'{"action": "hold", "reason": 7}'),
        (200, b'{"action": "hold", "reason": "two words"}'),
        (200, b'{"action": "hold", "reason": "' + b"x" * 65 + b'"}'),
        (200, b'{"action": "hold"' + b" " * 70_000),
        (200, b"[" * 60_000),
        (200, b'{"action": "\xff"}'),
        (200, b"\xff\xfe\x00"),
        (201, b'{"action": "approve"}'),
        (202, b'{"action": "approve"}'),
        (301, b'{"action": "approve"}'),
        (400, b'{"action": "approve"}'),
        (404, b'{"action": "approve"}'),
        (500, b'{"action": "approve"}'),
        (503, b""),
    ],
)
def test_what_cannot_be_understood_is_no_opinion(status: int, body: bytes) -> None:
    with pytest.raises(NonsenseError):
        read_opinion(status, body)
