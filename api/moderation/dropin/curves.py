"""How a site shows our scores to clients that are used to another's: see `perspective_curve`."""

from bisect import bisect_right

from api.moderation.policy.document import Curve

_FIRST, _LAST = (0.0, 0.0), (1.0, 1.0)


def bend(curve: Curve, score: float) -> float:
    """The score to show for one of ours: straight between the points, and from 0 and to 1."""
    at = bisect_right(curve, score, key=lambda point: point[0])
    before = curve[at - 1] if at else _FIRST
    after = curve[at] if at < len(curve) else _LAST
    width = after[0] - before[0]
    if not width:
        return before[1]
    return before[1] + (after[1] - before[1]) * (score - before[0]) / width
