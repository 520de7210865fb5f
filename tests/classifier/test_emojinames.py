"""Emoji in words, and what is none left as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from classifier.emojinames import name_emoji


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nothing here, é я 漢", "nothing here, é я 漢"),
        ("so \U0001f602\U0001f602\U0001f602 funny", "so face with tears of joy funny"),
        ("\U0001f602 \U0001f602", "face with tears of joy"),
        ("a \U0001f435\U0001f412", "a monkey face monkey"),
        ("\U0001f1f2\U0001f1fd people", "flag of Mexico people"),
        ("\U0001f1e6\U0001f1f6", "flag of AQ"),
        ("\U0001f1e6", "\U0001f1e6"),
        ("\U0001f469\U0001f3ff\u200d\U0001f9b1", "woman dark skin curly hair"),
        ("\U0001f3f3\ufe0f\u200d\U0001f308", "waving white flag rainbow"),
        ("\U0001f52a", "knife"),
        ("\u270a\U0001f3fb", "raised fist light skin"),
        ("\u2640\ufe0f", "woman"),
    ],
)
def test_names(text: str, words: str) -> None:
    assert name_emoji(text).split() == words.split()


def test_one_without_a_name_stays() -> None:
    assert name_emoji("a \U0001f02f").split()[0] == "a"
    assert "\U0001faff" in name_emoji("\U0001faff")


@given(some.text(some.characters(min_codepoint=0x2600, max_codepoint=0x1FAFF)))
def test_never_raises(text: str) -> None:
    assert isinstance(name_emoji(text), str)


def test_a_wall_of_one_emoji_is_said_once() -> None:
    assert len(name_emoji("\U0001f4a9" * 10_000).split()) == 1
