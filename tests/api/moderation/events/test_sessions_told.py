"""Sessions in the event log, how failed sign-ins are, and who sees what is told of people.

OWASP ASVS 5.0: 16.2.5, 16.3.1.
"""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from api.moderation import events
from api.moderation.events import chain, proof
from api.moderation.events.outcomes import SECURITY
from api.moderation.privacy import logged
from api.moderation.services import Services
from api.store.outbox import Event
from api.store.tables import Site
from tests.api.moderation.events.told import BO, SETTINGS, TOKEN, New, find
from tests.conftest import ON_SQLITE
from tests.factories import Clock, walk
from tests.security.people import ADA, PASSWORD, browser_of, fail, try_with


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
            theirs = [f"moderator:{ADA}"], find(services, site, ADA)
            keys, _ = logged.find_of_moderator(session, site, *theirs, 0)
            logged.erase_some(session, site, keys)

        with services.database.reading() as session:
            found = proof.verify(session, session.get_one(Site, site))
            left = session.scalars(select(Event).order_by(Event.id)).all()
        assert (found.problems, found.intact, found.erased) == ([], 3, 3)
        assert [(one.type, one.actor, one.data) for one in left] == [
            ("session.started", chain.ERASED, {}),
            ("key.created", chain.ERASED, {}),
            ("session.refused", chain.ERASED, {}),
        ]
