"""The model card's picture: how well the scores rank, how well they are calibrated, and groups."""

from collections.abc import Mapping
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from classifier.labels import LABELS
from classifier.plots import STYLE, render

# Okabe and Ito's colours, told apart by the colour-blind too; a marker each besides.
_COLOURS: Final = ("#0072B2", "#D55E00", "#000000", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_MARKERS: Final = "osD^vPX"
_FEWEST: Final = 0.001


def draw_card(manifest: Mapping[str, Any]) -> bytes:
    """Draw the figures of a model's manifest; return an SVG, the same for the same figures."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(13, 5.2), layout="constrained")
        left, middle, right = figure.subplots(1, 3, width_ratios=(1.5, 1, 0.8))
        _draw_ranking(left, manifest["metrics"])
        _draw_calibration(middle, manifest["calibration"])
        _draw_groups(right, manifest["groups"]["groups"])
        return render(figure)


def _draw_ranking(axes: Axes, metrics: Mapping[str, Any]) -> None:
    names: list[str] = []
    for name, found in sorted(metrics.items()):
        for label in LABELS:
            if label in found:
                one = found[label]
                low, high = one["auc_interval"]
                place, colour = len(names), _COLOURS[LABELS.index(label)]
                axes.plot([low, high], [place, place], color=colour, linewidth=1.6)
                axes.plot(one["auc"], place, _MARKERS[LABELS.index(label)], color=colour)
                names.append(f"{name}: {label} ({one['positives']} of {one['rows']})")
    axes.set_yticks(range(len(names)), names, fontsize=7)
    axes.invert_yaxis()
    axes.set(xlabel="AUC with its 95 % bootstrap interval", xlim=(0.5, 1.005))
    axes.set_title("ranking on development sets")


def _draw_calibration(axes: Axes, calibration: Mapping[str, Any]) -> None:
    axes.plot([0, 1], [0, 1], color="#333333", linewidth=0.8, alpha=0.5)
    for label, colour, marker in zip(LABELS, _COLOURS, _MARKERS, strict=True):
        # A bin with hardly any rows would draw a zigzag that means nothing.
        curve = [one for one in calibration[label].get("curve", ()) if one[2] >= _FEWEST]
        if curve:
            said, found, _ = zip(*curve, strict=True)
            axes.plot(said, found, marker=marker, markersize=4, color=colour, label=label)
    axes.set(xlabel="score", ylabel="share that has the label", xlim=(0, 1), ylim=(-0.02, 1.02))
    axes.set_title("calibration on rows kept out")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="upper left", fontsize=7)


def _draw_groups(axes: Axes, groups: Mapping[str, Any]) -> None:
    names = sorted(groups, key=lambda name: (groups[name]["caught"], name))
    for key, colour, label in (
        ("caught", _COLOURS[1], "hateful sentences"),
        ("held", _COLOURS[0], "harmless sentences"),
    ):
        shares = [100 * groups[name][key] for name in names]
        axes.plot(shares, range(len(names)), ".", color=colour, label=label)
    axes.set_yticks([])
    axes.set(xlabel="per cent held or rejected", xlim=(-3, 103), ylabel=f"{len(names)} groups")
    axes.set_title("sentences about groups")
    axes.legend(loc="center left", bbox_to_anchor=(0.08, 0.5), fontsize=7)
