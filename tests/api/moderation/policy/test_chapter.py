"""The chapter about rules says what is so."""

import re
from pathlib import Path

import pytest

from api.moderation.policy import lexicon, links
from api.moderation.policy.document import LONGEST_VALUE, MOST_RULES, Rule
from api.moderation.policy.lexicon import Lexicon, patterns
from api.moderation.policy.reading import read_policy

CHAPTER = (Path(__file__).parents[4] / "docs" / "rules.md").read_text()
ROWS = re.findall(r"^\| `(.*[*?].*)` \| (.+) \| (.+) \|$", CHAPTER, re.MULTILINE)


def test_the_policy_in_it_can_be_used() -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", CHAPTER, re.DOTALL)

    written = read_policy(example)

    assert [rule.key for rule in written.document.rules][:3] == [
        *("word:casino", "word:free money", "pills")
    ]


@pytest.mark.parametrize(("pattern", "matching", "others"), ROWS)
def test_wildcards_match_what_it_says(pattern: str, matching: str, others: str) -> None:
    rules = Lexicon([(0, Rule("wildcard", pattern, "hold"))])

    assert all(list(rules.find(text)) for text in matching.split(", "))
    assert not any(list(rules.find(text)) for text in others.split("; "))


def test_the_table_of_wildcards_is_read() -> None:
    assert len(ROWS) == 4


@pytest.mark.parametrize(
    "figure",
    [
        f"rules | {MOST_RULES:,} |",
        f"expression | {LONGEST_VALUE} |",
        f"shows | {lexicon.MOST_PLACES} |",
        f"replaced | {lexicon.MOST_REPLACED} |",
        f"in a text | {lexicon.MOST_PLACES_OF_ALL:,} |",
        f"more than {patterns.LARGEST:,} of",
        f"more than {patterns.LARGEST_ALL:,} in",
        f"{links.MOST_HOSTS} hosts of a comment",
    ],
)
def test_its_figures_are_those_that_hold(figure: str) -> None:
    assert figure in CHAPTER
