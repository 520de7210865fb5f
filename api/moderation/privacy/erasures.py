"""Erasures: somebody is to be forgotten by a site, asked for once and carried out by a job."""

import secrets

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from api.moderation.access import Caller
from api.moderation.errors import ConflictError, NotFoundError
from api.moderation.privacy import persons
from api.moderation.privacy.persons import Person
from api.moderation.services import Services
from api.store.jobs import enqueue
from api.store.privacy import Erasure
from api.store.tables import Moderator, Site

JOB = "people.erase"
"""The job that carries them out."""

RUNNING, DONE = STATES = ("running", "done")

WHO, STEP, AFTER = "who", "step", "after"
"""Members of `Erasure.wanted`: who it is, and how far it has come."""


def begin(services: Services, caller: Caller, person: Person) -> Erasure:
    """Have a job erase somebody; the erasure that runs already where there is one of the same.

    Raises ConflictError for a moderator who still has an account.
    """
    now, digests = services.now(), persons.digest_all(services, caller.site_id, person)
    with services.database.writing() as session:
        # One at a time, or two requests could both be the first.
        session.get_one(Site, caller.site_id, with_for_update={"key_share": True})
        _check_account(session, caller, person)
        for row in session.scalars(_running(caller)):
            if row.digests == digests:
                return row
        row = Erasure(
            site_id=caller.site_id,
            public_id=f"era_{secrets.token_hex(12)}",
            digests=digests,
            wanted={WHO: person.given},
            counts={},
            state=RUNNING,
            actor=caller.actor,
            created_at=now,
            updated_at=now,
        )
        session.add(row)
        session.flush()
        lane, key = f"{JOB} {caller.site_id}", f"{JOB}:{row.id}"
        what = {"erasure": row.id}
        enqueue(session.connection(), JOB, what, now, site_id=caller.site_id, lane=lane, key=key)
        return row


def find(services: Services, caller: Caller, public_id: str) -> Erasure:
    """One of the caller's site; raise NotFoundError where there is none."""
    wanted = select(Erasure).where(
        Erasure.site_id == caller.site_id, Erasure.public_id == public_id
    )
    with services.database.reading() as session:
        found = session.scalar(wanted)
    if found is None:
        raise NotFoundError(f"There is no erasure {public_id}.")
    return found


def _running(caller: Caller) -> Select[Erasure]:
    mine = Erasure.site_id == caller.site_id, Erasure.state == RUNNING
    return select(Erasure).where(*mine).order_by(Erasure.id)


def _check_account(session: Session, caller: Caller, person: Person) -> None:
    here = Moderator.site_id == caller.site_id, Moderator.email == person.moderator
    if person.moderator and session.scalar(select(Moderator.id).where(*here)) is not None:
        raise ConflictError("This moderator can still sign in; remove their account first.")
