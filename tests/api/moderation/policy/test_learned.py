"""What a site has taught, applied: it spares one step, or holds what would pass."""

import math
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.moderation.policy import scores
from api.moderation.policy.facts import Facts
from api.moderation.policy.inforce import Policy
from api.moderation.policy.judging import Judgement, judge
from api.moderation.policy.learned import HOLD, RULE, Lesson
from api.moderation.policy.matches import SEVERITY
from api.moderation.policy.reading.schema import load_document
from api.moderation.policy.ruling import rule_again
from api.moderation.policy.subject import Draft, Subject
from api.moderation.policy.thresholds import find_raised, resolve
from api.moderation.scoring import Scored, Scorer
from classifier import LABELS, LEARNED, AdaptedModel, Submission, Threshold, load
from classifier.adapter import pack
from tests.factories import START, TaughtWordModel, WordModel, words_scorer

PROBABILITY = st.floats(0, 1)
HOLD_ALL = Threshold(0.5, 0.5)


def taught_scorer() -> Scorer:
    return words_scorer().using(TaughtWordModel())  # type: ignore[arg-type]


def judged(text: str, document: dict[str, Any] | None = None, taught: bool = True) -> Judgement:
    """What is said of a text whose words are its scores; hold at 0.5, reject at 0.9."""
    scorer = taught_scorer() if taught else words_scorer()
    subject = Subject(Draft(text, {"id": "a-17"}), START, Facts())
    [scored] = scorer.score([subject.submission]) or []
    return judge(Policy(load_document(document or {})), subject, scorer, scored)


def chance(margin_of: float, learned: float, hold: float = 0.5) -> float:
    """The chance of a rejection, by hand."""
    odds = (p / (1 - p) for p in (margin_of, learned))
    return 1 / (1 + (hold / (1 - hold)) / math.prod(odds))


@pytest.mark.parametrize(
    ("text", "action"),
    [
        # Nothing learnt: as the labels say.
        ("fine", "approve"),
        ("insult0.6", "hold"),
        ("insult0.95", "reject"),
        # Approval spares one step, where it outweighs what is beyond the threshold.
        ("insult0.6 learned0.3", "approve"),
        ("insult0.6 learned0.45", "hold"),
        ("insult0.95 learned0.3", "hold"),
        ("insult0.95 learned0.48", "reject"),
        ("insult0.99 learned0.3", "reject"),
        # However sure: what is rejected otherwise is never published.
        ("insult0.95 learned0.001", "hold"),
        ("insult0.6 learned0.001", "approve"),
        # Each label is spared by itself.
        ("insult0.95 spam0.8 learned0.3", "hold"),
        ("insult0.6 spam0.8 learned0.3", "hold"),
        ("insult0.6 spam0.6 learned0.3", "approve"),
        # Rejections hold what is near enough to the line, and reject nothing.
        ("insult0.3 learned0.8", "hold"),
        ("insult0.3 learned0.6", "approve"),
        ("learned0.98", "approve"),
        ("learned0.995", "hold"),
        ("insult0.6 learned0.99", "hold"),
        ("insult0.95 learned0.99", "reject"),
    ],
)
def test_what_is_learnt_lifts_or_holds(text: str, action: str) -> None:
    assert judged(text).action == action


def test_what_is_held_because_of_it_says_so() -> None:
    found = judged("insult0.3 then learned0.8 came")
    [reason] = found.reasons
    assert reason["code"] == "learned_score"
    assert reason["action"] == "hold"
    assert reason["rule"] == RULE
    assert reason["score"] == pytest.approx(chance(0.3, 0.8))
    assert reason["threshold"] == 0.5
    assert reason["message"] == "Learned here: moderators reject comments like this (63% sure)."
    assert [span["text"] for span in reason["spans"]] == ["learned0.8"]
    assert found.flips_if == "approved if learned fell from 0.6316 below 0.50"


def test_what_passes_because_of_it_says_so() -> None:
    found = judged("insult0.6 then learned0.3 came")
    [reason] = found.reasons
    assert (reason["code"], reason["action"], reason["rule"]) == ("insult_score", "flag", RULE)
    assert (reason["score"], reason["threshold"]) == (0.6, 0.5)
    assert reason["message"].endswith("moderators here approve comments like this: learned here.")
    assert [span["text"] for span in reason["spans"]] == ["learned0.3"]
    assert found.flips_if == "held if insult rose from 0.60 to 0.70"


def test_what_is_held_instead_of_rejected_says_so() -> None:
    found = judged("insult0.95 then learned0.3 came")
    [reason] = found.reasons
    assert (found.action, reason["action"], reason["rule"]) == ("hold", "hold", RULE)
    assert reason["score"] == 0.95
    assert [span["text"] for span in reason["spans"]] == ["learned0.3"]
    # Held from here on: what is corrected is beyond what holds.
    assert reason["threshold"] == pytest.approx(0.7)
    assert found.flips_if == "approved if insult fell from 0.95 below 0.70"


def test_what_is_rejected_all_the_same_is_explained_as_ever() -> None:
    found = judged("insult0.99 then learned0.3 came")
    [reason] = found.reasons
    assert (reason["rule"], reason["threshold"]) == (None, 0.9)
    assert [span["text"] for span in reason["spans"]] == ["insult0.99"]
    assert found.flips_if.startswith("held if insult fell from 0.99 below 0.9545, as without")


FLIPS = [
    "fine",
    "insult0.3 learned0.6",
    "insult0.3 learned0.3",
    "insult0.6 learned0.3",
    "insult0.6 learned0.001",
    "insult0.95 learned0.3",
    "insult0.95 learned0.001",
    "insult0.99 learned0.3",
    "insult0.97 learned0.45",
    "insult0.7 learned0.45",
]


@pytest.mark.parametrize("text", FLIPS)
@pytest.mark.parametrize("insult", [{}, {"hold": 0.8, "reject": 0.8}, {"reject": "never"}])
def test_what_would_flip_a_verdict_flips_it(text: str, insult: dict[str, Any]) -> None:
    """The score that is named leads to the action that is named; a bit before it, to neither."""
    document = {"thresholds": {"insult": insult}}
    found = judged(text, document)
    words = found.flips_if.split(",")[0].split()
    result, label, figure = words[0], words[2], float(words[-1])
    become = {"approve": "approved", "hold": "held", "reject": "rejected"}
    step = 0.0002 if "rose" in words else -0.0002
    rest = " ".join(word for word in text.split() if word.startswith("learned"))
    after, before = (
        judged(f"{label}{figure + side * step:.6f} {rest}", document).action for side in (1, -1)
    )
    assert label != LEARNED
    assert become[after] == result
    assert before == found.action


@pytest.mark.parametrize("learned", [{"hold": 0.6, "reject": 0.6}, {"hold": 0.3, "reject": 0.7}])
@pytest.mark.parametrize("insult", [{}, {"hold": 0.8, "reject": 0.8}, {"reject": "never"}])
@pytest.mark.parametrize(
    "text",
    [
        *FLIPS,
        "insult0.3 learned0.77",
        "insult0.3 learned0.8",
        "insult0.45 learned0.8",
        "insult0.6 learned0.8",
        "insult0.85 learned0.55",
        "insult0.95 learned0.55",
        "insult0.95 learned0.99",
    ],
)
def test_a_flip_counts_in_what_is_learnt_on_top(
    text: str, insult: dict[str, Any], learned: dict[str, Any]
) -> None:
    """Where what is learnt may reject, more of a label may reject what the label would hold."""
    document = {"thresholds": {"insult": insult, "learned": learned}}
    found = judged(text, document)
    become = {"approve": "approved", "hold": "held", "reject": "rejected"}
    result, _, change = found.flips_if.partition(" if ")
    moved = {"insult": 0.01, LEARNED: 0.5}
    moved |= {label: float(score) for label, score in re.findall(r"([a-z]+)([\d.]+)", text)}
    step = 0.0002 if "rose" in change else -0.0002
    # Insults first: by how much they are beyond the line is part of the other.
    for part in sorted(change.split(",")[0].split(" and ")):
        label, figure = part.split()[0], float(part.split()[-1]) + step
        if label == LEARNED:
            # What is told of it is the chance of a rejection.
            margin = margin_of(moved["insult"], insult)
            odds = figure / (1 - figure) / margin
            figure = min(moved[LEARNED], odds / (1 + odds))
        moved[label] = figure
    after = " ".join(f"{label}{score:.6f}" for label, score in moved.items())
    assert become[judged(after, document).action] == result
    assert become[found.action] != result


def margin_of(insult: float, limits: dict[str, Any]) -> float:
    """By how much an insult is beyond what holds it, in odds; the tests' other scores are 0.01."""
    hold = limits.get("hold", 0.5)
    return max(insult / (1 - insult) / (hold / (1 - hold)), 0.01 / 0.99)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        # Just where it would be held, it is rejected: there is nothing between.
        ("insult0.3 learned0.6", "rejected if insult rose from 0.30 to 0.50"),
        ("insult0.3 learned0.77", "rejected if insult rose from 0.30 to 0.3094"),
        ("insult0.3 learned0.8", "approved if learned fell from 0.6316 below 0.60"),
        ("insult0.6 learned0.8", "held if learned fell from 0.8571 below 0.60"),
    ],
)
def test_where_what_is_learnt_rejects_all_it_would_hold_nothing_becomes_held_by_it(
    text: str, says: str
) -> None:
    document = {"thresholds": {"learned": {"hold": 0.6, "reject": 0.6}}}
    assert judged(text, document).flips_if == says


@pytest.mark.parametrize(
    ("learned", "expected"),
    [
        ({}, HOLD),
        ({"hold": 0.8}, Threshold(0.8, None)),
        ({"reject": 0.95}, Threshold(0.5, 0.95)),
        ({"hold": 0.3, "reject": 0.7}, Threshold(0.3, 0.7)),
        # The model of the tests knows scores that are what they say.
        ({"reject": "precision:0.9"}, Threshold(0.5, 0.9)),
        ({"hold": "precision:0.7", "reject": "never"}, Threshold(0.7, None)),
        ({"hold": "never"}, Threshold(2.0, None)),
    ],
)
def test_a_policy_may_say_from_where_on(learned: dict[str, Any], expected: Threshold) -> None:
    document = load_document({"thresholds": {"learned": learned}})
    assert resolve(document, TaughtWordModel())[LEARNED] == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("profile", ["relaxed", "balanced", "strict", "observe"])
def test_profiles_say_nothing_of_it(profile: str) -> None:
    document = load_document({"profile": profile})
    assert resolve(document, TaughtWordModel())[LEARNED] == HOLD  # type: ignore[arg-type]
    assert set(resolve(document, WordModel())) == set(LABELS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("learned", "text", "action"),
    [
        ({"hold": "never"}, "insult0.4 learned0.99", "approve"),
        # Never held for it, but spared by it.
        ({"hold": "never"}, "insult0.6 learned0.3", "approve"),
        ({"hold": 0.9}, "insult0.3 learned0.8", "approve"),
        ({"hold": 0.1}, "insult0.3 learned0.6", "hold"),
        ({"reject": 0.6}, "insult0.3 learned0.8", "reject"),
        ({"reject": 0.6}, "insult0.3 learned0.6", "approve"),
    ],
)
def test_its_thresholds_are_held_against_the_chance_of_a_rejection(
    learned: dict[str, Any], text: str, action: str
) -> None:
    assert judged(text, {"thresholds": {"learned": learned}}).action == action


def test_a_target_is_read_off_the_adapters_curve() -> None:
    model = load()
    curve = {
        "score": [0.2, 0.6, 0.9],
        "precision": [0.3, 0.8, 0.97],
        "support": [90, 60, 40],
        "share": [0.5, 0.1, 0.01],
        "recall": [1.0, 0.7, 0.3],
    }
    document = load_document(
        {"thresholds": {"learned": {"hold": "share:0.2", "reject": "precision:0.95"}}}
    )
    found = []
    manifests: list[dict[str, Any]] = [{"curve": curve}, {}]
    for manifest in manifests:
        nothing = np.zeros(0)
        rows, whole = nothing.astype(np.uint32), {"base": model.version, **manifest}
        adapter = pack(nothing, rows, np.zeros(len(LABELS)), 0.0, whole)
        found.append(resolve(document, AdaptedModel(model, adapter))[LEARNED])
    # An adapter that does not say leaves what is usual.
    assert found == [Threshold(0.6, 0.9), HOLD]


@pytest.mark.parametrize(
    ("own", "expected", "raised"),
    [
        ({"hold": "precision:0.2"}, Threshold(0.5, None), ["hold"]),
        ({"hold": "share:0.9"}, Threshold(0.5, None), ["hold"]),
        ({"hold": "precision:0.2", "reject": "precision:0.3"}, HOLD_ALL, ["hold", "reject"]),
        ({"reject": "precision:0.3"}, HOLD_ALL, ["reject"]),
        ({"hold": "precision:0.5"}, HOLD, []),
        # What was written as a number is meant so.
        ({"hold": 0.2, "reject": "precision:0.3"}, Threshold(0.2, 0.5), ["reject"]),
        ({"hold": 0.2, "reject": 0.3}, Threshold(0.2, 0.3), []),
        ({"hold": "never", "reject": "never"}, Threshold(2.0, None), []),
    ],
)
def test_a_target_of_what_is_learnt_ends_where_approvals_begin(
    own: dict[str, Any], expected: Threshold, raised: list[str]
) -> None:
    document = load_document({"thresholds": {LEARNED: own, "spam": {"hold": "precision:0.2"}}})
    model: Any = TaughtWordModel()
    found = resolve(document, model)
    assert (found[LEARNED], find_raised(document, model)) == (expected, raised)
    assert found["spam"].hold == 0.2
    untaught: Any = WordModel()
    assert find_raised(document, untaught) == []


def test_moving_the_labels_line_moves_what_is_learnt_with_it() -> None:
    text = "insult0.6 learned0.7"
    strict = {"thresholds": {"insult": {"hold": 0.7}}}
    lax = {"thresholds": {"insult": {"hold": 0.85}}}
    assert (judged(text, strict).action, judged(text, lax).action) == ("hold", "approve")


GERMAN = "Das ist ein ganz gewöhnlicher Satz über die neue Brücke und den alten Hafen "


def test_in_a_language_the_model_cannot_read_it_counts_as_ever() -> None:
    held = judged(f"{GERMAN} insult0.3 learned0.8")
    assert (held.language, held.action) == ("de", "hold")
    rejects = {"thresholds": {"learned": {"reject": 0.6}}}
    assert judged(f"{GERMAN} insult0.3 learned0.8", rejects).action == "reject"
    # Abuse is held at most, and so spared altogether.
    assert judged(f"{GERMAN} insult0.95").action == "hold"
    assert judged(f"{GERMAN} insult0.95 learned0.04").action == "approve"


def test_who_observes_sees_it_and_approves() -> None:
    found = judged("insult0.3 learned0.8", {"profile": "observe"})
    assert found.action == "approve"
    assert [reason["code"] for reason in found.reasons] == ["learned_score"]


def test_rules_are_none_of_its_business() -> None:
    rules = {"rules": [{"word": "lottery", "do": "hold"}]}
    assert judged("lottery learned0.001", rules).action == "hold"


@given(insult=PROBABILITY, spam=PROBABILITY, learned=PROBABILITY)
def test_it_spares_one_step_at_most_and_never_both_ways(
    insult: float, spam: float, learned: float
) -> None:
    thresholds = dict.fromkeys(LABELS, Threshold(0.5, 0.9))
    bare = {**dict.fromkeys(LABELS, 0.01), "insult": insult, "spam": spam}

    def act(found: dict[str, float]) -> int:
        actions = [match.action for match in scores.find(found, thresholds, "en")]
        return SEVERITY.index(max(actions, key=SEVERITY.index, default="approve")) or 1

    without, with_it = act(bare), act({**bare, LEARNED: learned})
    if learned < 0.5:
        assert without - 1 <= with_it <= without
    elif learned > 0.5:
        assert with_it == max(without, with_it)
        assert with_it <= max(without, SEVERITY.index("hold"))
    else:
        assert with_it == without


@given(
    insult=PROBABILITY,
    learned=PROBABILITY,
    more=PROBABILITY,
    hold=st.sampled_from([0.2, 0.5, 0.9]),
    reject=st.sampled_from([0.9, 0.97, None]),
)
def test_more_of_it_never_asks_for_less(
    insult: float, learned: float, more: float, hold: float, reject: float | None
) -> None:
    thresholds = {"insult": Threshold(hold, reject)}

    def act(score: float) -> int:
        found = scores.find({"insult": insult, LEARNED: score}, thresholds, "en")
        actions = [match.action for match in found]
        return SEVERITY.index(max(actions, key=SEVERITY.index, default="approve")) or 1

    low, high = sorted((learned, more))
    assert act(low) <= act(high)


@given(insult=PROBABILITY)
def test_half_says_nothing(insult: float) -> None:
    thresholds = dict.fromkeys(LABELS, Threshold(0.5, 0.9))
    found = {**dict.fromkeys(LABELS, 0.01), "insult": insult}
    with_it = scores.find({**found, LEARNED: 0.5}, {**thresholds, LEARNED: HOLD}, "en")
    assert with_it == scores.find(found, thresholds, "en")
    assert not Lesson({**found, LEARNED: 0.5}, thresholds).speaks


def test_scores_that_were_kept_are_ruled_on_by_a_model_without_an_adapter() -> None:
    """As a preview does, or after an adapter was taken back."""
    subject = Subject(Draft("Some text", {"id": "a-17"}), START, Facts())
    policy = Policy(load_document({}))
    for learned, insult, action in ((0.8, 0.3, "hold"), (0.3, 0.6, "approve"), (0.5, 0.6, "hold")):
        found = {**dict.fromkeys(LABELS, 0.01), "insult": insult, LEARNED: learned}
        for model in (WordModel(), TaughtWordModel()):
            assert rule_again(policy, model, subject, found, "en").action == action  # type: ignore[arg-type]


def test_a_verdict_by_kept_scores_can_be_explained_without_an_adapter() -> None:
    subject = Subject(Draft("insult0.3", {"id": "a-17"}), START, Facts())
    found = {**dict.fromkeys(LABELS, 0.01), "insult": 0.3, LEARNED: 0.8}
    scored = Scored(Submission("insult0.3"), found)
    assert judge(Policy(load_document({})), subject, words_scorer(), scored).action == "hold"


def test_where_no_label_holds_there_is_nothing_to_be_near_to() -> None:
    never = {label: {"hold": "never", "reject": "never"} for label in LABELS}
    found = judged("learned0.99", {"thresholds": never})
    assert found.action == "approve"
    assert found.flips_if == "never, by its scores"
