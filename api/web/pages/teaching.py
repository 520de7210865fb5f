"""What one comment teaches, on its page, and having it forgotten there."""

from datetime import datetime
from typing import Any

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from api.moderation.comments import State
from api.moderation.learning import forgetting, influence
from api.moderation.learning.labels import MOST
from api.web.pages.cards import tell_age
from api.web.routing import caller, services

_WHY_NOT = {
    influence.UNDECIDED: "No decision about its present wording is in force, and what the machine "
    "says by itself teaches nothing.",
    influence.ESCALATED: "It was escalated, which says nothing of its words.",
    influence.AUTOMATIC: "Winnow decided it by itself, and that teaches nothing.",
    influence.IGNORED: "Of rejections as {reason} nothing is learnt, by the site's policy.",
    influence.OFF: "Learning is off, by the site's policy.",
    influence.OLD: f"The newest {MOST:,} decisions count, and as many are newer.",
}


def tell(state: State, now: datetime) -> dict[str, Any]:
    """What a comment teaches, as its page says it."""
    found = influence.find(services(), caller(), state)
    label, forgotten = found.label, found.forgotten
    return {
        "label": label,
        "age": label and tell_age(label.decided_at, now),
        "counts": label and _say_weight(label.weight, found.suggested),
        "teaches": found.why_not is None,
        "why_not": _WHY_NOT.get(found.why_not or "", "").format(
            reason=state.decision and state.decision.reason
        ),
        "forgotten": forgotten and (forgotten.actor, tell_age(forgotten.created_at, now)),
    }


def act(comment_id: str) -> ResponseReturnValue:
    """Have a comment forgotten, or learnt of again; by admins."""
    acts = {"forget": forgetting.forget, "remember": forgetting.remember}
    chosen = acts.get(request.form.get("act", ""))
    if chosen is None:
        abort(422, "The form was not filled in as we made it.")
    chosen(services(), caller(), comment_id)
    return redirect(url_for("pages.comment", comment_id=comment_id, _anchor="learning"), 303)


def _say_weight(weight: float, suggested: bool) -> str:
    if suggested:
        return f"{weight:g}, as a score that was suggested and no decision"
    if weight < 1:
        return f"{weight:g}, as one of many decided at once"
    if weight > 1:
        return f"{weight:g}, as it overturned what was said before, or two people agree"
    return f"{weight:g}"
