"""One picture of how well each way of asking the second stage ranks, and is calibrated.

The ways differ in colour, in dashes and in the shape of points: on paper without colours, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from classifier.evaluation import Quality
from classifier.plots import STYLE, calibration_points, precision_recall, render, roc

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Line:
    """How one way of asking is drawn: its name, colour, dashes, width, and points."""

    name: str
    colour: str
    dashes: str
    width: float
    point: str
    size: float


# Okabe and Ito's colours. Asking always is drawn over asking when unsure, whose curve it hardly
# leaves: narrower dashes and smaller points let it be seen.
_LINES: Final = {
    "never": Line("first stage alone", "#0072B2", ":", 1.8, "^", 6),
    "when_unsure": Line("asked when unsure", "#D55E00", "-", 2.2, "o", 8),
    "always": Line("both always", "#000000", "--", 1.1, "s", 5),
}
_FAINT: Final = "#333333"
# A bin of fewer rows says nothing of calibration.
_FEWEST: Final = 10


def draw_stages(by: Mapping[str, Quality]) -> bytes:
    """Draw one label by when the second stage is asked (`cascade.OPINIONS`); return an SVG."""
    label = next(iter(by.values())).label
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(11, 3.9), layout="constrained")
        figure.suptitle(label)
        left, middle, right = figure.subplots(1, 3)
        _draw_precision(left, by)
        _draw_roc(middle, by)
        _draw_calibration(right, by)
        return render(figure)


def _draw_precision(axes: Axes, by: Mapping[str, Quality]) -> None:
    for when, quality in by.items():
        line = _LINES[when]
        recall, precision = precision_recall(quality.scores, quality.truth)
        _draw(axes, line, recall, precision, f"{quality.average_precision.value:.3f}")
        for verdicts in quality.verdicts:
            if verdicts.precision and verdicts.recall:
                # Hollow where comments are held, filled where they are rejected.
                fill = "white" if verdicts.action == "hold" else line.colour
                place = verdicts.recall.value, verdicts.precision.value
                axes.plot(*place, line.point, color=line.colour, markerfacecolor=fill, ms=line.size)
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.02))
    _finish(axes, "average precision", "thresholds: hold hollow, reject filled")


def _draw_roc(axes: Axes, by: Mapping[str, Quality]) -> None:
    for when, quality in by.items():
        _draw(axes, _LINES[when], *roc(quality.scores, quality.truth), f"{quality.auc.value:.3f}")
    axes.plot([0, 1], [0, 1], color=_FAINT, linewidth=0.8, alpha=0.5)
    axes.set(xlabel="false positives", ylabel="recall", xlim=(-0.01, 1), ylim=(0, 1.02))
    _finish(axes, "AUC", "receiver operating characteristic")


def _draw_calibration(axes: Axes, by: Mapping[str, Quality]) -> None:
    axes.plot([0, 1], [0, 1], color=_FAINT, linewidth=0.8, alpha=0.5)
    for when, quality in by.items():
        line = _LINES[when]
        said, found, shares = calibration_points(quality.scores, quality.truth)
        enough = shares * len(quality.truth) >= _FEWEST
        name = f"{line.name}: {quality.calibration_error:.3f}"
        [curve] = axes.plot(said[enough], found[enough], line.dashes, color=line.colour, label=name)
        curve.set(linewidth=line.width, marker=line.point, markersize=line.size - 2)
    axes.set(xlabel="score", ylabel="share that has the label", xlim=(0, 1), ylim=(-0.02, 1.02))
    _finish(axes, "calibration error", f"calibration, in bins of {_FEWEST} rows or more")


def _draw(axes: Axes, line: Line, across: Floats, up: Floats, figure: str) -> None:
    name = f"{line.name}: {figure}"
    axes.plot(across, up, line.dashes, color=line.colour, linewidth=line.width, label=name)


def _finish(axes: Axes, figure: str, title: str) -> None:
    axes.set_title(title)
    axes.legend(loc="best", title=figure, fontsize=8, title_fontsize=8)
