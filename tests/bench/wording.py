# ruff: noqa: SIM905  (a list of words is read more easily than a list of strings)
"""Comments that nobody has written: as long and as varied as real ones, and the same each time."""

from collections.abc import Iterator

import numpy as np

_COMMON = """
the to of and a in is that it for you i on with not are be this as have they but or was so we if
what all at your about just can my no there from by do an would people more their has like who
will one out get when how think don't up should know than because them it's only some even time
he then good why here also right other want which those now our want need make been really any
see into see way could go his us him were being she money over take say much back going many her
too these very years work world still never after same where well most pay thing government did
use read first does live better every stop public life against before always off both great big
problem country long law got let keep care own anything someone already school house city tax help
""".split()
_BEGINNINGS = (
    "b bl br c ch cl cr d dr f fl fr g gl gr h j k l m n p pl pr qu r s sh sl sp st t th tr v w"
)
_MIDDLES = "a ai au e ea ee i ie o oa oo ou u y"
_ENDINGS = "b ck d ft g l ld lt m mp n nd ng nt p r rd rk rm rn rt s sh sk ss st t th x"
_VOCABULARY = 5_000
_TYPICAL_WORDS = 24


class Writer:
    """Writes texts with a common word here and a rare one there, as languages have them."""

    def __init__(self, seed: int) -> None:
        self._chance = np.random.default_rng(seed)
        self._words = np.array([*_COMMON, *self._make_words(_VOCABULARY - len(_COMMON))])
        # Zipf's law, as it is found in comments in English.
        weights = 1 / (np.arange(len(self._words)) + 2.7)
        self._until = np.cumsum(weights / weights.sum())

    def _make_words(self, how_many: int) -> Iterator[str]:
        parts = [_BEGINNINGS.split(), _MIDDLES.split(), _ENDINGS.split()] * 2
        for length in self._chance.integers(3, 7, how_many):
            yield "".join(str(self._chance.choice(part)) for part in parts[:length])

    def write(self, how_many: int) -> list[str]:
        """Texts from six words to some hundreds."""
        drawn = np.exp(self._chance.normal(np.log(_TYPICAL_WORDS), 0.8, how_many))
        ends = np.cumsum(np.clip(drawn, 6, 400).astype(int))
        words = self._words[self._pick(int(ends[-1]))]
        return [" ".join(some).capitalize() + "." for some in np.split(words, ends[:-1])]

    def change(self, text: str, share: float) -> str:
        """The text with this share of its words, at least one, replaced by others."""
        found = text.split()
        places = self._chance.choice(len(found), max(1, round(share * len(found))), replace=False)
        for place, word in zip(places, self._pick(len(places)), strict=True):
            found[place] = str(self._words[word])
        return " ".join(found)

    def _pick(self, how_many: int) -> "np.typing.NDArray[np.int64]":
        return np.searchsorted(self._until, self._chance.random(how_many))
