"""Nothing starves: whatever else arrives, what waits is first some day, and it is known when."""

import heapq
import itertools
import math
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from api.moderation.queues import urgency
from api.moderation.queues.urgency import Harm
from tests.factories import START

PACE = timedelta(hours=6)
MOST = 2.0
"""More expected harm than this no arrival of these tests has."""

harms = st.floats(1e-5, 1.0).map(lambda one: Harm("spam", 1.0, one, exposure=MOST))
minutes = st.integers(0, 60)


def patience(harm: Harm) -> timedelta:
    """How long it takes until it comes before whatever arrives now."""
    return PACE * math.log2(MOST / harm.value)


@given(harms, harms)
def test_after_its_time_it_comes_before_whatever_arrives(harm: Harm, newcomer: Harm) -> None:
    later = START + patience(harm) + timedelta(seconds=1)

    assert urgency.rank(harm, START, PACE) > urgency.rank(newcomer, later, PACE)


@given(harms, st.lists(st.tuples(minutes, harms), max_size=60))
def test_it_is_decided_though_worse_arrives_all_the_time(
    harm: Harm, arrivals: list[tuple[int, Harm]]
) -> None:
    """One decides as many as arrive, the most urgent first; then the worst without an end."""
    queue = [(-urgency.rank(harm, START, PACE), 0)]
    now, worst = START, Harm("threat", 1.0, 1.0, exposure=MOST)
    for number in itertools.count(1):
        gap, one = arrivals.pop() if arrivals else (30, worst)
        now += timedelta(minutes=gap)
        heapq.heappush(queue, (-urgency.rank(one, now, PACE), number))
        decided = heapq.heappop(queue)[1]
        if decided == 0:
            return
        # There is but one that waits beside the arrival: it goes first as soon as its time is up.
        assert now <= START + patience(harm)


@given(st.lists(st.tuples(minutes, harms), min_size=2, max_size=20), st.integers(0, 10**5))
def test_the_order_by_rank_is_that_of_the_priorities_shown(
    arrivals: list[tuple[int, Harm]], later: int
) -> None:
    now, waiting = START, []
    for gap, harm in arrivals:
        now += timedelta(minutes=gap)
        waiting.append((harm, now))
    now += timedelta(minutes=later)
    shown = {one: one[0].value * urgency.grow(one[1], now, PACE) for one in waiting}

    ranked = sorted(waiting, key=lambda one: urgency.rank(*one, PACE))

    for first, second in itertools.pairwise(ranked):
        assert shown[first] <= shown[second] * (1 + 1e-6)
