"""Who may come in: keys, passwords, and browsers that are signed in."""

import pytest
from sqlalchemy import text

from api.moderation import access, credentials, passwords, people, signins
from api.moderation.errors import NotFoundError, SignInError, TakenError
from api.moderation.people import Newcomer
from api.moderation.services import Services
from api.store.database import Database
from tests.conftest import ON_SQLITE
from tests.factories import Clock, count, make_moderator, operator, revoke_key

PASSWORD = "correct horse battery"


@pytest.fixture
def ada(services: Services, site: int) -> str:
    """A moderator's address."""
    make_moderator(services, site, "ada@gazette.example", PASSWORD)
    return "ada@gazette.example"


def test_a_password_is_kept_as_argon2id(ada: str, database: Database) -> None:
    with database.reading() as session:
        kept = session.execute(text("SELECT password_hash FROM moderators")).scalar_one()

    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


@pytest.mark.parametrize("typed", ["ada@gazette.example", " ADA@Gazette.example "])
def test_the_right_pair_opens_a_session(services: Services, ada: str, typed: str) -> None:
    caller = access.find_signed_in(services, signins.sign_in(services, typed, PASSWORD, 12))

    assert caller is not None
    assert (caller.role, caller.actor) == ("moderator", f"moderator:{ada}")


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@gazette.example", "wrong"),
        ("ada@gazette.example", ""),
        ("ada@gazette.example", PASSWORD.upper()),
        ("ada@gazette.example", PASSWORD + "\x00"),
        ("eve@gazette.example", PASSWORD),
        ("", ""),
        ("' OR 1=1 --", PASSWORD),
    ],
)
@pytest.mark.usefixtures("ada")
def test_a_wrong_pair_is_refused_in_the_same_words(
    services: Services, database: Database, email: str, password: str
) -> None:
    with pytest.raises(SignInError) as refused:
        signins.sign_in(services, email, password, 12)

    assert str(refused.value) == "The e-mail address or the password is wrong."
    assert count(database)["sign_ins"] == 0


@ON_SQLITE
@pytest.mark.usefixtures("ada")
def test_an_unknown_address_costs_a_password_check_as_well(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = []

    class Counting:
        """The hasher, with a list of what it was asked."""

        def verify(self, kept: str, password: str) -> bool:
            checked.append(kept)
            return bool(hasher.verify(kept, password))

    hasher = passwords._hasher
    monkeypatch.setattr(passwords, "_hasher", Counting())
    for email in ("ada@gazette.example", "eve@gazette.example"):
        with pytest.raises(SignInError):
            signins.sign_in(services, email, "wrong", 12)

    known, unknown = checked
    assert known.split("$")[:4] == unknown.split("$")[:4]


@pytest.mark.usefixtures("ada")
def test_only_the_digest_of_a_session_is_stored(services: Services, database: Database) -> None:
    token = signins.sign_in(services, "ada@gazette.example", PASSWORD, 12)

    with database.reading() as session:
        kept = repr(session.execute(text("SELECT * FROM sign_ins")).all())

    assert token not in kept
    assert access.digest(token) in kept


def test_a_session_ends_when_its_hours_are_over(services: Services, ada: str, clock: Clock) -> None:
    token = signins.sign_in(services, ada, PASSWORD, 2)
    clock.move(hours=2, seconds=-1)
    assert access.find_signed_in(services, token) is not None

    clock.move(seconds=1)

    assert access.find_signed_in(services, token) is None


def test_signing_in_sweeps_away_what_has_expired(
    services: Services, ada: str, clock: Clock, database: Database
) -> None:
    for _ in range(3):
        signins.sign_in(services, ada, PASSWORD, 1)
    clock.move(hours=1)

    signins.sign_in(services, ada, PASSWORD, 1)

    assert count(database)["sign_ins"] == 1


def test_signing_out_ends_one_session_and_no_other(services: Services, ada: str) -> None:
    here, there = (signins.sign_in(services, ada, PASSWORD, 12) for _ in range(2))

    access.sign_out(services, here)

    assert access.find_signed_in(services, here) is None
    assert access.find_signed_in(services, there) is not None


def test_a_new_password_ends_every_session_and_the_old_password(
    services: Services, ada: str
) -> None:
    token = signins.sign_in(services, ada, PASSWORD, 12)

    credentials.set_password(services, ada, "battery staple")

    assert access.find_signed_in(services, token) is None
    with pytest.raises(SignInError):
        signins.sign_in(services, ada, PASSWORD, 12)
    assert signins.sign_in(services, ada, "battery staple", 12)


@pytest.mark.parametrize("token", ["", "x", "\x00", "\ud800", "x" * 10_000])
def test_a_token_that_nobody_was_given_is_nobodys(services: Services, token: str) -> None:
    assert access.find_signed_in(services, token) is None
    assert access.find_caller(services, token) is None


@pytest.mark.usefixtures("ada")
def test_names_are_taken_once(services: Services, site: int) -> None:
    with pytest.raises(TakenError):
        access.create_site(services, "gazette")
    wanted = Newcomer("ADA@gazette.example", password=PASSWORD)
    with pytest.raises(TakenError):
        people.create(services, operator(site), wanted)


def test_what_is_not_there_is_not_found(services: Services, site: int) -> None:
    with pytest.raises(NotFoundError):
        access.find_site(services, "nowhere")
    with pytest.raises(NotFoundError):
        credentials.set_password(services, "eve@gazette.example", PASSWORD)
    with pytest.raises(NotFoundError):
        revoke_key(services, site, "wnw_00000000")


@pytest.mark.parametrize("role", access.ROLES)
def test_each_role_may_do_what_those_before_it_may(role: str) -> None:
    caller = access.Caller(1, role, "key:x")

    assert [caller.may(other) for other in access.ROLES] == [
        access.ROLES.index(other) <= access.ROLES.index(role) for other in access.ROLES
    ]
