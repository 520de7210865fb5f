"""What is erased or forgotten: the site is taught anew within a day, or goes back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from api.moderation import access, inforce
from api.moderation.access import Caller
from api.moderation.dropin import expiring
from api.moderation.errors import ConflictError
from api.moderation.judging import judge_for
from api.moderation.learning import (
    forgetting,
    gate,
    imports,
    keepingup,
    labels,
    sharing,
    stored,
    training,
    trials,
    unlearning,
    versions,
)
from api.moderation.learning.gate import Report
from api.moderation.learning.imports import Row
from api.moderation.policy.subject import Draft
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store.dropin import DropinCheck
from api.store.learning import StoredAdapter
from api.store.tables import Comment
from tests.api.moderation.learning import town
from tests.api.moderation.learning.teaching import find_unseen, teach
from tests.api.work.doing import work
from tests.conftest import ON_SQLITE
from tests.factories import Clock, decide, put_policy, submit, walk

LOAN = find_unseen("loan", 1500)
AUTHOR = "u-1"


@pytest.fixture
def scorer() -> Scorer:
    """A scorer over the shipped model, which only such can be taught."""
    found = Scorer()
    found.model = town.build().model
    return found


@pytest.fixture
def ada(site: int) -> Caller:
    return Caller(site, "admin", "moderator:ada@example.org")


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Has the gate refuse whatever is trained from then on."""

    def shut(*_: Any) -> Report:
        return Report(False, "It is worse.", {})

    return lambda: monkeypatch.setattr(gate, "judge", shut)


def in_force(services: Services, site: int) -> int | None:
    return inforce.find(services, site).adapter


def state_of(services: Services, row: StoredAdapter) -> str:
    with services.database.reading() as session:
        return session.get_one(StoredAdapter, row.id).state


def train(services: Services, site: int) -> StoredAdapter:
    row = training.train(services, site)
    assert row is not None
    return row


def keep_up(services: Services) -> None:
    job: Any = None
    keepingup.train_due(services, job)


def decide_one(
    backend: FlaskClient, moderator: FlaskClient, name: str, action: str = "reject"
) -> None:
    submit(backend, f"Something about {name}, of no importance.", id=name)
    decide(moderator, name, action)


def erase_import(services: Services, site: int, text: str = "A text of an author's.") -> None:
    """Import a label of an author, to be erased."""
    when = services.now() - timedelta(days=1)
    labels.import_labels(services, site, "cli", [Row(text, "reject", when, author_id=AUTHOR)])


def rolled_back(client: FlaskClient) -> list[dict[str, Any]]:
    return [one["data"] for one in walk(client, "/v1/events", type="model.rolled_back")]


@pytest.mark.parametrize("way", ["forget", "delete", "erase"])
def test_within_the_hour_a_site_is_taught_anew_without_what_is_gone(
    backend: FlaskClient,
    moderator: FlaskClient,
    admin: FlaskClient,
    services: Services,
    site: int,
    clock: Clock,
    way: str,
) -> None:
    teach(services, site, 200)
    decide_one(backend, moderator, "c-1")
    erase_import(services, site)
    first = train(services, site)
    assert in_force(services, site) == first.id
    clock.move(minutes=5)

    calls = {
        "forget": "/v1/labels/c-1",
        "delete": "/v1/comments/c-1",
        "erase": f"/v1/labels?author_id={AUTHOR}",
    }
    assert admin.delete(calls[way]).status_code == 204

    # It judges on until there is something in its place, and says what it is.
    found = admin.get(f"/v1/learning/models/{first.public_id}").json
    assert (found["in_force"], found["state"]) == (True, "stale")
    keep_up(services)
    assert in_force(services, site) == first.id
    clock.move(hours=1)
    keep_up(services)
    second = in_force(services, site)
    assert second not in (None, first.id)
    with services.database.reading() as session:
        row = session.get_one(StoredAdapter, second)
        assert (row.state, row.labels) == ("promoted", first.labels - 1)
    keep_up(services)
    assert in_force(services, site) == second
    assert rolled_back(admin) == []


def test_the_worker_does_it_within_a_day(
    backend: FlaskClient,
    moderator: FlaskClient,
    admin: FlaskClient,
    services: Services,
    site: int,
    clock: Clock,
) -> None:
    teach(services, site, 200)
    decide_one(backend, moderator, "c-1")
    work(services)
    clock.move(minutes=3)
    work(services)
    first = in_force(services, site)
    assert first is not None
    assert admin.delete("/v1/comments/c-1").status_code == 204

    clock.move(hours=23)
    work(services)

    assert in_force(services, site) not in (None, first)


def test_where_the_gate_refuses_what_is_learnt_anew_the_newest_without_it_is_back(
    backend: FlaskClient,
    moderator: FlaskClient,
    admin: FlaskClient,
    services: Services,
    site: int,
    clock: Clock,
    refuse: Callable[[], None],
) -> None:
    teach(services, site, 200)
    clean = train(services, site)
    clock.move(hours=1)
    decide_one(backend, moderator, "c-1")
    teach(services, site, 40, start=200)
    knowing = train(services, site)
    clock.move(hours=1)
    teach(services, site, 40, start=240)
    newest = train(services, site)
    assert in_force(services, site) == newest.id
    clock.move(hours=1)
    assert admin.delete("/v1/labels/c-1").status_code == 204
    states = [state_of(services, row) for row in (clean, knowing, newest)]
    assert states == ["promoted", "stale", "stale"]
    refuse()

    keep_up(services)

    assert in_force(services, site) == clean.id
    [told] = rolled_back(admin)
    assert (told["model"], told["to"], told["erased"], told["why"]) == (
        *(newest.public_id, clean.public_id, True),
        unlearning.ERASED,
    )
    assert state_of(services, newest) == "stale"


def test_where_nothing_is_without_it_the_shipped_model_judges_alone(
    admin: FlaskClient,
    services: Services,
    site: int,
    clock: Clock,
    refuse: Callable[[], None],
) -> None:
    teach(services, site, 200)
    erase_import(services, site)
    first = train(services, site)
    assert judge_loan(services, site) == "hold"
    clock.move(hours=1)
    assert admin.delete(f"/v1/labels?author_id={AUTHOR}").status_code == 204
    refuse()

    keep_up(services)

    assert in_force(services, site) is None
    assert judge_loan(services, site) == "approve"
    [told] = rolled_back(admin)
    assert (told["model"], told["to"], told["erased"]) == (first.public_id, None, True)


def judge_loan(services: Services, site: int) -> str:
    [found] = judge_for(services, site, [Draft(LOAN, {"id": "a-1"})])
    return found.action


@ON_SQLITE
def test_the_gate_does_not_compare_with_what_must_go(
    services: Services, site: int, ada: Caller, clock: Clock
) -> None:
    teach(services, site, 200)
    erase_import(services, site)
    train(services, site)
    clock.move(hours=1)
    teach(services, site, 40, start=200)
    imports.erase_author(services, ada, AUTHOR)

    second = train(services, site)

    assert "in_force" not in second.report
    assert second.state == "promoted"


@ON_SQLITE
def test_where_too_little_is_left_it_is_taken_back(
    services: Services, site: int, ada: Caller, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    teach(services, site, 200)
    erase_import(services, site)
    train(services, site)
    clock.move(hours=1)
    imports.erase_author(services, ada, AUTHOR)
    monkeypatch.setattr("api.moderation.learning.lessons.LEAST", 1000)

    keep_up(services)

    assert in_force(services, site) is None


@ON_SQLITE
def test_where_the_site_wants_no_learning_any_more_it_is_taken_back(
    services: Services, site: int, ada: Caller, clock: Clock
) -> None:
    teach(services, site, 200)
    erase_import(services, site)
    train(services, site)
    put_policy(services, site, {"learning": {"on": False}})
    clock.move(hours=1)
    imports.erase_author(services, ada, AUTHOR)

    keep_up(services)

    # Or it would be in force again as soon as the site wants learning again.
    assert in_force(services, site) is None


@pytest.mark.parametrize("force", [True, False])
def test_no_force_puts_it_in_force_again(
    admin: FlaskClient, services: Services, site: int, ada: Caller, clock: Clock, force: bool
) -> None:
    teach(services, site, 200)
    erase_import(services, site)
    first = train(services, site)
    clock.move(hours=1)
    teach(services, site, 30, start=200)
    train(services, site)
    imports.erase_author(services, ada, AUTHOR)

    path = f"/v1/learning/models/{first.public_id}/promote"
    answer = admin.post(path, json={"force": force})

    assert (answer.status_code, answer.json["detail"]) == (409, unlearning.ERASED)
    with pytest.raises(ConflictError, match="erased"):
        trials.start(services, ada, first.public_id)
    assert versions.rollback(services, ada) is None


def test_what_is_erased_while_the_site_is_taught_is_noticed(
    admin: FlaskClient, services: Services, site: int, ada: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    teach(services, site, 200)
    erase_import(services, site)
    judge = gate.judge

    def judge_meanwhile(*given: Any) -> Report:
        imports.erase_author(services, ada, AUTHOR)
        return judge(*given)

    monkeypatch.setattr(gate, "judge", judge_meanwhile)

    row = train(services, site)

    assert (row.state, row.report["why"]) == ("stale", unlearning.ERASED)
    assert in_force(services, site) is None
    [told] = walk(admin, "/v1/events", type="model.refused")
    assert told["data"]["why"] == unlearning.ERASED
    monkeypatch.undo()
    assert train(services, site).state == "promoted"


@pytest.mark.parametrize("way", ["forget", "delete"])
def test_a_comment_forgotten_while_the_site_is_taught_is_noticed(
    backend: FlaskClient,
    moderator: FlaskClient,
    admin: FlaskClient,
    services: Services,
    site: int,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    teach(services, site, 200)
    decide_one(backend, moderator, "c-1")
    judge = gate.judge

    def judge_meanwhile(*given: Any) -> Report:
        admin.delete(f"/v1/{'labels' if way == 'forget' else 'comments'}/c-1")
        return judge(*given)

    monkeypatch.setattr(gate, "judge", judge_meanwhile)

    assert train(services, site).state == "stale"


def test_what_taught_nothing_may_go(
    backend: FlaskClient, moderator: FlaskClient, services: Services, site: int, clock: Clock
) -> None:
    """Never decided, escalated, or decided after the training, or forgotten before it."""
    admin = moderator
    teach(services, site, 200)
    for name in ("c-1", "c-2", "c-3"):
        submit(backend, f"Something about {name}.", id=name)
    decide(admin, "c-2", "escalate")
    decide(admin, "c-3", "reject")
    forgetting.forget(services, Caller(site, "admin", "ada"), "c-3")
    clock.move(minutes=5)
    first = train(services, site)
    clock.move(minutes=5)
    decide_one(backend, admin, "c-4")

    for name in ("c-1", "c-2", "c-3", "c-4"):
        assert backend.delete(f"/v1/comments/{name}").status_code == 204
    imports.erase_author(services, Caller(site, "admin", "ada"), "nobody")

    assert state_of(services, first) == "promoted"


@ON_SQLITE
def test_what_was_decided_and_undone_may_have_taught(
    backend: FlaskClient, moderator: FlaskClient, services: Services, site: int
) -> None:
    teach(services, site, 200)
    decide_one(backend, moderator, "c-1")
    first = train(services, site)
    moderator.delete("/v1/comments/c-1/decision")

    backend.delete("/v1/comments/c-1")

    assert state_of(services, first) == "stale"


@ON_SQLITE
def test_a_comment_whose_time_is_up_is_not_erased(
    backend: FlaskClient, moderator: FlaskClient, services: Services, site: int
) -> None:
    teach(services, site, 200)
    decide_one(backend, moderator, "c-1")
    first = train(services, site)

    with services.database.writing() as session:
        number = session.scalars(select(Comment.id).where(Comment.public_id == "c-1")).one()
        now = services.now()
        kept = {"door": "akismet", "fingerprint": "", "created_at": now, "expires_at": now}
        session.add(DropinCheck(comment_id=number, site_id=site, **kept))
    job: Any = None
    expiring.expire(services, job)

    assert backend.get("/v1/comments/c-1").status_code == 404
    assert state_of(services, first) == "promoted"


@ON_SQLITE
def test_other_sites_keep_theirs(services: Services, site: int, ada: Caller) -> None:
    other = access.create_site(services, "elsewhere")
    for one in (site, other):
        teach(services, one, 200)
        erase_import(services, one)
    rows = [train(services, one) for one in (site, other)]

    imports.erase_author(services, ada, AUTHOR)

    assert [state_of(services, row) for row in rows] == ["stale", "promoted"]


@ON_SQLITE
def test_one_on_trial_is_on_trial_no_more(
    admin: FlaskClient, services: Services, site: int, ada: Caller
) -> None:
    teach(services, site, 200)
    erase_import(services, site)
    row = training.train(services, site, promote=False)
    assert row is not None
    trials.start(services, ada, row.public_id)
    imports.erase_author(services, ada, AUTHOR)

    keep_up(services)

    assert inforce.find(services, site).trial is None
    [told] = walk(admin, "/v1/events", type="trial.stopped")
    assert (told["data"]["model"], told["actor"]) == (row.public_id, "winnow")


@ON_SQLITE
def test_what_comes_back_may_be_learnt_again(
    backend: FlaskClient,
    moderator: FlaskClient,
    services: Services,
    site: int,
    ada: Caller,
    clock: Clock,
) -> None:
    """That it was gone back from says nothing against what the same labels teach."""
    teach(services, site, 200)
    decide_one(backend, moderator, "c-1")
    first = train(services, site)
    forgetting.forget(services, ada, "c-1")
    versions.rollback(services, ada)
    forgetting.remember(services, ada, "c-1")

    with services.database.reading() as session:
        assert first.version not in stored.find_taken_back(session, site)
    assert train(services, site).state == "promoted"


@pytest.fixture
def sites(services: Services, site: int) -> list[int]:
    """Two sites that share what they have decided, and one that uses it."""
    found = [site, *(access.create_site(services, name) for name in ("herald", "newcomer"))]
    for number, one in enumerate(found):
        put_policy(services, one, {"learning": {"share": True}})
        if number < 2:
            teach(services, one, 150, start=150 * number)
            erase_import(services, one, f"A text of {number}.")
    return found


def share(services: Services) -> None:
    job: Any = None
    sharing.share_due(services, job)


def test_what_several_sites_share_is_taught_anew_for_all(
    services: Services, sites: list[int], ada: Caller, clock: Clock
) -> None:
    first = sharing.train(services)
    assert first is not None
    assert first.report["taught_by"] == sites[:2]
    clock.move(hours=1)
    imports.erase_author(services, Caller(sites[1], "admin", "ada"), AUTHOR)
    assert state_of(services, first) == "stale"

    share(services)

    found = {in_force(services, one) for one in sites}
    assert len(found) == 1
    assert found.isdisjoint({None, first.id})


def test_what_several_sites_share_is_taken_from_all_where_the_gate_refuses(
    admin: FlaskClient,
    services: Services,
    sites: list[int],
    ada: Caller,
    clock: Clock,
    refuse: Callable[[], None],
) -> None:
    first = sharing.train(services)
    assert first is not None
    clock.move(hours=1)
    imports.erase_author(services, ada, AUTHOR)
    refuse()

    share(services)

    assert [in_force(services, one) for one in sites] == [None] * 3
    [told] = rolled_back(admin)
    assert (told["model"], told["erased"]) == (first.public_id, True)
    share(services)
    assert [in_force(services, one) for one in sites] == [None] * 3


@ON_SQLITE
def test_who_did_not_teach_it_erases_nothing_of_it(
    admin: FlaskClient, services: Services, sites: list[int]
) -> None:
    first = sharing.train(services)
    assert first is not None
    erase_import(services, sites[2])

    imports.erase_author(services, Caller(sites[2], "admin", "ada"), AUTHOR)

    assert state_of(services, first) == "promoted"
    # Which sites those are is not told to the others.
    assert "taught_by" not in admin.get(f"/v1/learning/models/{first.public_id}").json["report"]
