"""What is found of two lists of scores, worked out by hand."""

import pytest

from api.comparing.findings import find, find_moved
from api.comparing.pairing import Pairs


def pair(*scores: tuple[float, float]) -> Pairs:
    pairs = Pairs("toxicity")
    for line, (ours, theirs) in enumerate(scores, 1):
        pairs.add(ours, theirs, line)
    return pairs


TABLE = pair(*[(0.9, 0.9)] * 20, *[(0.1, 0.9)] * 5, *[(0.9, 0.1)] * 10, *[(0.1, 0.1)] * 15)
"""Both hold 20, they alone 5, we alone 10, nobody 15."""


def test_agreement_is_counted() -> None:
    [level] = find("TOXICITY", TABLE, [0.5]).levels

    same = level.same
    assert (level.held, same.held, same.newly, same.no_longer) == (25, 30, 10, 5)
    assert same.agreed.value == pytest.approx(0.7)
    assert same.agreed.low < 0.7 < same.agreed.high
    # The example in Cohen's own terms: (0.7 - 0.5) / (1 - 0.5).
    assert same.kappa == pytest.approx(0.4)


def test_a_score_that_equals_the_threshold_is_held() -> None:
    [level] = find("TOXICITY", pair((0.8, 0.8), (0.7, 0.7)), [0.8]).levels

    assert (level.held, level.same.held, level.same.agreed.value) == (1, 1, 1.0)


@pytest.mark.parametrize("at", [0.05, 0.95])
def test_there_is_no_agreement_beyond_chance_where_all_are_alike(at: float) -> None:
    [level] = find("TOXICITY", TABLE, [at]).levels

    assert level.same.kappa is None
    assert level.same.agreed.value == 1.0
    assert level.equal is None
    assert level.then is None


def test_ranks_are_correlated_and_not_numbers() -> None:
    rising = pair(*((n / 100, (n / 100) ** 5) for n in range(50)))
    falling = pair(*((n / 100, 1 - (n / 100) ** 5) for n in range(50)))
    # By hand: ranks 1, 2.5, 2.5, 4 beside 1, 3, 2, 4.
    tied = pair((0.1, 0.1), (0.2, 0.3), (0.2, 0.2), (0.3, 0.4))

    assert find("TOXICITY", rising, []).correlation == pytest.approx(1)
    assert find("TOXICITY", falling, []).correlation == pytest.approx(-1)
    assert find("TOXICITY", tied, []).correlation == pytest.approx(4.5 / (4.5 * 5) ** 0.5)


def test_one_number_for_all_is_not_ranked() -> None:
    assert find("TOXICITY", pair((0.1, 0.5), (0.2, 0.5)), []).correlation is None
    assert find("TOXICITY", pair((0.1, 0.5)), []).correlation is None


def test_at_the_equal_share_both_hold_as_many() -> None:
    pairs = pair(*((n / 400, n / 200 if n < 150 else 0.9) for n in range(200)))

    finding = find("TOXICITY", pairs, [0.5, 0.7])

    for level in finding.levels:
        assert level.equal is not None
        assert level.then is not None
        assert level.then.held == level.held
        assert (level.then.agreed.value, level.then.newly, level.then.no_longer) == (1.0, 0, 0)
    assert [level.same.held for level in finding.levels] == [0, 0]


def test_those_that_change_sides_come_with_their_lines_the_farthest_first() -> None:
    pairs = pair(
        *((n / 100, n / 100) for n in range(40)),
        (0.95, 0.05),
        *((n / 100, n / 100) for n in range(40, 80)),
        (0.55, 0.61),
    )
    [level] = find("TOXICITY", pairs, [0.6]).levels

    found = find_moved(pairs, level, 10)

    assert found[0] == (41, 0.95, 0.05)
    assert (82, 0.55, 0.61) in found
    assert len(found) == 2
    assert find_moved(pairs, level, 1) == found[:1]
    assert find_moved(pairs, level, 0) == []
