"""Cuts a comment's text at the spans behind its reasons, so that a page can mark them."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

MAIN_SHARE = 0.25
"""A span this heavy, beside its reason's heaviest, is marked strongly."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text, and the reasons it helped to cause; none for most text."""

    text: str
    reasons: tuple[str, ...] = ()
    main: bool = False


def cut(text: str, reasons: Iterable[dict[str, Any]]) -> list[Segment]:
    """The whole text in pieces, each with the reasons whose spans cover it."""
    spans = [span for reason in reasons for span in _spans(reason, len(text))]
    edges = sorted({0, len(text), *(edge for start, end, *_ in spans for edge in (start, end))})
    pieces: list[Segment] = []
    for start, end in pairwise(edges):
        covering = [span for span in spans if span[0] <= start and end <= span[1]]
        names = tuple(dict.fromkeys(name for *_, name, _ in covering))
        piece = Segment(text[start:end], names, any(main for *_, main in covering))
        _append(pieces, piece)
    return pieces


def _append(pieces: list[Segment], piece: Segment) -> None:
    last = pieces[-1] if pieces else None
    if last and (last.reasons, last.main) == (piece.reasons, piece.main):
        pieces[-1] = Segment(last.text + piece.text, last.reasons, last.main)
    else:
        pieces.append(piece)


def _spans(reason: dict[str, Any], length: int) -> list[tuple[int, int, str, bool]]:
    heaviest = max((span["weight"] for span in reason["spans"]), default=0)
    named = name(reason["code"]) + (" (approximate)" if reason.get("approximate") else "")
    found = []
    for span in reason["spans"]:
        start, end = max(0, span["start"]), min(length, span["end"])
        if start < end:
            main = span["weight"] >= MAIN_SHARE * heaviest
            found.append((start, end, named, main))
    return found


def name(code: str) -> str:
    """A score's or a reason's code in words.

    >>> name("identity_attack_score")
    'identity attack'
    """
    return code.removesuffix("_score").replace("_", " ")
