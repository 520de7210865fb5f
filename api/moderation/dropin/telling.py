"""What is decided later, told to the site that asked: a delayed result in Akismet's protocol.

A site that sent a `callback` with its check is told what became of the comment: by a person, by
an undo, by a rule for many, by judging again. What is told is what stands when it is told, so
that a site is never told what has changed since. Nothing that a commenter wrote is in it: the
site finds the comment by the id that it was given with the answer to its check.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from api.moderation import sealing
from api.moderation.dropin import AKISMET, fingerprint
from api.moderation.events.outcomes import outcome
from api.moderation.outgoing.addresses import TargetError, read_url
from api.moderation.services import Services
from api.moderation.webhooks.messages import Message
from api.store import jobs
from api.store.database import in_session
from api.store.dropin import DropinCheck
from api.store.jobs import TakenJob
from api.store.outbox import Event, Job
from api.store.tables import Comment
from api.version import VERSION

JOB = "dropin.tell"

RESULTS = {"rejected": "true", "approved": "false"}
"""Is it spam? What Akismet calls where a comment stands; one that is pending has no result."""

LONGEST_URL = 2048

_PREFIX = f"{AKISMET}-"


@dataclass(frozen=True, slots=True)
class Letter:
    """What a site is to be told now of a comment, which it knows by `guid`."""

    guid: str
    result: str
    message: Message


def make_guid(public_id: str) -> str:
    """What Akismet's callers are told as a comment's id: 32 hexadecimal digits."""
    return public_id.removeprefix(_PREFIX)


def accepts(services: Services, blog: str, callback: str) -> bool:
    """Whether a caller may be told something at this URL: on the host of its own blog alone.

    And only where webhooks may be sent to; what is behind a name is seen when it is dialled.
    """
    if len(callback) > LONGEST_URL:
        return False
    try:
        return read_url(callback, services.webhook_networks).host == urlsplit(blog).hostname
    except (TargetError, ValueError):
        return False


def plan(session: Session, services: Services, sealed: Sequence[Event]) -> None:
    """Write a job for each comment that events have decided and whose site wants to hear of it.

    A comment has one at most; one that was given up makes room.
    """
    found = {event.comment_id for event in sealed if _decides(event)}
    if not found:
        return
    wanted = (
        select(Comment.id, Comment.public_id, Comment.site_id, DropinCheck.callback)
        .join(DropinCheck, DropinCheck.comment_id == Comment.id)
        .where(
            Comment.site_id.in_({event.site_id for event in sealed}),
            Comment.public_id.in_(found),
            DropinCheck.callback.is_not(None),
        )
        .order_by(Comment.id)
    )
    rows = session.execute(wanted).all()
    keys = [_make_key(row.id) for row in rows]
    session.execute(delete(Job).where(Job.key.in_(keys), Job.failed_at.is_not(None)))
    for row, key in zip(rows, keys, strict=True):
        host = urlsplit(row.callback or "").netloc
        jobs.enqueue(
            session.connection(),
            JOB,
            {"comment": row.id},
            services.now(),
            site_id=row.site_id,
            # A host that hangs holds up nobody but itself.
            lane=f"{JOB}:{row.site_id}:{fingerprint(host)[:16]}",
            key=key,
        )


def _decides(event: Event) -> bool:
    """Whether a comment has another result since; whoever brought it was answered with its first."""
    known = event.comment_id is not None and event.comment_id.startswith(_PREFIX)
    fresh = event.type == "comment.created"
    return known and not fresh and outcome(event.data) is not None


def settle(
    services: Services, job: TakenJob, sent: Letter | None = None, taken: bool = False
) -> Letter | None:
    """What is to be told now, once `sent` is written down, of which `taken` says if the site did.

    None where there is nothing more. The job gives up its key before it looks and has it back
    only with a letter: whatever is decided after the look makes a job of its own.
    """

    def act(session: Session) -> Letter | None:
        comment_id = job.payload["comment"]
        mine = update(Job).where(Job.id == job.id, Job.worker == job.worker)
        session.execute(mine.values(key=None))
        check = session.get(DropinCheck, comment_id)
        comment = session.get(Comment, comment_id)
        if check is None or comment is None:
            return None
        if sent is not None and taken:
            check.told = sent.result
        letter = _compose(services, comment, check)
        if letter is None or (sent is not None and letter.result == sent.result):
            return None
        other = aliased(Job)
        alone = ~exists().where(other.key == _make_key(comment_id))
        kept = session.execute(mine.where(alone).values(key=_make_key(comment_id)))
        return letter if kept.rowcount else None  # type: ignore[attr-defined]

    return services.database.write(in_session(act))


def _compose(services: Services, comment: Comment, check: DropinCheck) -> Letter | None:
    result = RESULTS.get(comment.status)
    key = check.sealed_key and sealing.unseal(services, check.sealed_key)
    if result in (None, check.told) or not key or not check.callback:
        return None
    guid = make_guid(comment.public_id)
    told = [{"guid": guid, "result": result}]
    content = {"key": key, "endpoint": "comment-check", "comments": told}
    headers = {
        "Content-Type": "application/json",
        "X-akismet-webhook": "1",
        "User-Agent": f"Winnow/{VERSION}",
    }
    body = json.dumps(content, separators=(",", ":")).encode()
    return Letter(guid, result or "", Message(check.callback, body, headers))


def _make_key(comment_id: int) -> str:
    return f"{JOB}:{comment_id}"
