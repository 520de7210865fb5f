"""Keys, moderators and sessions in the event log: one event for each act, through its real door.

OWASP ASVS 5.0: 16.2.5, 16.3.1, 16.3.3.
"""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from api.moderation import access, events, people
from api.moderation.access import Caller
from api.moderation.events import chain, proof
from api.moderation.events.outcomes import SECURITY
from api.moderation.privacy import logged
from api.moderation.services import Services
from api.store.database import Database
from api.store.outbox import Event
from api.store.tables import Site
from tests.conftest import ON_SQLITE
from tests.factories import Clock, make_key, make_moderator, walk
from tests.security.people import ADA, PASSWORD, browser_of, fail, try_with, use_quick_hashes

BO = "bo@gazette.example"
NEW = "battery staple horse"
SIGNING = "empv1_0f1e2d3c4b5a6978"
TOKEN = {"token": "a" * 32}
SETTINGS = "/moderate/settings"

Said = tuple[str, str, dict[str, Any]]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords cost nothing here."""
    use_quick_hashes(monkeypatch)


@pytest.fixture
def admin(connect: Callable[..., FlaskClient]) -> FlaskClient:
    """A tool with an admin's key."""
    return connect("admin")


@pytest.fixture
def by(admin: FlaskClient) -> str:
    """By which name the log knows that tool."""
    return f"key:{admin.environ_base['HTTP_AUTHORIZATION'].removeprefix('Bearer ')[:12]}"


@pytest.fixture
def ada(app: Flask, services: Services, site: int, new: Callable[[], list[Said]]) -> FlaskClient:
    """The browser of an admin who has signed in, which is told of already."""
    make_moderator(services, site, ADA, PASSWORD, "admin")
    browser = browser_of(app)
    assert try_with(browser, password=PASSWORD).status_code == 303
    new()
    return browser


@pytest.fixture
def bo(services: Services, site: int) -> str:
    """The id of another moderator."""
    make_moderator(services, site, BO, PASSWORD)
    return find(services, site, BO)


@pytest.fixture
def new(database: Database) -> Callable[[], list[Said]]:
    """What the log tells since it was asked last, and without any secret."""
    seen = [0]

    def read() -> list[Said]:
        with database.reading() as session:
            found = session.scalars(
                select(Event).where(Event.id > seen[0]).order_by(Event.id)
            ).all()
        seen[0] = max([seen[0], *(one.id for one in found)])
        for one in found:
            assert one.type in SECURITY
            assert one.comment_id is None
            kept = repr(one.data)
            assert not any(secret in kept for secret in ("@", PASSWORD, NEW, SIGNING, "argon2"))
            assert one.actor.startswith(("key:", "moderator:", "winnow"))
        return [(one.type, one.actor, one.data) for one in found]

    return read


def find(services: Services, site: int, email: str) -> str:
    """A moderator's id."""
    everybody = people.list_people(services, Caller(site, "admin", "test"))
    return next(one.id for one in everybody if one.email == email)


New = Callable[[], list[Said]]


class TestKeys:
    @pytest.mark.parametrize("style", ["winnow", "akismet", "coral"])
    def test_over_the_api(self, admin: FlaskClient, by: str, new: New, style: str) -> None:
        made = admin.post("/v1/keys", json={"role": "backend", "style": style}).json

        said = {"key": made["id"], "role": "backend", "style": style}
        assert new() == [("key.created", by, said)]
        assert made["key"] == made["id"] or made["key"] not in repr(said)

        for _ in range(2):
            assert admin.delete(f"/v1/keys/{made['id']}").status_code == 204
        assert new() == [("key.revoked", by, {"key": made["id"]})]

    def test_on_the_pages(self, ada: FlaskClient, new: New, services: Services, site: int) -> None:
        form = {"role": "backend", "style": "coral", **TOKEN}
        assert ada.post(f"{SETTINGS}/keys", data=form).status_code == 201
        [made] = access.list_keys(services, site)
        path = f"{SETTINGS}/keys/{made.prefix}"
        assert ada.post(f"{path}/secret", data={"secret": SIGNING}).status_code == 303
        assert ada.post(f"{path}/revoke").status_code == 303

        said = {"key": made.prefix, "role": "backend", "style": "coral"}
        assert new() == [
            ("key.created", f"moderator:{ADA}", said),
            ("key.secret_set", f"moderator:{ADA}", {"key": made.prefix}),
            ("key.revoked", f"moderator:{ADA}", {"key": made.prefix}),
        ]

    def test_a_secret_over_the_api(self, admin: FlaskClient, by: str, new: New) -> None:
        made = admin.post("/v1/keys", json={"style": "coral"}).json
        new()
        path = f"/v1/keys/{made['id']}/secret"

        assert admin.put(path, json={"secret": SIGNING}).status_code == 204
        assert new() == [("key.secret_set", by, {"key": made["id"]})]
        assert admin.put(path, json={"secret": "short"}).status_code == 422
        assert new() == []

    def test_sent_again_it_is_told_once(
        self, admin: FlaskClient, ada: FlaskClient, new: New
    ) -> None:
        form = {"role": "backend", **TOKEN}
        for _ in range(2):
            answer = admin.post(
                "/v1/keys", json={"role": "backend"}, headers={"Idempotency-Key": "k-1"}
            )
            assert answer.status_code == 201
            ada.post(f"{SETTINGS}/keys", data=form)

        assert [one[0] for one in new()] == ["key.created"] * 2

    def test_what_is_refused_is_no_event(
        self, admin: FlaskClient, backend: FlaskClient, stranger: FlaskClient, new: New
    ) -> None:
        theirs = stranger.post("/v1/keys", json={"role": "backend"}).json["id"]
        new()

        assert admin.post("/v1/keys", json={"role": "king"}).status_code == 422
        assert backend.post("/v1/keys", json={"role": "admin"}).status_code == 403
        assert admin.delete(f"/v1/keys/{theirs}").status_code == 404
        assert admin.put(f"/v1/keys/{theirs}/secret", json={"secret": SIGNING}).status_code == 404
        assert new() == []


class TestModerators:
    def test_over_the_api(self, admin: FlaskClient, by: str, new: New) -> None:
        made = admin.post("/v1/moderators", json={"email": BO, "role": "moderator"}).json
        path = f"/v1/moderators/{made['id']}"

        assert new() == [("moderator.created", by, {"moderator": made["id"], "role": "moderator"})]

        assert admin.patch(path, json={"sections": ["world"]}).status_code == 200
        said: dict[str, Any] = {"moderator": made["id"], "changed": ["sections"]}
        assert new() == [("moderator.changed", by, said)]

        assert admin.patch(path, json={"sections": [], "role": "admin"}).status_code == 200
        said = {"moderator": made["id"], "changed": ["role", "sections"], "role": "admin"}
        assert new() == [("moderator.changed", by, said)]

        assert admin.patch(path, json={"sections": [], "role": "admin"}).status_code == 200
        assert new() == []

        admin.post("/v1/moderators", json={"email": ADA, "role": "admin"})
        new()
        assert admin.delete(path).status_code == 204
        assert new() == [("moderator.removed", by, {"moderator": made["id"]})]

    def test_on_the_pages(self, ada: FlaskClient, new: New, services: Services, site: int) -> None:
        who = f"moderator:{ADA}"
        form = {"email": BO, "role": "moderator", "sections": "world", **TOKEN}
        assert ada.post(f"{SETTINGS}/moderators", data=form).status_code == 201
        name = find(services, site, BO)
        path = f"{SETTINGS}/moderators/{name}"
        assert ada.post(path, data={"role": "admin", "sections": "world"}).status_code == 303
        assert ada.post(f"{path}/remove").status_code == 303

        assert new() == [
            ("moderator.created", who, {"moderator": name, "role": "moderator"}),
            ("moderator.changed", who, {"moderator": name, "changed": ["role"], "role": "admin"}),
            ("moderator.removed", who, {"moderator": name}),
        ]

    def test_what_is_refused_is_no_event(
        self, admin: FlaskClient, ada: FlaskClient, new: New, services: Services, site: int
    ) -> None:
        own = f"/v1/moderators/{find(services, site, ADA)}"

        assert admin.post("/v1/moderators", json={"email": ADA}).status_code == 409
        weak = {"email": BO, "password": "passwordpassword"}
        assert admin.post("/v1/moderators", json=weak).status_code == 422
        assert admin.patch(own, json={"role": "moderator"}).status_code == 409
        assert admin.delete(own).status_code == 409
        assert admin.delete(f"/v1/moderators/mod_{'0' * 24}").status_code == 404
        assert new() == []

    def test_their_own_password(
        self, ada: FlaskClient, new: New, services: Services, site: int
    ) -> None:
        path = "/moderate/preferences/password"
        for old, wanted, status in (
            ("wrong", NEW, 403),
            (PASSWORD, "passwordpassword", 422),
            (PASSWORD, NEW, 303),
        ):
            form = {"old": old, "new": wanted, "again": wanted}
            assert ada.post(path, data=form).status_code == status

        said = {"moderator": find(services, site, ADA)}
        assert new() == [("moderator.password_changed", f"moderator:{ADA}", said)]


class TestSessions:
    def test_who_signs_in_and_how(
        self, app: Flask, ada: FlaskClient, new: New, services: Services, site: int
    ) -> None:
        assert try_with(browser_of(app), password=PASSWORD).status_code == 303

        said = {"moderator": find(services, site, ADA), "way": "password"}
        assert new() == [("session.started", f"moderator:{ADA}", said)]

    def test_ones_own_others_are_ended(
        self, app: Flask, ada: FlaskClient, new: New, services: Services, site: int
    ) -> None:
        path = "/moderate/preferences/sessions"
        assert ada.post(path).status_code == 303
        assert new() == []
        for _ in range(2):
            try_with(browser_of(app), password=PASSWORD)
        new()

        assert ada.post(path).status_code == 303
        said = {"moderator": find(services, site, ADA), "ended": 2}
        assert new() == [("session.ended_all", f"moderator:{ADA}", said)]

    def test_anothers_are_ended(self, app: Flask, ada: FlaskClient, new: New, bo: str) -> None:
        try_with(browser_of(app), BO, PASSWORD)
        new()

        for _ in range(2):
            ada.post(f"{SETTINGS}/moderators/{bo}/sign-out")
        said = {"moderator": bo, "ended": 1}
        assert new() == [("session.ended_all", f"moderator:{ADA}", said)]

    def test_guesses_are_told_once_when_they_begin_to_be_slowed(
        self, app: Flask, ada: FlaskClient, new: New, services: Services, site: int, clock: Clock
    ) -> None:
        thief = browser_of(app, "203.0.113.1")
        assert fail(thief, 9) == [403] * 9
        assert new() == []

        assert fail(thief, 3) == [403, 429, 429]
        said = {"moderator": find(services, site, ADA), "failures": 10}
        assert new() == [("session.refused", "winnow", said)]

        for _ in range(5):
            clock.move(minutes=15)
            assert fail(thief, 2) == [403, 429]
        assert new() == []

    def test_they_are_told_again_once_they_were_forgotten(
        self, app: Flask, ada: FlaskClient, new: New, clock: Clock
    ) -> None:
        thief = browser_of(app, "203.0.113.1")
        fail(thief, 10)
        assert [one[0] for one in new()] == ["session.refused"]
        clock.move(days=1)

        assert fail(thief, 9) == [403] * 9
        assert new() == []
        fail(thief, 1)
        assert [one[0] for one in new()] == ["session.refused"]

    def test_a_tenth_try_that_is_right_is_no_refusal(
        self, app: Flask, ada: FlaskClient, new: New
    ) -> None:
        other = browser_of(app, "203.0.113.1")
        fail(other, 9)

        assert try_with(other, password=PASSWORD).status_code == 303
        assert [one[0] for one in new()] == ["session.started"]

    def test_nobodys_are_in_no_log(self, app: Flask, ada: FlaskClient, new: New) -> None:
        fail(browser_of(app, "203.0.113.1"), 12, "eve@gazette.example")

        assert new() == []


class TestWhereTheyAreSeen:
    @ON_SQLITE
    def test_in_the_log_of_their_own_site_and_by_type(
        self, admin: FlaskClient, by: str, stranger: FlaskClient
    ) -> None:
        made = admin.post("/v1/keys", json={"role": "backend"}).json

        [told] = walk(admin, "/v1/events", type="key.created")
        assert (told["actor"], told["data"]["key"], told["outcome"]) == (by, made["id"], None)
        assert walk(stranger, "/v1/events") == []
        for one in SECURITY:
            assert admin.get(f"/v1/events?type={one}").status_code == 200

    @ON_SQLITE
    def test_a_webhook_is_sent_them_only_where_it_names_them(
        self, admin: FlaskClient, services: Services
    ) -> None:
        sent = {}
        for types in ([], ["comment.created"], ["key.created"]):
            body = {"url": "https://gazette.example/hook", "types": types}
            sent[admin.post("/v1/webhooks", json=body).json["id"]] = types
        admin.post("/v1/keys", json={"role": "backend"})
        admin.post("/v1/moderators", json={"email": BO})
        admin.post("/v1/comments", json={"article": {"id": "a-1"}, "text": "A fine day."})
        events.seal(services)

        for name, types in sent.items():
            found = walk(admin, f"/v1/webhooks/{name}/deliveries")
            assert [one["type"] for one in found] == (types or ["comment.created"])

    def test_they_are_chained_and_emptied_with_whom_they_are_of(
        self, app: Flask, ada: FlaskClient, services: Services, site: int
    ) -> None:
        ada.post(f"{SETTINGS}/keys", data={"role": "backend", **TOKEN})
        fail(browser_of(app, "203.0.113.1"), 10)
        while events.seal(services):
            pass
        with services.database.writing() as session:
            logged.erase_actor(session, site, f"moderator:{ADA}", 0)

        with services.database.reading() as session:
            found = proof.verify(session, session.get_one(Site, site))
            left = session.scalars(select(Event).order_by(Event.id)).all()
        assert (found.problems, found.intact, found.erased) == ([], 3, 2)
        assert [(one.type, one.actor, one.data) for one in left[:2]] == [
            ("session.started", chain.ERASED, {}),
            ("key.created", chain.ERASED, {}),
        ]


def test_of_one_key_that_is_ended_twice_at_once_it_is_told_once(
    admin: FlaskClient, services: Services, site: int, new: New
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    name = access.key_prefix(make_key(services, site, "backend"))
    headers = {"Authorization": admin.environ_base["HTTP_AUTHORIZATION"]}

    def end(_: int) -> int:
        client = admin.application.test_client()
        return client.delete(f"/v1/keys/{name}", headers=headers).status_code

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(end, range(6))) == [204] * 6
    assert [one[0] for one in new()] == ["key.revoked"]
