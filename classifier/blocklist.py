"""A list of strings seen in comment spam, as one sorted array of 32-bit hashes.

Such lists are long and noisy: many of their strings are ordinary words. `build_blocklist`
keeps only what no harmless text says; the array goes into the model file, and
`find_blocked` looks words up in it with a few array operations.
"""

from bisect import bisect
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from classifier.phrases import split_words
from classifier.summing import kernel

Hashes = NDArray[np.uint32]
LONGEST: Final = 3
# Shorter single words are abbreviations and halves of words: `12`, `au`, `ism`.
_SHORTEST: Final = 4
# The machinery of addresses, and numbers: in every technical discussion.
_MACHINERY: Final = frozenset(
    ["http", "https", "href", "www", "com", "net", "org", "php", "html", "htm", "aspx", "asp"]
) | {"index", "code", "user", "page", "web", "link", "url", "site", "file", "view"}
_ROLL: Final = np.uint32(0x9E3779B1)


def build_blocklist(lines: Iterable[str], harmless_texts: Iterable[str]) -> Hashes:
    """Return the sorted, distinct hashes of `lines` that occur in none of `harmless_texts`, (n,).

    A line is taken as the words it consists of: one to three of them, the longest of four
    characters or more, none with a digit in front or a piece of an address; others are left out.
    """
    listed = {_hash(line) for line in lines if _is_telling(split_words(line).words)}
    array = np.array(sorted(listed), dtype=np.uint32)
    harmless = np.zeros(len(array), dtype=bool)
    for text in harmless_texts:
        harmless[_found(text, array)] = True
    return array[~harmless]


def find_blocked(text: str, array: Hashes) -> list[tuple[int, int]]:
    """Return the listed runs of words as first and last word (exclusive), left to right."""
    if not len(array):
        return []
    runs = _runs(_hashes(text))
    hashes = np.concatenate(runs)
    hits = np.flatnonzero(array[_places(hashes, array)] == hashes).tolist()
    if not hits:
        return []
    ends = list(accumulate(map(len, runs)))
    found = []
    for hit in hits:
        shorter = bisect(ends, hit)
        first = hit - ends[shorter - 1] if shorter else hit
        found.append((first, first + shorter + 1))
    return sorted(found)


def _is_telling(words: Sequence[str]) -> bool:
    """Leave out what says nothing: too long, too short, numbers, pieces of addresses."""
    if not 1 <= len(words) <= LONGEST or any(word in _MACHINERY for word in words):
        return False
    letters = [word for word in words if not word[0].isdigit()]
    return len(letters) == len(words) and max(map(len, words)) >= _SHORTEST


def _hash(line: str) -> int:
    return int(_runs(_hashes(line))[-1][0])


def _hashes(text: str) -> Hashes:
    """Return the hash of each word of `text`."""
    if text.isascii() and hasattr(kernel, "hash_words"):
        return np.frombuffer(kernel.hash_words(text), np.uint32)
    words = split_words(text).words
    return np.array([crc32(word.encode("utf-8", "surrogatepass")) for word in words], np.uint32)


def _runs(single: Hashes) -> list[Hashes]:
    """Return the hashes of the runs of one, two and three words that begin at each word."""
    runs = [single]
    for length in range(2, min(LONGEST, len(single)) + 1):
        runs.append(runs[-1][:-1] * _ROLL + single[length - 1 :])
    return runs


def _places(hashes: Hashes, array: Hashes) -> NDArray[np.intp]:
    return np.minimum(np.searchsorted(array, hashes), len(array) - 1)


def _found(text: str, array: Hashes) -> NDArray[np.intp]:
    """Return the places in `array` of the runs of words that it lists."""
    if not len(array):
        return np.zeros(0, dtype=np.intp)
    hashes = np.concatenate(_runs(_hashes(text)))
    places = _places(hashes, array)
    found: NDArray[np.intp] = places[array[places] == hashes]
    return found
