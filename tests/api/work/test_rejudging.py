"""A comment that came while the classifier was away is judged when it answers again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from api.moderation import rejudging
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store.outbox import Job
from tests.api.work.doing import work
from tests.factories import Clock, decide, put_policy, submit


@pytest.fixture
def outage(scorer: Scorer) -> Callable[[], None]:
    """No classifier from now on; call it to have the classifier back."""
    good, scorer.model, scorer.failure = scorer.model, None, "There is none."

    def end() -> None:
        scorer.model, scorer.failure = good, None

    return end


def waiting(services: Services) -> list[Job]:
    with services.database.reading() as session:
        return list(session.scalars(select(Job).where(Job.kind == "comment.rejudge")))


def events(client: FlaskClient, name: str = "c-1") -> list[Any]:
    history = client.get(f"/v1/comments/{name}/history").json
    return [(e["type"], e["data"]["was"], e["data"]["status"]) for e in history["events"]]


def get(client: FlaskClient, name: str = "c-1") -> Any:
    return client.get(f"/v1/comments/{name}").json


@pytest.mark.parametrize(
    ("text", "status"),
    [("Fine.", "approved"), ("spam0.60", "pending"), ("spam0.97", "rejected")],
)
def test_the_verdict_comes_when_the_classifier_is_back(
    moderator: FlaskClient,
    services: Services,
    outage: Callable[[], None],
    text: str,
    status: str,
) -> None:
    assert submit(moderator, text, id="c-1")["status"] == "pending"
    outage()

    work(services)

    found = get(moderator)
    assert (found["status"], found["version"], found["revision"]) == (status, 2, 1)
    assert found["verdict"]["model"] == "words-1"
    assert events(moderator) == [
        ("comment.created", None, "pending"),
        ("comment.rejudged", "pending", status),
    ]
    history = moderator.get("/v1/comments/c-1/history").json
    assert len(history["verdicts"]) == 2
    assert history["events"][1]["actor"] == "winnow"
    assert waiting(services) == []
    submit(moderator, id="c-2")
    assert waiting(services) == []


def test_it_is_asked_again_for_as_long_as_the_classifier_is_away(
    moderator: FlaskClient, services: Services, outage: Callable[[], None], clock: Clock
) -> None:
    submit(moderator, id="c-1")
    waits = []

    for _ in range(60):
        work(services)
        [job] = waiting(services)
        assert (job.failed_at, job.attempts) == (None, 0)
        waits.append(job.due_at - clock())
        clock.time = job.due_at
    outage()
    work(services)

    assert waits == sorted(waits)
    assert waits[0] == rejudging.SHORTEST_WAIT
    assert waits[-1] == rejudging.LONGEST_WAIT == timedelta(minutes=5)
    assert get(moderator)["status"] == "approved"


def test_what_a_person_decided_meanwhile_stands(
    moderator: FlaskClient, services: Services, outage: Callable[[], None]
) -> None:
    submit(moderator, "spam0.97", id="c-1")
    decide(moderator, "c-1", "approve")
    outage()

    work(services)

    found = get(moderator)
    assert (found["status"], found["decision"]["action"]) == ("approved", "approve")
    assert found["verdict"]["action"] == "reject"
    assert events(moderator)[-1] == ("comment.rejudged", "approved", "approved")
    moderator.delete("/v1/comments/c-1/decision")
    assert get(moderator)["status"] == "rejected"


def test_what_a_person_escalated_stays_escalated(
    moderator: FlaskClient, services: Services, outage: Callable[[], None]
) -> None:
    submit(moderator, id="c-1")
    decide(moderator, "c-1", "escalate")
    moderator.patch("/v1/comments/c-1", json={"text": "Two."})
    outage()

    work(services)

    found = moderator.get("/v1/queue?queue=escalated").json["items"]
    assert [item["id"] for item in found] == ["c-1"]
    assert found[0]["verdict"]["model"] == "words-1"


def test_an_edit_of_what_was_rejected_is_held_though_it_reads_well(
    moderator: FlaskClient, services: Services, outage: Callable[[], None]
) -> None:
    submit(moderator, id="c-1")
    decide(moderator, "c-1", "reject")
    moderator.patch("/v1/comments/c-1", json={"text": "Two."})
    outage()

    work(services)

    found = get(moderator)
    assert found["status"] == "pending"
    codes = [reason["code"] for reason in found["verdict"]["reasons"]]
    assert codes == ["edited_after_rejection"]


def test_a_wording_that_is_no_more_is_not_judged(
    moderator: FlaskClient, services: Services, outage: Callable[[], None]
) -> None:
    submit(moderator, "spam0.97", id="c-1")
    submit(moderator, "spam0.97", id="c-2")
    outage()
    moderator.patch("/v1/comments/c-1", json={"text": "Two."})
    moderator.delete("/v1/comments/c-2")

    work(services)

    assert [kind for kind, *_ in events(moderator)] == ["comment.created", "comment.edited"]
    assert get(moderator)["status"] == "approved"
    assert waiting(services) == []


def test_an_edit_during_the_outage_is_judged_once(
    moderator: FlaskClient, services: Services, outage: Callable[[], None]
) -> None:
    submit(moderator, "spam0.97", id="c-1")
    moderator.patch("/v1/comments/c-1", json={"text": "Two."})
    assert len(waiting(services)) == 2
    outage()

    work(services)

    assert [kind for kind, *_ in events(moderator)] == [
        "comment.created",
        "comment.edited",
        "comment.rejudged",
    ]
    assert get(moderator)["status"] == "approved"


def test_a_job_that_is_done_twice_changes_a_comment_once(
    moderator: FlaskClient, services: Services, outage: Callable[[], None]
) -> None:
    from api.store import jobs

    submit(moderator, id="c-1")
    outage()
    [taken] = jobs.take(services.database, services.now(), "w", 1)

    rejudging.rejudge(services, taken)
    rejudging.rejudge(services, taken)

    assert get(moderator)["version"] == 2


def test_it_is_judged_by_the_hours_in_which_it_came(
    moderator: FlaskClient,
    services: Services,
    site: int,
    outage: Callable[[], None],
    clock: Clock,
) -> None:
    hours = {"zone": "UTC", "open": ["sun 11:00-13:00"], "outside": "closed"}
    put_policy(services, site, {"hours": hours})
    submit(moderator, "Fine.", id="c-1")
    clock.move(hours=3)
    outage()

    work(services)

    assert get(moderator)["status"] == "approved"
    assert submit(moderator, "Late.", id="c-2")["status"] == "rejected"


def test_who_was_banned_meanwhile_is_banned(
    moderator: FlaskClient, services: Services, outage: Callable[[], None], clock: Clock
) -> None:
    submit(moderator, "Fine.", id="c-1", author={"id": "u-5"})
    clock.move(minutes=1)
    said = {"kind": "author", "value": "u-5", "standing": "banned", "reason": "Spam."}
    assert moderator.post("/v1/standings", json=said).status_code == 201
    clock.move(hours=1)
    outage()

    work(services)

    assert get(moderator)["status"] == "rejected"
