"""Comments that came while the classifier was away: judged again when it answers."""

from datetime import timedelta

from sqlalchemy.orm import Session

from api.moderation import comments, sampling, standing
from api.moderation.access import Caller
from api.moderation.comments import State
from api.moderation.drafts import shadowing
from api.moderation.judging import draft_of, judge_for
from api.moderation.learning import asking, trials
from api.moderation.policy.judging import Judgement
from api.moderation.queues import placing
from api.moderation.services import Services
from api.store.jobs import LaterError, TakenJob
from api.store.tables import Comment, Revision
from api.telemetry import counters

ACTOR = "winnow"
"""By which name the audit log knows what nobody asked for."""

SHORTEST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=5)


def rejudge(services: Services, job: TakenJob) -> None:
    """Judge the wording that the job names; raise LaterError while the classifier is away.

    What a person has decided meanwhile stands; another wording has had a verdict of its own.
    """
    with services.database.reading() as session:
        state = _find(session, job)
    if state is None:
        return
    site_id, number = state.comment.site_id, state.comment.id
    # Opening hours and rates are those of the time when it came, not of when we could read it.
    came = state.revision.created_at
    [judgement] = judge_for(services, site_id, [draft_of(state)], number, came)
    if judgement.model is None:
        # Half as long again as it has waited already.
        wait = (services.now() - job.created_at) / 2
        raise LaterError(min(max(wait, SHORTEST_WAIT), LONGEST_WAIT), counts=False)
    with services.database.writing() as session:
        comments.lock_rows(session, Comment.id == job.payload["comment"])
        state = _find(session, job)
        if state is not None:
            _apply(session, services, state, judgement)
    if state is not None:
        counters.count(counters.VERDICTS, judgement.action)


def _find(session: Session, job: TakenJob) -> State | None:
    """The comment, if the verdict that the job is about is still in force."""
    wanted = comments.states().where(
        Comment.id == job.payload["comment"],
        Comment.verdict_version == job.payload["version"],
        # Of a text that is deleted nothing can be said.
        Revision.gone.is_(False),
    )
    row = session.execute(wanted).one_or_none()
    return row and State(*row)


def _apply(session: Session, services: Services, state: State, judgement: Judgement) -> None:
    comment, now, connection = state.comment, services.now(), session.connection()
    before = comment.status
    judgement = standing.respect_people(session, comment, draft_of(state), judgement)
    comment.version += 1
    if state.decision is None:
        standing.apply(comment, judgement, now)
        comment.sampled = sampling.draw(services, comment.site_id, judgement)
        comment.asked = asking.draw(services, comment.site_id, judgement, comment.sampled)
    else:
        comment.verdict_version, comment.updated_at = comment.version, now
    numbers = comment.revision, comment.version
    verdict = standing.verdict_row(connection.dialect, judgement, now, *numbers)
    placed = verdict.write(connection, comment_id=comment.id)
    placing.place(connection, services, comment, placed)
    shadowing.keep(connection, comment.id, judgement)
    trials.keep(connection, comment.id, judgement)
    caller = Caller(comment.site_id, "admin", ACTOR)
    comments.record(
        connection,
        services,
        caller,
        comment,
        before,
        "comment.rejudged",
        revision=comment.revision,
        action=judgement.action,
    )
