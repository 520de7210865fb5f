"""The prepared rules find what each rule alone would find, whatever the rules and the text."""

import re
import unicodedata

from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.moderation.policy.document import Rule
from api.moderation.policy.lexicon import MOST_PLACES, Lexicon

LETTERS = "abAßéñК"
"""Letters that words are made of here, so that rules and texts meet often."""

Place = tuple[int, int]

words = st.text(LETTERS + "1", min_size=1, max_size=3)
plain = st.lists(words | st.sampled_from(["-", "$", "操"]), min_size=1, max_size=3)
literals = plain.map(" ".join) | plain.map("".join)
wildcards = st.text(LETTERS + "*?", min_size=1, max_size=5).filter(lambda s: s.strip("*?"))
phrases = st.lists(wildcards, min_size=1, max_size=2).map(" ".join)
expressions = st.sampled_from(
    ["a+", "(?P<n>a|b)c?", "(?P<n>b)1", "^a", "a$", r"\Qa-", r"a\s*b", "[^a]b", "ß", "(?-i)a", "x*"]
)
rules = st.one_of(
    st.builds(Rule, st.just("word"), literals, st.just("hold"), case=st.booleans()),
    st.builds(Rule, st.just("wildcard"), phrases, st.just("hold"), case=st.booleans()),
    st.builds(Rule, st.just("regex"), expressions, st.just("hold"), case=st.booleans()),
)
texts = st.text(LETTERS + "1 \n-$操_·", max_size=40)

LETTER = r"[^\W_操]"
PYTHONS = {r"\Qa-": "a-", "a$": r"a\Z", "(?-i)a": "(?-i:a)"}


def find_naively(rule: Rule, text: str) -> list[Place]:
    """Where the rule is found, by Python's `re`."""
    flags = re.NOFLAG if rule.case else re.IGNORECASE
    if rule.kind == "regex":
        found = re.finditer(PYTHONS.get(rule.value, rule.value), text, flags | re.ASCII)
        return [one.span() for one in found]
    value = rule.value if rule.case else rule.value.casefold()
    read = text if rule.case else text.casefold()
    # A sharp s is spelt out, as whoever ignores capitals reads it.
    origin = [at for at, char in enumerate(text) for _ in (char if rule.case else char.casefold())]
    found = re.finditer(_write(value, rule.kind), read)
    return [(origin[one.start()], origin[one.end() - 1] + 1) for one in found]


def _write(value: str, kind: str) -> str:
    wild = {"*": f"{LETTER}*", "?": LETTER} if kind == "wildcard" else {}
    parts = [r"\s+" if char == " " else wild.get(char, re.escape(char)) for char in value]
    before, after = (
        re.match(LETTER, edge) is not None or edge in wild for edge in (value[0], value[-1])
    )
    return f"(?<!{LETTER})" * before + "".join(parts) + f"(?!{LETTER})" * after


@settings(max_examples=300)
@given(st.lists(rules, max_size=12), texts)
@example([Rule("word", "aß", "hold"), Rule("word", "a", "hold")], "Aß ASS a")
@example([Rule("regex", r"\Qa-", "hold"), Rule("regex", "a+", "hold")], "aa")
@example([Rule("word", "操 a", "hold")], "操\n A")
def test_rules_together_find_what_each_alone_would_find(given: list[Rule], text: str) -> None:
    expected = {
        number: [place for place in places if place[0] < place[1]][:MOST_PLACES]
        for number, rule in enumerate(given)
        if (places := find_naively(rule, text))
    }

    found = list(Lexicon(list(enumerate(given))).find(text))

    assert {hit.rule: hit.places for hit in found} == expected
    assert [hit.rule for hit in found] == sorted(expected)


@settings(max_examples=20)
@given(st.lists(rules, min_size=33, max_size=80), texts)
def test_nor_does_it_matter_how_many_they_are(given: list[Rule], text: str) -> None:
    numbered = list(enumerate(given))
    alone = [Lexicon([pair]) for pair in numbered]

    found = list(Lexicon(numbered).find(text))

    assert found == [hit for one in alone for hit in one.find(text)]


@given(st.text(max_size=60), st.text(max_size=5))
def test_any_text_and_any_word_will_do(text: str, word: str) -> None:
    """What is found is what was looked for, but for capitals, blanks and how accents are put."""
    if not word.strip() or "\0" in word:
        return
    [*hits] = Lexicon([(0, Rule("word", word, "hold"))]).find(f"{text} {word} {text}")

    assert hits
    found = f"{text} {word} {text}"
    for start, end in hits[0].places:
        assert 0 <= start < end <= len(found)
        assert _plain(word) in _plain(found[start:end])


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text.casefold()).split())
