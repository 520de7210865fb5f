"""Estimates as dots on a scale, each with the interval it may well lie in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.web.pages.charts.axes import WIDTH, image, text

_LEFT, _RIGHT = 8, 468
_TOP, _ROW = 10, 40
_LONGEST = 42
"""How many characters of a name have room beside the number; the table has all."""


@dataclass(frozen=True, slots=True)
class Dot:
    """An estimate; `about` is said at its right, such as how many it is of."""

    name: str
    about: str
    value: float
    low: float
    high: float


def draw(label: str, dots: Sequence[Dot], least: float = 0.0, percent: bool = True) -> Markup:
    """Each dot in a row of its own, on a scale from `least` (not above 0) to 1."""
    bottom = _TOP + len(dots) * _ROW
    parts = [*_draw_scale(least, bottom, percent)]
    for row, dot in enumerate(dots):
        parts += _draw_dot(dot, _TOP + row * _ROW, least, percent)
    return image(label, parts, bottom + 24)


def _x(value: float, least: float) -> float:
    part = (min(max(value, least), 1.0) - least) / (1 - least)
    return round(_LEFT + part * (_RIGHT - _LEFT), 1)


def _draw_scale(least: float, bottom: float, percent: bool) -> Iterable[str]:
    ticks = [0.0, 0.25, 0.5, 0.75, 1.0]
    if least < 0:
        ticks = [least, *ticks]
    for tick in ticks:
        x = _x(tick, least)
        yield f'<line class="grid" x1="{x}" y1="{_TOP}" x2="{x}" y2="{bottom}"/>'
        anchor = "start" if tick == ticks[0] else "end" if tick == 1 else "middle"
        x = 0 if tick == ticks[0] else WIDTH if tick == 1 else x
        yield text("tick", x, bottom + 18, _show(tick, percent), anchor)


def _draw_dot(dot: Dot, top: float, least: float, percent: bool) -> Iterable[str]:
    y, low, high = top + 28, _x(dot.low, least), _x(dot.high, least)
    name = dot.name if len(dot.name) <= _LONGEST else f"{dot.name[: _LONGEST - 1]}…"
    yield text("name", _LEFT, top + 14, name)
    yield text("tick", _RIGHT, top + 14, f"{_show(dot.value, percent)} · {dot.about}", "end")
    yield f'<line class="interval" x1="{low}" y1="{y}" x2="{high}" y2="{y}"/>'
    yield f'<circle class="estimate" cx="{_x(dot.value, least)}" cy="{y}" r="5"/>'


def _show(value: float, percent: bool) -> str:
    return f"{value:.0%}" if percent else f"{value:.2f}"
