"""How a comment comes in: scored before any transaction, decided, and kept in one commit."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Dialect
from sqlalchemy.orm import Session

from api.moderation import comments, indexing, inforce, sampling, standing, traces
from api.moderation.access import Caller
from api.moderation.comments import State
from api.moderation.drafts import shadowing
from api.moderation.errors import NotFoundError, SpentTokenError, StaleVersionError
from api.moderation.judging import draft_of, judge_for
from api.moderation.learning import asking, trials
from api.moderation.policy.judging import Judgement
from api.moderation.policy.subject import Draft
from api.moderation.privacy import addressing
from api.moderation.privacy.addressing import Keeper
from api.moderation.queues import placing
from api.moderation.repeats import perform_plainly
from api.moderation.services import Services
from api.store.families import Family, Part
from api.store.inserting import NewRow
from api.store.tables import Comment, Revision, Verdict
from api.telemetry import counters


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a draft; `new` is False when the very same was there already."""

    state: State
    new: bool


Also = Callable[[Connection, Sequence[Submitted]], None]
"""What is kept beside comments, in the order of their drafts; it may be called twice."""


def submit(
    services: Services, caller: Caller, drafts: Sequence[Draft], also: Also | None = None
) -> list[Submitted]:
    """Judge and keep comments, and what `also` writes, all in one commit.

    A known id with the same text changes nothing; with another text it is a new revision.
    """
    while True:
        try:
            return _judge_and_keep(services, caller, drafts, also)
        except SpentTokenError:
            # Another comment took one of their form tokens since they were judged: judged again,
            # that one is known as used, so this ends.
            continue


def _judge_and_keep(
    services: Services, caller: Caller, drafts: Sequence[Draft], also: Also | None
) -> list[Submitted]:
    drafts = [draft if draft.id else replace(draft, id=_make_id()) for draft in drafts]
    judgements = judge_for(services, caller.site_id, drafts, in_force=caller.in_force)
    pairs = zip(drafts, judgements, strict=True)
    way = inforce.find(services, caller.site_id, caller.in_force).addresses
    keeper = addressing.find_keeper(services.secret_key, caller.site_id, way)
    arrivals = [_arrive(services, caller, keeper, *pair) for pair in pairs]
    # In the order of their ids, so that two batches cannot wait for each other.
    order = sorted(range(len(drafts)), key=lambda at: drafts[at].id or "")

    def keep_all(connection: Connection) -> list[Submitted]:
        kept = {at: _keep(connection, services, caller, arrivals[at]) for at in order}
        found = [kept[at] for at in range(len(drafts))]
        if also is not None:
            also(connection, found)
        return found

    kept = perform_plainly(services, caller.site_id, caller.ticket, keep_all)
    for one in kept:
        if one.new:
            counters.count(counters.VERDICTS, one.state.verdict.action)
    return kept


def check(services: Services, caller: Caller, draft: Draft) -> Judgement:
    """Judge a comment and keep nothing, but for the answer to a request with a ticket."""
    [judgement] = judge_for(services, caller.site_id, [draft], in_force=caller.in_force)
    if caller.ticket is None:
        return judgement
    return perform_plainly(services, caller.site_id, caller.ticket, lambda _: judgement)


def edit(
    services: Services,
    caller: Caller,
    public_id: str,
    text: str,
    html: bool | None = None,
    version: int | None = None,
) -> State:
    """Give a comment another text, judged afresh; raise StaleVersionError if it moved on."""
    before = comments.find(services, caller, public_id)
    kept = draft_of(before)
    draft = replace(kept, text=text, html=kept.html if html is None else html)
    [judgement] = judge_for(services, caller.site_id, [draft], before.comment.id)
    with services.database.writing() as session:
        state = comments.load(session, caller, public_id, lock=True)
        if version is not None and version != state.comment.version:
            raise StaleVersionError(public_id, state.comment.version)
        new = _revise(session, services, caller, state, draft, judgement)
    if new:
        counters.count(counters.VERDICTS, state.verdict.action)
    return state


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A draft, what was said of it, and its rows if it is new: made before any transaction."""

    draft: Draft
    judgement: Judgement
    rows: Family[Comment]
    revision: Revision
    verdict: Verdict


def _arrive(
    services: Services, caller: Caller, keeper: Keeper, draft: Draft, judgement: Judgement
) -> _Arrival:
    now, dialect = services.now(), services.database.dialect
    sampled = sampling.draw(services, caller.site_id, judgement)
    values = {
        "site_id": caller.site_id,
        "public_id": draft.id,
        "article_id": draft.article["id"],
        "article": draft.article,
        "section": draft.article.get("section"),
        "parent_id": draft.parent_id,
        "author_id": draft.author.get("id"),
        "author": keeper.keep_author(draft.author),
        **keeper.keep_known(traces.identify(draft.author)),
        "campaign": judgement.campaign,
        "sampled": sampled,
        "asked": asking.draw(services, caller.site_id, judgement, sampled),
        "form": draft.form,
        "extra": draft.metadata,
        "language": draft.language,
        "version": 1,
        "revision": 1,
        "created_at": draft.created_at or now,
        "received_at": now,
        **standing.columns(judgement, 1, now),
    }
    comment = NewRow(dialect, Comment, values, unique=True)
    event = comments.event(services, caller, comment.row, None, "comment.created", revision=1)
    revision = _revision_row(dialect, draft, now)
    verdict = standing.verdict_row(dialect, judgement, now)
    words = indexing.part_of_new(dialect, caller.site_id, draft.author, draft.text, draft.html)
    parts = [Part(revision, "comment_id"), Part(verdict, "comment_id"), Part(event), words]
    waiting = placing.row_of_new(dialect, services, comment.row, verdict.row)
    if waiting is not None:
        parts.append(Part(waiting, "comment_id"))
    return _Arrival(draft, judgement, Family(comment, parts), revision.row, verdict.row)


def _keep(
    connection: Connection, services: Services, caller: Caller, arrival: _Arrival
) -> Submitted:
    comment = arrival.rows.write_if_new(connection)
    if comment is not None:
        arrival.judgement.traces.write(connection, caller.site_id, comment.id, services.now())
        shadowing.keep(connection, comment.id, arrival.judgement)
        trials.keep(connection, comment.id, arrival.judgement)
        if arrival.verdict.model is None:
            standing.ask_again(connection, services, comment)
        return Submitted(State(comment, arrival.revision, arrival.verdict), new=True)
    draft = arrival.draft
    with Session(connection, expire_on_commit=False) as session:
        try:
            state = comments.load(session, caller, str(draft.id), lock=True)
        except NotFoundError:
            # It was deleted a moment ago, so now it is new.
            return _keep(connection, services, caller, arrival)
        new = _revise(session, services, caller, state, draft, arrival.judgement)
        session.flush()
    return Submitted(state, new)


def _revise(
    session: Session,
    services: Services,
    caller: Caller,
    state: State,
    draft: Draft,
    judgement: Judgement,
) -> bool:
    """Make a new revision of a comment; False when it says the same already."""
    comment, now = state.comment, services.now()
    before = comment.status
    if (state.revision.text, state.revision.html) == (draft.text, draft.html):
        return False
    judgement = standing.respect_people(session, comment, draft, judgement)
    comment.version += 1
    comment.revision += 1
    standing.apply(comment, judgement, now)
    comment.campaign = judgement.campaign
    comment.sampled = sampling.draw(services, caller.site_id, judgement)
    comment.asked = asking.draw(services, caller.site_id, judgement, comment.sampled)
    connection = session.connection()
    numbers = comment.revision, comment.version
    revision = _revision_row(connection.dialect, draft, now, comment.revision)
    verdict = standing.verdict_row(connection.dialect, judgement, now, *numbers)
    state.revision = revision.write(connection, comment_id=comment.id)
    state.verdict = verdict.write(connection, comment_id=comment.id)
    state.decision = None
    indexing.rewrite(connection, comment, draft.text, draft.html)
    judgement.traces.write(connection, caller.site_id, comment.id, now)
    shadowing.keep(connection, comment.id, judgement)
    trials.keep(connection, comment.id, judgement)
    comments.record(
        connection, services, caller, comment, before, "comment.edited", revision=comment.revision
    )
    placing.place(connection, services, comment, state.verdict)
    if state.verdict.model is None:
        standing.ask_again(connection, services, comment)
    return True


def _make_id() -> str:
    return f"c-{secrets.token_hex(12)}"


def _revision_row(
    dialect: Dialect, draft: Draft, now: datetime, number: int = 1
) -> NewRow[Revision]:
    """The row of a wording, without the comment's id."""
    values = {
        "comment_id": None,
        "number": number,
        "text": draft.text,
        "html": draft.html,
        "created_at": now,
        "gone": False,
    }
    return NewRow(dialect, Revision, values)
