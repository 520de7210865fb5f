"""Carries erasures out, a batch in each transaction, which commits how far it has come.

Killed anywhere it goes on there, and two who go on with the same one do nothing twice.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from api.moderation.access import Caller
from api.moderation.events import recording
from api.moderation.learning import unlearning
from api.moderation.privacy import ERASED_PERSON, naming, persons, steps
from api.moderation.privacy.erasures import AFTER, DONE, RUNNING, STEP, WHO
from api.moderation.privacy.persons import Person
from api.moderation.privacy.steps import Step, Task
from api.moderation.services import Services
from api.store import privacy as store
from api.store.jobs import LaterError, TakenJob
from api.store.privacy import Erasure

BATCHES = 50
"""How many transactions a job makes before others have its place."""

AGAIN = timedelta(seconds=5)
"""When it is tried again to empty the journal, where somebody reads old pages."""

LEFT = "left"
"""The member of an erasure's counts that says where they are named still."""


def run(services: Services, job: TakenJob) -> None:
    """Go on with the erasure that the job names; raise LaterError when there is more."""
    for _ in range(BATCHES):
        if not go_on(services, job.payload["erasure"]):
            break
    else:
        raise LaterError(timedelta(), counts=False)
    if not finish(services, job.payload["erasure"]):
        raise LaterError(AGAIN, counts=False)


def go_on(services: Services, key: int) -> bool:
    """Do the next batch; whether there may be others after it."""
    with services.database.reading() as session:
        row = session.get(Erasure, key)
        if row is None or row.wanted is None:
            return False
        task = _find_task(services, session, row)
        plan, wanted = _plan(task.person), row.wanted
    name, after = wanted.get(STEP) or next(iter(plan)), wanted.get(AFTER)
    while True:
        # Another moment each time: a reading that lasts keeps SQLite's journal from being emptied.
        with services.database.reading() as session:
            keys, after = plan[name].find(session, task, after)
        rest = list(plan)[list(plan).index(name) + 1 :]
        if keys or (after is None and not rest):
            break
        name = rest[0] if after is None else name
    return _act(services, key, wanted, task, (name, plan[name]), (keys, after))


def finish(services: Services, key: int) -> bool:
    """Leave nothing of what was erased, and say that it is done; False where that has to wait."""
    with services.database.reading() as session:
        row = session.get(Erasure, key)
        if row is None or row.state != RUNNING:
            return True
    if not store.wipe_leftovers(services.database):
        return False
    with services.database.writing() as session:
        row = session.get_one(Erasure, key, with_for_update=True)
        if row.state == RUNNING:
            row.state, row.finished_at = DONE, services.now()
            row.updated_at = row.finished_at
            said = {"id": row.public_id, "counts": row.counts, "digests": row.digests}
            # Whoever asked may be who was erased since.
            caller = Caller(row.site_id, "admin", row.actor)
            recording.record(session, services, caller, ERASED_PERSON, said)
    return True


def _act(
    services: Services,
    key: int,
    wanted: Mapping[str, Any],
    task: Task,
    step: tuple[str, Step],
    found: tuple[Any, Any],
) -> bool:
    """Do away with what was found, unless somebody else has done that since."""
    (name, how), (keys, after) = step, found
    with services.database.writing() as session:
        unlearning.lock(session, task.site_id)
        row = session.get_one(Erasure, key, with_for_update=True)
        if row.wanted != wanted:
            return row.wanted is not None
        row.updated_at = services.now()
        if not keys:
            left = naming.find_left(session, task)
            row.counts = {**row.counts, LEFT: left} if left else row.counts
            # From here on nobody knows any more who it was; what is deleted is wiped next.
            row.wanted = None
            return False
        done = how.act(session, task, keys)
        session.flush()
        row.counts = {**row.counts, how.counted: row.counts.get(how.counted, 0) + done}
        row.wanted = {WHO: wanted[WHO], STEP: name, AFTER: after}
    return True


def _find_task(services: Services, session: Session, row: Erasure) -> Task:
    person = persons.name((row.wanted or {})[WHO])
    located = persons.locate(services, session, row.site_id, person)
    return Task(services, row.site_id, located, f"moderator:erased-{row.public_id[-8:]}")


def _plan(person: Person) -> dict[str, Step]:
    """The steps, by name, in their order."""
    own = naming.list_of_moderator() if person.moderator else steps.list_of_commenter()
    last = () if person.moderator else steps.list_last()
    return dict([*own, *naming.list_mentions(), *last])
