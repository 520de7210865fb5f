"""Expected harm: what it is made of, and that waiting alone never changes an order."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.moderation.queues import heat, urgency
from api.moderation.queues.urgency import HARM, Harm
from tests.factories import START

chances = st.floats(0, 1)
scores = st.dictionaries(st.sampled_from(sorted(HARM)), chances)
beliefs = chances | st.just(0.0)


@given(scores, beliefs)
def test_every_term_is_a_share(given_scores: dict[str, float], belief: float) -> None:
    harm = urgency.weigh(given_scores, belief)

    assert 0 <= harm.severity <= 1
    assert 0 <= harm.probability <= 1
    assert harm.value == harm.severity * harm.probability * harm.exposure


@given(scores, beliefs, beliefs)
def test_who_is_believed_more_is_heard_sooner(
    given_scores: dict[str, float], one: float, other: float
) -> None:
    less, more = sorted((one, other))

    assert (
        urgency.weigh(given_scores, less).value <= urgency.weigh(given_scores, more).value + 1e-12
    )


@given(scores, st.floats(0, 1e-3))
def test_whom_nobody_believes_changes_next_to_nothing(
    given_scores: dict[str, float], belief: float
) -> None:
    without = urgency.weigh(given_scores).value

    assert urgency.weigh(given_scores, belief).value == pytest.approx(without, abs=1e-3)


def test_a_report_counts_for_what_reports_are_about() -> None:
    assert urgency.weigh({"spam": 0.5}) == Harm("spam", 0.4, 0.5)
    reported = urgency.weigh({"spam": 0.5}, 0.4)
    assert reported.probability == pytest.approx(0.7)
    # Five of seven chances are those of spam, two those of whatever was reported.
    assert reported.severity == pytest.approx(0.4 + 0.2 * 2 / 7)
    # What is worse than reports are about stays as bad as it is.
    assert urgency.weigh({"threat": 0.5}, 0.4).severity == 1.0


def test_what_could_not_be_read_is_raised_by_reports_too() -> None:
    assert urgency.weigh({}).value == 0.5
    assert 0.5 < urgency.weigh({}, 0.4).value < urgency.weigh({}, 0.9).value <= 0.6


def test_what_is_public_is_seen_by_more_and_answers_by_fewer() -> None:
    assert urgency.expose(public=False, reply=False) == 1
    assert urgency.expose(public=True, reply=False) == 2
    assert urgency.expose(public=False, reply=True) == 0.8
    assert urgency.expose(public=True, reply=True, heat=1.5) == pytest.approx(2.4)


@given(chances, chances, st.integers(0, 10**6), st.integers(0, 10**6))
def test_waiting_alone_never_changes_the_order(
    one: float, other: float, earlier: int, later: int
) -> None:
    pace = timedelta(hours=6)
    harms = [urgency.weigh({"spam": one}), urgency.weigh({"threat": other})]
    times = [START + timedelta(seconds=earlier), START + timedelta(seconds=later)]
    ranks = [urgency.rank(harm, time, pace) for harm, time in zip(harms, times, strict=True)]
    floor = [max(harm.value, 1e-6) for harm in harms]
    for hours in (300, 3000):
        now = START + timedelta(hours=hours)
        grown = [
            value * urgency.grow(time, now, pace) for value, time in zip(floor, times, strict=True)
        ]
        if abs(ranks[0] - ranks[1]) > 1e-6:
            assert (grown[0] > grown[1]) == (ranks[0] > ranks[1])


def test_waiting_doubles_at_the_policys_pace() -> None:
    assert urgency.grow(START, START, timedelta(hours=6)) == 1
    assert urgency.grow(START, START + timedelta(hours=12), timedelta(hours=6)) == 4
    assert urgency.grow(START, START - timedelta(hours=1), timedelta(hours=6)) == 1


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, 1.0), (1, 1.0), (10, 1.0), (100, 1.5), (1_000, 2.0), (10**9, 2.0)],
)
def test_each_tenfold_makes_an_article_livelier(count: int, expected: float) -> None:
    assert heat.measure(count) == pytest.approx(expected)


@given(st.integers(0, 10**6))
def test_one_comment_more_never_cools_an_article(count: int) -> None:
    assert 1 <= heat.measure(count) <= heat.measure(count + 1) <= 2


@given(given_score=st.floats(0.001, 0.999), learned=st.floats(0.01, 0.99))
def test_what_a_site_has_taught_moves_a_comment_up_or_down(
    given_score: float, learned: float
) -> None:
    plain = urgency.weigh({"insult": given_score})
    taught = urgency.weigh({"insult": given_score, "learned": learned})
    assert 0 <= taught.value <= HARM["insult"]
    assert (taught.value > plain.value) == (learned > 0.5) or abs(learned - 0.5) < 1e-9
    assert urgency.weigh({"insult": given_score, "learned": 0.5}) == plain


def test_what_a_site_always_rejects_comes_before_what_it_always_lets_pass() -> None:
    scores = dict.fromkeys(HARM, 0.1)
    ranked = sorted(
        (0.02, 0.5, 0.98), key=lambda one: urgency.weigh({**scores, "learned": one}).value
    )
    assert ranked == [0.02, 0.5, 0.98]
