"""The steps of an erasure that look for names: of moderators who acted, and in free words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    delete,
    exists,
    false,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from api.moderation import bulk, drafts, events, people
from api.moderation.privacy import logged, mentions
from api.moderation.privacy.mentions import Redactor
from api.moderation.privacy.persons import BEFORE_ALL
from api.moderation.privacy.places import ACTORS
from api.moderation.privacy.steps import SOME, Found, Step, Task
from api.store.outbox import Claim, Delivery, Webhook
from api.store.review import Skip
from api.store.tables import Base, Comment, Moderator, Site

SCANNED = 500
"""How many rows are looked through at once."""

_TABLES = Base.metadata.tables


def list_of_moderator() -> Iterator[tuple[str, Step]]:
    """The steps by name, in their order, for somebody who has moderated."""
    yield "events", Step("events", _find_events, _erase_events)
    for table, columns in ACTORS.items():
        if table != "events":
            for column in columns.split():
                yield _step_of_actor(_TABLES[table], column)


def list_mentions() -> Iterator[tuple[str, Step]]:
    """The steps that look through free words."""
    for name in mentions.FREE:
        yield f"words of {name}", _step_of_words(_TABLES[name])


def find_left(session: Session, task: Task) -> list[str]:
    """Where somebody is named still, as it is in force: somebody has to change that."""
    redact, found = Redactor(task.person).redact, []
    for name in ("policies", "policy_drafts"):
        table = _TABLES[name]
        here = select(table).where(table.c.site_id == task.site_id, _is_in_force(name))
        for row in session.execute(here).mappings():
            if _find_changes(redact, name, row):
                found.append(f"policy {row['version']}" if name == "policies" else "shadow policy")
    return found


def _find_events(session: Session, task: Task, after: Any) -> Found:
    who = Moderator(site_id=task.site_id, email=task.person.moderator or "")
    name, last = people.identify(who), BEFORE_ALL if after is None else after
    return logged.find_of_moderator(session, task.site_id, task.person.actors, name, last)


def _erase_events(session: Session, task: Task, keys: Sequence[int]) -> int:
    events.hold(session)
    return sum(
        logged.erase_some(session, task.site_id, keys[begin : begin + SOME])
        for begin in range(0, len(keys), SOME)
    )


def _step_of_actor(table: Table, column: str) -> tuple[str, Step]:
    """Give somebody who acted a neutral name; what they hold of the queue is free again."""
    key, of_them = _key(table), table.c[column]
    goes = table.name in (Claim.__tablename__, Skip.__tablename__)

    def find(session: Session, task: Task, _after: Any) -> Found:
        wanted = select(*key).where(_of_site(table, task), of_them.in_(task.person.actors))
        # What was found has another name the next time.
        return [list(row) for row in session.execute(wanted.limit(SOME))], None

    def act(session: Session, task: Task, keys: Sequence[Any]) -> int:
        these = _among(key, keys), of_them.in_(task.person.actors)
        found = len(session.execute(select(*key).where(*these)).all())
        renamed = update(table).where(*these).values({column: task.neutral})
        session.execute(delete(table).where(*these) if goes else renamed)
        return found

    return f"{table.name}.{column}", Step("acts", find, act)


def _step_of_words(table: Table) -> Step:
    key = _key(table)

    def find(session: Session, task: Task, after: Any) -> Found:
        redact = Redactor(task.person).redact
        rows = _read(session, task, table, key, after)
        names = [one.name for one in key]
        found = [
            [row[one] for one in names] for row in rows if _find_changes(redact, table.name, row)
        ]
        return found, [rows[-1][one] for one in names] if rows else None

    def act(session: Session, task: Task, keys: Sequence[Any]) -> int:
        redact, count = Redactor(task.person).redact, 0
        these = select(table).where(_of_site(table, task), _among(key, keys))
        for row in session.execute(these.with_for_update()).mappings().all():
            changes = _find_changes(redact, table.name, row)
            if changes:
                one = and_(*(column == row[column.name] for column in key))
                session.execute(_removing(table, row, changes).where(one))
                count += 1
        return count

    return Step("mentions", find, act)


def _removing(table: Table, row: Mapping[Any, Any], changes: dict[str, Any]) -> Any:
    """What removes a mention: an answer or a job goes whole, of others the name."""
    if table.name == "kept_answers" or (table.name == "jobs" and "payload" in changes):
        return delete(table)
    if table.name == "bulk_decisions" and "wanted" in changes and row["state"] == bulk.RUNNING:
        # With other words it would be about others.
        changes = {**changes, "state": bulk.STOPPED}
    return update(table).values(changes)


def _find_changes(
    redact: Callable[[Any], Any], table: str, row: Mapping[Any, Any]
) -> dict[str, Any]:
    """The columns of a row that name somebody, as they are without."""
    found = {name: redact(row[name]) for name in mentions.FREE[table].split()}
    return {name: value for name, value in found.items() if value != row[name]}


def _read(
    session: Session, task: Task, table: Table, key: Sequence[Any], after: Any
) -> Sequence[Mapping[Any, Any]]:
    words = [table.c[name] for name in mentions.FREE[table.name].split()]
    more = [table.c.state] if table.name == "bulk_decisions" else []
    here = select(*key, *words, *more).where(
        _of_site(table, task),
        or_(*(one.is_not(None) for one in words)),
        ~_is_in_force(table.name),
    )
    if after is not None:
        here = here.where(tuple_(*key) > tuple_(*after))
    return session.execute(here.order_by(*key).limit(SCANNED)).mappings().all()


def _is_in_force(table: str) -> ColumnElement[bool]:
    """A policy that judges, or a draft that runs beside it: those nobody but people change."""
    found = _TABLES[table]
    if table == "policies":
        return exists().where(Site.id == found.c.site_id, Site.policy == found.c.version)
    if table == "policy_drafts":
        return and_(found.c.kind == drafts.SHADOW, found.c.state == drafts.RUNNING)
    return false()


def _of_site(table: Table, task: Task) -> ColumnElement[bool]:
    if "site_id" in table.c:
        return table.c.site_id == task.site_id
    if "comment_id" in table.c:
        here = Comment.id == table.c.comment_id, Comment.site_id == task.site_id
        return exists().where(*here)
    # An attempt to deliver something.
    sent = Delivery.id == table.c.delivery_id, Webhook.id == Delivery.webhook_id
    return exists().where(*sent, Webhook.site_id == task.site_id)


def _key(table: Table) -> list[Any]:
    return list(table.primary_key.columns)


def _among(key: Sequence[Any], keys: Sequence[Any]) -> ColumnElement[bool]:
    return tuple_(*key).in_([tuple(one) for one in keys])
