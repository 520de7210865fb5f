"""The draft in shadow for people: what it would have done since it is there; in force, or away."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from api.moderation import policies
from api.moderation.drafts import shadows
from api.moderation.drafts.tallies import ACTIONS
from api.moderation.errors import ConflictError, NotFoundError
from api.moderation.policy.reading import read_policy
from api.moderation.policy.reading.faults import DoubtfulError, PolicyError
from api.web.pages import console, highlight
from api.web.pages.cards import tell_age
from api.web.pages.previews import KINDS
from api.web.routing import caller, services


def show(trouble: str = "", doubts: bool = False, text: str = "") -> str:
    """The draft in shadow and its tally, or how to put one there."""
    version = policies.show(services(), caller()).version
    given = {"version": version, "trouble": trouble, "doubts": doubts, "text": text}
    try:
        found = shadows.find(services(), caller())
    except NotFoundError:
        return console.render("shadow.html", shadow=None, **given)
    return console.render(
        "shadow.html",
        shadow=found,
        age=tell_age(found.draft.created_at, services().now()),
        actions=ACTIONS,
        before=found.tally.agreement(of_draft=False),
        after=found.tally.agreement(of_draft=True),
        codes=[(highlight.name(code), n) for code, n in found.tally.codes.most_common(15)],
        examples={
            KINDS[kind]: [(one, list(map(highlight.name, one.example.codes))) for one in some]
            for kind, some in found.examples.items()
            if some
        },
        **given,
    )


def act() -> ResponseReturnValue:
    """Put a draft in shadow, take it away, or put it in force."""
    acts = {"put": _put, "end": _end, "promote": _promote}
    chosen = acts.get(request.form.get("act", ""))
    if chosen is None:
        return show("The form was not filled in as we made it."), 422
    try:
        return chosen()
    except DoubtfulError as error:
        return show(" ".join(fault.detail for fault in error.faults), doubts=True), 422
    except PolicyError as error:
        says = " ".join(fault.detail for fault in error.faults)
        return show(says, text=request.form.get("text", "")), 422
    except ConflictError as error:
        return show(str(error)), 409


def _put() -> ResponseReturnValue:
    text = request.form.get("text", "").replace("\r\n", "\n")
    shadows.put(services(), caller(), read_policy(text))
    return redirect(url_for("pages.policy_shadow"), 303)


def _end() -> ResponseReturnValue:
    shadows.end(services(), caller())
    return redirect(url_for("pages.policy_shadow"), 303)


def _promote() -> ResponseReturnValue:
    version = request.form.get("version", type=int) or 0
    shadows.promote(services(), caller(), version, "force" in request.form)
    return redirect(url_for("pages.policy", saved=1), 303)
