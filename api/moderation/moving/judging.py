"""By what history is judged: by all that a comment says itself, not by what was going on around it.

How often somebody wrote, whether they were new, and whether the article was open are questions of
the moment when it came, and were answered then.
"""

from collections.abc import Sequence
from dataclasses import replace

from api.moderation import inforce, policies
from api.moderation.errors import ConflictError
from api.moderation.judging import judge_all
from api.moderation.learning import using
from api.moderation.moving.arrivals import Arrival
from api.moderation.policy.document import Authors, Document, Duplicates, Form, Mode
from api.moderation.policy.inforce import Policy
from api.moderation.policy.judging import Judgement, hold_at_least
from api.moderation.policy.subject import Subject
from api.moderation.scoring import Scorer
from api.moderation.secondstage import NEVER
from api.moderation.services import Services

TRIES = 3
"""How often the classifier is asked for the same comments before the import gives up."""

WAITED = "waited_elsewhere"
"""The reason for which a comment is held that waited for a person when it came."""


class Judge:
    """Judges history by the policy and the model that are in force when it is made."""

    def __init__(self, services: Services, site_id: int) -> None:
        here = inforce.find(services, site_id, None)
        policy = policies.get(services, site_id, here.policy)
        adapter = here.adapter if policy.document.learning.on else None
        self._now = services.now
        self._scorer: Scorer = using.find_scorer(services, adapter)
        document = forget_circumstances(policy.document)
        # What people have decided does not become another by being read more closely.
        self._decided = Policy(replace(document, second_opinion=NEVER), policy.version)
        self._open = Policy(document, policy.version)

    def judge(self, arrivals: Sequence[Arrival]) -> list[Judgement]:
        """One judgement each, in order; raises ConflictError where the classifier is away."""
        found: list[Judgement | None] = [None] * len(arrivals)
        for policy, waits in ((self._decided, False), (self._open, True)):
            places = [at for at, one in enumerate(arrivals) if _is_open(one) == waits]
            some = self._ask(policy, [arrivals[at] for at in places])
            for at, judgement in zip(places, some, strict=True):
                found[at] = _respect(arrivals[at], judgement)
        return [one for one in found if one is not None]

    def _ask(self, policy: Policy, arrivals: Sequence[Arrival]) -> list[Judgement]:
        for _ in range(TRIES if arrivals else 0):
            subjects = [Subject(one.draft, self._now()) for one in arrivals]
            judged = judge_all(self._scorer, policy, subjects)
            if all(one.model is not None for one in judged):
                return judged
        if arrivals:
            raise ConflictError(
                "The classifier does not answer, and what is not judged is not taken in. "
                "Run the same again to go on."
            )
        return []


def forget_circumstances(document: Document) -> Document:
    """A policy that asks for nothing but what a comment says, and who says it."""
    links, authors = document.links, document.authors
    return replace(
        document,
        mode=Mode("post", 2, None, 0),
        sections={},
        articles={},
        authors=replace(
            Authors(),
            disposable_email=authors.disposable_email,
            disposable_domains=authors.disposable_domains,
            staff_skips=authors.staff_skips,
        ),
        duplicates=Duplicates(),
        links=replace(links, new_host="off"),
        form=Form(),
        checker=None,
    )


def _is_open(arrival: Arrival) -> bool:
    """Whether it may still come to wait for a person here."""
    return arrival.decided is None and arrival.status in (None, "pending")


def _respect(arrival: Arrival, judgement: Judgement) -> Judgement:
    if arrival.status != "pending" or judgement.action != "approve":
        return judgement
    return hold_at_least(judgement, WAITED, "It waited for a person where it came from.")
