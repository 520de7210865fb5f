"""A line is no longer than what can be answered in time, whatever comes."""

import pytest

from api.serving.shedding import LATE, Lane, Line

PATIENCE = 0.5
FEW = 4


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def offer(
    lane: Lane[int], pace: float, arrivals: float, seconds: float
) -> tuple[int, list[tuple[float, float]]]:
    """How many were refused, and when the others were taken, and after how long."""
    since: dict[int, float] = {}
    taken: list[tuple[float, float]] = []
    refused, coming, going = 0, 0.0, 0.0
    while (now := min(coming, going)) < seconds:
        refused += len(list(lane.leave(now)))
        if coming <= going:
            since[len(since)] = now
            refused += not lane.join(len(since) - 1, now)
            coming += arrivals
        else:
            if len(lane):
                taken.append((now, now - since[lane.take(now)]))
            going += pace
    return refused, taken


def test_where_there_is_less_to_do_than_can_be_done_nobody_is_refused() -> None:
    refused, taken = offer(Lane(PATIENCE, FEW), pace=0.01, arrivals=0.011, seconds=20)
    assert refused == 0
    assert max(wait for _, wait in taken) < 0.05


@pytest.mark.parametrize("times", [1.2, 3, 10, 100])
@pytest.mark.parametrize("pace", [0.002, 0.01, 0.1])
def test_what_is_taken_is_begun_in_time_and_no_turn_is_lost(times: float, pace: float) -> None:
    refused, taken = offer(Lane(PATIENCE, FEW), pace, arrivals=pace / times, seconds=60)
    assert refused > 0
    assert len(taken) >= 60 / pace * 0.95
    # Those who came before it was known how slow it is may wait longer, but not in vain.
    assert max(wait for _, wait in taken) <= LATE * PATIENCE
    assert max(wait for at, wait in taken if at > 5) < 1.25 * PATIENCE + FEW * pace


def test_a_crowd_that_comes_at_once_is_refused_at_once_once_the_pace_is_known() -> None:
    lane: Lane[int] = Lane(PATIENCE, FEW)
    offer(lane, pace=0.01, arrivals=0.009, seconds=20)
    now = 20.0
    while len(lane):
        lane.take(now := now + 0.01)
    taken = [lane.join(number, 40.0) for number in range(1000)]
    assert 40 < sum(taken) < 60


def test_a_few_may_wait_however_slow_it_has_been() -> None:
    lane: Lane[int] = Lane(PATIENCE, FEW)
    offer(lane, pace=5.0, arrivals=1.0, seconds=100)
    while len(lane):
        lane.take(200.0)
    assert [lane.join(number, 300.0) for number in range(FEW)] == [True] * FEW


def test_while_nobody_is_taken_nobody_joins_whose_first_has_waited_too_long() -> None:
    lane: Lane[int] = Lane(PATIENCE, FEW)
    assert lane.join(1, 0.0)
    assert lane.join(2, PATIENCE)
    assert not lane.join(3, PATIENCE + 0.01)


def test_who_has_waited_too_long_leaves_and_nobody_else(clock: Clock) -> None:
    line: Line[str] = Line(PATIENCE, FEW, clock)
    line.join("old", by_people=False)
    line.join("page", by_people=True)
    clock.now += PATIENCE
    line.join("new", by_people=False)
    clock.now += (LATE - 1) * PATIENCE + 0.01
    assert sorted(line.leave()) == ["old", "page"]
    assert (line.take(), line.take(), len(line)) == ("new", None, 0)


def test_people_and_websites_take_turns(clock: Clock) -> None:
    line: Line[str] = Line(PATIENCE, 100, clock)
    for number in range(10):
        line.join(f"site {number}", by_people=False)
    for number in range(3):
        line.join(f"page {number}", by_people=True)
    taken = [line.take() for _ in range(7)]
    assert [one for one in taken if one and one.startswith("page")] == [
        "page 0",
        "page 1",
        "page 2",
    ]
    assert line.take() == "site 4"


def test_a_crowd_of_one_kind_does_not_fill_the_others_lane(clock: Clock) -> None:
    line: Line[int] = Line(PATIENCE, FEW, clock)
    for number in range(1000):
        line.join(number, by_people=False)
    clock.now += 2 * PATIENCE
    assert not line.join(1000, by_people=False)
    assert line.join(1001, by_people=True)


def test_without_patience_everything_waits(clock: Clock) -> None:
    line: Line[int] = Line(0.0, FEW, clock)
    line.join(1, by_people=False)
    clock.now += 1000
    assert line.join(2, by_people=False)
    assert line.leave() == []
