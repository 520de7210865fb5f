"""Tells sites what was decided of comments that they had checked by a foreign protocol."""

import json
import random
from collections.abc import Callable
from datetime import timedelta

from api.moderation.dropin import telling
from api.moderation.outgoing import dialling
from api.moderation.outgoing.dialling import Resolve
from api.moderation.services import Services
from api.moderation.webhooks.delivering import find_wait
from api.store.jobs import GiveUpError, LaterError, TakenJob
from api.work import webhooks


def tell(
    services: Services,
    job: TakenJob,
    resolve: Resolve = dialling.resolve,
    chance: Callable[[], float] = random.random,
    seconds: float = dialling.SECONDS,
) -> None:
    """Try once to tell a site what stands now of the job's comment.

    Raises LaterError where it is to be tried again, as often and as late as a webhook's message,
    or where something else stands meanwhile; GiveUpError where it has failed for good. A site
    may be told the same twice.
    """
    letter = telling.settle(services, job)
    if letter is None:
        return
    result = webhooks.send(services, letter.message, resolve, seconds)
    if result.error is not None:
        wait = find_wait(result, job.attempts, chance())
        raise GiveUpError(result.error) if wait is None else LaterError(wait, result.error)
    taken = not is_refused(result.answer or "", letter.guid)
    if telling.settle(services, job, letter, taken) is not None:
        raise LaterError(timedelta(), counts=False)


def is_refused(answer: str, guid: str) -> bool:
    """Whether a site says that it has done nothing, as where it has no such comment any more."""
    try:
        return bool(json.loads(answer)["comments"][guid]["status"] == "error")
    except (ValueError, LookupError, TypeError, RecursionError):
        return False
