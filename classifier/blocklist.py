"""A list of strings seen in comment spam, as one sorted array of 32-bit hashes.

Such lists are long and noisy: many of their strings are ordinary words. `build_blocklist`
keeps only what no harmless text says; the array goes into the model file, and
`find_blocked` looks words up in it with a few array operations.
"""

from collections.abc import Iterable, Sequence
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from classifier.phrases import split_words

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
    listed = {_hash(words) for line in lines if _is_telling(words := split_words(line).words)}
    array = np.array(sorted(listed), dtype=np.uint32)
    harmless = np.zeros(len(array), dtype=bool)
    for text in harmless_texts:
        harmless[_found(split_words(text).words, array)] = True
    return array[~harmless]


def blocklist_hits(words: Sequence[str], array: Hashes) -> int:
    """Return how many different entries of `array` the lower-case `words` contain."""
    return len(np.unique(_found(words, array)))


def find_blocked(words: Sequence[str], array: Hashes) -> list[tuple[int, int]]:
    """Return the listed runs of `words` as first and last word (exclusive), left to right."""
    if not len(array):
        return []
    runs = []
    for length, hashes in enumerate(_runs(words), start=1):
        hit = np.flatnonzero(array[_places(hashes, array)] == hashes)
        runs += [(int(first), int(first) + length) for first in hit]
    return sorted(runs)


def _is_telling(words: Sequence[str]) -> bool:
    """Leave out what says nothing: too long, too short, numbers, pieces of addresses."""
    if not 1 <= len(words) <= LONGEST or any(word in _MACHINERY for word in words):
        return False
    letters = [word for word in words if not word[0].isdigit()]
    return len(letters) == len(words) and max(map(len, words)) >= _SHORTEST


def _hash(words: Sequence[str]) -> int:
    return int(_runs(words)[-1][0])


def _runs(words: Sequence[str]) -> list[Hashes]:
    """Return the hashes of the runs of one, two and three words that begin at each word."""
    single = np.array([crc32(word.encode("utf-8", "surrogatepass")) for word in words], np.uint32)
    runs = [single]
    for length in range(2, min(LONGEST, len(words)) + 1):
        runs.append(runs[-1][:-1] * _ROLL + single[length - 1 :])
    return runs


def _places(hashes: Hashes, array: Hashes) -> NDArray[np.intp]:
    return np.minimum(np.searchsorted(array, hashes), len(array) - 1)


def _found(words: Sequence[str], array: Hashes) -> NDArray[np.intp]:
    """Return the places in `array` of the runs of `words` that it lists."""
    if not len(array) or not words:
        return np.zeros(0, dtype=np.intp)
    hashes = np.concatenate(_runs(words))
    places = _places(hashes, array)
    found: NDArray[np.intp] = places[array[places] == hashes]
    return found
