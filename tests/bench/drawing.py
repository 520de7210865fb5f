"""The benchmark's table as a picture."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from classifier.plots import render

if TYPE_CHECKING:
    from tests.bench.classifier import Result

_OURS, _OTHERS = "#D55E00", "#0072B2"


def draw_results(results: "list[Result]", note: str) -> bytes:
    """Draw comments a second, one call and memory, the longer bars' scale logarithmic: an SVG."""
    present = [one for one in reversed(results) if not one.missing]
    figure = Figure(figsize=(12, 1.6 + 0.5 * len(present)), layout="constrained")
    left, middle, right = figure.subplots(1, 3, sharey=True)
    _draw(left, present, "comments a second (more is better)", lambda one: one.per_second[0])
    _draw(middle, present, "one call, median ms (less is better)", lambda one: one.call[0])
    _draw(right, present, "memory, MB (less is better)", lambda one: one.memory["resident"])
    figure.supxlabel(note, fontsize=7)
    return render(figure)


def _draw(
    axes: Axes, results: "list[Result]", title: str, value: "Callable[[Result], float]"
) -> None:
    values = [value(one) for one in results]
    colours = [_OURS if one.name == "winnow" else _OTHERS for one in results]
    bars = axes.barh([one.name for one in results], values, color=colours)
    axes.bar_label(bars, [_short(one) for one in values], padding=3, fontsize=8)
    axes.set_xscale("log")
    # Room for the numbers beside the bars.
    axes.set_xlim(min(values) / 4, max(values) * 6)
    axes.set_title(title, fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
