"""Pictures of how well a score ranks, how well it is calibrated, and how it spreads.

Drawn as SVG without pyplot: no window, no state, the same figures give the same bytes.
"""

import io
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from classifier.evaluation import Quality

Floats = NDArray[np.float64]
BINS: Final = 15
# Okabe and Ito's colours, told apart by the colour-blind too.
_HAS, _HAS_NOT, _LINE = "#D55E00", "#0072B2", "#333333"
STYLE: Final[Any] = {
    "svg.hashsalt": "winnow",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "legend.framealpha": 0.9,
    "legend.edgecolor": "none",
}
_DASHES: Final = {"hold": "--", "reject": ":"}


def draw_quality(quality: Quality) -> bytes:
    """Draw one label's precision-recall curve, calibration and histogram; return an SVG."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(11, 3.7), layout="constrained")
        figure.suptitle(quality.label)
        left, middle, right = figure.subplots(1, 3)
        _draw_curve(left, quality)
        _draw_calibration(middle, quality)
        _draw_histogram(right, quality)
        return render(figure)


def render(figure: Figure) -> bytes:
    """Return the figure as SVG, without a date, so that it only changes with its content."""
    file = io.BytesIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return file.getvalue()


def _draw_curve(axes: Axes, quality: Quality) -> None:
    recall, precision = precision_recall(quality.scores, quality.truth)
    axes.step(recall, precision, where="pre", color=_LINE, linewidth=1.4)
    axes.axhline(quality.truth.mean(), color=_LINE, linewidth=0.8, alpha=0.5)
    for verdicts in quality.verdicts:
        if verdicts.precision and verdicts.recall:
            place = verdicts.recall.value, verdicts.precision.value
            marker = "o" if verdicts.action == "hold" else "s"
            axes.plot(*place, marker, color=_HAS, label=f"{verdicts.action} at {verdicts.at:.3g}")
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.02))
    axes.set_title(f"average precision {quality.average_precision.value:.3f}")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="lower left")


def precision_recall(scores: Floats, truth: Floats) -> tuple[Floats, Floats]:
    """Return recall and precision at each distinct score, from the highest down."""
    hits, named = _count(scores, truth)
    return np.append(0.0, hits / hits[-1]), np.append(1.0, hits / named)


def roc(scores: Floats, truth: Floats) -> tuple[Floats, Floats]:
    """Return false-positive rate and recall at each distinct score, from the highest down."""
    hits, named = _count(scores, truth)
    wrong = named - hits
    return np.append(0.0, wrong / wrong[-1]), np.append(0.0, hits / hits[-1])


def _count(scores: Floats, truth: Floats) -> tuple[Floats, Floats]:
    """Return how many at or above each distinct score have the label, and how many there are."""
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    return np.cumsum(truth[order])[last], last + 1.0


def _draw_calibration(axes: Axes, quality: Quality) -> None:
    said, found, shares = calibration_points(quality.scores, quality.truth)
    axes.plot([0, 1], [0, 1], color=_LINE, linewidth=0.8, alpha=0.5)
    # The area of a point is its share of the rows: a lone row far off is not a bad curve.
    axes.scatter(said, found, s=12 + 200 * shares, color=_HAS_NOT, alpha=0.7)
    axes.plot(said, found, color=_HAS_NOT, linewidth=1)
    axes.set(xlabel="score", ylabel="share that has the label", xlim=(0, 1), ylim=(-0.02, 1.02))
    axes.set_title(f"calibration error {quality.calibration_error:.3f}")


def calibration_points(scores: Floats, truth: Floats) -> tuple[Floats, Floats, Floats]:
    """Return each filled bin's mean score, share that has the label, and share of the rows."""
    place = np.minimum((scores * BINS).astype(int), BINS - 1)
    counts = np.bincount(place, minlength=BINS)
    filled = counts > 0
    said = np.bincount(place, scores, BINS)[filled] / counts[filled]
    found = np.bincount(place, truth, BINS)[filled] / counts[filled]
    return said, found, counts[filled] / len(scores)


def _draw_histogram(axes: Axes, quality: Quality) -> None:
    edges = np.linspace(0, 1, 41).tolist()
    for kind, name, colour in ((0, "without", _HAS_NOT), (1, "with", _HAS)):
        rows = quality.scores[quality.truth == kind]
        axes.hist(rows, edges, color=colour, alpha=0.6, label=f"{name} the label ({len(rows):,})")
    for verdicts in quality.verdicts:
        axes.axvline(verdicts.at, color=_LINE, linestyle=_DASHES[verdicts.action], linewidth=1)
    axes.set_yscale("log")
    axes.set(xlabel="score (-- hold, ··· reject)", ylabel="comments", xlim=(0, 1))
    axes.set_title(f"AUC {quality.auc.value:.3f}")
    axes.legend(loc="upper right")
