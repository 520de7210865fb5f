"""A text as it is, or without its disguises, and the way back to where things stand in it."""

import unicodedata

from classifier import Normalised


class View:
    """What is read of a raw text."""

    def __init__(self, raw: str, plain: Normalised | None = None) -> None:
        self.text = raw if plain is None else plain.text
        self._raw = raw
        self._plain = plain

    def locate(self, place: tuple[int, int]) -> tuple[int, int]:
        """Where in the raw text that stands which is at a place of this view, not an empty one."""
        start, end = place
        if self._plain is None:
            return place
        origin = self._plain.origin
        limit = int(origin[end]) if end < len(origin) else len(self._raw)
        return int(origin[start]), self._extend(int(origin[end - 1]) + 1, limit)

    def _extend(self, end: int, limit: int) -> int:
        """With the marks on the last letter and its repetitions, which the view leaves out."""
        raw = self._raw
        letter = raw[end - 1].casefold()
        while end < limit and (
            raw[end].casefold() == letter or unicodedata.category(raw[end]) in ("Mn", "Me", "Cf")
        ):
            end += 1
        return end
