"""Sends the messages that webhooks are owed, each until it arrives or is given up."""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from api.moderation.outgoing import dialling
from api.moderation.outgoing.addresses import TargetError, read_url
from api.moderation.outgoing.dialling import NoReplyError, Reply, Resolve
from api.moderation.services import Services
from api.moderation.webhooks import delivering
from api.moderation.webhooks.delivering import Result
from api.moderation.webhooks.messages import Message
from api.store.jobs import TakenJob

SHOWN = 1024
"""How much of an answer the log keeps, in bytes."""

RETRIED = (408, 429)
"""Beside 5xx, what may be otherwise next time."""


def deliver(
    services: Services,
    job: TakenJob,
    resolve: Resolve = dialling.resolve,
    chance: Callable[[], float] = random.random,
    seconds: float = dialling.SECONDS,
) -> None:
    """Try once to deliver the job's message.

    Raises LaterError where it is to be tried again, GiveUpError where it has failed for good.
    A worker that dies between the answer and our note of it will send the message again, with
    the same id: receivers know it by that.
    """
    name = job.payload["message"]
    message = delivering.prepare(services, name)
    if message is None:
        return
    result = send(services, message, resolve, seconds)
    delivering.record(services, name, result, job.attempts, chance())


def send(services: Services, message: Message, resolve: Resolve, seconds: float) -> Result:
    """Post a message, wherever its URL leads that webhooks may be sent to, and judge the answer."""
    began = time.monotonic()

    def took() -> int:
        return round(1000 * (time.monotonic() - began))

    networks = services.webhook_networks
    try:
        target = read_url(message.url, networks)
        reply = dialling.post(target, message.body, message.headers, networks, resolve, seconds)
    except TargetError as error:
        return Result(took(), error=str(error))
    except NoReplyError as error:
        return Result(took(), error=str(error), retry=True)
    return judge(reply, took(), services.now())


def judge(reply: Reply, milliseconds: int, now: datetime) -> Result:
    """What an answer means: 2xx is a success, and 5xx, 408 and 429 are worth another try."""
    # PostgreSQL keeps no U+0000.
    answer = reply.body[:SHOWN].decode(errors="replace").replace("\0", "\ufffd")
    if 200 <= reply.status < 300:
        return Result(milliseconds, reply.status, answer)
    error = f"The receiver answered {reply.status}."
    if 300 <= reply.status < 400:
        error = f"The receiver answered {reply.status}, and no redirect is followed."
    retry = reply.status >= 500 or reply.status in RETRIED
    wait = _read_wait(reply.retry_after, now)
    return Result(milliseconds, reply.status, answer, error, retry, wait)


def _read_wait(retry_after: str | None, now: datetime) -> timedelta:
    """How long `Retry-After` asks to wait: in seconds, or until a date; nothing if unreadable."""
    given = (retry_after or "").strip()
    if given.isascii() and given.isdigit():
        # More digits than any wait has would not fit a timedelta.
        return timedelta(seconds=int(given[:9]))
    try:
        until = parsedate_to_datetime(given)
    except (ValueError, OverflowError):
        return timedelta()
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(until - now, timedelta())
