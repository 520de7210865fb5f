"""Asks a site's own checker about comments, where its policy names one.

A deliberate outflow: each comment that a checker may still change something about goes to a URL
of the site, signed, with all that the site has sent us but the form's token.
"""

import base64
import json
import logging
import math
import secrets
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from api.errors import where_it_broke
from api.moderation.derivation import derive
from api.moderation.outgoing import dialling
from api.moderation.outgoing.addresses import TargetError, read_url
from api.moderation.outgoing.dialling import NoReplyError, Resolve
from api.moderation.outgoing.signing import sign
from api.moderation.policy import authors
from api.moderation.policy.document import Checker
from api.moderation.policy.inforce import Policy
from api.moderation.policy.judging import Judgement
from api.moderation.policy.opinions import NonsenseError, Opinion, fail, read_opinion, weigh
from api.moderation.policy.reading import Written
from api.moderation.policy.reading.faults import Fault
from api.moderation.policy.subject import Draft, Subject
from api.moderation.services import Services

log = logging.getLogger(__name__)

PLACES = 8
"""How many comments of a batch are asked about at once."""

BATCH_SECONDS = 10.0
"""How long all of a batch may wait for a checker together."""


def find_faults(services: Services, written: Written) -> list[Fault]:
    """What speaks against the URL of a policy's checker; no force can overrule it."""
    checker = written.document.checker
    if checker is None:
        return []
    try:
        read_url(checker.url, services.webhook_networks)
    except TargetError as error:
        return [written.fault(("checker", "url"), str(error))]
    return []


def make_secret(services: Services, site_id: int) -> str:
    """What signs the questions of a site; the same until the server's secret key changes."""
    key = derive(services.secret_key, f"checker of site {site_id}")
    return f"whsec_{base64.b64encode(key).decode()}"


def ask_all(
    services: Services,
    site_id: int,
    policy: Policy,
    subjects: Sequence[Subject],
    judgements: Sequence[Judgement],
    resolve: Resolve = dialling.resolve,
) -> list[Judgement]:
    """The judgements, in order, with what the site's checker says of them."""
    checker = policy.document.checker
    found = list(judgements)
    if checker is None:
        return found
    asked = [at for at, subject in enumerate(subjects) if _matters(policy, subject, found[at])]
    until = time.monotonic() + BATCH_SECONDS if len(asked) > 1 else math.inf
    question = _Question(services, site_id, policy, checker, resolve, until)

    def ask(at: int) -> Judgement:
        return question.ask(subjects[at], found[at])

    for at, judgement in zip(asked, _map(ask, asked), strict=True):
        found[at] = judgement
    return found


def _matters(policy: Policy, subject: Subject, judgement: Judgement) -> bool:
    """Whether the checker's word can change anything about a comment."""
    if judgement.model is None:
        # It is held whatever anybody says, and judged again when the classifier is back.
        return False
    checker = policy.document.checker
    if checker is not None and checker.may == "escalate" and judgement.action == "reject":
        return False
    return "checker" not in authors.find_skipped(policy, subject)[0]


def _map(ask: Callable[[int], Judgement], asked: Sequence[int]) -> list[Judgement]:
    if len(asked) < 2:
        return [ask(at) for at in asked]
    with ThreadPoolExecutor(min(PLACES, len(asked)), "checker") as pool:
        return list(pool.map(ask, asked))


class _UnaskedError(Exception):
    """It was not asked, which says nothing of it."""


@dataclass(frozen=True, slots=True)
class _Question:
    """What all comments that are asked about together have in common."""

    services: Services
    site_id: int
    policy: Policy
    checker: Checker
    resolve: Resolve
    until: float

    def ask(self, subject: Subject, judgement: Judgement) -> Judgement:
        breaker, name = self.services.breaker, (self.site_id, self.checker.url)
        if not breaker.lets_through(name, self.services.now()):
            return self._fail(judgement, "It is not asked for a while, after too many failures.")
        try:
            opinion = self._send(subject, judgement)
        except _UnaskedError as error:
            return self._fail(judgement, str(error))
        except (NonsenseError, NoReplyError, TargetError) as error:
            if breaker.fail(name, self.services.now()):
                log.warning("the checker of site %d is left alone: %s", self.site_id, error)
            return self._fail(judgement, str(error))
        except Exception as error:
            # Whatever breaks on our side, the comment must still be kept.
            log.error("asking a checker failed: %s", where_it_broke(error))
            return self._fail(judgement, "Winnow made a mistake; it is in the server's log.")
        breaker.succeed(name)
        return weigh(self.policy, self.checker, judgement, opinion)

    def _fail(self, judgement: Judgement, why: str) -> Judgement:
        return fail(self.policy, self.checker, judgement, why)

    def _send(self, subject: Subject, judgement: Judgement) -> Opinion:
        seconds = self.checker.timeout_ms / 1000
        if time.monotonic() + seconds > self.until:
            raise _UnaskedError("The batch had taken too long already.")
        now, networks = self.services.now(), self.services.webhook_networks
        body = json.dumps(_compose(subject.draft, judgement, now), ensure_ascii=False)
        secret = make_secret(self.services, self.site_id)
        headers = sign([secret], f"chk_{secrets.token_hex(12)}", body, now)
        target = read_url(self.checker.url, networks)
        reply = dialling.post(target, body.encode(), headers, networks, self.resolve, seconds)
        return read_opinion(reply.status, reply.body)


def _compose(draft: Draft, judgement: Judgement, now: datetime) -> dict[str, Any]:
    return {
        "type": "comment.check",
        "timestamp": _show(now),
        "data": {
            "comment": {
                "id": draft.id,
                "article": draft.article,
                "parent_id": draft.parent_id,
                "text": draft.text,
                "html": draft.html,
                "author": draft.author,
                # A token is good until a comment has used it up: nobody else is shown it.
                "form": {name: value for name, value in draft.form.items() if name != "token"},
                "language": draft.language,
                "created_at": draft.created_at and _show(draft.created_at),
                "metadata": draft.metadata,
            },
            "verdict": {
                "action": judgement.action,
                "blatant": judgement.blatant,
                "scores": {label: round(one, 4) for label, one in judgement.scores.items()},
                "reasons": judgement.reasons,
                "model": judgement.model,
                "second_opinion": judgement.second_opinion,
                "second_model": judgement.second_model,
                "language": judgement.language,
                "policy": judgement.policy,
            },
        },
    }


def _show(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
