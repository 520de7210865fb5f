"""What has expired is swept once a day, in batches, and nothing else."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from api.moderation import retention
from api.moderation.services import Services
from api.store.learning import DriftDay
from api.store.outbox import Attempt, Claim, Delivery, Job, KeptAnswer, Webhook
from api.store.policies import NudgeAsked, UsedToken
from api.store.tables import Comment, Moderator, SignIn
from tests.api.work.doing import work
from tests.factories import START, Clock, count

OLD, NEW = START - timedelta(days=31), START + timedelta(days=2)
SWEPT = (
    "kept_answers",
    "deliveries",
    "attempts",
    "sign_ins",
    "claims",
    "used_tokens",
    "nudges_asked",
)


def fill(services: Services, site: int, expires: datetime, name: str, how_many: int = 1) -> None:
    """So many rows of each kind that expire, or have ended, at a moment."""
    with services.database.writing() as session:
        comment = session.scalar(select(Comment))
        moderator = Moderator(site_id=site, email=name, password_hash="", created_at=START)
        webhook = Webhook(
            site_id=site,
            public_id=name,
            url="",
            description="",
            types=[],
            secrets=[],
            active=False,
            failures=0,
            created_at=START,
            updated_at=START,
        )
        session.add_all([moderator, webhook])
        session.flush()
        for number in range(how_many):
            key = f"{name}-{number}"
            delivery = Delivery(
                site_id=site,
                webhook_id=webhook.id,
                public_id=key,
                type="test",
                status="delivered",
                attempts=1,
                created_at=OLD,
                finished_at=expires,
            )
            session.add(delivery)
            session.flush()
            session.add_all(
                [
                    Attempt(delivery_id=delivery.id, number=1, milliseconds=1, created_at=OLD),
                    KeptAnswer(
                        site_id=site,
                        key=key,
                        digest="",
                        status=200,
                        body="",
                        comments="",
                        expires_at=expires,
                    ),
                    UsedToken(site_id=site, nonce=key, expires_at=expires),
                    NudgeAsked(site_id=site, author=key, created_at=expires),
                    SignIn(
                        digest=key, moderator_id=moderator.id, created_at=OLD, expires_at=expires
                    ),
                ]
            )
        assert comment is not None
        session.merge(
            Claim(
                comment_id=comment.id, site_id=site, public_id=name, actor="a", expires_at=expires
            )
        )


@pytest.fixture(autouse=True)
def a_comment(services: Services, backend: object) -> None:
    """There is one, to be claimed."""
    from tests.factories import submit

    submit(backend)  # type: ignore[arg-type]


def kept(services: Services) -> dict[str, int]:
    return {table: number for table, number in count(services.database).items() if table in SWEPT}


def test_what_has_expired_goes(services: Services, site: int) -> None:
    fill(services, site, OLD, "old", how_many=7)

    work(services)

    assert kept(services) == dict.fromkeys(SWEPT, 0)


def test_what_is_still_of_use_stays(services: Services, site: int) -> None:
    fill(services, site, OLD, "old", how_many=3)
    fill(services, site, NEW, "new")

    work(services)

    assert kept(services) == dict.fromkeys(SWEPT, 1)


def test_drafts_go_when_nothing_came_of_them_for_a_month(
    services: Services, site: int, connect: Callable[..., FlaskClient], clock: Clock
) -> None:
    admin = connect("admin")
    ended = {"policy": {"note": "ended"}}
    assert admin.post("/v1/policy/preview", json=ended).status_code == 201
    assert admin.put("/v1/policy/shadow", json=ended).status_code == 200
    admin.post("/v1/comments", json={"article": {"id": "a-1"}, "text": "Fine."})
    assert admin.put("/v1/policy/shadow", json={"policy": {"note": "goes on"}}).status_code == 200
    admin.post("/v1/comments", json={"article": {"id": "a-1"}, "text": "Fine."})

    clock.move(days=29)
    work(services)
    assert _drafts(services) == (3, 2)

    clock.move(days=2)
    work(services)
    assert _drafts(services) == (1, 1)
    assert admin.get("/v1/policy/shadow").json["note"] == "goes on"


def _drafts(services: Services) -> tuple[int, int]:
    found = count(services.database)
    return found["policy_drafts"], found["shadow_verdicts"]


def test_what_a_day_was_like_is_known_for_400_days(
    services: Services, site: int, clock: Clock
) -> None:
    today = START.date()
    old, kept = today - timedelta(days=401), today - timedelta(days=400)
    rows = [
        DriftDay(
            site_id=site,
            day=day,
            measures={"came": 0, "decided": {}, "found": {}, "alarms": []},
            outside=[],
            measured_at=START,
        )
        for day in (old, kept)
    ]
    with services.database.writing() as session:
        session.add_all(rows)

    clock.move(minutes=1)
    work(services)

    wanted = select(DriftDay.day).where(DriftDay.day < today - timedelta(days=300))
    with services.database.reading() as session:
        assert list(session.scalars(wanted)) == [kept]


def test_much_is_swept_in_batches_and_with_pauses(
    services: Services, site: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    monkeypatch.setattr(retention, "BATCHES", 3)
    fill(services, site, OLD, "old", how_many=9)

    work(services)
    assert kept(services)["kept_answers"] == 3
    for _ in range(20):
        clock.move(seconds=1)
        work(services)

    assert kept(services) == dict.fromkeys(SWEPT, 0)


def test_there_is_always_one_sweep_that_comes_again_the_next_day(
    services: Services, clock: Clock
) -> None:
    def sweeps() -> list[Job]:
        with services.database.reading() as session:
            return list(session.scalars(select(Job).where(Job.kind == "retention.sweep")))

    for day in range(3):
        # Each is another worker: as after a restart.
        work(services)
        [sweep] = sweeps()
        assert sweep.due_at == START + timedelta(days=day + 1)
        assert sweep.attempts == 0
        clock.time = sweep.due_at
