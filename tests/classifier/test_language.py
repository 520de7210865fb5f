import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sentences import SENTENCES

from classifier.language import UNKNOWN, detect

PAIRS = [(code, line.strip()) for code, lines in SENTENCES.items() for line in lines.split("\n")]


@pytest.mark.parametrize("code", SENTENCES)
def test_sentences_are_told_apart_and_never_taken_for_another_language(code):
    found = [detect(line).code for own, line in PAIRS if own == code]
    assert len(found) >= 10
    assert set(found) <= {code, "und"}
    assert found.count(code) >= 8


@pytest.mark.parametrize(
    "text",
    [
        "",
        "idiot",
        "Great post!",
        "no, la la land",
        "👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍",
        "1234567890 1234567890 1234567890",
        "https://example.com/el-perro-de-la-casa-que-no-es-de-los-otros",
        "@der_die_das #und_von_mit_nicht",
        "Спасибо",
        "谢谢",
        "hi hi hi hi hi hi hi hi hi hi",
        "lololololololol hahahahahahaha",
    ],
)
def test_too_little_is_unknown(text):
    assert detect(text) == UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        "u r so dumb lol, go back to school m8",
        "The Spanish word for it is 'el perro', I was told by a friend.",
        "Visit <a href='http://example.es/la-casa-de-los-perros-y-gatos'>the page</a> that I made",
        "foo.bar(baz).Select(x => x.Id).Where(qux)",
        "im gonna b late 2nite, c u there k",
        "ALL THE PEOPLE ARE SHOUTING AT THE COUNCIL",
        "Die Hard is on TV, and he will die in the end, was it not so?",
        "Naïve résumé café: the words that we took from the French",
    ],
)
def test_english_is_never_called_foreign(text):
    assert detect(text).code in {"en", "und"}


def test_letters_without_their_accents_are_still_read():
    assert detect("No estoy seguro de que la policia sepa donde esta el").code == "es"


def test_confidence_is_a_share():
    for _, line in PAIRS:
        assert 0.0 <= detect(line).confidence <= 1.0
    assert UNKNOWN.confidence == 0.0


@given(st.text())
@settings(max_examples=300, deadline=None)
def test_never_raises(text):
    assert 0.0 <= detect(text).confidence <= 1.0


def test_long_texts_cost_no_more_than_their_beginning():
    for text in ("\ud800" * 5000, "<" * 5000, "a@" * 5000, "[b" * 5000, "http://" * 5000):
        assert detect(text) == detect(text[:2000])


def test_neither_library_nor_model_is_loaded():
    detect("Das ist doch nicht der Grund, warum wir hier sind.")
    assert "py3langid" not in sys.modules
