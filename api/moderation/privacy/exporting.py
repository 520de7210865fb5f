"""Everything that a site holds of somebody, one thing at a time.

Who else had to do with it is said by what they were alone, a moderator or a key: that is theirs.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, select
from sqlalchemy.orm import Session

from api.moderation.access import Caller
from api.moderation.events import recording
from api.moderation.privacy import EXPORTED_PERSON, persons, steps
from api.moderation.privacy.persons import BEFORE_ALL, Person
from api.moderation.privacy.places import list_columns
from api.moderation.privacy.steps import Task
from api.moderation.services import Services
from api.store.learning import ImportedLabel
from api.store.outbox import Event, Report
from api.store.policies import AuthorStanding, NudgeAsked
from api.store.review import Note
from api.store.tables import Base, Comment, Site

AT_ONCE = 100
"""How many comments, or other rows, are read at once."""

PERSON, END = "person", "end"
"""The first line says who was asked for, the last how many of each kind there were."""

_LISTS = list_columns()

_HIDDEN = {
    # Numbers and digests of ours, which say nothing; and what is a secret, or somebody else's.
    *("id", "site_id", "comment_id", "bulk", "draft_id", "adapter_id", "decision_version"),
    *("hash", "salt", "digest", "sealed_key", "fingerprint", "token", "reporter"),
}

Line = dict[str, Any]


def export(services: Services, caller: Caller, person: Person) -> Iterator[Line]:
    """What is held of somebody, each line with its `kind`; times are times.

    An event tells that somebody has asked, how much it was, and of whom by digests, before the
    first line is given.
    """
    counts = Counter(line["kind"] for line in _read(services, caller.site_id, person))
    with services.database.writing() as session:
        said = {
            "counts": dict(counts),
            "digests": persons.digest_all(services, caller.site_id, person),
        }
        recording.record(session, services, caller, EXPORTED_PERSON, said)
    return _enclose(services, caller.site_id, person)


def _enclose(services: Services, site_id: int, person: Person) -> Iterator[Line]:
    with services.database.reading() as session:
        way = session.get_one(Site, site_id).addresses
    yield {"kind": PERSON, **person.given, "addresses_kept": way}
    counts = Counter[str]()
    for line in _read(services, site_id, person):
        counts[line["kind"]] += 1
        yield line
    yield {"kind": END, "counts": dict(counts)}


def _read(services: Services, site_id: int, person: Person) -> Iterator[Line]:
    with services.database.reading() as session:
        task = Task(services, site_id, persons.locate(services, session, site_id, person), "")
    if person.moderator:
        acts = Event.site_id == site_id, Event.actor.in_(task.person.actors)
        yield from _read_rows(services, "event", Event, and_(*acts))
        return
    for find in (persons.find_batch, persons.find_old):
        after = BEFORE_ALL
        while True:
            with services.database.reading() as session:
                keys = find(session, site_id, task.person, after, AT_ONCE)
                lines = list(_show_comments(session, site_id, keys)) if keys else []
            if not keys:
                break
            yield from lines
            after = keys[-1]
    yield from _read_rows(services, "report", Report, steps.of_reporter(task))
    yield from _read_rows(services, "standing", AuthorStanding, steps.of_standing(task))
    yield from _read_rows(services, "note", Note, steps.of_note(task))
    yield from _read_rows(services, "imported_label", ImportedLabel, steps.of_label(task))
    yield from _read_rows(services, "nudge_asked", NudgeAsked, steps.of_nudge(task))


def _read_rows(
    services: Services, kind: str, table: Any, condition: ColumnElement[bool] | None
) -> Iterator[Line]:
    if condition is None:
        return
    after = BEFORE_ALL
    while True:
        some = select(table.__table__).where(condition, table.id > after).order_by(table.id)
        with services.database.reading() as session:
            rows = session.execute(some.limit(AT_ONCE)).mappings().all()
            lines = [_show_row(session, kind, row, table.__table__) for row in rows]
        yield from lines
        if len(rows) < AT_ONCE:
            return
        after = rows[-1]["id"]


def _show_row(session: Session, kind: str, row: Any, table: Table) -> Line:
    shown = _show(row, table)
    # By what standings and notes know somebody.
    known = {"known_by": shown.pop("kind")} if "kind" in shown else {}
    return {"kind": kind, **_name_comment(session, row), **known, **shown}


def _name_comment(session: Session, row: Any) -> Line:
    """Of which comment it is, as the site calls it."""
    number = row.get("comment_id")
    if not isinstance(number, int):
        return {}
    return {"comment_id": session.scalar(select(Comment.public_id).where(Comment.id == number))}


def _show_comments(session: Session, site_id: int, keys: Sequence[int]) -> Iterator[Line]:
    """Comments, each with all that hangs on it, and what the log has of it."""
    table: Table = Base.metadata.tables["comments"]
    found = select(table).where(table.c.id.in_(keys)).order_by(table.c.id)
    rows = session.execute(found).mappings().all()
    hanging = {one.name: _read_hanging(session, one, keys) for one in _list_hanging()}
    logged = _read_logged(session, site_id, [row["public_id"] for row in rows])
    for row in rows:
        own = {name: of[row["id"]] for name, of in hanging.items() if row["id"] in of}
        yield {"kind": "comment", **_show(row, table), **own}
        yield from logged.get(row["public_id"], ())


def _read_logged(
    session: Session, site_id: int, public_ids: Sequence[str]
) -> dict[str, list[Line]]:
    """What the log has of some comments."""
    table: Table = Base.metadata.tables["events"]
    own = table.c.site_id == site_id, table.c.comment_id.in_(public_ids)
    found: dict[str, list[Line]] = {}
    for row in session.execute(select(table).where(*own).order_by(table.c.id)).mappings():
        of = row["comment_id"]
        line = {"kind": "event", "comment_id": of, **_show(row, table)}
        found.setdefault(of, []).append(line)
    return found


def _list_hanging() -> Sequence[Table]:
    """The tables of what goes with a comment."""
    return [
        table
        for table in Base.metadata.sorted_tables
        if any(key.column.table.name == "comments" for key in table.foreign_keys)
        and table.name != "signatures"
    ]


def _read_hanging(session: Session, table: Table, keys: Sequence[int]) -> dict[int, list[Line]]:
    """A table's rows of some comments, by the comments' numbers."""
    wanted = select(table).where(table.c.comment_id.in_(keys)).order_by(*table.primary_key.columns)
    found: dict[int, list[Line]] = {}
    for row in session.execute(wanted).mappings():
        found.setdefault(row["comment_id"], []).append(_show(row, table))
    return found


def _show(row: Any, table: Table) -> Line:
    found = {}
    for column in table.columns:
        value = row[column.name]
        if column.name in _HIDDEN or value is None:
            continue
        if _LISTS.get((table.name, column.name)) == "actors":
            value = value.partition(":")[0]
        found["metadata" if column.name == "extra" else column.name] = value
    return found
