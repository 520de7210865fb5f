"""Expressions that RE2 can use, those it cannot in time, and many of them at once."""

from typing import Any

import marshmallow as ma
import pytest

from api.moderation.policy.lexicon.patterns import Sieve, read_pattern
from api.moderation.policy.reading.schema import load_document


def refuse(*rules: dict[str, Any]) -> Any:
    with pytest.raises(ma.ValidationError) as caught:
        load_document({"rules": [{"do": "hold", **rule} for rule in rules]})
    return caught.value.messages_dict["rules"]


@pytest.mark.parametrize(
    ("regex", "says"),
    [
        ("(", "missing )"),
        ("a{1001}", "invalid repetition size"),
        (r"(a)\1", "invalid escape sequence"),
        ("(?=a)", "invalid perl operator"),
        ("[b-a]", "invalid character class range"),
        (r"\p{L}{1,100}", "Would take too long"),
        ("((a{30}){30}){30}", "repetition"),
    ],
)
def test_what_cannot_be_used_is_refused_with_what_is_wrong(regex: str, says: str) -> None:
    [message] = refuse({"regex": regex})[0]["regex"]

    assert says in message


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        ("word", "  \t", "Has nothing but blanks."),
        ("wildcard", " ", "Has nothing but blanks."),
        ("wildcard", "**", "Has no letter or digit."),
        ("wildcard", "? *", "Has no letter or digit."),
    ],
)
def test_what_cannot_be_looked_for_is_refused(kind: str, value: str, says: str) -> None:
    assert refuse({kind: value})[0] == {kind: [says]}


def test_expressions_that_are_too_much_together_are_refused() -> None:
    heavy = [{"regex": rf"\pL{number}\pL\pL"} for number in range(40)]

    assert refuse(*heavy) == ["The 40 regular expressions together would take too long."]
    load_document({"rules": [{"do": "hold", **rule} for rule in heavy[:20]]})


def test_a_sieve_loses_nothing_where_memory_runs_out() -> None:
    """Each of these alone has more states than there is memory for."""
    sources = [f"[ab]*a[ab]{{{number}}}c{number}x" for number in range(60, 100)]
    text = ("abbab" * 400 + "a" * 70 + "c69x").encode()

    found = [
        number
        for number in Sieve(sources, case=True).find(text)
        if read_pattern(sources[number], case=True).search(text)
    ]

    assert found == [9]


def test_a_sieve_keeps_expressions_apart() -> None:
    sources = [r"\Qa", "b", r"\Qc\E", "(?P<n>d)", "(?P<n>e)", "f|g", "(?i)h", "i"]
    sieve = Sieve(sources, case=True)

    for number, text in enumerate([b"a", b"b", b"c", b"d", b"e", b"g", b"H", b"i"]):
        assert number in set(sieve.find(text))
    assert set(sieve.find(b"z)|(?:")) == set()
    assert set(sieve.find(b"I")) == set()
