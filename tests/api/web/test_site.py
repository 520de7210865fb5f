"""A site and its keys: made, shown once, revoked."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from api.moderation import access, foreignkeys
from api.moderation.services import Services
from api.store.database import Database
from tests.factories import Clock, make_key


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_a_key_knows_its_site(backend: FlaskClient, stranger: FlaskClient) -> None:
    assert backend.get("/v1/site").json == {
        "name": "gazette",
        "created_at": "2026-11-22T12:00:00Z",
    }
    assert stranger.get("/v1/site").json["name"] == "elsewhere"


@pytest.mark.parametrize("role", access.ROLES)
def test_a_new_key_works_at_once_in_its_role(
    admin: FlaskClient, client: FlaskClient, role: str
) -> None:
    answer = admin.post("/v1/keys", json={"role": role})

    assert answer.status_code == 201
    assert (answer.json["role"], answer.json["id"]) == (role, answer.json["key"][:12])
    headers = bearer(answer.json["key"])
    assert client.get("/v1/site", headers=headers).status_code == 200
    assert (client.get("/v1/keys", headers=headers).status_code == 200) is (role == "admin")


def test_a_key_is_shown_once(admin: FlaskClient) -> None:
    key = admin.post("/v1/keys", json={"role": "backend"}).json["key"]

    listed = admin.get("/v1/keys")

    secret = key.removeprefix(key[:12])
    assert secret not in listed.text
    assert set(listed.json["items"][0]) == {"id", "role", "style", "created_at", "revoked_at"}
    assert [item["role"] for item in listed.json["items"]] == ["admin", "backend"]


def test_only_the_digest_of_a_key_is_stored(admin: FlaskClient, database: Database) -> None:
    key = admin.post("/v1/keys", json={"role": "backend"}).json["key"]

    with database.reading() as session:
        rows = session.execute(text("SELECT * FROM api_keys")).all()

    kept = repr(rows)
    assert access.digest(key) in kept
    assert key not in kept
    assert key.removeprefix(key[:12]) not in kept


def test_keys_cannot_be_guessed_from_each_other(admin: FlaskClient) -> None:
    keys = [admin.post("/v1/keys", json={"role": "backend"}).json["key"] for _ in range(5)]

    assert len({key[4:12] for key in keys}) == 5
    assert min(len(key[13:]) for key in keys) >= 43


def test_a_revoked_key_fails_at_its_next_request(
    admin: FlaskClient, client: FlaskClient, clock: Clock
) -> None:
    made = admin.post("/v1/keys", json={"role": "backend"}).json
    assert client.get("/v1/site", headers=bearer(made["key"])).status_code == 200
    clock.move(hours=1)

    answer = admin.delete(f"/v1/keys/{made['id']}")

    assert (answer.status_code, answer.data) == (204, b"")
    assert client.get("/v1/site", headers=bearer(made["key"])).status_code == 401
    assert admin.get("/v1/keys").json["items"][-1]["revoked_at"] == "2026-11-22T13:00:00Z"


def test_revoking_again_changes_nothing(admin: FlaskClient, clock: Clock) -> None:
    key_id = admin.post("/v1/keys", json={"role": "backend"}).json["id"]
    admin.delete(f"/v1/keys/{key_id}")
    clock.move(hours=1)

    assert admin.delete(f"/v1/keys/{key_id}").status_code == 204
    assert admin.get("/v1/keys").json["items"][-1]["revoked_at"] == "2026-11-22T12:00:00Z"


def test_a_key_may_revoke_itself(admin: FlaskClient) -> None:
    [own] = admin.get("/v1/keys").json["items"]

    assert admin.delete(f"/v1/keys/{own['id']}").status_code == 204
    assert admin.get("/v1/keys").status_code == 401


def test_a_key_that_is_not_there_is_404(admin: FlaskClient) -> None:
    assert admin.delete("/v1/keys/wnw_00000000").status_code == 404


def test_a_key_in_akismets_style_is_for_akismets_calls_only(
    admin: FlaskClient, client: FlaskClient
) -> None:
    made = admin.post("/v1/keys", json={"style": "akismet"})

    assert made.status_code == 201
    assert re.fullmatch(r"[0-9a-f]{12}", made.json["key"])
    assert re.fullmatch(r"aks_[0-9a-f]{8}", made.json["id"])
    assert (made.json["role"], made.json["style"]) == ("backend", "akismet")
    assert client.get("/v1/site", headers=bearer(made.json["key"])).status_code == 401
    listed = admin.get("/v1/keys")
    assert [one["style"] for one in listed.json["items"]] == ["winnow", "akismet"]
    assert made.json["key"] not in listed.text

    verify = {"key": made.json["key"], "blog": "https://blog.example/"}
    assert client.post("/1.1/verify-key", data=verify).text == "valid"
    assert admin.delete(f"/v1/keys/{made.json['id']}").status_code == 204
    assert client.post("/1.1/verify-key", data=verify).text == "invalid"


@pytest.mark.parametrize("wanted", [{"style": "akismet"}, {"role": "moderator"}])
def test_a_key_of_either_style_is_shown_once(admin: FlaskClient, wanted: dict[str, str]) -> None:
    headers = {"Idempotency-Key": "the-same"}

    first = admin.post("/v1/keys", json=wanted, headers=headers)
    again = admin.post("/v1/keys", json=wanted, headers=headers)

    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json == {**first.json, "key": None}
    assert len(admin.get("/v1/keys").json["items"]) == 2


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({}, "/role"),
        ({"style": "winnow"}, "/role"),
        ({"style": "akismet", "role": "admin"}, "/role"),
        ({"style": "perspective", "role": "backend"}, "/style"),
        ({"style": None, "role": "backend"}, "/style"),
    ],
)
def test_other_styles_and_roles_make_no_key(
    admin: FlaskClient, wanted: dict[str, str], field: str
) -> None:
    answer = admin.post("/v1/keys", json=wanted)

    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json["errors"]] == [field]
    assert len(admin.get("/v1/keys").json["items"]) == 1


def test_a_site_lists_only_its_own_keys(admin: FlaskClient, stranger: FlaskClient) -> None:
    ours = {item["id"] for item in admin.get("/v1/keys").json["items"]}
    theirs = {item["id"] for item in stranger.get("/v1/keys").json["items"]}

    assert ours
    assert theirs
    assert not ours & theirs


PHASE_SECRET = "empsec_0123456789abcdef"


def make_phase(client: FlaskClient) -> str:
    return str(client.post("/v1/keys", json={"style": "coral"}).json["id"])


def test_corals_secret_is_kept_and_never_shown(admin: FlaskClient, services: Services) -> None:
    name = make_phase(admin)

    kept = admin.put(f"/v1/keys/{name}/secret", json={"secret": PHASE_SECRET})

    assert (kept.status_code, kept.data) == (204, b"")
    assert PHASE_SECRET not in admin.get("/v1/keys").text
    found = foreignkeys.find_coral(services, name)
    assert found is not None
    assert found[1] == PHASE_SECRET


NO_SECRETS = ["", "short", "x" * 501, "with a blank in it", "\u00e9" * 20, "0" * 16 + "\n"]


@pytest.mark.parametrize("secret", NO_SECRETS)
def test_what_is_no_secret_is_refused(admin: FlaskClient, services: Services, secret: str) -> None:
    name = make_phase(admin)

    answer = admin.put(f"/v1/keys/{name}/secret", json={"secret": secret})

    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/secret"
    assert foreignkeys.find_coral(services, name) is None


def test_only_corals_keys_that_are_in_use_have_a_secret(
    admin: FlaskClient, stranger: FlaskClient, services: Services, site: int
) -> None:
    ours = access.key_prefix(make_key(services, site, "backend"))
    theirs, revoked = make_phase(stranger), make_phase(admin)
    admin.delete(f"/v1/keys/{revoked}")

    for key in (ours, revoked, theirs, "cor_00000000"):
        answer = admin.put(f"/v1/keys/{key}/secret", json={"secret": PHASE_SECRET})
        assert answer.status_code == 404
    assert foreignkeys.find_coral(services, theirs) is None
