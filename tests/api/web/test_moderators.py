"""The people who sign in, over the API: let in, given roles and sections, and let go."""

import pytest
from flask.testing import FlaskClient

from api.moderation import access, passwords, signins
from api.moderation.errors import SignInError
from api.moderation.services import Services

PASSWORD = "correct horse battery"


@pytest.fixture
def boss(admin: FlaskClient) -> str:
    """A person who is an admin."""
    return make(admin, "boss@example.org", role="admin")["id"]


def make(admin: FlaskClient, email: str = "ada@example.org", **more) -> dict:
    answer = admin.post("/v1/moderators", json={"email": email, "password": PASSWORD, **more})
    assert answer.status_code == 201, answer.text
    return answer.json


def token_of(services: Services, email: str) -> str:
    return signins.sign_in(services, email, PASSWORD, 12)


def test_somebody_is_let_in(admin: FlaskClient, services: Services) -> None:
    made = make(admin, " Ada@Example.org".strip(), sections=["world"])

    assert {**made, "id": "?"} == {
        "id": "?",
        "email": "ada@example.org",
        "role": "moderator",
        "sections": ["world"],
        "created_at": "2026-11-22T12:00:00Z",
        "password": None,
    }
    found = access.find_signed_in(services, token_of(services, "ada@example.org"))
    assert found is not None
    assert (found.role, found.sections) == ("moderator", ("world",))
    listed = admin.get("/v1/moderators").json
    assert listed == {"items": [{k: v for k, v in made.items() if k != "password"}], "next": None}
    assert admin.get(f"/v1/moderators/{made['id']}").json == listed["items"][0]


def test_a_password_is_made_and_shown_once(admin: FlaskClient, services: Services) -> None:
    wanted, headers = {"email": "ada@example.org"}, {"Idempotency-Key": "k-1"}
    first = admin.post("/v1/moderators", json=wanted, headers=headers)
    again = admin.post("/v1/moderators", json=wanted, headers=headers)

    assert len(first.json["password"]) >= passwords.SHORTEST
    assert signins.sign_in(services, "ada@example.org", first.json["password"], 1)
    assert again.json == {**first.json, "password": None}
    assert first.json["password"] not in admin.get("/v1/moderators").text


def test_changes_hold_from_the_next_request_on(
    admin: FlaskClient, services: Services, boss: str
) -> None:
    made = make(admin)
    token = token_of(services, "ada@example.org")

    answer = admin.patch(f"/v1/moderators/{made['id']}", json={"role": "admin"})
    assert (answer.status_code, answer.json["role"]) == (200, "admin")
    assert access.find_signed_in(services, token).role == "admin"
    answer = admin.patch(f"/v1/moderators/{made['id']}", json={"sections": ["sport"]})
    assert (answer.json["role"], answer.json["sections"]) == ("admin", ["sport"])
    answer = admin.patch(f"/v1/moderators/{made['id']}", json={"sections": [], "role": "moderator"})
    assert (answer.json["role"], answer.json["sections"]) == ("moderator", [])


def test_who_is_let_go_is_signed_out_at_once(
    admin: FlaskClient, services: Services, boss: str
) -> None:
    made = make(admin)
    token = token_of(services, "ada@example.org")

    assert admin.delete(f"/v1/moderators/{made['id']}").status_code == 204

    assert access.find_signed_in(services, token) is None
    with pytest.raises(SignInError):
        token_of(services, "ada@example.org")
    assert admin.get(f"/v1/moderators/{made['id']}").status_code == 404
    assert make(admin)["email"] == "ada@example.org"


def test_the_last_admin_stays(admin: FlaskClient, boss: str) -> None:
    make(admin)
    for answer in (
        admin.delete(f"/v1/moderators/{boss}"),
        admin.patch(f"/v1/moderators/{boss}", json={"role": "moderator"}),
    ):
        assert answer.status_code == 409
        assert answer.json["detail"].startswith("This is the site's only admin")
    assert admin.patch(f"/v1/moderators/{boss}", json={"role": "admin"}).status_code == 200

    other = make(admin, "eve@example.org", role="admin")["id"]
    assert admin.delete(f"/v1/moderators/{boss}").status_code == 204
    assert admin.delete(f"/v1/moderators/{other}").status_code == 409


def test_other_sites_admins_do_not_count(
    admin: FlaskClient, stranger: FlaskClient, boss: str
) -> None:
    make(stranger, "theirs@example.org", role="admin")
    assert admin.delete(f"/v1/moderators/{boss}").status_code == 409


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "nobody"}, "/email"),
        ({"email": "a b@example.org"}, "/email"),
        ({"email": "x" * 250 + "@y.org"}, "/email"),
        ({"email": None}, "/email"),
        ({"password": "short"}, "/password"),
        ({"role": "root"}, "/role"),
        ({"role": "backend"}, "/role"),
        ({"sections": "world"}, "/sections"),
        ({"sections": [""]}, "/sections/0"),
        ({"sections": ["s"] * 101}, "/sections"),
        ({"sections": ["a\x00"]}, "/sections/0"),
        ({"name": "Ada"}, "/name"),
    ],
)
def test_what_is_wrong_is_named(admin: FlaskClient, wrong: dict, field: str) -> None:
    body = {"email": "ada@example.org", "password": PASSWORD, **wrong}
    answer = admin.post("/v1/moderators", json=body)

    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json["errors"]] == [field]
    assert admin.get("/v1/moderators").json["items"] == []


def test_an_address_signs_in_to_one_site(admin: FlaskClient, stranger: FlaskClient) -> None:
    make(stranger)
    for email in ("ada@example.org", "ADA@example.org"):
        answer = admin.post("/v1/moderators", json={"email": email, "password": PASSWORD})
        assert answer.status_code == 409
        assert "already" in answer.json["detail"]


def test_another_sites_people_are_nobody(admin: FlaskClient, stranger: FlaskClient) -> None:
    theirs = f"/v1/moderators/{make(stranger)['id']}"

    assert admin.get(theirs).status_code == 404
    assert admin.patch(theirs, json={"role": "admin"}).status_code == 404
    assert admin.delete(theirs).status_code == 404
    assert stranger.get(theirs).json["role"] == "moderator"
