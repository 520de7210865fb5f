"""A policy that somebody would like to put in force, tried out first."""

from dataclasses import dataclass
from datetime import datetime

from api.moderation import checking
from api.moderation.policy.catchalls import find_catchalls
from api.moderation.policy.examples import Tried, try_examples
from api.moderation.policy.reading import Written
from api.moderation.policy.reading.faults import Fault, PolicyError
from api.moderation.scoring import Scorer
from api.moderation.services import Services


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of the examples, and what speaks against the policy, in the text's order.

    `examples` is empty, with a doubt that says so, while the classifier is away.
    """

    examples: list[Tried]
    doubts: list[Fault]


def check(services: Services, written: Written) -> Checked:
    """Try a policy out; nothing is kept. Doubts can be overruled by force.

    Raises PolicyError for what cannot: a checker at a URL that we do not ask.
    """
    if faults := checking.find_faults(services, written):
        raise PolicyError(faults)
    return try_out(services.scorer, written, services.now())


def try_out(scorer: Scorer, written: Written, now: datetime) -> Checked:
    """Try a policy out as far as its text and the classifier tell."""
    tried = try_examples(scorer, written.document, now)
    doubts = [
        written.fault(("rules", place), "This rule would match everything.")
        for place in find_catchalls(written.document)
    ]
    if tried is None:
        away = "The examples cannot be tried: the classifier does not answer."
        return Checked([], [*doubts, written.fault(("examples",), away)])
    doubts += [
        written.fault(("examples", one.index, "expect"), str(one)) for one in tried if not one.ok
    ]
    return Checked(tried, sorted(doubts, key=lambda one: one.line or 0))
