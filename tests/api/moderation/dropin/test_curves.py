"""How scores are shown: along a curve, from 0 to 1."""

import pytest

from api.moderation.dropin.curves import bend
from api.moderation.policy.document import Curve


@pytest.mark.parametrize(
    ("curve", "score", "shown"),
    [
        (((0.5, 0.8),), 0.0, 0.0),
        (((0.5, 0.8),), 0.25, 0.4),
        (((0.5, 0.8),), 0.5, 0.8),
        (((0.5, 0.8),), 0.75, 0.9),
        (((0.5, 0.8),), 1.0, 1.0),
        (((0.2, 0.5), (0.6, 0.8), (0.9, 0.95)), 0.4, 0.65),
        (((0.2, 0.5), (0.6, 0.8), (0.9, 0.95)), 0.6, 0.8),
        (((0.2, 0.5), (0.6, 0.8), (0.9, 0.95)), 0.95, 0.975),
        # The ends may be said, too.
        (((0.0, 0.3), (1.0, 0.7)), 0.0, 0.3),
        (((0.0, 0.3), (1.0, 0.7)), 0.5, 0.5),
        (((0.0, 0.3), (1.0, 0.7)), 1.0, 0.7),
        # Flat is no fall.
        (((0.4, 0.6), (0.8, 0.6)), 0.7, 0.6),
        ((), 0.37, 0.37),
    ],
)
def test_a_score_is_shown_where_the_curve_has_it(curve: Curve, score: float, shown: float) -> None:
    assert bend(curve, score) == pytest.approx(shown)


def test_a_higher_score_is_never_shown_lower() -> None:
    curve = ((0.1, 0.1), (0.2, 0.9), (0.5, 0.9), (0.500001, 0.95))
    shown = [bend(curve, at / 1000) for at in range(1001)]

    assert shown == sorted(shown)
    assert (shown[0], shown[-1]) == (0.0, 1.0)
