"""The chain: whatever somebody does to the log behind our back, verifying it names the number.

What it cannot show is tested as well: `docs/events.md` says so.
"""

import itertools
from typing import Any

import pytest
from sqlalchemy import select, text

from api.moderation.events import Head, chain, playback, proof
from api.moderation.services import Services
from api.store.outbox import Event
from tests.factories import START
from tests.reliability.tampering import (
    LENGTH,
    change,
    find_site,
    forge,
    look,
    remove,
    renumber,
    sealed,
    sneak,
    tampering,
    walk,
)

__all__ = ["sealed"]


@pytest.mark.usefixtures("sealed")
def test_a_log_that_nobody_touched_is_intact(services: Services) -> None:
    with proof.one_moment(services) as session:
        finding = walk(session)

    assert finding.problems == []
    assert (finding.intact, finding.unsealed, finding.head.number) == (LENGTH, 0, LENGTH)


CHANGES: dict[str, Any] = {
    "comment_id": "c-9",
    "type": "comment.edited",
    "actor": "moderator:eve@example.org",
    "data": {"status": "approved", "was": "pending", "version": 1, "article": "a-17"},
    "created_at": START.replace(year=2025),
    "hash": "f" * 64,
    "salt": "f" * 32,
}


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize("column", CHANGES)
def test_a_changed_row_is_named(services: Services, column: str) -> None:
    for number in range(1, LENGTH + 1):
        with tampering(services) as session:
            change(session, number, **{column: CHANGES[column]})
            assert look(session) == [f"number {number} is not what was written"]


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize("name", ["status", "was", "version", "article", "action", "reason"])
def test_a_changed_detail_is_named(services: Services, name: str) -> None:
    with services.database.reading() as session:
        here = Event.site_id == find_site(session).id, Event.number == 8
        data = session.scalars(select(Event.data).where(*here)).one()
    for changed in ({**data, name: "other"}, {k: v for k, v in data.items() if k != name}):
        with tampering(services) as session:
            change(session, 8, data=changed)
            assert look(session) == ["number 8 is not what was written"]


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize("values", [{"hash": None}, {"salt": None}, {"data": None}, {"data": []}])
def test_an_emptied_column_is_named(services: Services, values: dict[str, Any]) -> None:
    with tampering(services) as session:
        change(session, 5, **values)
        assert look(session) == ["number 5 is not what was written"]


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("column", ["data", "created_at", "actor", "comment_id"])
def test_a_row_that_cannot_be_read_is_named(services: Services, column: str) -> None:
    """PostgreSQL takes nothing into a column that does not fit it."""
    with tampering(services) as session:
        statement = f"UPDATE events SET {column} = x'00ff' WHERE number = 5 AND site_id = :site"
        session.execute(text(statement), {"site": find_site(session).id})
        assert look(session) == ["number 5 is not what was written"]


@pytest.mark.usefixtures("sealed")
def test_two_changed_rows_are_both_named(services: Services) -> None:
    for one, other in itertools.combinations(range(1, LENGTH + 1), 2):
        with tampering(services) as session:
            change(session, one, actor="eve")
            change(session, other, type="comment.undone")
            found = walk(session)
            named = {n for p in found.problems for n in range(p.first, p.last + 1)}
            assert named == {one, other}
            assert found.intact == LENGTH - 2


@pytest.mark.usefixtures("sealed")
def test_a_missing_row_is_named(services: Services) -> None:
    with services.database.reading() as session:
        noted = walk(session).head
    for number in range(1, LENGTH + 1):
        with tampering(services) as session:
            remove(session, number)
            assert look(session, noted) == [f"number {number} is missing"]


@pytest.mark.usefixtures("sealed")
def test_missing_rows_in_a_row_are_named_together(services: Services) -> None:
    with tampering(services) as session:
        remove(session, 1, 2, 5, 6, 7, 11)
        assert look(session) == [
            "numbers 1 to 2 are missing",
            "numbers 5 to 7 are missing",
            "number 11 is missing",
        ]
        # What stood behind them cannot be checked.
        assert walk(session).intact == LENGTH - 6 - 3


@pytest.mark.usefixtures("sealed")
def test_without_a_noted_head_nobody_misses_the_end(services: Services) -> None:
    with services.database.reading() as session:
        noted = walk(session).head
    with tampering(services) as session:
        remove(session, 11, 12)
        assert look(session) == []
        assert look(session, noted) == ["numbers 11 to 12 are missing"]


@pytest.mark.usefixtures("sealed")
def test_two_rows_that_changed_places_are_named(services: Services) -> None:
    for one, other in itertools.combinations(range(1, LENGTH + 1), 2):
        with tampering(services) as session:
            renumber(session, {one: other, other: one})
            found = walk(session)
            named = {n for p in found.problems for n in range(p.first, p.last + 1)}
            assert named == {one, other}
            assert {p.what for p in found.problems} == {"out of order"}


@pytest.mark.usefixtures("sealed")
def test_a_row_that_was_moved_to_another_place_is_named(services: Services) -> None:
    with tampering(services) as session:
        renumber(session, {3: 5, 4: 3, 5: 4})
        assert look(session) == ["numbers 3 to 5 are out of order"]


@pytest.mark.usefixtures("sealed")
def test_an_inserted_row_is_named(services: Services) -> None:
    for number in range(2, LENGTH + 1):
        with tampering(services) as session:
            renumber(session, {n: n + 1 for n in range(number, LENGTH + 1)})
            sneak(session, number)
            assert look(session)[0] == f"number {number} is not what was written"
            named = {n for p in walk(session).problems for n in range(p.first, p.last + 1)}
            assert named == set(range(number, LENGTH + 2))


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize(("number", "found"), [(0, "out of order"), (13, "not what was written")])
def test_a_row_inserted_at_an_end_is_named(services: Services, number: int, found: str) -> None:
    with tampering(services) as session:
        sneak(session, number)
        assert look(session) == [f"number {number} is {found}"]


@pytest.mark.usefixtures("sealed")
def test_a_row_that_was_taken_out_with_its_number_is_noticed(services: Services) -> None:
    with tampering(services) as session:
        remove(session, 4)
        renumber(session, {n: n - 1 for n in range(5, LENGTH + 1)})
        assert look(session) == [
            "number 4 is not what was written",
            "numbers 5 to 11 are out of order",
        ]


@pytest.mark.usefixtures("sealed")
def test_a_chain_that_is_written_anew_shows_by_a_noted_head_only(services: Services) -> None:
    with services.database.reading() as session:
        noted = walk(session).head
    with tampering(services) as session:
        change(session, 5, actor="eve")
        session.expire_all()
        forge(session, 5)
        assert look(session) == []
        assert look(session, noted) == [f"number {LENGTH} is not the head that was noted"]
    with tampering(services) as session:
        assert look(session, Head(5, "0" * 64)) == ["number 5 is not the head that was noted"]


@pytest.mark.usefixtures("sealed")
def test_who_acted_can_be_erased_and_the_chain_stays_whole(services: Services) -> None:
    with tampering(services) as session:
        here = Event.site_id == find_site(session).id, Event.number == 8
        event = session.scalars(select(Event).where(*here)).one()
        event.salt, event.actor = chain.digest(event), chain.ERASED
        event.data = {name: event.data[name] for name in chain.STANDING}
        session.flush()

        finding = walk(session)
        assert (finding.problems, finding.intact, finding.erased) == ([], LENGTH, 1)

        for wrong in ({"actor": "eve"}, {"salt": "0" * 64}, {"type": "comment.undone"}):
            with session.begin_nested() as point:
                change(session, 8, **wrong)
                assert look(session) == ["number 8 is not what was written"]
                point.rollback()


@pytest.mark.usefixtures("sealed")
def test_chunks_make_no_difference(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "CHUNK", 5)
    monkeypatch.setattr(playback, "CHUNK", 2)
    told: list[int] = []

    with tampering(services) as session:
        site = find_site(session)
        assert proof.verify(session, site, progress=told.append).intact == LENGTH
        assert told == [5, 5, 2]
        assert list(playback.compare(session, site)) == []
        change(session, 6, actor="eve")
        assert look(session) == ["number 6 is not what was written"]
