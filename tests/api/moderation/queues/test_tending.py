"""The job that keeps the queues true: what lies wrong is placed, ranks follow heat and pace."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from api.moderation.queues import heat, renewing, tending
from api.moderation.services import Services
from api.store.outbox import Report
from api.store.review import Waiting
from api.store.tables import Comment
from tests.conftest import ON_SQLITE
from tests.factories import Clock, comment, decide, put_policy, rows, submit, walk


def terms(client: FlaskClient, comment_id: str) -> dict[str, Any]:
    [item] = [one for one in walk(client, "/v1/queue") if one["id"] == comment_id]
    return {**item["priority_terms"], "priority": item["priority"], "queue": item["queue"]}


def crowd(client: FlaskClient, count: int, article: str = "a-17", text: str = "Fine.") -> None:
    for start in range(0, count, 500):
        items = [comment(f"{text} {n}", article={"id": article}) for n in range(start, count)[:500]]
        assert client.post("/v1/comments/batch", json={"items": items}).status_code == 207


def change(services: Services, statement: Any) -> None:
    with services.database.writing() as session:
        session.execute(statement)


def test_what_an_earlier_release_left_behind_is_placed(
    moderator: FlaskClient, services: Services
) -> None:
    made = [submit(moderator, f"spam0.6{n}", id=f"c-{n}") for n in range(4)]
    decide(moderator, "c-3", "escalate")
    submit(moderator, "Fine.", id="c-5")
    good = rows(services.database)["waiting"]
    # Two without their scores, as the migration makes them; two of which nobody knew.
    here = Waiting.comment_id.in_(select(Comment.id).where(Comment.public_id.in_(["c-0", "c-3"])))
    unweighed = {"version": -1, "rank": 0.0, "severity": 0.5, "probability": 1.0, "spam": None}
    change(services, update(Waiting).where(here).values(**unweighed))
    change(services, delete(Waiting).where(~here))

    tending.tend(services)

    assert rows(services.database)["waiting"] == good
    assert len(made) == len(walk(moderator, "/v1/queue"))


def test_what_was_decided_by_an_earlier_release_waits_no_longer(
    moderator: FlaskClient, services: Services
) -> None:
    submit(moderator, "spam0.60", id="c-1")
    done = {"status": "approved", "version": 2}
    change(services, update(Comment).where(Comment.public_id == "c-1").values(**done))

    tending.tend(services)

    assert walk(moderator, "/v1/queue") == []


def test_what_was_reported_to_an_earlier_release_waits(
    moderator: FlaskClient, services: Services
) -> None:
    submit(moderator, id="c-1")
    moderator.post("/v1/comments/c-1/reports", json={"reason": "spam"})
    change(services, delete(Waiting))
    change(services, update(Report).values(version=None, revision=None))

    tending.tend(services)

    assert terms(moderator, "c-1")["queue"] == "reported"
    decide(moderator, "c-1", "approve")
    [report] = walk(moderator, "/v1/comments/c-1/reports")
    assert report["outcome"] == "dismissed"


def test_batches_are_placed_one_after_another(
    moderator: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tending, "BATCH", 2)
    monkeypatch.setattr(renewing, "BATCH", 2)
    for number in range(5):
        submit(moderator, "spam0.60", id=f"c-{number}")
    change(services, delete(Waiting))

    tending.tend(services)

    assert len(walk(moderator, "/v1/queue")) == 5


def test_where_all_lies_right_nothing_is_written(
    moderator: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(moderator, "spam0.60", id="c-1")
    submit(moderator, id="c-2")
    moderator.post("/v1/comments/c-2/reports", json={"reason": "spam"})

    def refuse(*_: Any) -> None:
        raise AssertionError("nothing was to be written")

    monkeypatch.setattr(tending, "place", refuse)
    monkeypatch.setattr(renewing, "_write", refuse)
    tending.tend(services)


def test_a_lively_article_comes_first_and_cools_down(
    moderator: FlaskClient, services: Services, clock: Clock
) -> None:
    submit(moderator, "spam0.60", id="c-1", article={"id": "a-quiet"})
    submit(moderator, "spam0.55", id="c-2")
    crowd(moderator, 99)
    before = terms(moderator, "c-2")

    tending.tend(services)

    assert [one["id"] for one in walk(moderator, "/v1/queue")] == ["c-2", "c-1"]
    after = terms(moderator, "c-2")
    assert after["exposure"] == pytest.approx(1.5, abs=0.01)
    assert after["priority"] == pytest.approx(before["priority"] * 1.5, rel=0.01)
    assert terms(moderator, "c-1")["exposure"] == 1

    clock.move(hours=25)
    tending.tend(services)
    assert [one["id"] for one in walk(moderator, "/v1/queue")] == ["c-1", "c-2"]
    assert terms(moderator, "c-2")["exposure"] == pytest.approx(1)


def test_the_heat_stays_when_a_comment_is_placed_again(
    moderator: FlaskClient, services: Services
) -> None:
    submit(moderator, "spam0.60", id="c-1", parent_id="c-0")
    crowd(moderator, 99)
    tending.tend(services)

    decide(moderator, "c-1", "escalate")

    assert terms(moderator, "c-1")["exposure"] == pytest.approx(1.5 * 0.8, abs=0.01)


@ON_SQLITE
def test_another_sites_article_of_the_same_id_warms_nobody(
    moderator: FlaskClient, stranger: FlaskClient, services: Services
) -> None:
    submit(moderator, "spam0.60", id="c-1")
    crowd(stranger, 50)

    tending.tend(services)

    assert terms(moderator, "c-1")["exposure"] == 1


def test_only_the_comments_of_a_day_are_counted(
    moderator: FlaskClient, services: Services, clock: Clock
) -> None:
    crowd(moderator, 30)
    clock.move(hours=12)
    crowd(moderator, 20)
    clock.move(hours=11)
    submit(moderator, "spam0.60", id="c-1")
    found = []
    for _ in range(3):
        with services.database.reading() as session:
            found += heat.find_all(session.connection(), services.now()).values()
        clock.move(hours=12)

    assert found == [heat.measure(51), heat.measure(21), heat.measure(1)]


def test_another_pace_renews_the_order(
    moderator: FlaskClient, services: Services, site: int, clock: Clock
) -> None:
    submit(moderator, "spam0.50", id="c-old")
    clock.move(hours=6)
    submit(moderator, "severe_toxicity0.60", id="c-new")
    assert [one["id"] for one in walk(moderator, "/v1/queue")] == ["c-new", "c-old"]

    put_policy(services, site, {"review": {"doubles_after_hours": 2}})
    tending.tend(services)

    assert [one["id"] for one in walk(moderator, "/v1/queue")] == ["c-old", "c-new"]
    assert terms(moderator, "c-old")["waiting"] == 8


def test_what_is_placed_meanwhile_is_not_overwritten(
    moderator: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(moderator, "spam0.60", id="c-1")
    submit(moderator, "spam0.60", id="c-2")
    crowd(moderator, 98)
    write = renewing._write

    def interfere(session: Any, changes: Any) -> None:
        # As if it had been committed between the reading and the writing.
        name = select(Comment.id).where(Comment.public_id == "c-1").scalar_subquery()
        fresh = {"rank": 5.0, "probability": 0.9}
        session.execute(update(Waiting).where(Waiting.comment_id == name).values(**fresh))
        write(session, changes)

    monkeypatch.setattr(renewing, "_write", interfere)
    renewing.renew(services)

    with services.database.reading() as session:
        kept = select(Comment.public_id, Waiting.rank, Waiting.heat).join(Waiting)
        found = {name: (rank, heated) for name, rank, heated in session.execute(kept)}
    assert found["c-1"] == (5.0, 1.0)
    assert found["c-2"][1] == heat.measure(100)


def test_whoever_proves_right_elsewhere_is_believed_within_a_minute(
    moderator: FlaskClient, services: Services
) -> None:
    submit(moderator, id="c-0")
    moderator.post("/v1/comments/c-0/reports", json={"reason": "spam", "reporter": {"id": "u-7"}})
    assert terms(moderator, "c-0")["reports"] == 0.4
    for number in range(1, 6):
        submit(moderator, id=f"c-{number}")
        body = {"reason": "spam", "reporter": {"id": "u-7"}}
        moderator.post(f"/v1/comments/c-{number}/reports", json=body)
        decide(moderator, f"c-{number}", "reject")
    assert terms(moderator, "c-0")["reports"] == 0.4

    tending.tend(services)

    assert terms(moderator, "c-0")["reports"] == 0.7
