"""How far reporters are believed, one by one and together."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from api.moderation.credence import JUDGED, Record, combine
from api.moderation.queues.placing import REOPENS

weights = st.lists(st.floats(0, 1), max_size=30)
counts = st.integers(0, JUDGED)


@given(weights)
def test_together_they_are_believed_from_0_to_1_and_at_least_as_the_best_of_them(
    some: list[float],
) -> None:
    assert 0 <= combine(some) <= 1
    assert combine(some) >= max(some, default=0) - 1e-12


@given(weights, st.randoms())
def test_it_does_not_matter_who_comes_first(some: list[float], random: object) -> None:
    mixed = list(some)
    random.shuffle(mixed)  # type: ignore[attr-defined]

    assert combine(mixed) == combine(some)


@given(weights, st.floats(0, 1))
def test_another_reporter_never_lowers_the_belief(some: list[float], more: float) -> None:
    assert combine([*some, more]) >= combine(some) - 1e-12


@given(counts, counts)
def test_who_is_right_once_more_is_believed_more_and_who_is_wrong_less(
    upheld: int, dismissed: int
) -> None:
    weight = Record(upheld, dismissed).weight

    assert 0 < weight < 1
    assert Record(upheld + 1, dismissed).weight > weight > Record(upheld, dismissed + 1).weight


def test_a_constant_troll_fades_and_a_good_reporter_grows() -> None:
    assert Record().weight == 0.4
    wrong = [Record(0, n).weight for n in (0, 5, 20, 200)]
    right = [Record(n, 0).weight for n in (0, 5, 20, 200)]
    assert all(one > two for one, two in itertools.pairwise(wrong))
    assert all(one < two for one, two in itertools.pairwise(right))
    assert (wrong[-1] < 0.01, right[-1] > 0.98) == (True, True)


def test_without_judged_reports_there_is_no_accuracy() -> None:
    assert Record().accuracy is None
    assert Record(3, 1).accuracy == 0.75


def test_three_unknown_readers_or_a_proven_one_bring_back_what_was_approved() -> None:
    unknown = Record().weight
    assert combine([unknown] * 2) < REOPENS <= combine([unknown] * 3)
    assert Record(3, 0).weight < REOPENS <= Record(4, 0).weight
    assert combine([Record(0, 200).weight] * 50) < REOPENS
