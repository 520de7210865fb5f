"""What decisions are worth, as pictures: the mean of the sites a line, their range a shade."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from classifier.plots import STYLE, render

if TYPE_CHECKING:
    from tests.bench.learning import Round

# Okabe and Ito's colours, and a dash of its own for each: told apart without colours too.
_LOOKS: Final[Mapping[str, tuple[str, str]]] = {
    "shipped": ("#333333", "-"),
    "Bayes": ("#0072B2", "--"),
    "from scratch": ("#009E73", "-."),
    "adapter": ("#D55E00", "-"),
    "shipped, line set by hand": ("#999999", ":"),
    "adapter, line set by hand": ("#E69F00", ":"),
}


def draw_errors(rounds: "Sequence[Round]") -> bytes:
    """The error on comments that nobody has decided, by the number of decisions: an SVG."""
    found = {
        name: [
            {count: 100 * one.error for count, one in each.errors[name].items()} for each in rounds
        ]
        for name in rounds[0].errors
    }
    return _draw(found, "decisions", "wrong among comments kept back, %", 1)


def draw_campaign(rounds: "Sequence[Round]") -> bytes:
    """The share of the campaign that is caught, by how much of it was decided: an SVG."""
    found = {
        name: [{count: 100 * one for count, one in each.caught[name].items()} for each in rounds]
        for name in rounds[0].caught
    }
    return _draw(found, "texts of the campaign decided", "held of the rest of it, %", 4)


def _draw(
    found: Mapping[str, Sequence[Mapping[int, float]]], under: str, beside: str, corner: int
) -> bytes:
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8, 4.2), layout="constrained")
        axes = figure.subplots()
        for name, each in found.items():
            _draw_one(axes, name, each)
        counts = list(next(iter(found.values()))[0])
        axes.set_xticks(range(len(counts)), [f"{count:,}" for count in counts])
        axes.set(xlabel=under, ylabel=beside, ylim=(0, None))
        axes.legend(loc=corner, fontsize=8)
        return render(figure)


def _draw_one(axes: Axes, name: str, each: Sequence[Mapping[int, float]]) -> None:
    values = np.array([list(one.values()) for one in each])
    colour, dash = _LOOKS[name]
    places = range(values.shape[1])
    axes.plot(places, values.mean(axis=0), dash, color=colour, marker="o", ms=4, label=name)
    axes.fill_between(places, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.15)
