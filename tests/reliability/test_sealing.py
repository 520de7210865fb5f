"""Sealing: every committed event gets one number, in whatever order transactions commit."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, insert, select

from api.moderation import access, events
from api.moderation.access import Caller
from api.moderation.events import Wanted, proof
from api.moderation.services import Services
from api.store.outbox import Event
from api.store.tables import Site
from tests.factories import START

ACTS = st.one_of(
    st.tuples(st.sampled_from(["write", "commit", "roll back"]), st.integers(0, 3)),
    st.tuples(st.sampled_from(["seal", "read"]), st.integers(1, 4)),
)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=st.lists(ACTS, max_size=40))
def test_however_transactions_interleave_every_committed_event_gets_one_number(
    services: Services, acts: list[tuple[str, int]]
) -> None:
    """Four connections write, commit and roll back in any order, while others seal and read."""
    with services.database.reading() as session:
        name = f"site {session.scalar(select(func.count()).select_from(Site))}"
    site = access.create_site(services, name)
    caller = Caller(site, "backend", "key:test")
    open_: dict[int, tuple[Connection, list[str]]] = {}
    committed: list[str] = []
    seen: list[str] = []

    def write(connection: Connection, comment: str) -> None:
        values = {
            "site_id": site,
            "comment_id": comment,
            "type": "comment.created",
            "actor": caller.actor,
            "data": {"status": "pending", "was": None, "version": 1, "article": "a-1"},
            "created_at": START,
        }
        connection.execute(insert(Event).values(values))

    def read() -> None:
        page = events.list_events(services, caller, Wanted(after=len(seen)), 200)
        seen.extend(str(event.comment_id) for event in page.items)
        assert sorted(seen) == sorted(committed)

    for step, (act, number) in enumerate(acts):
        if act == "write":
            connection, written = open_.setdefault(number, (services.database.engine.connect(), []))
            written.append(f"c-{step}")
            write(connection, f"c-{step}")
        elif act in ("commit", "roll back") and number in open_:
            connection, written = open_.pop(number)
            if act == "commit":
                connection.commit()
                committed += written
            connection.close()
        elif act == "seal":
            events.seal(services, most=number)
        elif act == "read":
            read()
    for connection, written in open_.values():
        connection.commit()
        connection.close()
        committed += written
    read()

    with proof.one_moment(services) as session:
        finding = proof.verify(session, session.scalars(select(Site).where(Site.id == site)).one())
    assert finding.problems == []
    assert (finding.intact, finding.unsealed) == (len(committed), 0)
