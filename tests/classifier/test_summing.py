"""The compiled loop and NumPy give the same bits, for any text."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import summing
from classifier.features import ROWS
from classifier.folding import FOLDED, IN_WORD
from classifier.summing import kernel, sum_compiled, sum_with_numpy
from classifier.weights import WIDTH

pytestmark = pytest.mark.skipif(
    not summing.COMPILED, reason="the compiled loop is not there: no compiler when installed"
)

WEIGHTS = np.random.default_rng(7).integers(0, 2**63, size=ROWS, dtype=np.uint64)
"""Any weights at all, and large ones: their sums must not run over."""

TEXTS = [
    "",
    " ",
    "a",
    "ab  ab ab",
    "Thank you, this helped.",
    "\t\n two\u2003spaces\u00a0here ",
    "aaaa   bbbbbbbb!!!!!! aaa",
    "ÄÖÜ straße İstanbul ΑΣ naïve cafe\u0301",
    "日本語のコメント",
    "emoji 😀😀😀😀 and 𝐛𝐨𝐥𝐝",
    "\ud800 half a pair \udfff",
    "nul \x00\x00\x00\x00 nul",
    "https://example.com/?a=1&b=2 " * 40,
]


def check_same(texts: list[str]) -> None:
    for ours, theirs in zip(
        sum_compiled(WEIGHTS, texts), sum_with_numpy(WEIGHTS, texts), strict=True
    ):
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)


def test_one_by_one() -> None:
    for text in TEXTS:
        check_same([text])


def test_together() -> None:
    check_same(TEXTS)


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_any_texts(texts: list[str]) -> None:
    check_same(texts)


@given(st.text(alphabet="aAbB é\u0301  \n.!😀", max_size=60))
def test_runs_and_borders(text: str) -> None:
    check_same([text, text[::-1]])


def test_no_text() -> None:
    sums, counts = sum_compiled(WEIGHTS, [])
    assert (sums.shape, counts.shape) == ((0, 2, WIDTH), (0, 2))


def arguments() -> list[object]:
    counts = np.empty((1, 2), dtype=np.int64)
    return [["text"], FOLDED, IN_WORD, WEIGHTS, np.empty((1, 2, WIDTH), dtype=np.int64), counts]


@pytest.mark.parametrize("place", [1, 2, 3, 4, 5])
def test_refuses_an_array_of_another_size(place: int) -> None:
    given_: list[object] = arguments()
    array = given_[place]
    assert isinstance(array, np.ndarray)
    given_[place] = array.ravel()[:-1].copy()
    with pytest.raises(ValueError, match="size"):
        call()(*given_)


def test_refuses_what_is_no_text() -> None:
    with pytest.raises(TypeError, match="strings"):
        call()([b"bytes"], *arguments()[1:])


def test_refuses_to_write_into_what_is_mapped_for_reading() -> None:
    given_ = arguments()
    frozen = np.empty((1, 2), dtype=np.int64)
    frozen.flags.writeable = False
    with pytest.raises((TypeError, ValueError, BufferError)):
        call()(*given_[:5], frozen)


def call() -> Callable[..., None]:
    found: Callable[..., None] = kernel.sum_texts
    return found
