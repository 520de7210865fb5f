"""What people have decided, learnt: by each site for itself, and by several together."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from api.moderation import access, inforce, policies
from api.moderation.access import Caller
from api.moderation.judging import judge_for
from api.moderation.learning import (
    keepingup,
    labels,
    pooling,
    sharing,
    training,
    using,
    versions,
)
from api.moderation.policy.judging import Judgement
from api.moderation.policy.subject import Draft
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store.learning import StoredAdapter
from classifier import LEARNED, AdaptedModel
from tests.api.moderation.learning import town
from tests.api.moderation.learning.adapters import make_candidate
from tests.api.moderation.learning.teaching import find_unseen, teach
from tests.api.work.doing import work
from tests.conftest import ON_SQLITE
from tests.factories import Clock, put_policy

LOAN, CRUDE = find_unseen("loan", 1500), find_unseen("crude", 1500)
"""What is forbidden there and passes, and what is not and is held, until it is learnt."""


@pytest.fixture
def scorer() -> Scorer:
    """A scorer over the shipped model, which only such can be taught."""
    found = Scorer()
    found.model = town.build().model
    return found


def in_force(services: Services, site: int) -> int | None:
    return inforce.find(services, site).adapter


def judge(services: Services, site: int, text: str) -> Judgement:
    [found] = judge_for(services, site, [Draft(text, {"id": "a-1"})])
    return found


def test_two_hundred_decisions_help_with_the_next_comment(services: Services, site: int) -> None:
    assert judge(services, site, LOAN).action == "approve"
    assert judge(services, site, CRUDE).action == "hold"
    teach(services, site, 200)

    row = training.train(services, site)

    assert row is not None
    assert (row.state, in_force(services, site)) == ("promoted", row.id)
    report = row.report
    assert report["candidate"]["value"] < 0.5 * report["shipped"]["value"]
    assert report["labels"] == 120
    assert set(report["suites"]) >= {"harmless", "evasion", "fairness"}
    assert (report["accounts"]["count"], report["accounts"]["doubted"]) == (1, 0)
    found = judge(services, site, LOAN)
    assert (found.action, found.model) == ("hold", row.version)
    assert found.scores[LEARNED] > 0.5
    assert [reason["code"] for reason in found.reasons] == ["learned_score"]
    assert judge(services, site, CRUDE).action == "approve"


@ON_SQLITE
@pytest.mark.parametrize("rejected", [0, 7, 23])
def test_too_little_teaches_nothing(services: Services, site: int, rejected: int) -> None:
    teach(services, site, 30, said=np.arange(30) < rejected)

    assert training.train(services, site) is None


@ON_SQLITE
def test_nothing_is_promoted_that_only_luck_speaks_for(services: Services, site: int) -> None:
    teach(services, site, 100, said=np.random.default_rng(5).random(100) < 0.5)

    row = training.train(services, site)

    assert row is not None
    assert (row.state, in_force(services, site)) == ("refused", None)
    assert row.report["why"].startswith("It is wrong about")


@ON_SQLITE
def test_what_is_learnt_is_compared_with_what_is_in_force(
    services: Services, site: int, clock: Clock
) -> None:
    teach(services, site, 200)
    first = training.train(services, site)
    assert first is not None
    clock.move(hours=1)
    teach(services, site, 40, start=200)

    second = training.train(services, site)

    assert second is not None
    assert second.report["in_force"]["labels"] == 20
    assert (second.state, second.replaced) == ("promoted", first.id)
    assert first.labels < second.labels


@ON_SQLITE
def test_it_may_be_told_to_put_nothing_in_force(services: Services, site: int) -> None:
    teach(services, site, 200)

    row = training.train(services, site, "command line", promote=False)

    assert row is not None
    assert (row.state, row.actor) == ("waiting", "command line")
    assert in_force(services, site) is None


@ON_SQLITE
def test_no_target_holds_what_is_rather_approved(
    services: Services, site: int, connect: Callable[..., FlaskClient]
) -> None:
    """A target that even comments below one half would meet is met from there on, and says so."""
    teach(services, site, 400)
    targets = {LEARNED: {"hold": "precision:0.95", "reject": 0.98}}
    put_policy(services, site, {"thresholds": targets})
    admin = connect("admin")
    assert "raised" not in admin.get("/v1/policy").json["thresholds"].get(LEARNED, {})

    row = training.train(services, site)

    assert row is not None
    model = using.find_scorer(services, row.id).model
    assert model is not None
    asked = model.find_threshold(LEARNED, "precision", 0.95)
    assert asked is not None
    assert 0.01 < asked < 0.5
    told = {"hold": 0.5, "reject": 0.98, "raised": ["hold"]}
    assert admin.get("/v1/policy").json["thresholds"][LEARNED] == told
    there = town.build()
    learned = model.log_odds(there.items[1000:])[:, -1]
    chances = 1 / (1 + np.exp(-there.margins[1000:] - learned))
    held = chances >= policies.find(services, site).thresholds(model)[LEARNED].hold
    assert there.right[1000:][held].mean() >= 0.95
    put_policy(services, site, {"thresholds": targets, "learning": {"on": False}})
    assert "raised" not in admin.get("/v1/policy").json["thresholds"].get(LEARNED, {})


@ON_SQLITE
def test_a_site_that_wants_no_learning_is_judged_without(services: Services, site: int) -> None:
    teach(services, site, 200)
    row = training.train(services, site)
    assert row is not None

    put_policy(services, site, {"learning": {"on": False}})

    assert training.train(services, site) is None
    found = judge(services, site, LOAN)
    assert (found.action, found.model) == ("approve", row.base)


@ON_SQLITE
def test_it_is_due_when_enough_is_new(services: Services, site: int, clock: Clock) -> None:
    model = town.build().model

    def is_due() -> bool:
        return keepingup.is_due(services, site, model)

    teach(services, site, 29)
    assert not is_due()
    teach(services, site, 171, start=29)
    assert is_due()
    training.train(services, site)
    clock.move(minutes=2)
    teach(services, site, 19, start=200)
    assert not is_due()
    teach(services, site, 1, start=219)
    assert is_due()
    training.train(services, site)
    assert not is_due()
    put_policy(services, site, {"profile": "strict"})
    assert is_due()
    put_policy(services, site, {"profile": "strict", "learning": {"on": False}})
    assert not is_due()


@ON_SQLITE
def test_it_is_due_for_another_model(services: Services, site: int, clock: Clock) -> None:
    caller = Caller(site, "admin", "winnow")
    versions.keep(services, caller, make_candidate(1, base="old-1"))

    assert keepingup.is_due(services, site, town.build().model)


def test_the_worker_trains(services: Services, site: int, clock: Clock) -> None:
    work(services)
    teach(services, site, 200)

    clock.move(minutes=3)
    work(services)

    assert in_force(services, site) is not None


@ON_SQLITE
def test_one_site_that_fails_costs_no_other_its_training(
    services: Services, site: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = access.create_site(services, "elsewhere")
    for one in (site, other):
        teach(services, one, 200)
    train = training.train

    def fail_one(services: Services, site_id: int) -> StoredAdapter | None:
        if site_id == site:
            raise ValueError("it broke")
        return train(services, site_id)

    monkeypatch.setattr(training, "train", fail_one)
    job: Any = None
    keepingup.train_due(services, job)

    assert (in_force(services, site), in_force(services, other) is None) == (None, False)


@pytest.fixture
def sites(services: Services, site: int) -> dict[str, int]:
    """Two sites that share and have decided much, one that has decided nothing, and others."""
    found = {"gazette": site}
    for name in ("herald", "newcomer", "loner"):
        found[name] = access.create_site(services, name)
    for name in ("gazette", "herald", "newcomer"):
        put_policy(services, found[name], {"learning": {"share": True}})
    teach(services, site, 150)
    teach(services, found["herald"], 150, start=150)
    return found


def test_what_several_sites_share_serves_who_has_none(
    services: Services, sites: dict[str, int]
) -> None:
    own = training.train(services, sites["herald"])
    assert own is not None

    row = sharing.train(services)

    assert row is not None
    assert (row.site_id, row.labels, row.report["sites"]["count"]) == (None, 298, 2)
    using = {name: in_force(services, number) for name, number in sites.items()}
    assert using == {"gazette": row.id, "herald": own.id, "newcomer": row.id, "loner": None}
    assert judge(services, sites["newcomer"], LOAN).action == "hold"
    assert judge(services, sites["loner"], LOAN).action == "approve"


@ON_SQLITE
def test_who_shares_no_longer_uses_it_no_longer(services: Services, sites: dict[str, int]) -> None:
    row = sharing.train(services)
    assert row is not None
    put_policy(services, sites["newcomer"], {"learning": {"share": False}})
    job: Any = None

    sharing.share_due(services, job)

    assert in_force(services, sites["newcomer"]) is None
    assert in_force(services, sites["gazette"]) == row.id


@ON_SQLITE
def test_who_has_taken_it_back_is_not_given_it_again(
    services: Services, sites: dict[str, int]
) -> None:
    row = sharing.train(services)
    versions.rollback(services, Caller(sites["newcomer"], "admin", "moderator:a@b.example"))
    job: Any = None

    sharing.share_due(services, job)

    assert row is not None
    assert in_force(services, sites["newcomer"]) is None
    assert in_force(services, sites["gazette"]) == row.id


@ON_SQLITE
def test_no_site_teaches_more_than_the_one_in_the_middle(
    services: Services, sites: dict[str, int]
) -> None:
    """One with seven times the decisions, all of them the other way, does not decide alone."""
    there = town.build()
    teach(services, sites["newcomer"], 1000, start=300, said=~there.right[300:1300])
    given = [
        (labels.gather(services, number), policies.find(services, number))
        for name, number in sites.items()
        if name != "loner"
    ]

    found = pooling.make(there.model, given, None, services.now())

    assert found.labels > 1200
    scores = AdaptedModel(there.model, found.adapter).score([LOAN])
    assert scores[0, -1] > 0.5


@ON_SQLITE
def test_nothing_is_trained_where_nobody_shares(services: Services, site: int) -> None:
    teach(services, site, 100)

    assert sharing.train(services) is None
