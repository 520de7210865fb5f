"""The text of a comment as its site would have it published, by the rules that replace."""

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

_TAG = re.compile(r"<[^<>]*>")
_ENTITY = re.compile(r"&#?\w{1,32};")


class _Cut(NamedTuple):
    start: int
    end: int
    instead: str


def publish(text: str, html: bool, reasons: Sequence[Mapping[str, Any]]) -> str:
    """The text with what each reason's `replacement` stands for; the same where none has one.

    Places that overlap are replaced as one, by what the first of them says. In HTML the tags
    within a place stay, and a replacement is text.
    """
    parts: list[str] = []
    done = 0
    for start, end, instead in _join(_find_cuts(reasons)):
        stop = _end_entity(text, end) if html else end
        kept = "".join(_TAG.findall(text, start, stop)) if html else ""
        parts += (text[done:start], escape(instead) if html else instead, kept)
        done = max(stop, done)
    return "".join(parts) + text[done:] if parts else text


def _find_cuts(reasons: Sequence[Mapping[str, Any]]) -> list[_Cut]:
    cuts = [
        _Cut(span["start"], span["end"], reason["replacement"])
        for reason in reasons
        if reason.get("replacement") is not None
        for span in reason["spans"]
    ]
    # Of those that begin together, the longest says what comes instead.
    return sorted(cuts, key=lambda cut: (cut.start, -cut.end, cut.instead))


def _join(cuts: Sequence[_Cut]) -> Iterator[_Cut]:
    """Cuts that do not overlap, in order."""
    open_cut: _Cut | None = None
    for cut in cuts:
        if open_cut is None or cut.start >= open_cut.end:
            if open_cut is not None:
                yield open_cut
            open_cut = cut
        else:
            open_cut = open_cut._replace(end=max(open_cut.end, cut.end))
    if open_cut is not None:
        yield open_cut


def _end_entity(text: str, end: int) -> int:
    """Past the entity whose ampersand is the last of a place, as the place is of what it shows."""
    found = _ENTITY.match(text, end - 1)
    return found.end() if found else end
