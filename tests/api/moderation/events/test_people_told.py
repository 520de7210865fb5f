"""Keys and moderators in the event log: one event for each act, through its real door.

OWASP ASVS 5.0: 16.2.5, 16.3.3.
"""

from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation import access
from api.moderation.services import Services
from tests.api.moderation.events.told import BO, NEW, SETTINGS, SIGNING, TOKEN, New, find
from tests.factories import make_key
from tests.security.people import ADA, PASSWORD


class TestKeys:
    @pytest.mark.parametrize("style", ["winnow", "akismet", "coral"])
    def test_over_the_api(self, admin: FlaskClient, by: str, new: New, style: str) -> None:
        made = admin.post("/v1/keys", json={"role": "backend", "style": style}).json

        said = {"key": made["id"], "role": "backend", "style": style}
        assert new() == [("key.created", by, said)]

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
