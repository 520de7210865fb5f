"""An adapter on trial: it judges every new comment beside what is in force, and has no say."""

import threading
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from api.moderation import access
from api.moderation.access import Caller
from api.moderation.errors import ConflictError, NotFoundError
from api.moderation.learning import trials, trialtallies
from api.moderation.learning.trials import Trial
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store.database import Database
from api.store.learning import StoredAdapter, TrialVerdict
from api.store.tables import Site
from tests.api.moderation.learning.adapters import keep_adapter
from tests.api.work.doing import work
from tests.conftest import ON_SQLITE
from tests.factories import Clock, comment, decide, put_policy, submit

FORBIDDEN_HERE = "My own channel learned0.95 spam0.40"
FINE_HERE = "A rude learned0.05 insult0.60"


@pytest.fixture
def ada(site: int) -> Caller:
    return Caller(site, "admin", "moderator:ada")


@pytest.fixture
def adapter(services: Services, site: int) -> StoredAdapter:
    return keep_adapter(services, site)


def start(services: Services, ada: Caller, adapter: StoredAdapter) -> Trial:
    return trials.start(services, ada, adapter.public_id)


def look(services: Services, ada: Caller, adapter: StoredAdapter) -> Trial:
    return trials.report(services, ada, adapter.public_id)


def verdicts(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        found = select(TrialVerdict.live, TrialVerdict.action).order_by(TrialVerdict.comment_id)
        return [(live, action) for live, action in session.execute(found)]


def test_it_judges_what_comes_and_changes_nothing(
    moderator: FlaskClient, services: Services, ada: Caller, adapter: StoredAdapter
) -> None:
    submit(moderator, FORBIDDEN_HERE)
    begun = start(services, ada, adapter)
    assert (begun.running, begun.tally.judged, begun.began) == (True, 0, None)

    assert submit(moderator, FORBIDDEN_HERE, id="c-1")["status"] == "approved"
    kept = submit(moderator, FINE_HERE, id="c-2")
    submit(moderator, "A fine day.")

    assert (kept["status"], kept["verdict"]["model"]) == ("pending", "words-1")
    assert "learned" not in kept["verdict"]["scores"]
    found = look(services, ada, adapter)
    assert (found.tally.judged, found.tally.unchanged) == (3, 1)
    assert (found.tally.newly_held, found.tally.newly_passed) == (1, 1)
    assert (found.began, found.last) == (services.now(), services.now())
    examples = {
        kind: [one.state.comment.public_id for one in some] for kind, some in found.examples.items()
    }
    assert examples == {"newly_held": ["c-1"], "newly_passed": ["c-2"], "newly_rejected": []}


def test_both_are_held_against_what_people_decide(
    moderator: FlaskClient, services: Services, ada: Caller, adapter: StoredAdapter
) -> None:
    start(services, ada, adapter)
    for number in range(20):
        submit(moderator, FINE_HERE, id=f"c-{number}")
        decide(moderator, f"c-{number}", "approve" if number else "reject")
    submit(moderator, FORBIDDEN_HERE, id="c-20")
    decide(moderator, "c-20", "reject")

    found = trialtallies.compare(look(services, ada, adapter).tally)

    passed, held = found["newly_passed"], found["newly_held"]
    assert (passed.approved, passed.rejected) == (19, 1)
    assert (passed.live.hits, passed.trial.hits, passed.trial.n) == (1, 19, 20)
    assert passed.trial.low is not None
    assert passed.trial.low < 0.95 < passed.trial.high  # type: ignore[operator]
    assert (held.rejected, held.live.hits, held.trial.hits) == (1, 0, 1)
    assert held.trial.value is None, "one says nothing of a share"
    assert (found["all"].trial.hits, found["all"].live.hits) == (20, 1)
    assert found["newly_rejected"].trial.n == 0


def test_it_goes_by_the_policy_in_force_and_its_facts(
    moderator: FlaskClient, services: Services, site: int, ada: Caller, adapter: StoredAdapter
) -> None:
    put_policy(services, site, {"rules": [{"word": "teapot", "do": "reject"}]})
    start(services, ada, adapter)

    submit(moderator, "A teapot learned0.05")

    assert verdicts(services.database) == [("reject", "reject")]


def test_batches_and_edits_are_judged_too(
    moderator: FlaskClient, services: Services, ada: Caller, adapter: StoredAdapter
) -> None:
    start(services, ada, adapter)
    items = [comment(FORBIDDEN_HERE, id="c-1"), comment("A fine day.", id="c-2")]
    moderator.post("/v1/comments/batch", json={"items": items})
    assert verdicts(services.database) == [("approve", "hold"), ("approve", "approve")]

    moderator.patch("/v1/comments/c-1", json={"text": FINE_HERE})

    assert verdicts(services.database) == [("hold", "approve"), ("approve", "approve")]


def test_what_people_have_said_of_a_comment_holds_for_it_too(
    moderator: FlaskClient, services: Services, ada: Caller, adapter: StoredAdapter
) -> None:
    start(services, ada, adapter)
    for name, action in (("c-1", "reject"), ("c-2", "approve")):
        submit(moderator, FINE_HERE, id=name)
        decide(moderator, name, action)
    moderator.patch("/v1/comments/c-1", json={"text": "A fine day."})
    assert verdicts(services.database)[0] == ("hold", "hold")

    moderator.patch("/v1/comments/c-2", json={"text": "Something else."})
    moderator.patch("/v1/comments/c-2", json={"text": FINE_HERE})

    assert verdicts(services.database)[1] == ("approve", "approve")


def test_a_comment_that_had_to_wait_for_the_classifier_is_judged_with_it(
    moderator: FlaskClient,
    services: Services,
    scorer: Scorer,
    clock: Clock,
    ada: Caller,
    adapter: StoredAdapter,
) -> None:
    start(services, ada, adapter)
    model, scorer.model = scorer.model, None
    submit(moderator, FORBIDDEN_HERE)
    assert verdicts(services.database) == []

    scorer.model = model
    clock.move(minutes=10)
    work(services)

    assert verdicts(services.database) == [("approve", "hold")]


def test_one_that_fails_costs_nobody_a_comment(
    moderator: FlaskClient,
    services: Services,
    ada: Caller,
    adapter: StoredAdapter,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: Any) -> Any:
        raise RuntimeError("the text of somebody")

    start(services, ada, adapter)
    monkeypatch.setattr(services.adapted[adapter.id].model, "score", fail)

    assert submit(moderator, FORBIDDEN_HERE)["status"] == "approved"

    assert verdicts(services.database) == []
    assert services.scorer.failure is None
    assert caplog.text.count("says nothing") == 1
    assert "somebody" not in caplog.text


@ON_SQLITE
def test_one_that_dawdles_costs_nobody_a_comment(
    moderator: FlaskClient,
    services: Services,
    ada: Caller,
    adapter: StoredAdapter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start(services, ada, adapter)
    goes_on = threading.Event()
    monkeypatch.setattr(trials, "LIMIT_SECONDS", 0.01)
    monkeypatch.setattr(trials, "rule_again", lambda *_: goes_on.wait(60))

    assert submit(moderator, FORBIDDEN_HERE)["status"] == "approved"

    goes_on.set()
    assert verdicts(services.database) == []


def test_one_that_goes_away_meanwhile_costs_nobody_a_comment(
    moderator: FlaskClient,
    services: Services,
    ada: Caller,
    adapter: StoredAdapter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start(services, ada, adapter)
    judge_beside = trials.judge_beside

    def judge_and_drop(*given: Any) -> Any:
        found = judge_beside(*given)
        with services.database.writing() as session:
            session.execute(delete(StoredAdapter).where(StoredAdapter.id == adapter.id))
        return found

    monkeypatch.setattr(trials, "judge_beside", judge_and_drop)

    assert submit(moderator, FORBIDDEN_HERE)["status"] == "approved"
    assert verdicts(services.database) == []


def test_one_of_another_model_says_nothing(
    moderator: FlaskClient, services: Services, site: int, ada: Caller
) -> None:
    old = keep_adapter(services, site, base="words-0")
    with pytest.raises(ConflictError, match="corrects words-0"):
        start(services, ada, old)
    # Started before the upgrade, it is still named by the site.
    del services.adapted[old.id]
    with services.database.writing() as session:
        session.get_one(Site, site).trial = old.id

    assert submit(moderator, FORBIDDEN_HERE)["status"] == "approved"

    assert verdicts(services.database) == []


def test_the_one_in_force_is_not_tried_beside_itself(
    moderator: FlaskClient, services: Services, site: int, ada: Caller, adapter: StoredAdapter
) -> None:
    start(services, ada, adapter)
    with services.database.writing() as session:
        session.get_one(Site, site).adapter = adapter.id

    assert submit(moderator, FORBIDDEN_HERE)["status"] == "pending"

    assert verdicts(services.database) == []
    with pytest.raises(ConflictError, match="in force"):
        start(services, ada, adapter)


def test_another_takes_its_place_and_what_it_found_stays(
    moderator: FlaskClient, services: Services, site: int, ada: Caller, adapter: StoredAdapter
) -> None:
    start(services, ada, adapter)
    submit(moderator, FORBIDDEN_HERE)
    other = keep_adapter(services, site)
    start(services, ada, other)
    submit(moderator, FORBIDDEN_HERE)

    found = look(services, ada, adapter)
    assert (found.running, found.tally.judged) == (False, 1)
    assert look(services, ada, other).running
    assert start(services, ada, adapter).tally.judged == 1


def test_it_stops_when_it_is_told(
    moderator: FlaskClient, services: Services, ada: Caller, adapter: StoredAdapter
) -> None:
    start(services, ada, adapter)
    trials.stop(services, ada, adapter.public_id)
    submit(moderator, FORBIDDEN_HERE)

    assert verdicts(services.database) == []
    with pytest.raises(NotFoundError, match="not on trial"):
        trials.stop(services, ada, adapter.public_id)


def test_a_deleted_comment_and_another_sites_leave_the_counts(
    moderator: FlaskClient, stranger: FlaskClient, services: Services, site: int, ada: Caller
) -> None:
    shared = keep_adapter(services, None)
    start(services, ada, shared)
    with services.database.writing() as session:
        elsewhere = session.scalars(select(Site.id).where(Site.id != site)).one()
        session.get_one(Site, elsewhere).trial = shared.id
    submit(moderator, FORBIDDEN_HERE, id="c-1")
    submit(stranger, FORBIDDEN_HERE)
    assert len(verdicts(services.database)) == 2
    assert look(services, ada, shared).tally.judged == 1

    moderator.delete("/v1/comments/c-1")

    assert look(services, ada, shared).tally.judged == 0


def test_of_a_sample_that_waits_for_a_blind_look_no_example_is_shown(
    moderator: FlaskClient, services: Services, site: int, ada: Caller, adapter: StoredAdapter
) -> None:
    put_policy(services, site, {"audit": 1})
    start(services, ada, adapter)
    submit(moderator, FORBIDDEN_HERE, id="c-1")

    found = look(services, ada, adapter)
    assert (found.tally.newly_held, found.examples["newly_held"]) == (1, [])

    decide(moderator, "c-1", "reject")
    assert len(look(services, ada, adapter).examples["newly_held"]) == 1


def test_without_a_trial_nothing_is_asked_and_nothing_written(
    moderator: FlaskClient,
    services: Services,
    adapter: StoredAdapter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trials, "judge_beside", lambda *_: pytest.fail("no trial"))

    submit(moderator, FORBIDDEN_HERE)

    assert verdicts(services.database) == []


def test_a_model_of_another_site_is_not_found(
    services: Services, ada: Caller, adapter: StoredAdapter
) -> None:
    eve = Caller(access.create_site(services, "elsewhere"), "admin", "eve")

    for ask in (trials.start, trials.stop, trials.report):
        with pytest.raises(NotFoundError, match="no model"):
            ask(services, eve, adapter.public_id)
