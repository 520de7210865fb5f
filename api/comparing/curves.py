"""A policy's `perspective_curve`: our scores shown so that old thresholds hold as much."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import yaml

from api.comparing.pairing import Pairs
from api.comparing.shares import find_equal, rise
from api.web.dropin.perspective import attributes

MOST_POINTS: Final = 20
_STEPS: Final = tuple(step / 20 for step in range(1, 20))
_APART: Final = 0.04
"""No step of the scale is taken that is nearer to a threshold than this."""

Point = tuple[float, float]

_HEAD: Final = """\
# Made by `winnow compare` of {compared:,} stored answers, for the model {model}:
# where Perspective's score reached a number, ours is shown as that number as often.
# Put it into the site's policy (docs/perspective-scores.md). Another model needs another curve.
"""


def find_curve(pairs: Pairs, thresholds: Iterable[float]) -> list[Point]:
    """Points of ours and theirs that hold equal shares, both rising; none where too few say so."""
    ours, theirs = pairs.scores()
    steps = rise(ours)
    kept = [at for at in dict.fromkeys(thresholds) if 0 < at < 1]
    levels = kept + [one for one in _STEPS if all(abs(one - at) >= _APART for at in kept)]
    # Thresholds come first, so that theirs is the point where two share one score of ours.
    points: dict[float, float] = {}
    for at in levels[: max(MOST_POINTS, len(kept))]:
        equal = find_equal(steps, theirs >= at)
        if equal is not None and 0 < equal.value < 1:
            points.setdefault(equal.value, at)
    return sorted(points.items())


def write_policy(curves: Mapping[str, Sequence[Point]], compared: int, model: str) -> str:
    """The curves as a policy that says nothing else; attributes without points are left out."""
    named: dict[str, list[list[float]]] = {}
    # An experimental twin's curve is the attribute's only where that one was not compared.
    for name in sorted(curves, key=len):
        attribute = attributes.find(name)
        if attribute and curves[name]:
            named.setdefault(attribute.base, [list(point) for point in curves[name]])
    written = yaml.safe_dump(
        {"perspective_curve": named}, default_flow_style=None, sort_keys=False, width=100
    )
    return _HEAD.format(compared=compared, model=model) + written
