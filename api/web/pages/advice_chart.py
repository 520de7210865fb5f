"""Draws precision and recall over the threshold, as an SVG that is coloured by the pages' CSS."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from api.moderation.advice.measuring import Estimate, Point

WIDTH, HEIGHT = 480, 310
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 460, 56, 268
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2)
_NAMED = "chart-title chart-about"
_CHARACTER = 6.5
"""How wide a letter is, about."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A threshold to be pointed out; `kind` is its CSS class."""

    kind: str
    name: str
    threshold: float


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float

    def x(self, threshold: float) -> float:
        part = (threshold - self.low) / (self.high - self.low)
        return round(_LEFT + part * (_RIGHT - _LEFT), 1)

    def y(self, share: float) -> float:
        return round(_BOTTOM - share * (_BOTTOM - _TOP), 1)


def draw(curve: Sequence[Point], marks: Sequence[Mark], label: str) -> Markup:
    """The picture of a curve of two points at least; `label` is the score's name in words."""
    places = [one.threshold for one in curve] + [mark.threshold for mark in marks]
    step = _find_step(max(places) - min(places))
    scale = _Scale(min(places) // step * step, -(-max(places) // step) * step)
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="{_NAMED}">',
        f'<title id="chart-title">Precision and recall of {escape(label)} by threshold</title>',
        f'<desc id="chart-about">{escape(_tell(curve, marks))}</desc>',
        *_draw_axes(scale, step),
        *_draw_lines(curve, scale),
        *(line for row, mark in enumerate(marks) for line in _draw_mark(mark, row, scale)),
        "</svg>",
    ]
    return Markup("\n".join(parts))  # noqa: S704  (of numbers, and of words that are escaped)


def _find_step(span: float) -> float:
    """How far apart the marks of the axis are: no more than eight of them."""
    return next((step for step in _STEPS if span <= 7 * step), _STEPS[-1])


def _draw_axes(scale: _Scale, step: float) -> Iterable[str]:
    for share in _TICKS:
        y = scale.y(share)
        yield f'<line class="grid" x1="{_LEFT}" y1="{y}" x2="{_RIGHT}" y2="{y}"/>'
        yield _text("tick", _LEFT - 6, y + 4, f"{share:.0%}", "end")
    for at in range(round((scale.high - scale.low) / step) + 1):
        threshold = scale.low + at * step
        yield _text("tick", scale.x(threshold), _BOTTOM + 17, f"{threshold:.2f}", "middle")
    yield _text("tick", (_LEFT + _RIGHT) / 2, HEIGHT - 4, "threshold", "middle")


def _draw_lines(curve: Sequence[Point], scale: _Scale) -> Iterable[str]:
    known = [(one.threshold, one.precision) for one in curve if one.precision]
    upper = _join(known, scale, lambda share: share.high)
    lower = _join(known[::-1], scale, lambda share: share.low)
    yield f'<path class="band" d="M{upper}L{lower}Z"/>'
    yield f'<path class="precision" d="M{_join(known, scale, lambda share: share.value)}"/>'
    caught = [(one.threshold, one.recall) for one in curve if one.recall]
    if caught:
        yield f'<path class="recall" d="M{_join(caught, scale, lambda share: share.value)}"/>'


def _join(
    known: Iterable[tuple[float, Estimate]], scale: _Scale, end: Callable[[Estimate], float]
) -> str:
    return "L".join(f"{scale.x(at)} {scale.y(end(share))}" for at, share in known)


def _draw_mark(mark: Mark, row: int, scale: _Scale) -> Iterable[str]:
    """A line with its name above it, turned inwards where the edge is near."""
    x, name = scale.x(mark.threshold), f"{mark.name} {mark.threshold:.4g}"
    top = 16 + 20 * row
    yield f'<line class="{mark.kind}" x1="{x}" y1="{top + 4}" x2="{x}" y2="{_BOTTOM}"/>'
    inwards = x + len(name) * _CHARACTER > _RIGHT
    yield _text(
        mark.kind, x - 4 if inwards else x + 4, top + 6, name, "end" if inwards else "start"
    )


def _text(kind: str, x: float, y: float, words: str, anchor: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'


def _tell(curve: Sequence[Point], marks: Sequence[Mark]) -> str:
    """The picture in words."""
    ends = [one for one in (curve[0], curve[-1]) if one.precision]
    said = [
        f"precision {one.precision.value:.2f} at {one.threshold:.4g}"
        for one in ends
        if one.precision
    ]
    said += [f"{one.name} is {one.threshold:.4g}" for one in marks]
    return f"{'; '.join(said)}.".capitalize()
