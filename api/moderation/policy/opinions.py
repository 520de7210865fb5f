"""What an outside checker says of a comment, and what its word counts beside ours."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from api.moderation.policy import authors
from api.moderation.policy.document import Checker
from api.moderation.policy.inforce import Policy
from api.moderation.policy.judging import Judgement
from api.moderation.policy.matches import SEVERITY, reason
from api.moderation.policy.subject import Subject

ACTIONS = ("none", "approve", "hold", "reject")

LONGEST_MESSAGE = 500
"""Characters of a message that are kept."""

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_SAYS = {
    "approve": "The site's checker lets this pass.",
    "hold": "The site's checker wants a person to look at this.",
    "reject": "The site's checker rejects this.",
}


class NonsenseError(Exception):
    """The answer cannot be understood; says why in one sentence."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """One of `ACTIONS`, with a code of the checker's own and a sentence, if it gave them."""

    action: str
    code: str | None = None
    message: str = ""


def read_opinion(status: int, body: bytes) -> Opinion:
    """What an answer says; raise NonsenseError when that cannot be told."""
    if status == 204:
        return Opinion("none")
    if 300 <= status < 400:
        raise NonsenseError(f"It answered {status}, and no redirect is followed.")
    if status != 200:
        raise NonsenseError(f"It answered {status}.")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NonsenseError("What it answered is not JSON, or too long.") from error
    if not isinstance(found, Mapping) or found.get("action") not in ACTIONS:
        raise NonsenseError(f"Its answer's action must be one of: {', '.join(ACTIONS)}.")
    code, message = found.get("reason"), found.get("message")
    if code is not None and not (isinstance(code, str) and _CODE.fullmatch(code)):
        raise NonsenseError("Its answer's reason is no code: up to 64 letters, digits, _ . -")
    return Opinion(found["action"], code, _clean(message) if isinstance(message, str) else "")


def weigh(policy: Policy, checker: Checker, judgement: Judgement, opinion: Opinion) -> Judgement:
    """The judgement with what the checker says of it; its reason comes first where it decides."""
    if opinion.action == "none":
        return judgement
    message = opinion.message or _SAYS[opinion.action]
    rule = "checker" if opinion.code is None else f"checker:{opinion.code}"
    said = reason("checker", message, opinion.action, rule=rule)
    stricter = SEVERITY.index(opinion.action) > SEVERITY.index(judgement.action)
    return _add(policy, judgement, said, checker.may == "override" or stricter)


def fail(policy: Policy, checker: Checker, judgement: Judgement, why: str) -> Judgement:
    """The judgement of a comment that the checker gave no answer about."""
    action = "hold" if checker.on_failure == "hold" else "flag"
    message = f"The site's checker gave no answer that counts. {why}"
    said = reason("checker_failed", message, action, rule="checker")
    return _add(policy, judgement, said, action == "hold" and judgement.action == "approve")


def repeat(
    policy: Policy, subject: Subject, action: str, reasons: Sequence[Mapping[str, Any]]
) -> str:
    """What becomes of an action by what a checker said before, as the reasons of a verdict have it.

    Nobody is asked again: where no checker was asked, none says anything.
    """
    checker = policy.document.checker
    said = [one for one in reasons if one["code"] in ("checker", "checker_failed")]
    if checker is None or not said or policy.document.profile == "observe":
        return action
    if "checker" in authors.find_skipped(policy, subject)[0]:
        return action
    if said[0]["code"] == "checker_failed":
        return "hold" if (action, checker.on_failure) == ("approve", "hold") else action
    opinion = str(said[0]["action"])
    stricter = SEVERITY.index(opinion) > SEVERITY.index(action)
    return opinion if stricter or checker.may == "override" else action


def _add(policy: Policy, judgement: Judgement, said: dict[str, Any], wins: bool) -> Judgement:
    if not wins or policy.document.profile == "observe":
        return replace(judgement, reasons=[*judgement.reasons, said])
    action = said["action"]
    return replace(
        judgement,
        action=action,
        blatant=judgement.blatant and action == "reject",
        reasons=[said, *judgement.reasons],
        flips_if=_flips_if(judgement, action),
    )


def _flips_if(judgement: Judgement, action: str) -> str:
    if judgement.action == action:
        return "the site's checker said otherwise"
    becomes = {"approve": "approved", "hold": "held", "reject": "rejected"}[judgement.action]
    return f"{becomes} if the site's checker said nothing"


def _clean(message: str) -> str:
    """What every database can keep of a text."""
    whole = message.encode(errors="replace").decode().replace("\0", "\ufffd")
    return whole.strip()[:LONGEST_MESSAGE]
