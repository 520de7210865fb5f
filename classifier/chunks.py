"""The pieces of a text between blanks, of which most need no look: only those with a sign do."""

import re
from collections.abc import Iterator
from typing import Final

_REST: Final = re.compile(r"[^ \n]*+")


def find_chunks(sign: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    """Return start and end of each run without blanks in which `sign` is found, left to right.

    A blank is a space or the end of a line; what a pattern without blanks finds in the chunks
    is what it finds in the text. `sign` matches no blank. Linear in the text.
    """
    chunks: list[tuple[int, int]] = []
    search, rest, end = sign.search, _REST.match, 0
    # A search from the end of each run: its other signs are not even looked at.
    while found := search(text, end):
        place = found.start()
        begin = end
        if place > end:
            begin = max(text.rfind(" ", end, place) + 1, text.rfind("\n", end, place) + 1, end)
        stop = rest(text, place)
        end = stop.end() if stop else place
        chunks.append((begin, end))
    return chunks


def find_within(
    pattern: re.Pattern[str], sign: re.Pattern[str], text: str
) -> Iterator[re.Match[str]]:
    """Yield the matches of a pattern without blanks, each of which has a `sign`."""
    for start, end in find_chunks(sign, text):
        yield from pattern.finditer(text, start, end)
