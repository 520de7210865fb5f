"""What a draft in shadow says of new comments, beside the policy that counts and without a say.

It is judged by the scores that are there already, and by facts of its own. Whatever happens to
it, the verdict stands: a shadow that fails or dawdles leaves out comments, and the log says so.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from api.errors import where_it_broke
from api.moderation import drafts, knowledge
from api.moderation.policy.inforce import Policy
from api.moderation.policy.judging import Judgement, Shade
from api.moderation.policy.opinions import repeat
from api.moderation.policy.ruling import rule_again
from api.moderation.policy.subject import Subject
from api.moderation.services import Services
from api.store.policies import ShadowVerdict

log = logging.getLogger(__name__)

LIMIT_SECONDS = 0.5
SECONDS_PER_COMMENT = 0.01
"""How long a shadow may take, and what is added for each comment."""

_INSERTS: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def judge_beside(
    services: Services,
    site_id: int,
    draft_id: int,
    subjects: Sequence[Subject],
    judgements: Sequence[Judgement],
    before: int,
    addresses: str,
) -> list[Judgement]:
    """The judgements as they are, in order, each with what the draft says if it can say."""
    limit = LIMIT_SECONDS + SECONDS_PER_COMMENT * len(subjects)
    fresh = [Subject(subject.draft, subject.now) for subject in subjects]

    def judge_all() -> list[Judgement]:
        policy = drafts.prepare(services, site_id, draft_id)
        knowledge.gather(services, site_id, policy, fresh, before, addresses)
        pairs = zip(fresh, judgements, strict=True)
        return [_judge(services, policy, draft_id, *pair) for pair in pairs]

    try:
        return services.shadow_limit.call(judge_all, limit)
    except Exception as error:
        # A draft must not cost anybody a comment.
        log.error("the shadow of site %d says nothing: %s", site_id, where_it_broke(error))
        return list(judgements)


def keep(connection: Connection, comment_id: int, judgement: Judgement) -> None:
    """Write what the draft says instead of what it said, in the commit that keeps the verdict."""
    shade = judgement.shade
    if shade is None:
        return
    values = {"live": judgement.action, "action": shade.action, "codes": list(shade.codes)}
    insert = _INSERTS[connection.dialect.name](ShadowVerdict).values(
        draft_id=shade.draft_id, comment_id=comment_id, **values
    )
    connection.execute(
        insert.on_conflict_do_update(index_elements=["draft_id", "comment_id"], set_=values)
    )


def _judge(
    services: Services, policy: Policy, draft_id: int, subject: Subject, judgement: Judgement
) -> Judgement:
    measured = services.scorer.measured(policy.document.second_opinion)
    if measured is None or not judgement.scores:
        # It is judged again when the classifier is back.
        return judgement
    language = judgement.language or "und"
    ruling = rule_again(policy, measured, subject, judgement.scores, language)
    action = repeat(policy, subject, ruling.action, judgement.reasons)
    codes = {match.reason["code"] for match in ruling.matches}
    return replace(judgement, shade=Shade(draft_id, action, tuple(sorted(codes))))
