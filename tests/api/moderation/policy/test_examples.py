"""The examples of a policy, and rules that match everything."""

from typing import Any

import pytest

from api.moderation.policy.catchalls import find_catchalls
from api.moderation.policy.examples import AT_ONCE, Tried, try_examples
from api.moderation.policy.reading.schema import load_document
from tests.factories import START, words_scorer


def attempt(**document: Any) -> list[Tried]:
    found = try_examples(words_scorer(), load_document(document), START)
    assert found is not None
    return found


def actions(examples: list[dict[str, Any]], **document: Any) -> list[str]:
    given = [{"text": "A fine day.", "expect": "hold", **one} for one in examples]
    return [one.action for one in attempt(examples=given, **document)]


def test_an_example_is_judged_as_a_comment_would_be() -> None:
    first, second = attempt(
        examples=[
            {"text": "spam0.60", "expect": "hold"},
            {"text": "insult0.95", "expect": "approve"},
        ]
    )

    assert (first.index, first.action, first.ok) == (0, "hold", True)
    assert (second.index, second.action, second.ok) == (1, "reject", False)
    assert [one["code"] for one in second.reasons] == ["insult_score"]
    assert str(second) == (
        "Must approve, but would reject (insult_score). Held if insult fell from 0.95 below 0.90, "
        "as without “insult0.95”."
    )


def test_what_nothing_speaks_against_says_what_would() -> None:
    [one] = attempt(examples=[{"text": "A fine day.", "expect": "hold"}])

    assert str(one).startswith("Must hold, but would approve (nothing speaks against it). Held if ")


def test_an_example_says_who_wrote_it_where_and_how() -> None:
    assert actions(
        [
            {},
            {"form": {"honeypot": "x"}},
            {"article": {"section": "sports"}},
            {"article": {"id": "a-17"}},
            {"article": {"section": "sports"}, "author": {"role": "staff"}},
        ],
        sections={"sports": {"mode": "pre"}},
        articles={"a-17": {"mode": "closed"}},
    ) == ["approve", "reject", "hold", "reject", "approve"]


def test_an_author_is_new_unless_the_example_says_otherwise() -> None:
    newcomers = {"newcomers": 2}

    found = actions([{}, {"approved": 1}, {"approved": 2}], authors=newcomers)

    assert found == ["hold", "hold", "approve"]


def test_opening_hours_are_tried_at_the_time_an_example_names_alone() -> None:
    hours = {"zone": "UTC", "open": ["mon-fri 08:00-09:00"]}
    times = [{}, {"at": "2026-11-23T08:30:00Z"}, {"at": "2026-11-23T10:30:00+01:00"}]

    # It is a Sunday; and what is wrong by night alone would be found by night alone.
    assert actions(times, hours=hours) == ["approve", "approve", "hold"]
    sections = {"sports": {"hours": hours}}
    sports = [{**one, "article": {"section": "sports"}} for one in times]
    assert actions(sports, sections=sections) == ["approve", "approve", "hold"]


def test_who_only_observes_tries_what_would_become_of_them() -> None:
    assert actions([{"text": "spam0.60"}], profile="observe") == ["hold"]


def test_a_policy_without_examples_needs_no_classifier() -> None:
    scorer = words_scorer()
    scorer.model = None

    assert try_examples(scorer, load_document({}), START) == []


@pytest.mark.parametrize("count", [1, AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE])
def test_all_are_tried_however_many(count: int) -> None:
    given = [{"text": f"spam0.60 {at}", "expect": "hold"} for at in range(count)]

    assert [one.index for one in attempt(examples=given)] == list(range(count))


def test_without_a_classifier_nothing_is_tried() -> None:
    scorer = words_scorer()
    scorer.model = None

    found = try_examples(
        scorer, load_document({"examples": [{"text": "a", "expect": "hold"}]}), START
    )

    assert found is None


@pytest.mark.parametrize(
    "rule",
    [
        {"regex": ".*"},
        {"regex": "x?"},
        {"regex": "^"},
        {"regex": "(spam)*"},
        {"regex": "."},
        {"regex": r"\S"},
        {"regex": "[a-z]"},
        {"regex": "^.+$"},
        {"regex": ".", "in": ["name"]},
        {"regex": "a|e|i|o|u", "in": ["text", "name"]},
        {"wildcard": "*a*"},
    ],
)
def test_a_rule_that_matches_everything_is_found(rule: dict[str, Any]) -> None:
    rules = [{"word": "spam", "do": "hold"}, {**rule, "do": "hold"}]

    assert find_catchalls(load_document({"rules": rules})) == [1]


@pytest.mark.parametrize(
    "rule",
    [
        {"word": "the"},
        {"word": "not"},
        {"wildcard": "re*"},
        {"regex": "[0-9]"},
        {"regex": "[A-Z]{2}", "case": True},
        {"regex": r"https?://"},
        {"regex": ".", "in": ["url"]},
        {"regex": "@", "in": ["email"]},
        {"regex": r"^\S+$"},
        {"regex": r"\bx?yz\b"},
    ],
)
@pytest.mark.parametrize("do", ["reject", "approve", "flag"])
def test_a_rule_that_matches_something_is_not(rule: dict[str, Any], do: str) -> None:
    assert find_catchalls(load_document({"rules": [{**rule, "do": do}]})) == []


@pytest.mark.parametrize("regex", ["x?", "é?", "(é|)", r"\C", r"\C\C", "$", r"\b"])
def test_what_is_found_between_characters_or_inside_one_breaks_nothing(regex: str) -> None:
    given = [{"text": "“Sí”, xéxé", "expect": "hold"}]

    [one] = attempt(examples=given, rules=[{"regex": regex, "do": "hold"}])

    assert one.action in ("approve", "hold")
    assert all(span["text"] for reason in one.reasons for span in reason["spans"])
