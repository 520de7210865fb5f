"""The picture of a comparison: score against score, as an SVG that is read by light and by dark."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from xml.sax.saxutils import escape

import numpy as np

from api.comparing.curves import Point
from api.comparing.findings import Finding
from api.comparing.pairing import Pairs
from api.comparing.telling import Comparison

_SIDE: Final = 300
"""How wide and high a panel's square is."""
_LEFT, _TOP, _WIDE, _HIGH = 58, 58, 390, 420
_BINS: Final = 50
_COLUMNS: Final = 3
_KEY_HIGH: Final = 52
_QUOTES: Final = {'"': "&quot;"}

_STYLE: Final = """<style>
svg { --ground: #fff; --ink: #1c2126; --soft: #59636d; --line: #d9dee3; --cell: #0b6aa2;
  --mark: #c2410c; font: 13px system-ui, sans-serif; background: var(--ground); }
@media (prefers-color-scheme: dark) { svg { --ground: #14181c; --ink: #e6e9ec; --soft: #a3adb6;
  --line: #343b42; --cell: #6cb6e8; --mark: #ff9d5c; } }
text { fill: var(--soft); } .name { fill: var(--ink); font-weight: 600; font-size: 15px; }
.ground { fill: var(--ground); } .frame, .grid { stroke: var(--line); fill: none; }
.cell { fill: var(--cell); } .same { stroke: var(--soft); stroke-dasharray: 3 4; fill: none; }
.curve { stroke: var(--ink); stroke-width: 1.8; fill: none; }
.mark { fill: var(--mark); stroke: var(--ground); stroke-width: 1.2; }
.interval { stroke: var(--mark); stroke-width: 2.4; }
.at { fill: var(--mark); font-weight: 600; paint-order: stroke; stroke: var(--ground);
  stroke-width: 3.5; }
</style>"""


def draw(compared: Comparison, curves: Mapping[str, Sequence[Point]]) -> str:
    """One panel for each attribute, and below them what is what."""
    panels = compared.findings
    columns = max(min(len(panels), _COLUMNS), 1)
    wide, high = columns * _WIDE, math.ceil(len(panels) / columns) * _HIGH + _KEY_HIGH
    names = ", ".join(finding.attribute for finding in panels)
    label = escape(f"Perspective's scores beside those of {compared.model}: {names}", _QUOTES)
    size = f'width="{wide}" height="{high}" viewBox="0 0 {wide} {high}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{label}">',
        _STYLE,
        f'<rect class="ground" width="{wide}" height="{high}"/>',
    ]
    for number, finding in enumerate(panels):
        across, down = number % columns * _WIDE, number // columns * _HIGH
        pairs, curve = compared.gathered.pairs[finding.attribute], curves[finding.attribute]
        parts += [f'<g transform="translate({across + _LEFT} {down + _TOP})">']
        parts += [*_draw_panel(finding, pairs, curve), "</g>"]
    parts += [*_draw_key(high - _KEY_HIGH), "</svg>"]
    return "\n".join(parts) + "\n"


def _x(score: float) -> float:
    return round(score * _SIDE, 1)


def _y(score: float) -> float:
    return round((1 - score) * _SIDE, 1)


def _text(kind: str, x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'


def _draw_panel(finding: Finding, pairs: Pairs, curve: Sequence[Point]) -> Iterator[str]:
    said = f"{finding.compared:,} comments"
    if finding.correlation is not None:
        said += f", rank correlation {finding.correlation:.2f}"
    yield _text("name", 0, -32, finding.attribute)
    yield _text("about", 0, -13, said)
    yield from _draw_axes(f"Perspective's {finding.attribute}", f"our {finding.label}")
    yield from _draw_cells(pairs)
    yield f'<path class="same" d="M0 {_SIDE}L{_SIDE} 0"/>'
    yield f'<rect class="frame" width="{_SIDE}" height="{_SIDE}"/>'
    if curve:
        points = "L".join(f"{_x(shown)} {_y(ours)}" for ours, shown in curve)
        yield f'<path class="curve" d="M{points}"/>'
    yield from _draw_levels(finding)


def _draw_axes(below: str, beside: str) -> Iterator[str]:
    for tenth in range(0, 11, 2):
        at = tenth / 10
        yield f'<path class="grid" d="M{_x(at)} 0V{_SIDE}M0 {_y(at)}H{_SIDE}"/>'
        yield _text("tick", _x(at), _SIDE + 18, f"{at:g}", "middle")
        yield _text("tick", -8, _y(at) + 4, f"{at:g}", "end")
    yield _text("axis", _SIDE / 2, _SIDE + 38, below, "middle")
    yield (
        f'<text class="axis" transform="translate(-38 {_SIDE / 2}) rotate(-90)"'
        f' text-anchor="middle">{escape(beside)}</text>'
    )


def _draw_cells(pairs: Pairs) -> Iterator[str]:
    """How many comments lie where: by the logarithm, or few would be seen beside the many."""
    ours, theirs = pairs.scores()
    counts, _, _ = np.histogram2d(theirs, ours, bins=_BINS, range=((0, 1), (0, 1)))
    most, size = math.log1p(float(counts.max())), _SIDE / _BINS
    for across, up in np.argwhere(counts > 0).tolist():
        strong = 0.12 + 0.88 * math.log1p(float(counts[across, up])) / most
        yield (
            f'<rect class="cell" x="{across * size:g}" y="{_SIDE - (up + 1) * size:g}"'
            f' width="{size:g}" height="{size:g}" opacity="{strong:.2f}"/>'
        )


def _draw_levels(finding: Finding) -> Iterator[str]:
    for level in finding.levels:
        if level.equal is None:
            continue
        x, y = _x(level.theirs), _y(level.equal.value)
        said = f"{level.theirs:g} of theirs is {level.equal.value:.3g} of ours"
        yield (
            f"<g><title>{said}</title>"
            f'<path class="interval" d="M{x} {_y(level.equal.low)}V{_y(level.equal.high)}"/>'
            f'<circle class="mark" cx="{x}" cy="{y}" r="4.5"/></g>'
        )
        # Below its dot where it would be above the frame.
        beside = y - 7 if y > 14 else y + 17
        yield _text("at", x - 8, beside, f"{level.equal.value:.2f}", "end")


def _draw_key(top: float) -> Iterator[str]:
    y = top + 8
    yield f'<g transform="translate({_LEFT} {y})">'
    yield '<rect class="cell" width="12" height="12" opacity="0.25"/>'
    yield '<rect class="cell" x="14" width="12" height="12"/>'
    yield _text("key", 34, 11, "few and many comments")
    yield '<path class="same" d="M0 31H26"/>'
    yield _text("key", 34, 35, "the same number")
    yield '<path class="curve" d="M207 6H233"/>'
    yield _text("key", 241, 11, "equal shares")
    yield '<path class="interval" d="M220 23V39"/><circle class="mark" cx="220" cy="31" r="4.5"/>'
    yield _text("key", 241, 35, "a threshold")
    yield "</g>"
