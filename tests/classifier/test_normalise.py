"""What `normalise` promises for any text, and each fix by example."""

import string

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from classifier import characters, confusables, disguises, masks, spellings, wrappers
from classifier.normalise import normalise

# Pieces that fixes look for, so that random texts meet them.
PIECES = st.sampled_from(
    ["i d i o t", "1d10t", "&#105;", "&amp;", "<b>", "</b>", "[b]", "[/b]", "[.]", " dot com",
     "a-b", "hxxp://", "w w w .", "\u200b", "\u200d", "\u0301", "і", "ѕ", "é", "🅸", "🇮", "aaa", "İ",
     "ɐ", "ʇ", "\u202e", "\u202c",
     "|)", "\ud800", "\x00", "ﬃ", "⑩", "x", "o", "$", "@", "!", "*", "_",
     "phukk", "stu", "pid", " gar bage", "st*pid", "*diot", "fuk", ".", "-", "(", " "]
)  # fmt: skip
TEXTS = st.one_of(st.text(st.characters(), max_size=80), st.lists(PIECES, max_size=14).map("".join))
WORDS = st.lists(
    st.sampled_from(["the", "old", "bridge", "is", "open", "again", "and", "we", "like", "rain"]),
    min_size=1,
    max_size=30,
)


@settings(deadline=None)
@given(TEXTS)
@example("")
@example("\ud800")
def test_promises_for_any_text(text: str) -> None:
    view = normalise(text)
    assert len(view.origin) == len(view.text) <= 4 * len(text)
    assert view.origin.dtype == np.int64
    assert (np.diff(view.origin) >= 0).all()
    assert ((view.origin >= 0) & (view.origin < max(len(text), 1))).all()


@settings(deadline=None)
@given(TEXTS)
def test_a_view_has_nothing_left_to_undo(text: str) -> None:
    view = normalise(text).text
    assert normalise(view).text == view


@given(WORDS, st.sampled_from([" ", ", "]), st.sampled_from([".", "!", "?", "..."]))
def test_plain_prose_comes_back_itself(words: list[str], gap: str, end: str) -> None:
    text = gap.join(words).capitalize() + end
    view = normalise(text)
    assert view.text is text
    assert (view.origin == np.arange(len(text))).all()


HOSTILE = (
    *("a", "a ", "<", "<a ", "&amp;", "&#38;", "[b]", "a*", "$", "1a", ".", "a.", "(dot) ", "a@b."),
    *("\u0301", "\u200d", "аa ", "🅸", "h t t p ", " . ", "|_|", "aaab", "é", "a[.]", "- a ", "@$"),
)


@pytest.mark.parametrize(
    "text", [piece * (20_000 // len(piece)) for piece in HOSTILE], ids=map(ascii, HOSTILE)
)
def test_long_hostile_texts_have_a_view(text: str) -> None:
    view = normalise(text)
    assert len(view.origin) == len(view.text) <= len(text)


def test_nested_disguises_come_off_layer_by_layer() -> None:
    assert normalise("&amp;#1110;&#8203;d<b>1</b>ооооt").text == "idiot"


def test_removed_characters_leave_the_offsets_of_the_others() -> None:
    view = normalise("x i\u200bd\u200biot")
    assert view.text == "x idiot"
    assert view.origin.tolist() == [0, 1, 2, 4, 6, 7, 8]


def test_one_character_for_several_lends_its_offset_to_each() -> None:
    view = normalise("aﬃx")
    assert view.text == "affix"
    assert view.origin.tolist() == [0, 1, 1, 1, 2]


FIXES = [
    (disguises.join_letters, ["1 2 3 4 5", "A, B, C, D", "I a m", "a b c d e", "x, y and z"]),
    (disguises.drop_signs, ["*never*", "_so_", "don't", "5 * 4", "~ 20"]),
    (disguises.join_fragments, ["well-known", "and/or", "e.g.", "U.S.", "site.com", "main.py"]),
    (disguises.join_fragments, ["up-to-date", "user_name", "word.Next", "he/she", "mother-in-law"]),
    (disguises.read_leet, ["$100", "4th", "3D", "mp3", "covid19", "10:45", "b2b", "1080p", "v1.2"]),
    (disguises.read_leet, ["word(s)", "(see", "Hello!", "24h", "300km", "PS5", "CO2", "1337"]),
    (disguises.cut_runs, ["cool", "III", "XXX", "www", "..."]),
    (disguises.fold_lookalikes, ["он сам", "привет", "νόμος", "naïve café", "你好", "USB"]),
    (masks.join_pieces, ["worth less", "use less", "dumb ass", "dick head", "Stu Pid", "is land"]),
    (masks.read_masks, ["*never*", "*hit*", "*rash", "idiot*", "a**b", "*.py", "b****", "c*r"]),
    (masks.read_respellings, ["stupid", "Krapp", "Van Dyck", "stoped", "socer", "count", "facing"]),
    (disguises.read_drawings, ["a || b", "f()", "x / y", "/usr/bin"]),
    (wrappers.unwrap_markup, ["a < b", "List<String>", "<3", "x <- y", "<name>"]),
    (wrappers.unwrap_codes, ["a[i]", "b[0]", "[b] alone", "[sic]"]),
    (wrappers.decode_entities, ["R&D", "&c.", "& so;", "&nosuchname;"]),
    (wrappers.refang_brackets, ["(at least)", "[...]", "f(.)", "end [.]"]),
    (wrappers.refang_spoken, ["the dotcom years", "a dot, a line", "polka dot dress"]),
    (characters.spell_flags, ["🇧🇷", "🇧🇷 🇯🇵"]),
    (characters.drop_joiners, ["👨‍👩‍👧", "❤️", "می‌خواهم"]),
]


@pytest.mark.parametrize(
    ("fix", "texts"), FIXES, ids=[f"{fix.__name__} {n}" for n, (fix, _) in enumerate(FIXES)]
)
def test_ordinary_writing_needs_no_edit(fix: disguises.Fix, texts: list[str]) -> None:
    for text in texts:
        assert fix(text) == [], text


@pytest.mark.parametrize("text", ["Cúm gia cầm", "Příliš žluťoučký kůň", "Zażółć gęślą jaźń"])
def test_languages_keep_their_accents(text: str) -> None:
    assert "".join(characters.strip_accents(text)) == text


READ = [
    (masks.join_pieces, "gar bage, stu pid", [(3, 4, ""), (13, 14, "")]),
    (
        masks.read_masks,
        "ST*PID *diot, b*stard",
        [(0, 6, "STUPID"), (7, 12, "idiot"), (14, 21, "bastard")],
    ),
    (masks.read_respellings, "Phukk asshule", [(0, 5, "Fuck"), (6, 13, "asshole")]),
]


@pytest.mark.parametrize(("fix", "text", "edits"), READ, ids=[fix.__name__ for fix, _, _ in READ])
def test_a_list_tells_what_is_meant(
    fix: disguises.Fix, text: str, edits: list[tuple[int, int, str]]
) -> None:
    assert fix(text) == edits


def test_what_is_longer_than_written_lends_the_last_offset_again() -> None:
    view = normalise("oh fuk it")
    assert view.text == "oh fuck it"
    assert view.origin.tolist() == [0, 1, 2, 3, 4, 5, 5, 6, 7, 8]


def test_tables_map_single_characters_to_letters() -> None:
    for table in (confusables.LOOKALIKES, confusables.MIXED_LOOKALIKES, confusables.BARRED):
        for sign, letter in table.items():
            assert len(sign) == 1
            assert not sign.isascii()
            assert letter in string.ascii_letters
    assert all(len(sign) == 1 for sign in spellings.LEET)
    assert not confusables.INVISIBLE & confusables.STYLED.keys()


def test_known_doubles_come_down_to_their_single_shape() -> None:
    assert spellings.DOUBLED["col"] == "cool"
    assert normalise("coooool fuuuuck asssshoooole").text == "cool fuck asshole"
