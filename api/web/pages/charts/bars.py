"""Bars for each day, of parts on top of each other."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from markupsafe import Markup, escape

from api.web.pages.charts.axes import Frame, Series, draw_frame, frame, image

_GAP = 0.12
"""The part of a day's width that is left free at each side."""


def draw(
    label: str, names: Sequence[str], series: Sequence[Series], forward: bool = False
) -> Markup:
    """The parts of each day, the first at the bottom."""
    totals = [sum(one.values[place] or 0 for one in series) for place in range(len(names))]
    within = replace(frame(names, max(totals, default=0)), forward=forward)
    parts = [*draw_frame(within)]
    for place in range(len(names)):
        parts += _draw_day(within, place, series)
    return image(label, parts)


def _draw_day(within: Frame, place: int, series: Sequence[Series]) -> Iterable[str]:
    counts = [one.values[place] or 0 for one in series]
    if not any(counts):
        return
    said = ", ".join(
        f"{one.name} {count:g}" for one, count in zip(series, counts, strict=True) if count
    )
    yield f"<g><title>{escape(within.names[place])}: {escape(said)}</title>"
    below = 0.0
    for one, count in zip(series, counts, strict=True):
        if count:
            yield _draw_part(within, place, one.kind, below, below + count)
        below += count
    yield "</g>"


def _draw_part(within: Frame, place: int, kind: str, low: float, high: float) -> str:
    x, top = within.x(place + _GAP), within.y(high)
    wide, tall = within.wide * (1 - 2 * _GAP), within.y(low) - top
    return f'<rect class="{kind}" x="{x}" y="{top}" width="{wide:.1f}" height="{tall:.1f}"/>'
