"""Which threshold is advised: against a plain search, and in worlds whose truth is known."""

from collections.abc import Iterable, Sequence

import numpy as np
import pytest

from api.moderation import access
from api.moderation.access import Caller
from api.moderation.advice import advising
from api.moderation.advice.advising import Advice, Target
from api.moderation.advice.evidence import Evidence
from api.moderation.advice.measuring import Estimate, Point
from api.moderation.advice.pace import Pace
from api.moderation.advice.spread import Spread
from api.moderation.errors import ConflictError, TooLittleError
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from classifier import Threshold
from tests.api.moderation.deciding import Kept, keep
from tests.factories import put_policy

AUDITED = {"audit": 0.1, "thresholds": {"toxicity": {"hold": 0.5, "reject": "never"}}}


def advise(
    services: Services, site: int, target: Target | str, label: str = "toxicity", days: int = 90
) -> Advice:
    if isinstance(target, str):
        kind, _, value = target.partition(":")
        target = Target(kind, float(value))
    caller = Caller(site, "moderator", "key:wnw_test")
    return advising.advise(services, caller, label, target, days)


def held(wrong: int, right: int, score: float, **more: float) -> list[Kept]:
    """Held comments that were decided."""
    return [Kept(score, "hold", "approve", **more)] * wrong + [
        Kept(score, "hold", "reject", "abusive", **more)
    ] * right


def passed(drawn: int, missed: int, undrawn: int, score: float) -> list[Kept]:
    """Approved comments, of which one in ten was looked at, under the policy's version 2."""
    return [
        *[Kept(score, "approve", "approve", sampled=0.1, policy=2)] * (drawn - missed),
        *[Kept(score, "approve", "reject", sampled=0.1, policy=2)] * missed,
        *[Kept(score, "approve", policy=2)] * undrawn,
    ]


def search(rows: Sequence[Kept], thresholds: Iterable[float]) -> dict[float, tuple[float, float]]:
    """Precision and recall at each threshold, by counting."""
    counted = [
        (row.score or 0, row.decision == "reject", 1 / row.sampled if row.sampled else 1.0)
        for row in rows
        if row.decision and (row.verdict == "hold" or row.sampled)
    ]
    every = sum(weight for _, bad, weight in counted if bad)
    found = {}
    for threshold in thresholds:
        reaching = [one for one in counted if one[0] >= threshold]
        caught = sum(weight for _, bad, weight in reaching if bad)
        found[threshold] = (caught / sum(weight for *_, weight in reaching), caught / every)
    return found


@pytest.fixture
def world(services: Services, site: int) -> list[Kept]:
    """A month of comments whose scores say something, one in ten of the approved looked at."""
    put_policy(services, site, AUDITED)
    rows = [
        *passed(60, 1, 540, 0.05),
        *passed(40, 4, 360, 0.30),
        *passed(30, 9, 270, 0.45),
        *held(60, 40, 0.55, days_ago=30),
        *held(40, 60, 0.65),
        *held(10, 70, 0.75),
        *held(4, 66, 0.85),
        *held(1, 69, 0.95),
    ]
    keep(services, site, "toxicity", rows)
    return rows


def test_precision_and_recall_are_those_of_a_count(
    services: Services, site: int, world: list[Kept]
) -> None:
    found = advise(services, site, "precision:0.9")
    assert found.recall_unknown is None
    expected = search(world, [one.threshold for one in found.curve])
    assert len(expected) == 8
    for point in found.curve:
        assert point.precision is not None
        assert point.recall is not None
        values = point.precision.value, point.recall.value
        assert values == pytest.approx(expected[point.threshold])
        assert point.precision.low < point.precision.value < point.precision.high
        assert point.recall.low <= point.recall.value <= point.recall.high


@pytest.mark.parametrize("target", [0.3, 0.5, 0.71, 0.9, 0.95, 0.98])
def test_the_lowest_threshold_with_the_precision_is_advised(
    services: Services, site: int, world: list[Kept], target: float
) -> None:
    found = advise(services, site, Target("precision", target)).advised
    counted = search(world, {row.score or 0 for row in world})
    assert found is not None
    assert found.threshold == min(
        at for at, (precision, _) in counted.items() if precision >= target
    )


@pytest.mark.parametrize("target", [0.2, 0.5, 0.65, 0.9])
def test_the_highest_threshold_with_the_recall_is_advised(
    services: Services, site: int, world: list[Kept], target: float
) -> None:
    found = advise(services, site, Target("recall", target)).advised
    counted = search(world, {row.score or 0 for row in world})
    assert found is not None
    assert found.threshold == max(at for at, (_, recall) in counted.items() if recall >= target)


def test_what_the_queue_takes_a_day(services: Services, site: int, world: list[Kept]) -> None:
    found = advise(services, site, "precision:0.9").advised
    assert found is not None
    assert found.threshold == 0.75
    reaching = [row for row in world if (row.score or 0) >= 0.75]
    assert found.held_a_day == pytest.approx(len(reaching) / 30)
    assert found.rejected_a_day == 0
    assert found.minutes_a_day == pytest.approx(len(reaching) / 30 * 20 / 60)


@pytest.mark.parametrize(("minutes", "threshold"), [(2.0, 0.85), (4.0, 0.65), (100.0, 0.05)])
def test_minutes_a_day_are_a_target_too(
    services: Services, site: int, world: list[Kept], minutes: float, threshold: float
) -> None:
    found = advise(services, site, Target("minutes", minutes)).advised
    assert found is not None
    assert found.threshold == threshold
    assert found.minutes_a_day <= minutes


@pytest.mark.usefixtures("world")
def test_the_threshold_in_force_stands_beside_it(services: Services, site: int) -> None:
    found = advise(services, site, "precision:0.9")
    assert found.in_force is not None
    assert found.in_force.threshold == 0.5
    assert found.in_force.precision is not None
    assert found.in_force.precision.value == pytest.approx(305 / 420)
    assert found.rejects_from is None
    put_policy(services, site, {**AUDITED, "thresholds": {"toxicity": {"hold": "never"}}})
    assert advise(services, site, "precision:0.9").in_force is None


@pytest.mark.usefixtures("world")
def test_what_is_rejected_is_not_held(services: Services, site: int) -> None:
    put_policy(services, site, {**AUDITED, "thresholds": {"toxicity": {"reject": 0.9}}})
    found = advise(services, site, "precision:0.9").advised
    assert found is not None
    assert found.held_a_day == pytest.approx(150 / 30)
    assert found.rejected_a_day == pytest.approx(70 / 30)
    above = advise(services, site, "precision:0.98").advised
    assert above is not None
    assert (above.threshold, above.held_a_day) == (0.95, 0)
    assert above.rejected_a_day == pytest.approx(70 / 30)


@pytest.mark.usefixtures("world")
def test_no_threshold_may_meet_it(services: Services, site: int) -> None:
    found = advise(services, site, "precision:0.999")
    assert found.advised is None
    assert found.curve


def test_without_samples_nothing_is_said_of_what_was_published(
    services: Services, site: int
) -> None:
    rows = [*[Kept(0.3, "approve")] * 400, *held(50, 50, 0.6), *held(5, 95, 0.8)]
    keep(services, site, "toxicity", rows)
    found = advise(services, site, "precision:0.5")
    assert found.advised is not None
    assert found.advised.threshold == 0.6
    assert found.advised.recall is None
    assert "0 audit samples" in (found.recall_unknown or "")
    # A comment of a low score was held for something else: it does not stand for those approved.
    keep(services, site, "toxicity", held(0, 60, 0.2))
    found = advise(services, site, "precision:0.5")
    assert found.lowest == 0.6
    assert [point.threshold for point in found.curve] == [0.6, 0.8]


def test_few_samples_near_a_threshold_do_not_stand_for_much(services: Services, site: int) -> None:
    put_policy(services, site, AUDITED)
    rows = [*passed(9, 9, 81, 0.4), *passed(60, 0, 540, 0.1), *held(50, 50, 0.6)]
    keep(services, site, "toxicity", rows)
    assert 0.4 not in [one.threshold for one in advise(services, site, "precision:0.5").curve]
    keep(services, site, "toxicity", passed(1, 1, 9, 0.4))
    assert 0.4 in [one.threshold for one in advise(services, site, "precision:0.5").curve]


def test_recall_is_not_told_of_days_without_an_audit(services: Services, site: int) -> None:
    put_policy(services, site, AUDITED)
    rows = [*passed(60, 6, 540, 0.2), *held(50, 60, 0.6)]
    keep(services, site, "toxicity", [*rows, *[Kept(0.2, "approve", days_ago=20)] * 100])
    found = advise(services, site, "recall:0.3")
    assert found.advised is None
    assert "12% of the comments were approved or rejected" in (found.recall_unknown or "")
    since = advise(services, site, "recall:0.3", days=10)
    assert since.recall_unknown is None
    assert since.advised is not None


@pytest.mark.parametrize(
    ("rows", "target", "have", "says"),
    [
        ([], "precision:0.9", (0, 0), "50 more rejections for what the score is about and 50 more"),
        (held(50, 49, 0.6), "precision:0.9", (49, 50), "it takes 1 more rejections for what the"),
        (held(38, 50, 0.6), "precision:0.9", (50, 38), "it takes 12 more approvals."),
        (held(50, 50, 0.6), "recall:0.9", (50, 50, 0), "it takes 50 more decided audit samples."),
        (held(10, 10, 0.6), "minutes:9", (10, 10), "40 more rejections"),
    ],
)
def test_too_little_is_refused_with_what_is_needed(
    services: Services,
    site: int,
    rows: list[Kept],
    target: str,
    have: tuple[int, ...],
    says: str,
) -> None:
    keep(services, site, "toxicity", [*rows, Kept(0.6, "hold", "reject", "off-topic")])
    with pytest.raises(TooLittleError, match=says) as refused:
        advise(services, site, target)
    kinds = ("rejected", "approved", "samples")[: len(have)]
    assert refused.value.have == dict(zip(kinds, have, strict=True))
    assert refused.value.needed == dict.fromkeys(kinds, 50)


@pytest.mark.usefixtures("world")
def test_another_site_has_decided_nothing(services: Services) -> None:
    elsewhere = access.create_site(services, "elsewhere")
    with pytest.raises(TooLittleError) as refused:
        advise(services, elsewhere, "precision:0.9")
    assert refused.value.have == {"rejected": 0, "approved": 0}


def test_without_a_classifier_there_is_no_advice(
    services: Services, site: int, scorer: Scorer
) -> None:
    scorer.model = None
    with pytest.raises(ConflictError, match="no classifier"):
        advise(services, site, "precision:0.9")


def test_a_curve_has_no_more_than_a_hundred_points(services: Services, site: int) -> None:
    rows = [
        one
        for at in range(500)
        for one in held(at % 5 == 0, at % 5 != 0, round(0.5 + at / 1000, 4))
    ]
    keep(services, site, "toxicity", rows)
    curve = advise(services, site, "precision:0.8").curve
    thresholds = [point.threshold for point in curve]
    assert len(curve) == 100
    assert thresholds == sorted(set(thresholds))
    assert (thresholds[0], thresholds[-1]) == (0.5, 0.95)


def test_the_truth_is_in_the_interval_of_what_is_advised() -> None:
    random = np.random.default_rng(5)
    rounds, covered = 400, np.zeros(2)
    for _ in range(rounds):
        found, scores = draw(random, 3000)
        limits, target = Threshold(0.5, None), Target("precision", 0.8)
        point = advising.conclude(found, scores, Pace(), limits, target).advised
        assert point is not None
        covered += (
            contains(point.precision, truth(point)[0]),
            contains(point.recall, truth(point)[1]),
        )
    # The choice of a threshold by the very decisions that measure it costs a little of the 95 %.
    assert (covered / rounds > 0.91).all(), covered / rounds


def draw(random: np.random.Generator, count: int) -> tuple[Evidence, Spread]:
    """Comments of a score that is the chance of its being right; from 0.5 on they are held."""
    scores = random.random(count) ** 2
    passed = scores < 0.5
    drawn = passed & (random.random(count) < 0.1)
    seen = ~passed | drawn
    found = Evidence(
        scores=scores[seen],
        truth=(random.random(count) < scores)[seen].astype(np.float64),
        weights=np.where(passed, 10.0, 1.0)[seen],
        passed=passed[seen],
        held=int((~passed).sum()),
        samples=int(drawn.sum()),
        left_out=0,
        other_models=0,
        waiting=0,
        model="words-1",
        first=1,
    )
    nobody = np.zeros(count, dtype=np.bool_)
    return found, Spread(scores, passed, nobody, nobody, 100.0)


def truth(point: Point) -> tuple[float, float]:
    """Of such comments: the mean score from the threshold on, and the share of all means there."""
    edge = point.threshold**0.5
    return (1 - edge**3) / 3 / (1 - edge), 1 - edge**3


def contains(estimate: Estimate | None, value: float) -> bool:
    return estimate is not None and estimate.low <= value <= estimate.high
