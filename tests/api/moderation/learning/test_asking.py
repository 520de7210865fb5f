"""What people are asked to learn from: which comments, and that it biases nothing."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from api.moderation.advice import evidence
from api.moderation.learning import asking, labels, lessons
from api.moderation.queues import tending
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store.review import Waiting
from api.store.tables import Comment
from classifier import adapting, load
from tests.api.work.doing import work
from tests.conftest import ON_SQLITE
from tests.factories import comment, decide, put_policy, submit, walk

TELLING = "Just below the line toxicity0.45"
DULL, HELD, REJECTED = "A fine day.", "spam0.60", "Well above the line spam0.91"


@pytest.fixture
def asks(services: Services, site: int) -> None:
    """One in five of what nobody would look at is asked about."""
    put_policy(services, site, {"learning": {"ask": 0.2}})


def wait(backend: FlaskClient, count: int = 4) -> None:
    """Have dull ones come, until the next one may be asked about."""
    items = [comment(f"{DULL} And another one, number {n}.") for n in range(count)]
    assert backend.post("/v1/comments/batch", json={"items": items}).status_code == 207


def asked(services: Services, public_id: str = "c-1") -> float | None:
    with services.database.reading() as session:
        wanted = select(Comment.asked).where(Comment.public_id == public_id)
        return session.execute(wanted).scalar_one()


def queued(client: FlaskClient, **query: Any) -> list[str]:
    return [item["id"] for item in walk(client, "/v1/queue", **query)]


@pytest.mark.usefixtures("asks")
@pytest.mark.parametrize(
    ("text", "status", "value"),
    [
        (TELLING, "approved", pytest.approx(0.99)),
        (REJECTED, "rejected", pytest.approx(0.3276)),
        (HELD, "pending", None),
    ],
)
def test_what_is_uncertain_is_asked_about_and_stays_as_it_is(
    services: Services, backend: FlaskClient, text: str, status: str, value: Any
) -> None:
    wait(backend)
    assert submit(backend, text, id="c-1")["status"] == status
    assert asked(services) == value


@pytest.mark.usefixtures("asks")
@ON_SQLITE
def test_of_many_the_uncertain_are_asked_about_and_no_more_than_the_share(
    services: Services, backend: FlaskClient
) -> None:
    texts = [f"{TELLING} {n}{n + 1}" if n % 10 == 9 else f"{DULL} {n}{n + 1}" for n in range(200)]
    items = [comment(text, id=f"c-{n}") for n, text in enumerate(texts)]
    assert backend.post("/v1/comments/batch", json={"items": items}).status_code == 207
    with services.database.reading() as session:
        found = session.scalars(select(Comment.public_id).where(Comment.asked > 0)).all()
    assert 0 < len(found) <= 40
    telling = [one for one in found if one.endswith("9")]
    assert len(telling) >= 15


@ON_SQLITE
@pytest.mark.parametrize("learning", [{}, {"ask": 0.0}, {"ask": 0.2, "on": False}])
def test_where_nothing_is_asked_nothing_is_weighed(
    services: Services,
    site: int,
    backend: FlaskClient,
    learning: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put_policy(services, site, {"learning": learning})
    monkeypatch.setattr(asking, "weigh_all", None)
    wait(backend)
    submit(backend, TELLING, id="c-1")
    assert asked(services) is None
    assert services.choosers == {}


@ON_SQLITE
def test_a_sample_is_a_sample(services: Services, site: int, backend: FlaskClient) -> None:
    put_policy(services, site, {"audit": 1, "learning": {"ask": 0.2}})
    wait(backend)
    submit(backend, TELLING, id="c-1")
    assert asked(services) is None


@pytest.mark.usefixtures("asks")
def test_an_answer_ends_it_and_undoing_asks_again(backend: FlaskClient, moderator: Any) -> None:
    wait(backend)
    submit(backend, TELLING, id="c-1")
    assert (queued(moderator), queued(moderator, queue="audit")) == ([], ["c-1"])
    assert decide(moderator, "c-1", "reject")["status"] == "rejected"
    assert queued(moderator, queue="audit") == []
    assert moderator.delete("/v1/comments/c-1/decision").json["status"] == "approved"
    assert queued(moderator, queue="audit") == ["c-1"]
    decide(moderator, "c-1", "escalate")
    assert queued(moderator, queue="audit") == []
    assert queued(moderator, queue="escalated") == ["c-1"]


@pytest.mark.usefixtures("asks")
def test_another_wording_is_weighed_anew(services: Services, backend: FlaskClient) -> None:
    wait(backend)
    submit(backend, TELLING, id="c-1")
    backend.patch("/v1/comments/c-1", json={"text": HELD})
    assert asked(services) is None
    wait(backend, 14)
    backend.patch("/v1/comments/c-1", json={"text": "Otherwise now insult0.40"})
    # A little of it is like what was asked about before.
    assert 0.8 < (asked(services) or 0) < 0.96


@pytest.mark.usefixtures("asks")
def test_a_wording_that_a_person_approved_is_not_asked_about(
    services: Services, backend: FlaskClient, moderator: FlaskClient
) -> None:
    submit(backend, TELLING, id="c-1")
    decide(moderator, "c-1", "approve")
    backend.patch("/v1/comments/c-1", json={"text": DULL})
    wait(backend, 8)
    found = backend.patch("/v1/comments/c-1", json={"text": TELLING}).json
    assert "approved_before" in [one["code"] for one in found["verdict"]["reasons"]]
    assert asked(services) is None


@pytest.mark.usefixtures("asks")
def test_a_verdict_that_came_late_may_be_asked_about(
    services: Services, backend: FlaskClient, scorer: Scorer
) -> None:
    wait(backend)
    model, scorer.model = scorer.model, None
    submit(backend, TELLING, id="c-1")
    assert asked(services) is None
    scorer.model = model
    work(services)
    assert asked(services) == pytest.approx(0.99)


@pytest.mark.parametrize("decided", [False, True])
@pytest.mark.parametrize("copies", [1, 2])
def test_a_copy_of_what_people_know_is_not_asked_about_by_any_process(
    services: Services,
    site: int,
    backend: FlaskClient,
    moderator: FlaskClient,
    decided: bool,
    copies: int,
) -> None:
    put_policy(services, site, {"learning": {"ask": 0.2}, "duplicates": {"do": "flag"}})
    wait(backend, 1 if decided else 4)
    submit(backend, f"{TELLING}, all of us here know that", id="c-1")
    if decided:
        decide(moderator, "c-1", "reject")
    assert (asked(services) is None) is decided
    if copies == 2:
        submit(backend, f"{TELLING}, all of us here know that", id="c-0")
    # As a server that has been started since.
    services.choosers.clear()
    wait(backend)
    submit(backend, f"{TELLING}, all of us here know that!", id="c-2")
    assert asked(services, "c-2") is None
    submit(backend, "Quite another thing, nobody has told you of it: insult0.45", id="c-3")
    assert asked(services, "c-3") == pytest.approx(0.99)


@pytest.mark.usefixtures("asks")
def test_what_an_earlier_release_left_out_of_the_queue_is_placed(
    services: Services, backend: FlaskClient, moderator: FlaskClient
) -> None:
    wait(backend)
    submit(backend, TELLING, id="c-1")
    with services.database.writing() as session:
        session.execute(delete(Waiting))
    assert queued(moderator, queue="audit") == []
    tending.tend(services)
    assert queued(moderator, queue="audit") == ["c-1"]


@pytest.mark.usefixtures("asks")
def test_no_measured_rate_counts_it(
    services: Services, site: int, backend: FlaskClient, moderator: FlaskClient
) -> None:
    wait(backend)
    submit(backend, TELLING, id="c-1")
    submit(backend, HELD, id="c-2")
    open_ = moderator.get("/v1/stats").json
    assert (open_["volumes"]["undisclosed"], open_["samples"]["open"]) == (1, 0)

    decide(moderator, "c-1", "reject", reason="abusive")
    decide(moderator, "c-2", "approve")

    found = moderator.get("/v1/stats").json
    assert (found["volumes"]["undisclosed"], found["volumes"]["approved"]) == (0, 5)
    counted = {name: found["samples"][name]["n"] for name in ("false_holds", "missed", "agreement")}
    assert counted == {"false_holds": 1, "missed": 0, "agreement": 0}
    since = services.now() - timedelta(days=1)
    with services.database.looking() as connection:
        known = evidence.gather(connection, site, "toxicity", "words-1", since)
    assert (known.held, known.samples, known.waiting) == (1, 0, 0)


def test_it_teaches_but_no_model_is_judged_by_it(
    services: Services, site: int, backend: FlaskClient, moderator: FlaskClient
) -> None:
    put_policy(services, site, {"learning": {"ask": 0.2}})
    wait(backend)
    submit(backend, TELLING, id="c-1")
    submit(backend, HELD, id="c-2")
    for name in ("c-1", "c-2"):
        decide(moderator, name, "reject", reason="abusive")

    found = {label.item.text: label for label in labels.gather(services, site)}

    assert {text: label.asked for text, label in found.items()} == {TELLING: True, HELD: False}
    model, items = load(), [found[TELLING], found[HELD]]
    examples = adapting.read(model, [label.item for label in items])
    lesson = lessons.study(examples, items, model.thresholds)
    assert np.all(lesson.weights > 0)
    assert np.flatnonzero(lesson.counts).tolist() == [1]


def test_how_far_people_agree_is_not_told_by_what_is_doubtful(
    services: Services, site: int, backend: FlaskClient, connect: Any
) -> None:
    put_policy(services, site, {"learning": {"ask": 0.2}, "review": {"recheck": 1}})
    ada, bo = connect("moderator"), connect("moderator")
    wait(backend)
    submit(backend, TELLING, id="c-1")
    submit(backend, HELD, id="c-2")
    for who in (ada, bo):
        for name in ("c-1", "c-2"):
            decide(who, name, "approve")

    found = ada.get("/v1/stats").json

    assert found["agreement"]["whole"]["n"] == 1
    assert sorted(one["opinions"] for one in found["moderators"]) == [0, 2]


@pytest.mark.usefixtures("asks")
def test_no_draft_looks_better_for_what_the_policy_was_unsure_of(
    backend: FlaskClient, moderator: FlaskClient, connect: Any
) -> None:
    draft = {"policy": {"thresholds": {"toxicity": {"hold": 0.3}}}}
    assert connect("admin").put("/v1/policy/shadow", json=draft).status_code == 200
    wait(backend)
    submit(backend, TELLING, id="c-1")
    decide(moderator, "c-1", "reject")
    none = {"agreed": 0, "held": 0, "approved": 0, "rejected": 0}
    for found in (
        moderator.get("/v1/policy/shadow").json,
        moderator.post("/v1/policy/preview", json=draft).json,
    ):
        assert found["newly_held"] == 1
        assert found["people"] == {"now": none, "draft": none}
