"""What an author may hear of a verdict."""

from typing import Any

import pytest

from api.moderation.policy.hints import SAYS, Advice, advise
from api.moderation.policy.judging import Judgement
from api.moderation.policy.matches import reason


def judgement(action: str, *codes: str, **given: Any) -> Judgement:
    reasons = [reason(code, "Secret words.", action) for code in codes]
    return Judgement(action, reasons=reasons, model="m", **given)


@pytest.mark.parametrize(
    ("code", "category"),
    [
        ("spam_score", "spam"),
        ("toxicity_score", "rude"),
        ("insult_score", "rude"),
        ("severe_toxicity_score", "rude"),
        ("profanity_score", "swearing"),
        ("identity_attack_score", "hateful"),
        ("threat_score", "threat"),
        ("word_rule", "words"),
        ("too_many_links", "links"),
        ("new_host", "links"),
        ("near_duplicate", "repeats"),
        ("rate_author", "often"),
        ("disposable_email", "email"),
        ("mode_closed", "closed"),
    ],
)
@pytest.mark.parametrize("action", ["hold", "reject"])
def test_reasons_become_kinds_of_trouble(code: str, category: str, action: str) -> None:
    assert advise(judgement(action, code)) == Advice(False, (category,))


@pytest.mark.parametrize(
    "code",
    ["author_banned", "honeypot", "too_fast", "token_used", "look_alike", "newcomer", "mode_pre"],
)
def test_what_an_author_is_not_to_know_sounds_like_any_delay(code: str) -> None:
    assert advise(judgement("reject", code)) == Advice(False, ("review",))
    assert advise(judgement("hold")) == Advice(False, ("review",))


def test_each_kind_is_told_once_in_the_order_of_the_reasons() -> None:
    found = advise(judgement("hold", "threat_score", "toxicity_score", "insult_score", "newcomer"))

    assert found.hints == ("threat", "rude", "review")


def test_what_would_be_published_has_no_hints() -> None:
    assert advise(judgement("approve", "spam_score")) == Advice(True, ())


def test_flags_and_approvals_are_no_trouble() -> None:
    held = Judgement(
        "hold",
        reasons=[reason("spam_score", "x", "flag"), reason("word_rule", "x", "approve")],
        model="m",
    )

    assert advise(held).hints == ("review",)


def test_without_a_classifier_nobody_can_say() -> None:
    held = Judgement("hold", reasons=[reason("classifier_unavailable", "x")])

    assert advise(held) == Advice(None, ("review",))


def test_every_hint_has_its_sentence() -> None:
    for sentence in SAYS.values():
        assert sentence.endswith(".")
        assert not any(letter.isdigit() for letter in sentence)
