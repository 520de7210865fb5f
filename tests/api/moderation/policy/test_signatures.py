"""Signatures: what nearly the same texts have in common, and unlike ones do not."""

import random
import subprocess
import sys

import pytest

from api.moderation.policy.signatures import (
    BANDS,
    MOST_COMPARED,
    READ,
    SPELT,
    compare,
    sign,
    spell,
)

LETTER = "My grandmother has sold her old bicycle to the neighbour who always whistles at night."
KNOWN = {
    LETTER: (
        7405260670382197733,
        600058284528795532,
        -1135314399304143216,
        -6503231125821201942,
        7522733884486675857,
        4255114894289118510,
    ),
    "三月以来镇议会没有回答过我们写的任何一封信": (
        1315876164920610299,
        -8875067396199124056,
        5503497447362891822,
        -6564848965859128324,
        2706674012923564395,
        7562620359544505594,
    ),
    "🌧️🌧️☂️🌈🌈☀️🌻🌻": (
        5043235808974458873,
        -3402190531464643906,
        5567580857600443858,
        -1715325657314680765,
        -2471972754344174543,
        -6345495075992401080,
    ),
}
"""Texts and their bands, which must stay what they are: databases are full of them."""


@pytest.mark.parametrize("text", KNOWN)
def test_bands_are_what_they_were_when_they_were_kept(text: str) -> None:
    assert sign(spell(text)) == KNOWN[text]


def test_another_process_finds_the_same_bands() -> None:
    program = f"from api.moderation.policy.signatures import *; print(*sign(spell({LETTER!r})))"

    found = subprocess.check_output([sys.executable, "-c", program], text=True)

    assert tuple(map(int, found.split())) == sign(spell(LETTER))


def test_bands_fit_a_signed_number_of_64_bits() -> None:
    for text in KNOWN:
        assert len(sign(spell(text))) == BANDS
        assert all(-(2**63) <= band < 2**63 for band in sign(spell(text)))


@pytest.mark.parametrize(
    "other",
    [
        LETTER.upper(),
        LETTER.replace(" ", "  "),
        LETTER.replace(" ", "\n"),
        LETTER.replace(" ", "\u00a0"),
        LETTER.replace(".", " ... !!!"),
        LETTER.replace(" ", "-"),
        LETTER.replace("o", "\u200bo"),
        LETTER.replace("whistles", "whist1es").replace("1", "l"),
        LETTER.replace("a", "а").replace("e", "е"),
        "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in LETTER),
    ],
)
def test_capitals_blanks_punctuation_and_disguises_make_no_difference(other: str) -> None:
    assert spell(other) == spell(LETTER)


def test_pictures_make_a_difference() -> None:
    assert spell("🌧️ 🌧️!") == "🌧🌧" != spell("🌈 🌈!")


def change(text: str, words: int, chance: random.Random) -> str:
    """The text with so many of its words replaced."""
    found = text.split()
    for place in chance.sample(range(len(found)), words):
        found[place] = "".join(chance.choices("abcdefghijklmnoprstu", k=6))
    return " ".join(found)


def share_a_band(one: str, other: str) -> bool:
    return bool(set(sign(spell(one))) & set(sign(spell(other))))


def make_text(chance: random.Random, words: int = 40) -> str:
    """A text of words that nobody has used before."""
    return " ".join("".join(chance.choices("abcdefghijklmnoprstu", k=6)) for _ in range(words))


def test_texts_with_few_words_changed_nearly_always_share_a_band() -> None:
    chance = random.Random(1)
    texts = [make_text(chance) for _ in range(300)]

    found = [share_a_band(text, change(text, 2, chance)) for text in texts]

    assert sum(found) >= 0.97 * len(texts)


def test_unlike_texts_do_not_share_a_band() -> None:
    chance = random.Random(2)
    signed = [set(sign(spell(make_text(chance)))) for _ in range(300)]

    assert sum(bool(a & b) for a in signed for b in signed if a is not b) == 0


def test_a_text_is_read_to_a_limit_only() -> None:
    long = "word " * READ

    assert len(spell(long)) == SPELT
    assert spell("好" * 20_000) == "好" * SPELT
    assert spell(long + "a tail that nobody sees") == spell(long)


@pytest.mark.parametrize("text", ["", " ", "...", "\u200b", "\ufe0f", "_"])
def test_of_noise_nothing_is_left(text: str) -> None:
    assert spell(text) == ""


def test_five_letters_are_enough_to_be_signed() -> None:
    assert sign("aaaaa") == sign("a" * 900) != sign("aaaab")


def test_likeness_is_that_of_what_is_spelt() -> None:
    same, near, far = compare(spell(LETTER), [LETTER.upper(), LETTER + " So what?", "x" * 70])

    assert same == 1.0
    assert 0.9 < near < 1.0
    assert far == 0.0


def test_comparing_ends_where_it_would_take_too_long_but_the_same_again_is_free() -> None:
    others = [f"{number} " + LETTER * (READ // len(LETTER)) for number in range(100)]
    most = MOST_COMPARED // READ

    unlike = compare(spell(others[0]), others)
    alike = compare(spell(others[0]), others[:1] * 1000)

    assert most <= sum(map(bool, unlike)) <= most + 2
    assert alike == [1.0] * 1000
