"""An adapter on trial: it judges new comments beside what is in force, silently, and is looked at.

The policy, the facts and the labels' scores are those that are there already; only the correction
is the adapter's own. Whatever happens to it, the verdict stands: a trial that fails or dawdles
leaves out comments, and the log says so.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from api.errors import where_it_broke
from api.moderation.access import Caller
from api.moderation.advice import pace
from api.moderation.advice.pace import Pace
from api.moderation.dossiers import is_blind
from api.moderation.drafts import exhibits
from api.moderation.drafts.exhibits import Exhibit
from api.moderation.drafts.tallies import Tally
from api.moderation.errors import ConflictError, NotFoundError
from api.moderation.events import recording
from api.moderation.learning import stored, trialtallies, unlearning, using, versions
from api.moderation.policy.inforce import Policy
from api.moderation.policy.judging import Judgement, Tried
from api.moderation.policy.opinions import repeat
from api.moderation.policy.ruling import rule_again
from api.moderation.policy.subject import Subject
from api.moderation.services import Services
from api.store.learning import StoredAdapter, TrialVerdict
from api.store.review import Waiting
from api.store.tables import Site
from classifier import LEARNED, Measured

log = logging.getLogger(__name__)

STARTED, STOPPED = "trial.started", "trial.stopped"
"""The events. That one on trial is put in force, which ends its trial, is `versions.PROMOTED`."""

LIMIT_SECONDS = 0.5
SECONDS_PER_COMMENT = 0.01
"""How long a trial may take, and what is added for each comment."""

_INSERTS: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class Trial:
    """An adapter, whether it is on trial now, and what it has found whenever it was.

    `began` and `last` are when the first and the last comment came that it has judged; `examples`
    are by `trialtallies.CHANGES`.
    """

    adapter: StoredAdapter
    running: bool
    began: datetime | None
    last: datetime | None
    tally: Tally
    pace: Pace
    examples: Mapping[str, Sequence[Exhibit]]


def judge_beside(
    services: Services,
    site_id: int,
    adapter_id: int,
    policy: Policy,
    subjects: Sequence[Subject],
    judgements: Sequence[Judgement],
) -> list[Judgement]:
    """The judgements as they are, in order, each with what the adapter says if it can say."""
    limit = LIMIT_SECONDS + SECONDS_PER_COMMENT * len(subjects)

    def judge_all() -> list[Judgement]:
        scorer = using.find_scorer(services, adapter_id)
        model, measured = scorer.model, scorer.measured(policy.document.second_opinion)
        if model is None or measured is None or LEARNED not in model.labels:
            # The classifier is away, or it is another one than the adapter corrects.
            return list(judgements)
        corrections = model.score([one.submission for one in subjects])[:, -1].tolist()
        return [
            _judge(policy, measured, adapter_id, *each)
            for each in zip(subjects, judgements, corrections, strict=True)
        ]

    try:
        return services.shadow_limit.call(judge_all, limit)
    except Exception as error:
        # What is only tried must not cost anybody a comment.
        log.error("the trial of site %d says nothing: %s", site_id, where_it_broke(error))
        return list(judgements)


def keep(connection: Connection, comment_id: int, judgement: Judgement) -> None:
    """Write what the adapter says instead of what it said, in the commit that keeps the verdict."""
    tried = judgement.tried
    if tried is None:
        return
    values = {"live": judgement.action, "action": tried.action, "learned": tried.learned}
    # By way of its row, which may be gone by now, and then the comment is kept all the same.
    row = (
        select(StoredAdapter.id, literal(comment_id), *map(literal, values.values()))
        .where(StoredAdapter.id == tried.adapter_id)
        .with_for_update(read=True, key_share=True)
    )
    insert = _INSERTS[connection.dialect.name](TrialVerdict).from_select(
        ["adapter_id", "comment_id", *values], row
    )
    connection.execute(
        insert.on_conflict_do_update(index_elements=["adapter_id", "comment_id"], set_=values)
    )


def start(services: Services, caller: Caller, public_id: str) -> Trial:
    """Have an adapter judge every new comment beside the one in force, instead of any other.

    The one that does so already goes on; raise ConflictError where it could tell nothing.
    """
    adapter = versions.show(services, caller, public_id)
    with services.database.writing() as session:
        site = session.get_one(Site, caller.site_id, with_for_update=True)
        if site.adapter == adapter.id:
            raise ConflictError("This one is in force: it would be tried beside itself.")
        model = services.scorer.model
        if model is not None and model.version != adapter.base:
            raise ConflictError(f"It corrects {adapter.base}, and {model.version} is in use.")
        if adapter.state == stored.STALE:
            raise ConflictError(unlearning.ERASED)
        if site.trial != adapter.id:
            before = site.trial and session.get(StoredAdapter, site.trial, options=[stored.LIGHT])
            told = {**versions.tell(adapter), "instead_of": before.public_id if before else None}
            site.trial = adapter.id
            recording.record(session, services, caller, STARTED, told)
    return report(services, caller, public_id)


def stop(services: Services, caller: Caller, public_id: str) -> None:
    """Have an adapter on trial no more; raise NotFoundError where it is not."""
    adapter = versions.show(services, caller, public_id)
    with services.database.writing() as session:
        site = session.get_one(Site, caller.site_id, with_for_update=True)
        if site.trial != adapter.id:
            raise NotFoundError(f"Model {public_id} is not on trial.")
        site.trial = None
        recording.record(session, services, caller, STOPPED, versions.tell(adapter))


def report(services: Services, caller: Caller, public_id: str) -> Trial:
    """What an adapter has found on trial; raise NotFoundError where there is no such adapter."""
    adapter = versions.show(services, caller, public_id)
    with services.database.reading() as session:
        running = session.get_one(Site, caller.site_id).trial == adapter.id
        tally = trialtallies.count(session, caller.site_id, adapter.id)
        began, last = trialtallies.find_span(session, caller.site_id, adapter.id)
        measured = pace.measure(session.connection(), caller.site_id)
    shown = _show(services, caller, tally)
    return Trial(adapter, running, began, last, tally, measured, shown)


def _show(services: Services, caller: Caller, tally: Tally) -> dict[str, list[Exhibit]]:
    """The examples, but for comments that the caller may be asked about without being told."""
    shown = exhibits.show(services, caller.site_id, tally.examples)
    numbers = {one.state.comment.id for some in shown.values() for one in some}
    lying = select(Waiting.comment_id, Waiting.queue).where(Waiting.comment_id.in_(numbers))
    with services.database.reading() as session:
        queues: dict[int, str] = dict(session.execute(lying).all()) if numbers else {}
    return {
        kind: [
            one for one in some if not is_blind(one.state, queues.get(one.state.comment.id), caller)
        ]
        for kind, some in shown.items()
        if kind in trialtallies.CHANGES
    }


def _judge(
    policy: Policy,
    measured: Measured,
    adapter_id: int,
    subject: Subject,
    judgement: Judgement,
    learned: float,
) -> Judgement:
    if not judgement.scores:
        # It is judged again when the classifier is back.
        return judgement
    scores = {**judgement.scores, LEARNED: learned}
    ruling = rule_again(policy, measured, subject, scores, judgement.language or "und")
    action = repeat(policy, subject, ruling.action, judgement.reasons)
    return replace(judgement, tried=Tried(adapter_id, action, learned))
