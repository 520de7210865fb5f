"""Keys in foreign styles: what they look like, whom they name, and what is kept of them."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import text

from api.moderation import access, foreignkeys
from api.moderation.access import Caller
from api.moderation.errors import NotFoundError
from api.moderation.inforce import InForce
from api.moderation.repeats import Answer, RepeatError, Ticket
from api.moderation.services import Services
from tests.factories import make_key, operator, revoke_key

SECRET = "empv1_0f1e2d3c4b5a6978"


def kept(services: Services) -> str:
    with services.database.reading() as session:
        return repr(session.execute(text("SELECT * FROM api_keys")).all())


def test_a_key_of_akismets_is_12_digits_by_another_name(services: Services, site: int) -> None:
    made = [foreignkeys.create_akismet(services, operator(site)) for _ in range(20)]

    assert all(re.fullmatch("[0-9a-f]{12}", one.key) for one in made)
    assert all(re.fullmatch("aks_[0-9a-f]{8}", one.id) for one in made)
    assert len({one.key for one in made}) == len({one.id for one in made}) == 20
    assert not any(one.id.removeprefix("aks_") in one.key for one in made)


def test_it_names_its_site_in_either_letters(services: Services, site: int) -> None:
    made = foreignkeys.create_akismet(services, operator(site))

    for key in (made.key, made.key.upper(), made.key.title()):
        found = foreignkeys.find_akismet(services, key)
        assert found is not None
        assert (found.site_id, found.role, found.actor) == (site, "backend", f"key:{made.id}")
        assert found.in_force == InForce()


@pytest.mark.parametrize("role", access.ROLES)
def test_a_key_of_ours_names_its_site_there_too(services: Services, site: int, role: str) -> None:
    key = make_key(services, site, role)

    for given in (key, key.lower(), key.upper()):
        found = foreignkeys.find_akismet(services, given)
        assert found is not None
        assert (found.site_id, found.role, found.actor) == (site, role, f"key:{key[:12]}")


@pytest.mark.parametrize(
    "key", ["", "0123456789ab", "0123456789a", "zzzzzzzzzzzz", "wnw_00000000_x", "\x00", "\ud800"]
)
def test_a_key_that_is_nobodys_names_nobody(services: Services, site: int, key: str) -> None:
    foreignkeys.create_akismet(services, operator(site))
    assert foreignkeys.find_akismet(services, key) is None


def test_it_opens_none_of_our_doors(services: Services, site: int) -> None:
    made = foreignkeys.create_akismet(services, operator(site))
    assert access.find_caller(services, made.key) is None
    assert access.find_caller(services, made.id) is None


def test_its_name_is_no_key(services: Services, site: int) -> None:
    akismet, coral = (
        foreignkeys.create_akismet(services, operator(site)),
        foreignkeys.create_coral(services, operator(site)),
    )
    for name in (akismet.id, akismet.id.removeprefix("aks_"), coral.id):
        assert foreignkeys.find_akismet(services, name) is None


def test_neither_it_nor_its_plain_digest_is_kept(services: Services, site: int) -> None:
    made = foreignkeys.create_akismet(services, operator(site))
    assert made.id in kept(services)
    assert made.key not in kept(services)
    assert access.digest(made.key) not in kept(services)


def test_another_secret_key_makes_it_nobodys(services: Services, site: int) -> None:
    made = foreignkeys.create_akismet(services, operator(site))
    other = replace(services, secret_key="another")
    assert foreignkeys.find_akismet(other, made.key) is None


def test_it_is_listed_and_revoked_like_any_other(services: Services, site: int) -> None:
    made = foreignkeys.create_akismet(services, operator(site))
    [listed] = access.list_keys(services, site)
    assert (listed.prefix, listed.style, listed.role) == (made.id, "akismet", "backend")

    revoke_key(services, site, made.id)

    assert foreignkeys.find_akismet(services, made.key) is None


def test_another_site_revokes_none_of_ours(services: Services, site: int) -> None:
    made = foreignkeys.create_akismet(services, operator(site))
    other = access.create_site(services, "elsewhere")
    with pytest.raises(NotFoundError):
        revoke_key(services, other, made.id)
    assert foreignkeys.find_akismet(services, made.key) is not None


def test_a_revoked_key_of_ours_is_nobodys_there_too(services: Services, site: int) -> None:
    key = make_key(services, site, "admin")
    revoke_key(services, site, access.key_prefix(key))
    for given in (key, key.lower()):
        assert foreignkeys.find_akismet(services, given) is None


@pytest.mark.parametrize("style", foreignkeys.STYLES)
def test_a_ticket_makes_one_key_of_any_style(services: Services, site: int, style: str) -> None:
    ticket = Ticket("t", "d", lambda made: Answer(201, made.id))
    asking = replace(operator(site), ticket=ticket)
    made = foreignkeys.create(services, asking, style, "backend")
    with pytest.raises(RepeatError) as repeat:
        foreignkeys.create(services, asking, style, "backend")
    assert repeat.value.answer.body == made.id
    assert [one.style for one in access.list_keys(services, site)] == [style]


@pytest.mark.parametrize("role", access.ROLES)
def test_a_key_of_our_style_is_made_as_ever(services: Services, site: int, role: str) -> None:
    made = foreignkeys.create(services, operator(site), foreignkeys.WINNOW, role)

    found = access.find_caller(services, made.key)
    assert found is not None
    assert (found.role, made.id) == (role, made.key[:12])


def test_corals_key_names_its_site_once_it_has_a_secret(services: Services, site: int) -> None:
    made = foreignkeys.create_coral(services, operator(site))
    assert foreignkeys.find_coral(services, made.id) is None

    foreignkeys.set_secret(services, operator(site), made.id, SECRET)

    found = foreignkeys.find_coral(services, made.id)
    assert found is not None
    caller, secret = found
    assert isinstance(caller, Caller)
    assert (caller.site_id, caller.role, secret) == (site, "backend", SECRET)
    assert SECRET not in kept(services)

    revoke_key(services, site, made.id)
    assert foreignkeys.find_coral(services, made.id) is None
    with pytest.raises(NotFoundError):
        foreignkeys.set_secret(services, operator(site), made.id, SECRET)


def test_a_secret_is_set_for_corals_keys_of_the_site_alone(services: Services, site: int) -> None:
    coral = foreignkeys.create_coral(services, operator(site))
    akismet = foreignkeys.create_akismet(services, operator(site))
    other = access.create_site(services, "elsewhere")
    for where, name in ((site, akismet.id), (other, coral.id), (site, "cor_00000000")):
        with pytest.raises(NotFoundError):
            foreignkeys.set_secret(services, operator(where), name, SECRET)
    assert foreignkeys.find_coral(services, akismet.id) is None
