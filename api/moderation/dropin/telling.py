"""What is decided later, told to the site that asked: a delayed result in Akismet's protocol.

A site that sent a `callback` with its check is told what became of the comment: by a person, by
an undo, by a decision on many, by judging again. What is told is what stands when it is told.
Nothing that a commenter wrote is in it: the site finds the comment by the id that it was given
with the answer to its check.
"""

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import exists, update
from sqlalchemy.orm import Session, aliased

from api.moderation import sealing
from api.moderation.dropin import AKISMET
from api.moderation.outgoing.addresses import TargetError, read_url
from api.moderation.services import Services
from api.moderation.webhooks.callbacks import make_key
from api.moderation.webhooks.messages import Message
from api.store.database import in_session
from api.store.dropin import DropinCheck
from api.store.jobs import TakenJob
from api.store.outbox import Job
from api.store.tables import Comment
from api.version import VERSION

RESULTS = {"rejected": "true", "approved": "false"}
"""Is it spam? What Akismet calls where a comment stands; one that is pending has no result."""

LONGEST_URL = 2048


@dataclass(frozen=True, slots=True)
class Letter:
    """What a site is to be told now of a comment, which it knows by `guid`."""

    guid: str
    result: str
    message: Message


def make_guid(public_id: str) -> str:
    """What Akismet's callers are told as a comment's id: 32 hexadecimal digits."""
    return public_id.removeprefix(f"{AKISMET}-")


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


def settle(
    services: Services, job: TakenJob, sent: Letter | None = None, taken: bool = False
) -> Letter | None:
    """What is to be told now, once `sent` is written down, of which `taken` says if the site did.

    None where there is nothing more. The job gives up its key before it looks and has it back
    only with a letter: whatever is decided after the look makes a job of its own.
    """
    comment_id = job.payload["comment"]
    mine = update(Job).where(Job.id == job.id, Job.worker == job.worker)
    other = aliased(Job)
    alone = ~exists().where(other.key == make_key(comment_id))

    def act(session: Session) -> Letter | None:
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
        kept = mine.where(alone).values(key=make_key(comment_id)).returning(Job.id)
        return letter if session.scalar(kept) is not None else None

    return services.database.write(in_session(act))


def _compose(services: Services, comment: Comment, check: DropinCheck) -> Letter | None:
    """What to tell; None where it is told already, or cannot be told."""
    result = RESULTS.get(comment.status)
    if result is None or result == check.told or not check.callback or not check.sealed_key:
        return None
    key = sealing.unseal(services, check.sealed_key)
    if key is None:
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
    return Letter(guid, result, Message(check.callback, body, headers))
