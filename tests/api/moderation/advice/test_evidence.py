"""What counts as evidence, and for how many comments each decision stands."""

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import func, select

from api.moderation import access
from api.moderation.advice import evidence, spread
from api.moderation.advice.evidence import Evidence
from api.moderation.advice.spread import Spread
from api.moderation.services import Services
from api.store.tables import Comment
from tests.api.moderation.deciding import Kept, keep
from tests.factories import put_policy


def gather(services: Services, site: int, label: str = "toxicity", days: int = 90) -> Evidence:
    since = services.now() - timedelta(days=days)
    with services.database.looking() as connection:
        return evidence.gather(connection, site, label, "words-1", since)


def survey(services: Services, site: int, first: int | None = None) -> Spread:
    with services.database.looking() as connection:
        if first is None:
            # Their numbers go on where another test's have ended.
            first = connection.scalar(select(func.min(Comment.id))) or 0
        return spread.survey(connection, site, "toxicity", "words-1", first, services.now())


def pairs(found: Evidence) -> list[tuple[float, float, float]]:
    columns = (found.scores.tolist(), found.truth.tolist(), found.weights.tolist())
    return sorted(zip(*columns, strict=True))


def test_held_ones_count_once_and_samples_for_all_they_were_drawn_from(
    services: Services, site: int
) -> None:
    rows = [
        Kept(0.60, "hold", "reject", "abusive"),
        Kept(0.61, "hold", "approve"),
        Kept(0.20, "approve", "approve", sampled=0.02),
        Kept(0.30, "approve", "reject", sampled=0.1),
        Kept(0.95, "reject", "reject", sampled=0.5),
        # Nobody was asked about these: they were looked at because of something.
        Kept(0.40, "approve", "reject"),
        Kept(0.96, "reject", "approve"),
    ]
    keep(services, site, "toxicity", rows)
    found = gather(services, site)
    expected = [(0.2, 0, 50), (0.3, 1, 10), (0.6, 1, 1), (0.61, 0, 1), (0.95, 1, 2)]
    assert pairs(found) == [pytest.approx(one) for one in expected]
    assert (found.held, found.samples, found.rejected, found.approved) == (2, 3, 3, 2)


@pytest.mark.parametrize(
    ("label", "reason", "truth"),
    [
        ("spam", "spam", 1),
        ("spam", None, 1),
        ("spam", "abusive", None),
        ("spam", "off-topic", None),
        ("toxicity", "abusive", 1),
        ("toxicity", None, 1),
        ("toxicity", "spam", None),
        ("threat", "abusive", 1),
        ("threat", "other", None),
    ],
)
def test_a_rejection_speaks_for_the_labels_that_its_reason_fits(
    services: Services, site: int, label: str, reason: str | None, truth: int | None
) -> None:
    keep(services, site, label, [Kept(0.6, "hold", "reject", reason)])
    found = gather(services, site, label)
    assert found.truth.tolist() == ([] if truth is None else [truth])
    assert found.left_out == (truth is None)


def test_an_approval_speaks_against_every_label(services: Services, site: int) -> None:
    keep(services, site, "spam", [Kept(0.6, "hold", "approve", "other")])
    assert pairs(gather(services, site, "spam")) == [(0.6, 0, 1)]
    assert pairs(gather(services, site, "insult")) == [(0.01, 0, 1)]


def test_other_models_verdicts_and_such_as_came_later_do_not_count(
    services: Services, site: int
) -> None:
    rows = [
        Kept(0.60, "hold", "reject"),
        Kept(0.70, "hold", "reject", model="words-0"),
        Kept(None, "hold", "reject", model=None),
        Kept(0.80, "hold", "reject", late=True),
        Kept(0.90, "hold", "escalate"),
    ]
    keep(services, site, "toxicity", rows)
    found = gather(services, site)
    assert found.scores.tolist() == [0.6]
    assert found.other_models == 2


def test_scores_made_with_an_adapter_are_the_models_own(services: Services, site: int) -> None:
    keep(services, site, "toxicity", [Kept(0.60, "hold", "reject", model="words-1+0a1b2c3d")])
    assert gather(services, site).scores.tolist() == survey(services, site).scores.tolist() == [0.6]


def test_only_the_site_and_the_days_asked_for_count(services: Services, site: int) -> None:
    elsewhere = access.create_site(services, "elsewhere")
    for at in range(40):
        day = float(40 - at)
        keep(services, site, "toxicity", [Kept(0.6, "hold", "reject", days_ago=day)])
        keep(services, elsewhere, "toxicity", [Kept(0.6, "hold", "reject", days_ago=day)])
    counts = [len(gather(services, site, days=days).scores) for days in (1, 2, 7, 39, 40, 90)]
    assert counts == [1, 2, 7, 39, 40, 40]
    assert len(gather(services, elsewhere, days=7).scores) == 7


def test_those_decided_stand_for_those_of_their_kind_that_wait(
    services: Services, site: int
) -> None:
    rows = [
        *[Kept(0.6, "hold", "reject")] * 4,
        *[Kept(0.6, "hold")] * 2,
        Kept(0.2, "approve", "approve", sampled=0.1),
        Kept(0.2, "approve", "approve", sampled=0.05),
        *[Kept(0.2, "approve", sampled=0.1)] * 3,
        # Neither is in question here: of another time, and decided already.
        Kept(0.6, "hold", days_ago=100),
        Kept(0.2, "approve", sampled=0.1, days_ago=100),
    ]
    keep(services, site, "toxicity", rows)
    found = gather(services, site)
    assert found.waiting == 5
    assert pairs(found)[-4:] == [(0.6, 1, 1.5)] * 4
    # 30 comments were represented by two samples, and 30 more by those that wait.
    assert pairs(found)[:2] == [pytest.approx((0.2, 0, 20)), pytest.approx((0.2, 0, 40))]


def test_no_decisions_are_no_evidence(services: Services, site: int) -> None:
    assert pairs(gather(services, site)) == []
    assert survey(services, site).scores.tolist() == []


def test_no_more_than_the_newest_decisions_count(
    services: Services, site: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "MOST", 3)
    rows = [Kept(0.1 * day, "hold", "reject", days_ago=day) for day in range(1, 7)]
    keep(services, site, "toxicity", [*rows, Kept(0.6, "hold", days_ago=2), Kept(0.6, days_ago=5)])
    found = gather(services, site)
    assert sorted(found.scores.tolist()) == pytest.approx([0.1, 0.2, 0.3])
    # What waits among older ones is not what these stand for.
    assert found.waiting == 1


def test_scores_are_surveyed_with_what_nobody_could_be_asked_about(
    services: Services, site: int
) -> None:
    put_policy(services, site, {"audit": 0.1})
    put_policy(services, site, {"note": "no audit"})
    rows = [
        Kept(0.1, "approve", policy=1, days_ago=4),
        Kept(0.2, "approve", policy=2, days_ago=4),
        Kept(0.3, "approve", policy=3, days_ago=4),
        Kept(0.4, "approve", policy=1, sampled=0.1),
        Kept(0.5, "hold", policy=1),
        Kept(0.6, "reject", policy=1),
        Kept(0.7, "reject", policy=2),
        Kept(0.8, "approve", model="words-0"),
    ]
    keep(services, site, "toxicity", rows)
    found = survey(services, site)
    assert sorted(found.scores[found.unseen].tolist()) == [0.1, 0.3, 0.6]
    assert sorted(found.scores[found.approved].tolist()) == [0.1, 0.2, 0.3, 0.4]
    assert sorted(found.scores[found.rejected].tolist()) == [0.6, 0.7]
    assert len(found.scores) == 7
    assert found.a_day == 8 / 4


def test_what_a_day_brings_is_counted_between_scores(services: Services, site: int) -> None:
    rows = [Kept(score, "approve", days_ago=10) for score in (0.1, 0.5, 0.5, 0.7, 0.9)]
    keep(services, site, "toxicity", [*rows, *[Kept(0.5, model="words-0", days_ago=9)] * 5])
    found = survey(services, site)
    low, high = np.array([0.5, 0.5, 0.51, 0.9]), np.array([0.7, 9, 9, 0.6])
    # A comment of this model stands for two: half of them all are another's.
    assert found.count(low, high).tolist() == pytest.approx([0.4, 0.8, 0.4, 0])


def test_a_sample_of_the_comments_stands_for_all(
    services: Services, site: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [Kept(at / 1000, "approve", days_ago=10 - at / 100) for at in range(1000)]
    keep(services, site, "toxicity", rows)
    monkeypatch.setattr(spread, "MOST", 100)
    found = survey(services, site, gather(services, site).first)
    assert 90 <= len(found.scores) <= 100
    assert found.a_day == pytest.approx(100, rel=0.1)
    assert found.scores.mean() == pytest.approx(0.5, abs=0.02)
