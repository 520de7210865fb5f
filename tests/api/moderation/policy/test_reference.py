"""For any document and comment the decision is what a plain reading of the document says."""

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from api.moderation.policy.facts import Facts, Standing
from api.moderation.policy.inforce import Policy
from api.moderation.policy.judging import Judgement, judge
from api.moderation.policy.reading.schema import load_document
from api.moderation.policy.subject import Draft, Subject
from classifier import LABELS
from tests.api.moderation.policy.reference import interpret
from tests.factories import START, words_scorer

WORDS = ("apple", "pear", "fig", "plum", "quince")
SCORES = ("spam0.60", "spam0.95", "insult0.70", "threat0.93", "toxicity0.20")
LINKS = ("https://one.example/a", "https://two.example/b")
DOINGS = ("off", "flag", "hold", "reject")
MODES = ("post", "pre", "first", "closed")
CHECKS = (
    "modes",
    "closing",
    "rules",
    "links",
    "form",
    "duplicates",
    "authors",
    "scores",
    "checker",
)

skips = st.lists(st.sampled_from(CHECKS), unique=True)
places = st.fixed_dictionaries(
    {}, optional={"mode": st.sampled_from(MODES), "approvals": st.integers(1, 3)}
)
rules = st.lists(
    st.fixed_dictionaries(
        {
            "word": st.sampled_from(WORDS),
            "do": st.sampled_from(("reject", "hold", "flag", "approve", "replace")),
        },
        optional={"in": st.just(["text", "name"])},
    ).filter(lambda rule: rule["do"] != "replace" or "in" not in rule),
    max_size=5,
    unique_by=lambda rule: rule["word"],
)
targets = st.one_of(st.sampled_from((0.15, 0.55, 0.7, 0.93)), st.just("never"))
overrides = st.dictionaries(
    st.sampled_from(LABELS),
    st.fixed_dictionaries({}, optional={"hold": targets}),
    max_size=3,
)
documents = st.fixed_dictionaries(
    {},
    optional={
        "profile": st.sampled_from(("observe", "relaxed", "balanced", "strict")),
        "thresholds": overrides,
        "mode": st.sampled_from(MODES),
        "approvals": st.integers(1, 3),
        "sections": st.dictionaries(st.just("world"), places),
        "articles": st.dictionaries(st.just("a-1"), places),
        "rules": rules,
        "authors": st.fixed_dictionaries(
            {},
            optional={
                "newcomers": st.integers(0, 3),
                "staff_skips": skips,
                "trusted_skips": skips,
            },
        ),
        "links": st.fixed_dictionaries(
            {"most": st.integers(0, 2)}, optional={"too_many": st.sampled_from(DOINGS)}
        ),
        "form": st.fixed_dictionaries({}, optional={"honeypot": st.sampled_from(DOINGS)}),
    },
)
comments = st.fixed_dictionaries(
    {
        "text": st.lists(st.sampled_from((*WORDS, *SCORES, *LINKS)), min_size=1, max_size=5).map(
            lambda pieces: " and ".join(dict.fromkeys(pieces))
        ),
        "article": st.fixed_dictionaries(
            {"id": st.sampled_from(("a-1", "a-2"))}, optional={"section": st.just("world")}
        ),
        "author": st.fixed_dictionaries(
            {"id": st.just("u-1")},
            optional={"name": st.sampled_from(WORDS), "role": st.sampled_from(("staff", "reader"))},
        ),
    },
    optional={"form": st.fixed_dictionaries({"honeypot": st.sampled_from(("", "filled"))})},
)
standings = st.none() | st.sampled_from(("trusted", "held", "suspended", "banned"))
approvals = st.integers(0, 3)


def decide(
    document: dict[str, Any], comment: dict[str, Any], standing: str | None, approved: int
) -> Judgement:
    known = Standing("std_1", "author", "u-1", standing or "", "Because.", None)
    facts = Facts(standings=(known,) if standing else (), approved=approved)
    scorer = words_scorer()
    policy = Policy(load_document(document))
    subject = Subject(Draft(**comment), START, facts)
    [scored] = scorer.score([subject.submission]) or []
    return judge(policy, subject, scorer, scored)


def limits(document: dict[str, Any]) -> dict[str, tuple[float, float | None]]:
    """The test model's thresholds with the document's own; what rejects gives way to a hold."""
    found: dict[str, tuple[float, float | None]] = {}
    for label in LABELS:
        own = document.get("thresholds", {}).get(label, {}).get("hold", 0.5)
        hold = 2.0 if own == "never" else own
        reject = max(0.9, hold)
        found[label] = hold, None if reject >= 2 else reject
    return found


@given(documents, comments, standings, approvals)
def test_the_decision_is_what_the_document_says(
    document: dict[str, Any], comment: dict[str, Any], standing: str | None, approved: int
) -> None:
    found = decide(document, comment, standing, approved)

    assert found.action == interpret(document, comment, standing, approved, limits(document))


@given(documents, comments, standings, approvals, st.randoms())
def test_the_order_of_rules_changes_nothing(
    document: dict[str, Any],
    comment: dict[str, Any],
    standing: str | None,
    approved: int,
    chance: random.Random,
) -> None:
    rules = list(document.get("rules", []))
    chance.shuffle(rules)

    before = decide(document, comment, standing, approved)
    after = decide({**document, "rules": rules}, comment, standing, approved)

    assert after.action == before.action
    assert sorted(map(str, after.reasons)) == sorted(map(str, before.reasons))


@given(documents, comments, standings, approvals)
def test_the_winner_comes_first(
    document: dict[str, Any], comment: dict[str, Any], standing: str | None, approved: int
) -> None:
    found = decide(document, comment, standing, approved)

    asked = [reason["action"] for reason in found.reasons]
    if document.get("profile") == "observe":
        return
    if found.action == "approve":
        # Nothing spoke, or what spoke for it comes first.
        assert not asked or asked[0] in ("approve", "flag")
    elif {"approve", "reject"} <= set(asked[:2]) and found.action == "hold":
        assert asked[0] == "reject"
    else:
        assert asked[0] == found.action
