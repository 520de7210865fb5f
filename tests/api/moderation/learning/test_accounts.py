"""Who has taught a model, and how far they were believed, in its report."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from api.moderation import access
from api.moderation.learning import sharing, training
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from tests.api.moderation.learning import town
from tests.api.moderation.learning.teaching import ACTOR, teach
from tests.conftest import ON_SQLITE
from tests.factories import put_policy

KIM, GONE = "moderator:kim@example.org", "moderator:gone@example.org"


@pytest.fixture
def scorer() -> Scorer:
    """A scorer over the shipped model, which only such can be taught."""
    found = Scorer()
    found.model = town.build().model
    return found


def test_its_report_names_each_account_and_how_far_it_was_believed(
    services: Services, site: int, connect: Callable[..., FlaskClient]
) -> None:
    """One who is no longer there is named like any other: as the decisions say."""
    there = town.build()
    teach(services, site, 300, actor=ACTOR)
    teach(services, site, 300, start=300, actor=KIM)
    teach(services, site, 300, start=600, said=~there.right[600:900], actor=GONE)
    row = training.train(services, site)
    assert row is not None

    moderator = connect("moderator")
    answer = moderator.get(f"/v1/learning/models/{row.public_id}")

    accounts = answer.json["report"]["accounts"]
    assert (accounts["count"], accounts["doubted"]) == (3, 1)
    first, *others = accounts["items"]
    assert (first["actor"], first["trust"]) == (GONE, 0.0)
    assert first["disagreement"] > 0.9
    assert {one["actor"] for one in others} == {ACTOR, KIM}
    assert [one["trust"] for one in others] == [1.0, 1.0]
    assert all(one["disagreement"] < 0.05 for one in others)
    assert sum(one["labels"] for one in accounts["items"]) == row.labels


@ON_SQLITE
def test_of_very_many_accounts_its_report_names_those_that_taught_most(
    services: Services, site: int
) -> None:
    for number in range(60):
        teach(services, site, 4 + number % 2, start=5 * number, actor=f"moderator:m{number}@a.b")

    row = training.train(services, site)

    assert row is not None
    accounts = row.report["accounts"]
    assert (accounts["count"], len(accounts["items"])) == (60, 50)
    sizes = [one["labels"] for one in accounts["items"] if one["trust"] == 1]
    assert sizes == sorted(sizes, reverse=True)
    assert {"trust", "disagreement"} <= accounts["items"][0].keys()


@ON_SQLITE
def test_what_several_sites_share_names_nobody_to_the_others(services: Services, site: int) -> None:
    for number, one in enumerate((site, access.create_site(services, "herald"))):
        put_policy(services, one, {"learning": {"share": True}})
        teach(services, one, 150, start=150 * number)

    row = sharing.train(services)

    assert row is not None
    assert row.report["accounts"] == {"count": 2, "doubted": 0, "capped": 0}
