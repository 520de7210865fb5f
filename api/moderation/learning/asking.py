"""What to ask a human: comments that nobody would look at, and of which the model would learn most.

They wait among the samples, and like them blind; but they are drawn for what they are, not by
chance, and so what people decide about them says nothing of how often the machine is wrong:
whatever measures that leaves them out. Where a policy asks for none this costs nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, and_, bindparam, or_, select

from api.moderation import policies
from api.moderation.learning.choosing import Chooser, Interest
from api.moderation.policy.inforce import Policy
from api.moderation.policy.judging import Judgement
from api.moderation.policy.learned import Lesson
from api.moderation.policy.subject import Subject
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store.tables import Comment
from classifier import Model, Threshold, find_new

_ANSWERED = ("approved_before", "campaign_decided")
"""Codes of reasons that say: people have told us what is to become of these words."""


def weigh_all(
    services: Services,
    site_id: int,
    scorer: Scorer,
    policy: Policy,
    subjects: Sequence[Subject],
    judgements: Sequence[Judgement],
    before: int,
) -> list[Judgement]:
    """The judgements as they are, in order, each with what might be learnt of it.

    Nothing of what is held: it is looked at anyway. Nor of what is nearly the same as a comment,
    with a number below `before`, that people were asked about or have decided.
    """
    model, measured = scorer.model, scorer.measured(policy.document.second_opinion)
    if model is None or measured is None:
        return list(judgements)
    told = _find_told(services, site_id, judgements, before)
    thresholds = policy.thresholds(measured)
    pairs = zip(subjects, judgements, strict=True)
    return [
        judgement
        if judgement.action == "hold" or not judgement.scores or _is_told(judgement, told)
        else replace(judgement, interest=_weigh(model, thresholds, subject, judgement))
        for subject, judgement in pairs
    ]


def draw(
    services: Services, site_id: int, judgement: Judgement, sampled: float | None
) -> float | None:
    """How much would be learnt of a comment if people are to be asked about it; None otherwise.

    `sampled` is whether they are anyway.
    """
    interest = judgement.interest
    if interest is None or sampled is not None or judgement.action == "hold":
        return None
    if any(one["code"] in _ANSWERED for one in judgement.reasons):
        return None
    share = policies.get(services, site_id, judgement.policy).document.learning.ask
    return services.choosers.setdefault(site_id, Chooser()).choose(interest, share)


def is_open(comment: Comment) -> bool:
    """Whether people are asked about the comment to learn from it, and nobody has decided."""
    undecided = comment.decision_version is None and comment.status != "pending"
    return undecided and comment.asked is not None


def are_open() -> ColumnElement[bool]:
    """The same in SQL, on the columns of `comments`."""
    undecided = and_(Comment.decision_version.is_(None), Comment.status != "pending")
    return and_(Comment.asked.is_not(None), undecided)


def _weigh(
    model: Model, thresholds: Mapping[str, Threshold], subject: Subject, judgement: Judgement
) -> Interest:
    chance = Lesson(judgement.scores, thresholds).rejection
    new, count = find_new(model, subject.text)
    return Interest(4 * chance * (1 - chance), new, count)


def _is_told(judgement: Judgement, told: set[str | int]) -> bool:
    return judgement.campaign in told or not told.isdisjoint(judgement.traces.mates)


def _find_told(
    services: Services, site_id: int, judgements: Sequence[Judgement], before: int
) -> set[str | int]:
    """Campaigns, and numbers of comments, that people were asked about or have decided."""
    campaigns = {one.campaign for one in judgements if one.campaign is not None}
    if not campaigns:
        return set()
    # Two texts alike have no name in common before the second one is kept.
    mates = {one for judgement in judgements for one in judgement.traces.mates[:1]}
    values = {"site": site_id, "before": before}
    with services.database.reading() as session:
        named = session.scalars(_TOLD_NAMES, {**values, "campaigns": list(campaigns)})
        numbered = session.scalars(_TOLD_NUMBERS, {**values, "numbers": list(mates)})
        return {*named, *numbered}


_told = and_(
    Comment.site_id == bindparam("site"),
    Comment.id < bindparam("before"),
    or_(Comment.asked.is_not(None), Comment.decision_version.is_not(None)),
)
_TOLD_NAMES = (
    select(Comment.campaign)
    .where(_told, Comment.campaign.in_(bindparam("campaigns", expanding=True)))
    .distinct()
)
_TOLD_NUMBERS = select(Comment.id).where(
    _told, Comment.id.in_(bindparam("numbers", expanding=True))
)
