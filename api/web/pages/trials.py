"""One of a site's models for people, and its trial: where it would differ, and who was right."""

from collections.abc import Callable
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from api.moderation.access import Caller
from api.moderation.drafts.exhibits import Exhibit
from api.moderation.drafts.tallies import ACTIONS
from api.moderation.errors import ConflictError
from api.moderation.judging import draft_of
from api.moderation.learning import trials, trialtallies, using, versions
from api.moderation.policy.learned import RULE
from api.moderation.policy.scores import show_spans
from api.moderation.policy.subject import Subject
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.web.pages import console, highlight, learning
from api.web.pages.cards import tell_age
from api.web.pages.panels import tell_share
from api.web.pages.previews import KINDS
from api.web.routing import caller, services
from classifier import LEARNED

Act = Callable[[Services, Caller, str], Any]
_ALL = "All that people decided about"


def show(model: str, trouble: str = "") -> str:
    """What the gate said of a model, and what it has found on trial."""
    found = trials.report(services(), caller(), model)
    now = services().now()
    scorer = using.find_scorer(services(), found.adapter.id)
    return console.render(
        "trial.html",
        model=learning.describe(found.adapter, learning.find_in_force()),
        objection=versions.find_objection(services(), caller(), found.adapter),
        trial=found,
        tally=found.tally,
        began=found.began and tell_age(found.began, now),
        minutes=found.pace.minutes(found.tally.more_held),
        actions=ACTIONS,
        suites=found.adapter.report.get("suites", {}),
        beside=[
            (KINDS.get(kind, _ALL), one, tell_share(one.live), tell_share(one.trial))
            for kind, one in trialtallies.compare(found.tally).items()
        ],
        examples={
            KINDS[kind]: [_describe(scorer, one) for one in some]
            for kind, some in found.examples.items()
            if some
        },
        trouble=trouble,
    )


def act(model: str) -> ResponseReturnValue:
    """Start or stop its trial, or put it in force; by admins."""
    acts: dict[str, Act] = {"start": trials.start, "stop": trials.stop, "promote": _promote}
    chosen = acts.get(request.form.get("act", ""))
    if chosen is None:
        return show(model, "The form was not filled in as we made it."), 422
    try:
        chosen(services(), caller(), model)
    except ConflictError as error:
        return show(model, str(error)), 409
    return redirect(url_for("pages.trial", model=model), 303)


def _promote(services: Services, caller: Caller, model: str) -> None:
    versions.promote(services, caller, model, force="force" in request.form)


def _describe(scorer: Scorer, one: Exhibit) -> dict[str, Any]:
    """A comment with what the live verdict says of it, and what was learnt that speaks here."""
    state = one.state
    return {
        "id": state.comment.public_id,
        "author": state.comment.author,
        "article": state.comment.article,
        "age": tell_age(state.comment.received_at, services().now()),
        "segments": highlight.cut(state.revision.text, _explain(scorer, one)),
        "live": one.example.live,
        "trial": one.example.draft,
        "reasons": [reason["message"] for reason in state.verdict.reasons],
        "decision": state.decision and state.decision.action,
    }


def _explain(scorer: Scorer, one: Exhibit) -> list[dict[str, Any]]:
    """The passages that the model's correction is made of, as a reason marks them."""
    if scorer.model is None or LEARNED not in scorer.model.labels:
        return []
    subject = Subject(draft_of(one.state), one.state.comment.received_at)
    milder = ACTIONS.index(one.example.draft) < ACTIONS.index(one.example.live)
    spans = scorer.explain(subject.submission, LEARNED, lowering=milder)
    return [{"code": RULE, "spans": show_spans(subject.text, spans)}]
