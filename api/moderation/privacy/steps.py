"""What an erasure does, step by step: each finds some rows, and then does away with them.

Finding is done in a reading, so that nobody waits for it; what is done away with is looked at
again, in a short transaction. Every step may be done twice.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, false, or_, select
from sqlalchemy.orm import Session

from api.moderation import comments, events, nudging
from api.moderation.access import Caller
from api.moderation.comments import states
from api.moderation.learning import erasing, unlearning
from api.moderation.privacy import logged, persons
from api.moderation.privacy.persons import BEFORE_ALL, Person
from api.moderation.queues import placing
from api.moderation.services import Services
from api.moderation.traces import is_digest
from api.store.learning import ForgottenLabel, ImportedLabel
from api.store.outbox import Report
from api.store.policies import AuthorStanding, NudgeAsked
from api.store.review import Note
from api.store.tables import Comment, Revision

ACTOR = "erasure"

SOME = 200
"""How many rows a transaction changes that hang on no comment."""

# Nothing of it has been read in the session.
PLAINLY: Final = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Task:
    """Whom a site erases; `neutral` is what a moderator is called afterwards."""

    services: Services
    site_id: int
    person: Person
    neutral: str


Found = tuple[Sequence[Any], Any]
"""The keys of rows to be done away with, and where to go on; None for from the beginning.

There is nothing more where there are no keys and nowhere to go on.
"""


@dataclass(frozen=True, slots=True)
class Step:
    """`find` is given where to go on, None at first; `act` says how many rows it has changed.

    `counted` is what the numbers of an erasure call them.
    """

    counted: str
    find: Callable[[Session, Task, Any], Found]
    act: Callable[[Session, Task, Sequence[Any]], int]


def list_of_commenter() -> Iterator[tuple[str, Step]]:
    """The steps by name, in their order, for somebody who has commented."""
    yield "comments", Step("comments", _finder(persons.find_batch), _remove_comments)
    yield "old comments", Step("comments", _finder(persons.find_old), _remove_comments)
    for name, (table, condition, act) in _ROWS.items():
        yield name, Step(name, _find_rows(table, condition), act)


def list_last() -> Iterator[tuple[str, Step]]:
    """What has come while the others were at work."""
    yield "last comments", Step("comments", _finder(persons.find_batch), _remove_comments)


def _finder(
    find: Callable[[Session, int, Person, int, int], Sequence[int]],
) -> Callable[[Session, Task, Any], Found]:
    def step(session: Session, task: Task, after: Any) -> Found:
        first = BEFORE_ALL if after is None else after
        keys = find(session, task.site_id, task.person, first, persons.BATCH)
        return keys, keys[-1] if keys else None

    return step


def _remove_comments(session: Session, task: Task, keys: Sequence[int]) -> int:
    comments.lock_rows(session, Comment.id.in_(keys))
    rows = session.scalars(select(Comment).where(Comment.id.in_(keys))).all()
    found = [one for one in rows if task.person.matches(one)]
    events.hold(session)
    logged.erase_of_comments(session, task.site_id, [one.public_id for one in found])
    _forget_same_texts(session, task, [one.id for one in found])
    caller = Caller(task.site_id, "admin", ACTOR)
    _mark(session, task, found)
    for comment in found:
        comments.remove(session, task.services, caller, comment)
    return len(found)


def _mark(session: Session, task: Task, found: Sequence[Comment]) -> None:
    """Mark what has learnt of comments; of some nothing was learnt since somebody said so."""
    ids = [one.id for one in found]
    forgotten = session.scalars(select(ForgottenLabel).where(ForgottenLabel.comment_id.in_(ids)))
    until = {one.comment_id: one.created_at for one in forgotten}
    erasing.mark_comments(session, task.site_id, [one for one in found if one.id not in until])
    for comment in found:
        if comment.id in until:
            erasing.mark_comment(session, comment, until[comment.id])


def _forget_same_texts(session: Session, task: Task, keys: Sequence[int]) -> None:
    """Delete what was imported of the very same texts, to be learnt of."""
    texts = session.scalars(select(Revision.text).where(Revision.comment_id.in_(keys)))
    digests = [hashlib.sha256(one.encode()).hexdigest() for one in texts]
    same = ImportedLabel.site_id == task.site_id, ImportedLabel.digest.in_(digests)
    _delete_labels(session, task, and_(*same))


def _delete_labels(session: Session, task: Task, condition: ColumnElement[bool]) -> int:
    gone = delete(ImportedLabel).where(condition).returning(ImportedLabel.id)
    count = len(session.scalars(gone, execution_options=PLAINLY).all())
    if count:
        unlearning.mark(session, task.site_id)
    return count


def _find_rows(
    table: Any, condition: Callable[[Task], ColumnElement[bool] | None]
) -> Callable[[Session, Task, Any], Found]:
    def step(session: Session, task: Task, _after: Any) -> Found:
        wanted = condition(task)
        if wanted is None:
            return (), None
        # What was found is gone the next time.
        keys = session.scalars(select(table.id).where(wanted).order_by(table.id).limit(SOME)).all()
        return keys, None

    return step


def _of_author(table: Any) -> Callable[[Task], ColumnElement[bool] | None]:
    def condition(task: Task) -> ColumnElement[bool]:
        known = (and_(table.kind == kind, table.value == it) for kind, it in task.person.known_by)
        return and_(table.site_id == task.site_id, or_(false(), *known))

    return condition


def _deleting(table: Any) -> Callable[[Session, Task, Sequence[Any]], int]:
    def act(session: Session, _task: Task, keys: Sequence[Any]) -> int:
        gone = delete(table).where(table.id.in_(keys)).returning(table.id)
        return len(session.scalars(gone, execution_options=PLAINLY).all())

    return act


def of_reporter(task: Task) -> ColumnElement[bool] | None:
    """Their reports, of the site's comments."""
    if not task.person.author_id:
        return None
    here = select(Comment.id).where(
        Comment.id == Report.comment_id, Comment.site_id == task.site_id
    )
    return and_(Report.reporter == task.person.author_id, here.exists())


def _remove_reports(session: Session, task: Task, keys: Sequence[int]) -> int:
    """Delete reports; what they were about waits as if nobody had reported it."""
    about = select(Report.comment_id).where(Report.id.in_(keys))
    ids = sorted(set(session.scalars(about)))
    comments.lock_rows(session, Comment.id.in_(ids))
    count = _deleting(Report)(session, task, keys)
    rows = session.execute(states().where(Comment.id.in_(ids))).all()
    pairs = [(comment, verdict) for comment, _, verdict, _ in rows]
    placing.place_all(session.connection(), task.services, pairs)
    return count


def of_label(task: Task) -> ColumnElement[bool] | None:
    """What was imported of them."""
    author = task.person.author_id
    here = ImportedLabel.site_id == task.site_id
    return and_(here, ImportedLabel.author_id == author) if author else None


def _remove_labels(session: Session, task: Task, keys: Sequence[int]) -> int:
    return _delete_labels(session, task, ImportedLabel.id.in_(keys))


def of_nudge(task: Task) -> ColumnElement[bool] | None:
    """That they have asked what would become of a text."""
    who = {"id": task.person.author_id}, {"ip": task.person.address}
    known = [
        nudging.name_asker(task.services, one)
        for one in who
        # A digest says nothing of the address by which they were counted.
        if any(value and not is_digest(value) for value in one.values())
    ]
    return and_(NudgeAsked.site_id == task.site_id, NudgeAsked.author.in_(known))


of_standing, of_note = _of_author(AuthorStanding), _of_author(Note)
"""What was said of them beside their comments."""

_ROWS: Mapping[str, tuple[Any, Any, Any]] = {
    "reports": (Report, of_reporter, _remove_reports),
    "standings": (AuthorStanding, of_standing, _deleting(AuthorStanding)),
    "notes": (Note, of_note, _deleting(Note)),
    "imported_labels": (ImportedLabel, of_label, _remove_labels),
    "nudges_asked": (NudgeAsked, of_nudge, _deleting(NudgeAsked)),
}
