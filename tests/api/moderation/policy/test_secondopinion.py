"""A second opinion in the verdict: whose thresholds hold, which passages are behind it."""

from typing import Any

import pytest

from api.moderation import secondopinions
from api.moderation.policy.examples import try_examples
from api.moderation.policy.inforce import Policy
from api.moderation.policy.judging import Judgement, judge
from api.moderation.policy.reading import read_plain, read_policy
from api.moderation.policy.reading.faults import PolicyError
from api.moderation.policy.reading.schema import load_document
from api.moderation.policy.subject import Draft, Subject
from api.moderation.policy.thresholds import resolve
from api.moderation.scoring import Scorer
from api.moderation.secondstage import SecondStage
from classifier import LABELS, Threshold
from tests.factories import START, TaughtWordModel, WordReader, words_scorer

DOUBTFUL = "You are insult0.6 the worst INSULT0.95 of them."
LOWER = {label: {"hold": 0.2, "reject": 0.4} for label in LABELS}


def make_scorer(**facts: Any) -> Scorer:
    return words_scorer(SecondStage(WordReader(**facts)))  # type: ignore[arg-type]


def decide(scorer: Scorer, text: str, **document: Any) -> Judgement:
    policy, subject = Policy(load_document(document)), Subject(Draft(text, {"id": "a-17"}), START)
    found = scorer.score([subject.submission], policy.document.second_opinion)
    assert found is not None
    return judge(policy, subject, scorer, found[0])


def reasons(judgement: Judgement) -> dict[str, dict[str, Any]]:
    return {one["code"]: one for one in judgement.reasons}


def shown(reason: dict[str, Any]) -> list[str]:
    return [span["text"] for span in reason["spans"]]


def read(scorer: Scorer) -> list[str]:
    return scorer.second.reader.read  # type: ignore[union-attr, attr-defined, no-any-return]


@pytest.mark.parametrize(
    ("written", "detail"),
    [
        ("sometimes", "Must be one of: never, when_unsure, always."),
        ("off", "Must be one of: never, when_unsure, always."),
        ("true", "Must be text: put it in quotes."),
        ("null", "Field may not be null."),
        ("[always]", "Not a valid string."),
    ],
)
def test_what_a_policy_cannot_say_is_refused_with_its_line(written: str, detail: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read_policy(f"note: x\nsecond_opinion: {written}\n")

    [fault] = caught.value.faults
    assert (fault.pointer, fault.line, fault.detail) == ("/second_opinion", 2, detail)


def test_a_name_that_is_nearly_right_is_answered_with_the_right_one() -> None:
    with pytest.raises(PolicyError, match="Did you mean “second_opinion”"):
        read_plain({"second_opinions": "always"})


def test_unless_a_policy_says_otherwise_it_is_asked_when_unsure() -> None:
    assert load_document({}).second_opinion == "when_unsure"
    assert load_document({"second_opinion": "never"}).second_opinion == "never"


def test_thresholds_are_of_both_stages_whichever_has_decided() -> None:
    scorer = make_scorer(
        thresholds=LOWER, profiles=dict.fromkeys(("relaxed", "strict"), LOWER) | {"balanced": LOWER}
    )

    given = decide(scorer, "insult0.6 INSULT0.3")
    sure = decide(scorer, "profanity0.09 and spam0.3")
    alone = decide(scorer, "profanity0.09 and spam0.3", second_opinion="never")

    assert (given.second_opinion, given.action) == ("given", "hold")
    assert reasons(given)["insult_score"]["threshold"] == 0.2
    assert (sure.second_opinion, sure.action) == ("not_needed", "hold")
    assert (alone.second_opinion, alone.action) == ("off", "approve")


def test_targets_are_met_by_both_stages_curves() -> None:
    scorer, target = make_scorer(), {"insult": {"hold": "precision:0.9", "reject": "never"}}
    both, model = scorer.measured("always"), scorer.measured("never")
    assert both is not None
    assert model is not None

    document = load_document({"thresholds": target})

    assert resolve(document, both)["insult"] == Threshold(0.8, None)
    assert resolve(document, model)["insult"] == Threshold(0.9, None)
    assert scorer.measured("when_unsure") is both


def test_without_a_second_stage_the_models_thresholds_hold() -> None:
    scorer = words_scorer()

    assert scorer.measured("always") is scorer.model
    scorer.model = None
    assert scorer.measured("always") is None


def test_the_passages_are_those_that_both_stages_hang_on() -> None:
    found = decide(make_scorer(), f"{DOUBTFUL} And spam0.8 too.")

    insult, spam = reasons(found)["insult_score"], reasons(found)["spam_score"]
    assert insult["approximate"] is True
    assert shown(insult) == ["INSULT0.95"]
    assert insult["spans"][0]["weight"] > 0
    assert shown(spam) == ["spam0.8"]
    assert "approximate" not in spam


def test_what_the_first_stage_has_decided_is_explained_as_ever() -> None:
    found = decide(make_scorer(), "insult0.9995 indeed")

    assert found.second_opinion == "not_needed"
    assert "approximate" not in reasons(found)["insult_score"]
    assert shown(reasons(found)["insult_score"]) == ["insult0.9995"]


def test_reasons_for_several_labels_ask_about_a_text_once() -> None:
    scorer = make_scorer()

    found = decide(scorer, f"{DOUBTFUL} TOXICITY0.92 PROFANITY0.93")

    assert {"insult_score", "toxicity_score", "profanity_score"} <= reasons(found).keys()
    assert shown(reasons(found)["toxicity_score"]) == ["TOXICITY0.92"]
    assert len(read(scorer)) == len(set(read(scorer)))


def test_where_time_is_out_the_first_stages_passages_stand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(secondopinions, "EXPLAINING_SECONDS", 0.0)
    scorer = make_scorer()

    found = decide(scorer, DOUBTFUL)

    insult = reasons(found)["insult_score"]
    assert (found.second_opinion, found.action) == ("given", "reject")
    assert shown(insult) == ["insult0.6"]
    assert insult["approximate"] is True
    assert read(scorer) == [DOUBTFUL]


def test_all_comments_of_a_call_share_the_time_for_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = make_scorer()
    policy = Policy(load_document({}))
    subjects = [Subject(Draft(f"{n} {DOUBTFUL}", {"id": "a-17"}), START) for n in range(2)]
    found = scorer.score([one.submission for one in subjects], "when_unsure")
    assert found is not None
    budget = found[0].opinion.reading._budget  # type: ignore[union-attr]

    judge(policy, subjects[0], scorer, found[0])
    assert 0 < budget.left < secondopinions.EXPLAINING_MOST
    budget.left = 0.0
    then = judge(policy, subjects[1], scorer, found[1])

    assert shown(reasons(then)["insult_score"]) == ["insult0.6"]


def test_a_second_stage_that_fails_at_reasons_leaves_the_verdict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scorer = make_scorer()
    policy, subject = Policy(load_document({})), Subject(Draft(DOUBTFUL, {"id": "a-17"}), START)
    scored = scorer.score([subject.submission], "always")
    assert scored is not None
    monkeypatch.setattr(scorer.second.reader, "error", ValueError("it broke"))

    found = judge(policy, subject, scorer, scored[0])

    assert (found.second_opinion, found.action) == ("given", "reject")
    assert shown(reasons(found)["insult_score"]) == ["insult0.6"]
    assert scorer.failure is None
    assert scorer.second.failure is not None


def test_what_would_flip_it_is_a_passage_that_both_stages_mind() -> None:
    found = decide(make_scorer(), DOUBTFUL)

    assert found.flips_if == "held if insult fell from 0.95 below 0.90, as without “INSULT0.95”"


def test_a_passage_that_does_not_suffice_is_not_named() -> None:
    found = decide(make_scorer(), "INSULT0.95 insult0.6 INSULT0.96")

    assert "as without" not in found.flips_if


def test_what_a_site_has_taught_stays_the_first_stages() -> None:
    scorer = make_scorer().using(TaughtWordModel())  # type: ignore[arg-type]

    found = decide(scorer, f"{DOUBTFUL} learned0.9")

    assert (found.second_opinion, found.model) == ("given", "words-1+taught")
    assert found.scores["learned"] == pytest.approx(0.9)
    assert shown(reasons(found)["learned_score"]) == ["learned0.9"]
    assert "approximate" not in reasons(found)["learned_score"]
    assert reasons(found)["insult_score"]["approximate"] is True


def test_where_the_taught_lift_a_score_the_passages_are_theirs() -> None:
    scorer = make_scorer().using(TaughtWordModel())  # type: ignore[arg-type]

    found = decide(scorer, f"{DOUBTFUL} learned0.1")

    insult = reasons(found)["insult_score"]
    assert insult["rule"] == "learned"
    assert shown(insult) == ["learned0.1"]
    assert "approximate" not in insult


@pytest.mark.parametrize(
    ("when", "action"), [("never", "hold"), ("when_unsure", "reject"), ("always", "reject")]
)
def test_examples_are_judged_with_it(when: str, action: str) -> None:
    document = load_document(
        {"second_opinion": when, "examples": [{"text": DOUBTFUL, "expect": "reject"}]}
    )

    tried = try_examples(make_scorer(), document, START)

    assert tried is not None
    assert [one.action for one in tried] == [action]
