"""What the website sends, as the classifier reads it, and the verdict on it; nothing is kept."""

from collections.abc import Sequence
from datetime import datetime

from api.moderation import checking, inforce, knowledge, policies
from api.moderation.comments import State
from api.moderation.drafts import shadowing
from api.moderation.inforce import InForce
from api.moderation.knowledge.query import ALL
from api.moderation.learning import asking, trials, using
from api.moderation.policy.inforce import Policy
from api.moderation.policy.judging import Judgement, judge
from api.moderation.policy.subject import Draft, Subject
from api.moderation.scoring import Scored, Scorer
from api.moderation.services import Services


def draft_of(state: State) -> Draft:
    """A comment that is kept, as it would be sent today."""
    comment, revision = state.comment, state.revision
    return Draft(
        text=revision.text,
        article=comment.article,
        html=revision.html,
        author=comment.author,
        form=comment.form,
        language=comment.language,
        id=comment.public_id,
        parent_id=comment.parent_id,
        created_at=comment.created_at,
        metadata=comment.extra,
        identity={name: getattr(comment, name) for name in ("address", "network", "mailbox")},
    )


def judge_for(
    services: Services,
    site_id: int,
    drafts: Sequence[Draft],
    before: int = ALL,
    at: datetime | None = None,
    in_force: InForce | None = None,
) -> list[Judgement]:
    """Judge comments by their site's policy, what is known of them and its checker, in order.

    Only comments with a number below `before` count: that of a comment which is judged again.
    `at` is when they came, where that is not now; `in_force` what the caller knows is in force.
    """
    if not drafts:
        return []
    here = inforce.find(services, site_id, in_force)
    policy = policies.get(services, site_id, here.policy)
    adapter = here.adapter if policy.document.learning.on else None
    scorer = using.find_scorer(services, adapter)
    came = at or services.now()
    subjects = [Subject(draft, came) for draft in drafts]
    knowledge.gather(services, site_id, policy, subjects, before, here.addresses)
    judgements = judge_all(scorer, policy, subjects)
    judgements = checking.ask_all(services, site_id, policy, subjects, judgements)
    if here.shadow is not None:
        judgements = shadowing.judge_beside(
            services, site_id, here.shadow, subjects, judgements, before, here.addresses
        )
    if here.trial is not None and here.trial != here.adapter:
        judgements = trials.judge_beside(
            services, site_id, here.trial, policy, subjects, judgements
        )
    learning = policy.document.learning
    if learning.on and learning.ask:
        judgements = asking.weigh_all(
            services, site_id, scorer, policy, subjects, judgements, before
        )
    return judgements


def judge_all(scorer: Scorer, policy: Policy, subjects: Sequence[Subject]) -> list[Judgement]:
    """Judge comments by a policy, in order; keep nothing."""
    items, when = [subject.submission for subject in subjects], policy.document.second_opinion
    judged = scorer.in_time(
        items, lambda: _judge(scorer, policy, subjects, scorer.score(items, when)), when
    )
    return _judge(scorer, policy, subjects, None) if judged is None else judged


def _judge(
    scorer: Scorer,
    policy: Policy,
    subjects: Sequence[Subject],
    found: Sequence[Scored] | None,
) -> list[Judgement]:
    scored: Sequence[Scored | None] = found or [None] * len(subjects)
    return [
        judge(policy, subject, scorer, one) for subject, one in zip(subjects, scored, strict=True)
    ]
