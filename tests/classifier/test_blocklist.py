import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import blocklist
from classifier.blocklist import build_blocklist, find_blocked
from classifier.phrases import split_words
from classifier.signals import find_signals
from classifier.submission import Submission

LINES = [
    "wonderwidget",
    "cheap wonderwidget",
    "the garden",
    "cheap-watches-fast",
    "four words are too many",
    "ab",
    "2024",
    "http wonder",
    "",
]
HARMLESS = ["We sat in the garden all day.", "Nothing here."]


@pytest.fixture(scope="module")
def array():
    return build_blocklist(LINES, HARMLESS)


def test_the_array_is_sorted_small_and_free_of_harmless_lines(array):
    assert array.dtype == np.uint32
    assert len(array) == 3
    assert (array[1:] > array[:-1]).all()


def test_it_is_the_same_whatever_the_order(array):
    assert (build_blocklist(LINES[::-1] * 2, HARMLESS[::-1]) == array).all()


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("Buy a Wonderwidget!", 1),
        ("cheap WONDERWIDGET, wonderwidget", 2),
        ("cheap.watches/fast", 1),
        ("in the garden", 0),
        ("cheap watches", 0),
        ("", 0),
        ("word", 0),
    ],
)
def test_hits_count_different_entries(array, text, hits):
    words = split_words(text).words
    found = {tuple(words[first:last]) for first, last in find_blocked(text, array)}
    assert len(found) == hits


def test_runs_name_the_words(array):
    assert find_blocked("a cheap wonderwidget", array) == [(1, 3), (2, 3)]


def test_an_empty_list_finds_nothing():
    empty = build_blocklist([], HARMLESS)
    assert len(empty) == 0
    assert find_blocked("a b", empty) == []


def test_the_signal_points_at_the_raw_text(array):
    text = "😀 a Cheap Wonderwidget"
    item = Submission(text, author_url="http://janedoe.example.org/")
    (signal,) = find_signals(item, blocklist=array)
    assert signal.name == "blocklist"
    assert [text[start:end] for start, end in signal.spans] == [
        "Cheap Wonderwidget",
        "Wonderwidget",
    ]
    assert find_signals(Submission("a nice day", author_url=item.author_url), blocklist=array) == []


def test_the_writer_s_page_and_name_are_looked_up(array):
    item = Submission(
        "a nice day", author_name="Jane", author_url="https://cheap-wonderwidget.example"
    )
    signal = {one.name: one for one in find_signals(item, blocklist=array)}["author_blocklist"]
    assert (signal.value, signal.spans) == (1.5, ())
    item = Submission("a day", author_name="Wonderwidget", author_url="http://doe.example.org")
    assert [one.name for one in find_signals(item, blocklist=array)] == ["author_blocklist"]
    alone = Submission("a nice day", author_name="Cheap Wonderwidget")
    assert "author_blocklist" not in [one.name for one in find_signals(alone, blocklist=array)]


def test_without_a_link_nothing_is_looked_up(array):
    assert find_signals("cheap wonderwidget", blocklist=array) == []


@given(st.lists(st.sampled_from([*LINES, "the", " ", "x1", "é", ""])).map(" ".join))
def test_with_and_without_the_compiled_loop(array, text):
    found = find_blocked(text, array)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocklist, "kernel", None)
        assert find_blocked(text, array) == found


@given(st.text())
def test_never_raises(array, text):
    words = split_words(text).words
    assert all(0 <= first < last <= len(words) for first, last in find_blocked(text, array))
