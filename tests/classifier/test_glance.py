"""The look at a text: the compiled loop and Python give the same marks, and none is missing."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from classifier import glance as looks
from classifier.glance import STRANGE, glance, glance_compiled, glance_with_python
from classifier.links import find_links
from classifier.normalise import normalise
from classifier.phrases import find_phrases, split_words
from classifier.shapes import SHAPES, find_shapes
from classifier.sounds import key_of, sound_of
from classifier.summing import kernel
from tests.classifier.test_cases import DISGUISED, HARMLESS

compiled = pytest.mark.skipif(
    not hasattr(kernel, "glance"), reason="the compiled loop is not there"
)
PIECES = st.sampled_from(
    ["a", "w", "ww", "idiot", "stu", "pid", "phukk", "count", "free", " ", "  ", "\n", "\t", "\x1c",
     "-", ".", ",", "'", "_", "/", "//", "://", "(", ")", "(at)", "( at)", "dot", "(.", "()", "!",
     "?", "=", "!!!!", "$", "$ 5", "5", "9 usd", "555 555 5555", "7", "AAAA", "CAPITALS", "bcdfgh",
     "😀", "🙂🙂🙂", "’", "–", "•", "…", "é", "ж", "\u200b", "\ud800", "🅸", "<b>", "[", "*", "@",
     "earn money", "work from home", "again and again ", "\x00", "aaa", "a b c d", "x y"]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(), st.text(st.characters(max_codepoint=127)), st.lists(PIECES).map("".join)
)


@compiled
@settings(deadline=None)
@given(TEXTS)
@example("phph pphf uou oou cocck")
@example("i " * 3000)
@example(" ".join(map(str, range(5000))))
def test_both_give_the_same_marks(text: str) -> None:
    assert glance_compiled(text) == glance_with_python(text)


@compiled
def test_both_give_the_same_marks_of_the_cases() -> None:
    for case in [*DISGUISED, *HARMLESS]:
        for text in (case.get("disguised"), case.get("plain"), case.get("text")):
            if text is not None:
                assert glance_compiled(text) == glance_with_python(text), text


@settings(deadline=None)
@given(TEXTS)
def test_no_mark_is_missing(text: str) -> None:
    marks = glance(text)
    words = split_words(text).words
    assert find_shapes(text, words, marks) == find_shapes(text, words)
    if marks & STRANGE:
        assert set(find_shapes(text, words)) <= set(SHAPES)
        return
    assert marks & looks.LINKED or not find_links(text)
    assert marks & looks.PHRASED or not list(find_phrases(words))


def test_calm_prose_has_no_mark() -> None:
    assert glance("The bridge was closed last year, which surprised nobody (twice).") == 0
    assert glance("It’s a good read – “thanks”, he said… 🙂") & looks.DISGUISED == 0


def test_a_text_without_marks_is_its_own_view() -> None:
    for case in HARMLESS:
        if glance(case["text"]) == 0:
            assert normalise(case["text"]).text is case["text"]


@pytest.mark.parametrize(
    ("word", "sound"),
    [("phukk", "fok"), ("cook", "kok"), ("count", "koont"), ("azzhole", "ashole")],
)
def test_sounds(word: str, sound: str) -> None:
    assert sound_of(word) == sound


def test_longer_words_are_kept_by_their_consonants() -> None:
    assert key_of("garbige") == key_of("garbage") == "garbaga"
    assert key_of("shut") != key_of("shit")


@compiled
def test_refuses_what_is_no_text_and_no_table() -> None:
    with pytest.raises(TypeError):
        kernel.glance(b"bytes", b"", bytes(8))
    for table in (b"", bytes(7), bytes(24)):
        with pytest.raises(ValueError, match="power of two"):
            kernel.glance("text", b"", table)
    assert kernel.glance("text", b"", bytes(8)) == STRANGE
