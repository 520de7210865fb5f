"""The service's figures as pictures: every round a dot, the median a line."""

from statistics import median
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from classifier.plots import render

if TYPE_CHECKING:
    from tests.bench.load import Round
    from tests.bench.near import Size
    from tests.bench.queue import Figures
    from tests.bench.service import Rounds
    from tests.bench.turns import Turn

_OURS, _OTHERS = "#D55E00", "#0072B2"
_NAMES = {
    "winnow": "Winnow",
    "fresh": "bare insert,\nnew connection",
    "kept": "bare insert,\nkept connection",
    "empty": "none stored",
    "full": "many stored",
}


def draw_posting(found: "dict[str, Rounds]") -> bytes:
    """Comments a second and the latencies of Winnow and of the bare views: an SVG."""
    return _draw(found, "posting comments, every round", ours="winnow")


def draw_growth(found: "dict[str, Rounds]", stored: int) -> bytes:
    """The same for a database that holds nothing and one that holds `stored` comments."""
    return _draw(found, f"posting comments; many are {stored:,}", ours="full")


def _draw(found: "dict[str, Rounds]", title: str, ours: str) -> bytes:
    figure = Figure(figsize=(11, 3.2 * len(found)), layout="constrained")
    grid = figure.subplots(len(found), 2, squeeze=False)
    for (left, right), (database, rounds) in zip(grid, found.items(), strict=True):
        _dots(left, rounds, ours, "comments a second (more is better)", "per_second")
        _dots(right, rounds, ours, "50th and 99th of a hundred, ms (less is better)", "p50")
        _dots(right, rounds, ours, "", "p99", marker="^")
        right.set_yscale("log")
        left.set_ylim(bottom=0)
        left.set_ylabel(database)
    figure.suptitle(title, fontsize=10)
    return render(figure)


def _dots(
    axes: Axes,
    rounds: "dict[str, list[Round]]",
    ours: str,
    title: str,
    field: str,
    marker: str = "o",
) -> None:
    for place, (name, each) in enumerate(rounds.items()):
        values = [getattr(one, field) for one in each]
        colour = _OURS if name == ours else _OTHERS
        axes.plot([place] * len(values), values, marker, color=colour, alpha=0.4, markersize=5)
        level = median(values)
        axes.plot([place - 0.25, place + 0.25], [level, level], color=colour, linewidth=2)
        axes.annotate(f"{level:,.0f}", (place + 0.28, level), fontsize=8, va="center")
    axes.set_xticks(range(len(rounds)), [_NAMES[name] for name in rounds], fontsize=8)
    axes.set_xlim(-0.6, len(rounds) - 0.3)
    if title:
        axes.set_title(title, fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)


def draw_delays(milliseconds: list[float], title: str) -> bytes:
    """How long webhooks took from the answer to the first try, as a cumulative curve: an SVG."""
    figure = Figure(figsize=(7, 3.2), layout="constrained")
    axes = figure.subplots()
    ordered = sorted(milliseconds)
    axes.plot(ordered, [100 * (n + 1) / len(ordered) for n in range(len(ordered))], color=_OURS)
    axes.axvline(2000, color="grey", linestyle="--", linewidth=1)
    axes.set_xscale("log")
    axes.set_xlabel("ms from the 201 to the first try (dashed: 2 s)")
    axes.set_ylabel("% of events")
    axes.set_title(title, fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    return render(figure)


def draw_policy(found: "dict[str, dict[int, list[Turn]]]") -> bytes:
    """What a full policy adds to posting by the number of stored comments: an SVG."""
    figure = Figure(figsize=(7, 3.4), layout="constrained")
    axes = figure.subplots()
    for (database, turns), colour in zip(found.items(), (_OURS, _OTHERS), strict=False):
        for stored, rounds in turns.items():
            values = [one.added for one in rounds]
            axes.plot([stored] * len(values), values, "o", color=colour, alpha=0.35, markersize=4)
        levels = [median(one.added for one in rounds) for rounds in turns.values()]
        axes.plot(list(turns), levels, color=colour, linewidth=2, label=database)
    axes.axhline(2, color="grey", linestyle="--", linewidth=1)
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("comments stored (dashed: 2 ms)")
    axes.set_ylabel("ms added at the median")
    axes.set_title("what a full policy adds to posting a comment, every round", fontsize=9)
    axes.legend(fontsize=8, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return render(figure)


def draw_lookups(found: "dict[str, list[Size]]") -> bytes:
    """How look-ups of nearly the same texts grow with what is stored: an SVG."""
    figure = Figure(figsize=(5.5 * len(found), 3.6), layout="constrained")
    grid = figure.subplots(1, len(found), squeeze=False, sharey=True)[0]
    for axes, (database, sizes) in zip(grid, found.items(), strict=True):
        stored = [size.stored for size in sizes]
        for number, kind in enumerate(sizes[0].kinds):
            for level, line in (("p50", "-"), ("p99", "--")):
                values = [getattr(size.kinds[kind], level) for size in sizes]
                axes.plot(stored, values, f"o{line}", color=f"C{number}", label=f"{kind}, {level}")
        axes.axhline(5, color="grey", linestyle=":", linewidth=1)
        axes.set(xscale="log", yscale="log", xlabel="comments stored", title=database)
        axes.spines[["top", "right"]].set_visible(False)
    grid[0].set_ylabel("ms (dotted: 5 ms)")
    grid[-1].legend(fontsize=7)
    return render(figure)


def draw_queue(found: "dict[str, dict[int, Figures]]", bar: int) -> bytes:
    """What moderators ask for, by the number of stored comments: an SVG."""
    kinds = list(reversed(next(iter(next(iter(found.values())).values()))))
    figure = Figure(figsize=(5.5 * len(found), 0.24 * len(kinds) + 1.4), layout="constrained")
    grid = figure.subplots(1, len(found), squeeze=False, sharey=True)[0]
    for axes, (database, sizes) in zip(grid, found.items(), strict=True):
        for (stored, figures), colour in zip(sizes.items(), (_OTHERS, _OURS), strict=False):
            for level, marker in (("p50", "o"), ("p99", "^")):
                middle = [median(getattr(one, level) for one in figures[kind]) for kind in kinds]
                label = f"{stored:,} stored, {level}"
                axes.plot(middle, kinds, marker, color=colour, markersize=5, label=label)
        axes.axvline(bar, color="grey", linestyle="--", linewidth=1)
        axes.set(xscale="log", xlabel=f"ms, medians of the rounds (dashed: {bar})", title=database)
        axes.grid(axis="y", alpha=0.3)
        axes.tick_params(axis="y", labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
    grid[-1].legend(fontsize=7)
    return render(figure)
