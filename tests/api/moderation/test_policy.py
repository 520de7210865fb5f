"""From scores to an action with its reasons."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.moderation.policy import judging as policy
from api.moderation.policy.inforce import DEFAULT
from api.moderation.policy.judging import Judgement
from api.moderation.policy.subject import Draft, Subject
from api.moderation.queues.urgency import HARM
from api.moderation.scoring import Scored, Scorer
from classifier import LABELS, Submission, Threshold
from tests.factories import START, words_scorer

CALM = dict.fromkeys(LABELS, 0.01)


def judge(
    scores: dict[str, float],
    thresholds: dict[str, Threshold] | None = None,
    form: dict[str, Any] | None = None,
) -> Judgement:
    scorer = words_scorer()
    if thresholds is not None:
        scorer.model.thresholds = thresholds  # type: ignore[union-attr]
    return decide(scorer, Scored(Submission("a text"), {**CALM, **scores}), form or {})


def decide(scorer: Scorer, scored: Scored | None, form: dict[str, Any]) -> Judgement:
    item = scored.item if scored else Submission("a text")
    author = {"name": item.author_name, "url": item.author_url}
    draft = Draft(item.text, {"id": "a-17"}, author=author, form=form)
    return policy.judge(DEFAULT, Subject(draft, START), scorer, scored)


def codes(judgement: Judgement) -> list[str]:
    return [reason["code"] for reason in judgement.reasons]


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize(
    ("score", "action"),
    [
        (0.0, "approve"),
        (0.4999, "approve"),
        (0.5, "hold"),
        (0.8999, "hold"),
        (0.9, "reject"),
        (1.0, "reject"),
    ],
)
def test_a_threshold_is_crossed_when_it_is_reached(label: str, score: float, action: str) -> None:
    judgement = judge({label: score})

    assert judgement.action == action
    assert codes(judgement) == ([] if action == "approve" else [f"{label}_score"])


def test_a_label_that_no_score_rejects_is_held_at_most() -> None:
    thresholds = {label: Threshold(0.5, None) for label in LABELS}

    judgement = judge({"threat": 1.0}, thresholds)

    assert judgement.action == "hold"
    assert judgement.reasons[0]["threshold"] == 0.5


def test_the_reason_that_weighs_most_comes_first() -> None:
    judgement = judge({"spam": 0.6, "insult": 0.95, "threat": 0.92, "toxicity": 0.89})

    assert judgement.action == "reject"
    assert codes(judgement) == ["insult_score", "threat_score", "toxicity_score", "spam_score"]


def test_a_reason_names_the_threshold_it_crossed() -> None:
    held, rejected = judge({"spam": 0.6}).reasons[0], judge({"spam": 0.95}).reasons[0]

    assert (held["score"], held["threshold"]) == (0.6, 0.5)
    assert (rejected["score"], rejected["threshold"]) == (0.95, 0.9)
    assert "60%" in held["message"]


def test_no_reason_shows_what_is_ours_alone() -> None:
    judgement = judge({"spam": 0.95}, form={"honeypot": "x"})

    assert all(not key.startswith("_") for reason in judgement.reasons for key in reason)


@pytest.mark.parametrize(
    ("score", "honeypot", "blatant"),
    [(0.9899, "", False), (0.99, "", True), (0.01, "x", True), (0.6, "", False)],
)
def test_what_nobody_need_look_at_is_blatant(score: float, honeypot: str, blatant: bool) -> None:
    assert judge({"spam": score}, form={"honeypot": honeypot}).blatant is blatant


def test_sure_spam_that_is_not_rejected_is_not_blatant() -> None:
    thresholds = {label: Threshold(0.5, None) for label in LABELS}

    assert not judge({"spam": 1.0}, thresholds).blatant


def test_insults_are_never_blatant() -> None:
    assert not judge({"insult": 1.0}).blatant


@pytest.mark.parametrize("form", [{}, {"honeypot": ""}, {"elapsed_ms": 0}, {"token": "t"}])
def test_an_empty_honeypot_is_no_reason(form: dict[str, Any]) -> None:
    assert judge({}, form=form).action == "approve"


@pytest.mark.parametrize(("honeypot", "action"), [("", "hold"), ("x", "reject")])
def test_without_scores_a_comment_is_held_at_least(honeypot: str, action: str) -> None:
    judgement = decide(words_scorer(), None, {"honeypot": honeypot})

    assert judgement.action == action
    assert "classifier_unavailable" in codes(judgement)
    assert (judgement.scores, judgement.model) == ({}, None)
    assert judgement.priority == 0.5


@pytest.mark.parametrize("label", LABELS)
def test_the_priority_is_the_worst_of_score_times_harm(label: str) -> None:
    assert judge({label: 0.8}).priority == HARM[label] * 0.8


@pytest.mark.parametrize(
    ("scores", "action"), [({}, "hold"), ({"spam": 0.6}, "hold"), ({"spam": 0.95}, "reject")]
)
def test_holding_at_least_never_softens(scores: dict[str, float], action: str) -> None:
    before = judge(scores)

    after = policy.hold_at_least(before, "some_code", "Some words.")

    assert after.action == action
    assert after.reasons[:-1] == before.reasons
    assert after.reasons[-1]["code"] == "some_code"
    assert (after.scores, after.blatant, after.model) == (
        before.scores,
        before.blatant,
        before.model,
    )


def figures(places: int) -> st.SearchStrategy[float]:
    return st.integers(0, 10**places).map(lambda number: number / 10**places)


@st.composite
def thresholds(draw: st.DrawFn) -> Threshold:
    low, high = sorted([draw(figures(4)), draw(figures(4))])
    return Threshold(max(low, 0.0001), draw(st.sampled_from([None, max(high, 0.0001)])))


ACTIONS = {"approved": "approve", "held": "hold", "rejected": "reject"}


@given(
    scores=st.fixed_dictionaries({label: figures(3) for label in LABELS}),
    limits=st.fixed_dictionaries({label: thresholds() for label in LABELS}),
    honeypot=st.sampled_from(["", "", "filled"]),
)
def test_what_would_flip_the_action_does_flip_it(
    scores: dict[str, float], limits: dict[str, Threshold], honeypot: str
) -> None:
    said = judge(scores, limits, {"honeypot": honeypot}).flips_if

    promised, _, conditions = said.partition(" if ")
    changed, form = dict(scores), {"honeypot": honeypot}
    for condition in conditions.split(" and "):
        if condition == "the hidden form field were empty":
            form = {}
            continue
        found = re.fullmatch(r"(\w+) (rose|fell) from ([\d.]+) (?:to|below) ([\d.]+)", condition)
        assert found, condition
        label, direction, before, after = found.groups()
        assert float(before) == pytest.approx(scores[label], abs=5e-5)
        changed[label] = float(after) if direction == "rose" else float(after) - 1e-6

    before_action = judge(scores, limits, {"honeypot": honeypot}).action
    after_action = judge(changed, limits, form).action
    assert after_action == ACTIONS[promised]
    assert after_action != before_action


def test_the_shipped_thresholds_have_no_more_digits_than_are_shown() -> None:
    model = Scorer().model
    assert model is not None

    for threshold in model.thresholds.values():
        assert threshold.hold == round(threshold.hold, 4)
        assert threshold.reject is None or threshold.reject == round(threshold.reject, 4)


def submitted(text: str, **more: Any) -> Submission:
    return Submission(text, **more)


def test_a_signal_is_a_reason_that_decides_nothing(scorer: Scorer) -> None:
    item = submitted("Read on.", author_url="https://shop.example")

    found = decide(scorer, Scored(item, {**CALM, "spam": 0.6}), {})

    assert found.action == "hold"
    assert [one["code"] for one in found.reasons] == ["spam_score", "author_trade_url"]
    assert found.reasons[1]["rule"] == "signal:author_trade_url"
    assert found.reasons[1]["message"].endswith(".")
    assert found.flips_if.startswith("approved if spam fell from 0.60 below 0.50")


def test_without_spam_there_is_no_word_of_signals(scorer: Scorer) -> None:
    item = submitted("Read on.", author_url="https://shop.example")

    found = decide(scorer, Scored(item, {**CALM, "insult": 0.6}), {})

    assert [one["code"] for one in found.reasons] == ["insult_score"]


GERMAN = (
    "Das ist ein schöner Artikel, und ich danke der Redaktion für die Mühe, die sie sich macht."
)


def test_abuse_is_never_rejected_in_a_language_the_model_cannot_read(scorer: Scorer) -> None:
    scores = {**CALM, "toxicity": 0.99}

    german = decide(scorer, Scored(submitted(GERMAN), scores), {})
    english = decide(scorer, Scored(submitted("You and the rest of them."), scores), {})

    assert (german.language, german.action) == ("de", "hold")
    assert "language_unsupported" in [one["code"] for one in german.reasons]
    assert english.action == "reject"


def test_a_calm_comment_in_another_language_is_approved_and_says_so(scorer: Scorer) -> None:
    found = decide(scorer, Scored(submitted(GERMAN), CALM), {})

    assert found.action == "approve"
    assert [one["code"] for one in found.reasons] == ["language_unsupported"]


def test_what_could_be_left_out_is_named(scorer: Scorer) -> None:
    item = submitted("Buy spam0.60 here, now and today.")

    found = decide(scorer, Scored(item, {**CALM, "spam": 0.6}), {})

    assert found.flips_if == ("approved if spam fell from 0.60 below 0.50, as without “spam0.60”")
