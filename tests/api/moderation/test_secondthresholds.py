"""Wherever scores of verdicts are held against thresholds, these are of both stages."""

import numpy as np
import pytest

from api.moderation import intake, policies
from api.moderation.access import Caller
from api.moderation.drafts import previews, shadows
from api.moderation.inforce import InForce
from api.moderation.judging import judge_for
from api.moderation.learning import asking
from api.moderation.policy.inforce import Policy
from api.moderation.policy.judging import Judgement
from api.moderation.policy.reading import Written, read_plain
from api.moderation.policy.subject import Draft
from api.moderation.queues import context
from api.moderation.scoring import Scorer
from api.moderation.secondstage import SecondStage
from api.moderation.services import Services
from classifier import LABELS, Threshold
from tests.api.moderation.learning.adapters import keep_adapter
from tests.conftest import ON_SQLITE
from tests.factories import TaughtWordModel, WordReader, put_policy, words_scorer

LOWER = {label: {"hold": 0.2, "reject": 0.4} for label in LABELS}
GIVEN = "You insult0.6 the worst INSULT0.3 of them."
pytestmark = ON_SQLITE


@pytest.fixture
def scorer() -> Scorer:
    profiles = dict.fromkeys(("relaxed", "balanced", "strict"), LOWER)
    reader = WordReader(thresholds=LOWER, profiles=profiles)
    return words_scorer(SecondStage(reader))  # type: ignore[arg-type]


@pytest.fixture
def admin(site: int) -> Caller:
    return Caller(site, "admin", "test")


def draft(**document: object) -> Written:
    return read_plain(document)


def submit(services: Services, site: int, text: str) -> Judgement:
    [judgement] = judge_for(services, site, [Draft(text, {"id": "a-17"})])
    caller = Caller(site, "backend", "test")
    intake.submit(services, caller, [Draft(text, {"id": "a-17"})])
    return judgement


def test_a_policys_thresholds_are_shown_for_what_it_asks(services: Services, site: int) -> None:
    both = policies.resolve(services, site, {})
    alone = policies.resolve(services, site, {"second_opinion": "never"})

    assert both is not None
    assert alone is not None
    assert both.thresholds["insult"] == Threshold(0.2, 0.4)
    assert alone.thresholds["insult"] == Threshold(0.5, 0.9)


@pytest.mark.parametrize(("when", "changed"), [("when_unsure", 0), ("never", 1)])
def test_a_preview_goes_by_the_scores_as_they_were_found(
    services: Services, site: int, admin: Caller, when: str, changed: int
) -> None:
    assert submit(services, site, GIVEN).action == "hold"

    found = previews.begin(services, admin, draft(second_opinion=when))

    # By the first stage's thresholds 0.3 passes, and what it gave itself is not there any more.
    assert found.tally.newly_passed == changed
    assert found.tally.other_model == 0
    assert found.unseen == (["second_opinion"] if when == "never" else [])


def test_a_shadow_says_that_nothing_tells_of_another_second_opinion(
    services: Services, site: int, admin: Caller
) -> None:
    shadow = shadows.put(services, admin, draft(second_opinion="never"))
    assert shadow.unseen == ["second_opinion"]

    [found] = judge_for(services, site, [Draft(GIVEN, {"id": "a-17"})])

    assert found.action == "hold"
    assert found.shade is not None
    assert found.shade.action == "approve"


def test_one_on_trial_is_held_against_the_thresholds_of_both(
    services: Services, site: int, scorer: Scorer
) -> None:
    adapter = keep_adapter(services, site)
    services.adapted[adapter.id] = scorer.using(TaughtWordModel())  # type: ignore[arg-type]
    trial = InForce(trial=adapter.id)

    [found] = judge_for(services, site, [Draft(GIVEN, {"id": "a-17"})], in_force=trial)

    assert found.tried is not None
    assert found.tried.action == found.action == "hold"


def test_the_queue_shows_the_thresholds_of_both(services: Services, admin: Caller) -> None:
    assert context._find_thresholds(services, admin)["insult"] == Threshold(0.2, 0.4)
    put_policy(services, admin.site_id, {"second_opinion": "never"})
    assert context._find_thresholds(services, admin)["insult"] == Threshold(0.5, 0.9)


def test_what_is_asked_to_learn_is_what_both_stages_leave_open(
    services: Services, site: int, scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = np.array([], dtype=np.uint32), 1
    monkeypatch.setattr(asking, "find_new", lambda model, text: nothing)
    found = {}
    for when in ("when_unsure", "never"):
        put_policy(services, site, {"second_opinion": when, "learning": {"ask": 0.1}})
        [judged] = judge_for(services, site, [Draft("profanity0.09", {"id": "a-17"})])
        assert judged.interest is not None
        found[when] = judged.interest.uncertainty

    assert found["when_unsure"] > found["never"]


def test_a_policy_keeps_thresholds_of_both_and_of_one_apart(
    services: Services, scorer: Scorer
) -> None:
    policy = Policy(draft().document)
    both, model = scorer.measured("always"), scorer.measured("never")
    assert both is not None
    assert model is not None

    assert policy.thresholds(both)["insult"].hold == 0.2
    assert policy.thresholds(model)["insult"].hold == 0.5
    assert policy.thresholds(both) is policy.thresholds(both)
