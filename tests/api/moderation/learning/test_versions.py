"""Versions of adapters: kept, put in force, and taken back."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from api.moderation import access, events, inforce
from api.moderation.access import Caller
from api.moderation.errors import ConflictError, NotFoundError
from api.moderation.learning import stored, versions
from api.moderation.services import Services
from api.store.learning import StoredAdapter
from api.store.tables import Site
from classifier import restore_adapter
from tests.api.moderation.learning.adapters import make_candidate
from tests.conftest import ON_SQLITE


@pytest.fixture
def admin(site: int) -> Caller:
    """Who may put adapters in force."""
    return Caller(site, "admin", "moderator:ada@gazette.example")


def in_force(services: Services, site: int) -> int | None:
    return inforce.find(services, site).adapter


def keep(services: Services, caller: Caller, bias: float = 0.5, **more: Any) -> StoredAdapter:
    """Keep an adapter that was compared with the one in force."""
    present = in_force(services, caller.site_id)
    given = {"present": present, **more}
    return versions.keep(services, caller, make_candidate(bias), **given)


def told(services: Services, caller: Caller) -> list[tuple[str, dict[str, Any]]]:
    """What the log says of models, oldest first."""
    events.seal(services)
    page = events.list_events(services, caller, events.Wanted(), 100)
    return [(one.type, one.data) for one in page.items if one.type.startswith("model.")]


def test_an_open_gate_puts_it_in_force_in_the_same_commit(
    services: Services, admin: Caller
) -> None:
    row = keep(services, admin)

    assert re.fullmatch(r"mdl_[0-9a-f]{16}", row.public_id)
    assert in_force(services, admin.site_id) == row.id
    assert (row.state, row.promoted_at, row.replaced) == ("promoted", services.now(), None)
    name = {"model": row.public_id, "version": row.version, "labels": 50}
    assert told(services, admin) == [
        ("model.trained", {**name, "open": True}),
        ("model.promoted", name),
    ]
    with services.database.reading() as session:
        kept = session.get_one(StoredAdapter, row.id)
    assert restore_adapter(kept.data).bias == 0.5
    assert row.version == f"words-1+{restore_adapter(kept.data).digest[:8]}"


def test_a_shut_gate_leaves_it_kept_with_the_reason(services: Services, admin: Caller) -> None:
    first = keep(services, admin)
    row = versions.keep(services, admin, make_candidate(1, "It is worse."), present=first.id)

    assert (row.state, in_force(services, admin.site_id)) == ("refused", first.id)
    assert row.report == {"open": False, "why": "It is worse.", "holds": {}}
    assert told(services, admin)[-1] == (
        "model.refused",
        {"model": row.public_id, "version": row.version, "labels": 50, "why": "It is worse."},
    )
    with pytest.raises(ConflictError, match="The gate was shut for it: It is worse"):
        versions.promote(services, admin, row.public_id)
    versions.promote(services, admin, row.public_id, force=True)
    assert in_force(services, admin.site_id) == row.id


def test_it_waits_where_another_than_it_was_compared_with_is_in_force(
    services: Services, admin: Caller
) -> None:
    first = keep(services, admin)

    row = keep(services, admin, 1, present=None)
    unasked = keep(services, admin, 2, promote=False)

    assert (row.state, unasked.state) == ("waiting", "waiting")
    assert in_force(services, admin.site_id) == first.id


def test_to_promote_twice_is_one_promotion(services: Services, admin: Caller) -> None:
    row = keep(services, admin, promote=False)

    for _ in range(2):
        assert versions.promote(services, admin, row.public_id).state == "promoted"

    assert [kind for kind, _ in told(services, admin)] == ["model.trained", "model.promoted"]


def test_two_who_promote_at_once_leave_one_in_force_and_a_chain(
    services: Services, admin: Caller
) -> None:
    rows = [keep(services, admin, bias, promote=False) for bias in (1, 2, 3, 4)]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda row: versions.promote(services, admin, row.public_id), rows))

    with services.database.reading() as session:
        found = {row.id: session.get_one(StoredAdapter, row.id).replaced for row in rows}
    last, chain = in_force(services, admin.site_id), []
    while last is not None:
        chain.append(last)
        last = found[last]
    assert sorted(chain) == sorted(found)


def test_rolling_back_goes_to_what_was_before_and_to_none(
    services: Services, admin: Caller
) -> None:
    first, second = keep(services, admin, 1), keep(services, admin, 2)

    before = versions.rollback(services, admin, "It held too much.")

    assert before is not None
    assert before.id == first.id == in_force(services, admin.site_id)
    assert told(services, admin)[-1] == (
        "model.rolled_back",
        {
            "model": second.public_id,
            "version": second.version,
            "labels": 50,
            "to": first.public_id,
            "why": "It held too much.",
        },
    )
    assert versions.show(services, admin, second.public_id).state == "withdrawn"
    assert versions.rollback(services, admin) is None
    assert in_force(services, admin.site_id) is None
    with pytest.raises(ConflictError, match="the shipped model judges alone"):
        versions.rollback(services, admin)


def test_rolling_back_passes_over_what_was_taken_back_before(
    services: Services, admin: Caller
) -> None:
    first, second = keep(services, admin, 1), keep(services, admin, 2)
    versions.rollback(services, admin)
    third = keep(services, admin, 3)
    versions.promote(services, admin, second.public_id, force=True)
    versions.rollback(services, admin)
    assert in_force(services, admin.site_id) == third.id

    versions.rollback(services, admin)

    assert in_force(services, admin.site_id) == first.id


def test_only_the_one_that_was_meant_is_taken_back(services: Services, admin: Caller) -> None:
    first, second = keep(services, admin, 1), keep(services, admin, 2)

    assert versions.rollback(services, admin, only=first.id) is None

    assert in_force(services, admin.site_id) == second.id


def test_what_was_taken_back_is_not_promoted_again_by_itself(
    services: Services, admin: Caller
) -> None:
    first = keep(services, admin, 1)
    versions.rollback(services, admin)

    again = keep(services, admin, 1)

    assert (again.version, again.state) == (first.version, "refused")
    assert again.report["why"] == versions.TAKEN_BACK
    assert in_force(services, admin.site_id) is None
    with pytest.raises(ConflictError, match="taken back"):
        versions.promote(services, admin, first.public_id)


@ON_SQLITE
def test_one_that_corrects_another_model_is_not_promoted(services: Services, admin: Caller) -> None:
    row = versions.keep(services, admin, make_candidate(1, base="old-1"), promote=False)

    with pytest.raises(ConflictError, match="It corrects old-1, and words-1 is in use"):
        versions.promote(services, admin, row.public_id, force=True)


def test_what_was_in_force_is_kept_and_of_the_others_the_newest(
    services: Services, admin: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "KEPT", 2)
    promoted = [keep(services, admin, bias).public_id for bias in (1, 2, 3)]
    tried = keep(services, admin, 4, promote=False)
    with services.database.writing() as session:
        session.get_one(Site, admin.site_id).trial = tried.id

    waiting = [keep(services, admin, bias, promote=False).public_id for bias in (5, 6, 7)]

    page = versions.list_versions(services, admin)
    found = [row.public_id for row in page.items]
    assert found == [*waiting[:0:-1], tried.public_id, *promoted[::-1]]


def test_they_are_listed_page_by_page(services: Services, admin: Caller) -> None:
    rows = [keep(services, admin, bias, promote=False).public_id for bias in (1, 2, 3)]

    first = versions.list_versions(services, admin, 2)
    rest = versions.list_versions(services, admin, 2, first.next)

    assert [row.public_id for row in (*first.items, *rest.items)] == rows[::-1]
    assert rest.next is None


def test_another_site_s_are_as_if_they_were_not(services: Services, admin: Caller) -> None:
    row = keep(services, admin)
    stranger = replace(admin, site_id=access.create_site(services, "elsewhere"))

    assert versions.list_versions(services, stranger).items == []
    for act in (versions.show, versions.promote):
        with pytest.raises(NotFoundError, match=f"There is no model {row.public_id}."):
            act(services, stranger, row.public_id)


def test_one_of_several_sites_is_taken_back_by_each_alone(
    services: Services, admin: Caller
) -> None:
    other = replace(admin, site_id=access.create_site(services, "elsewhere"))
    row = versions.keep_shared(services, make_candidate(1), "winnow")
    for caller in (admin, other):
        versions.promote(services, caller, row.public_id)

    assert versions.rollback(services, admin) is None

    assert in_force(services, admin.site_id) is None
    assert in_force(services, other.site_id) == row.id
    with pytest.raises(ConflictError, match="taken back"):
        versions.promote(services, admin, row.public_id)


def test_one_of_several_sites_spares_a_site_s_own(services: Services, admin: Caller) -> None:
    own = keep(services, admin)
    row = versions.keep_shared(services, make_candidate(1), "winnow")

    versions.promote(services, admin, row.public_id, spare_own=True)

    assert in_force(services, admin.site_id) == own.id


def test_one_that_is_promoted_is_on_trial_no_more(services: Services, admin: Caller) -> None:
    row = keep(services, admin, promote=False)
    with services.database.writing() as session:
        session.get_one(Site, admin.site_id).trial = row.id

    versions.promote(services, admin, row.public_id)

    assert inforce.find(services, admin.site_id)[2:4] == (row.id, None)
