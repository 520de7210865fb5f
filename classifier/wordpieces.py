"""Texts as the numbers of word pieces, cut alike for training and for scoring."""

from typing import Final

from tokenizers import Tokenizer

from classifier.emojinames import name_emoji
from classifier.normalise import normalise

FIRST: Final = 112
"""Of a long text, so many tokens are read from its beginning."""
LAST: Final = 32
"""And so many from its end, where the worst often stands."""
# A token is hardly ever longer than eight characters; what is not cut here costs time.
_CHARACTERS: Final = 8


class WordPieces:
    """The tokenizer of a BERT, from the text of its `tokenizer.json`.

    Raises ValueError where that is none, or where number 0 is not its padding.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            self._tokenizer = Tokenizer.from_str(text)
        except Exception as error:  # The package raises nothing more exact.
            raise ValueError(f"This is no tokenizer ({error}).") from error
        if self._tokenizer.token_to_id("[PAD]") != 0:
            raise ValueError("The tokenizer does not have [PAD] as number 0.")
        # Who writes "[SEP]" has written five characters.
        self._tokenizer.encode_special_tokens = True
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def __len__(self) -> int:
        return int(self._tokenizer.get_vocab_size())

    def encode(self, text: str) -> list[int]:
        """Return the tokens of `text`, from 2 to 144: the first 112 and the last 32.

        Disguises are taken off first, and emoji are named.
        """
        if len(text) > _CHARACTERS * (FIRST + LAST):
            text = f"{text[: _CHARACTERS * FIRST]} {text[-_CHARACTERS * LAST :]}"
        text = name_emoji(normalise(text).text)
        # Half of a surrogate pair is a character in Python, and in no encoding.
        whole = text.encode("utf-8", "replace").decode("utf-8")
        # One text after another: for many at once the package starts threads.
        found: list[int] = self._tokenizer.encode(whole).ids
        return found if len(found) <= FIRST + LAST else found[:FIRST] + found[-LAST:]
