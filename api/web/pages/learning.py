"""What a site has taught, for people: its labels, what came of them, and what is in force."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from api.moderation import inforce, policies
from api.moderation.errors import ConflictError
from api.moderation.inforce import InForce
from api.moderation.learning import surveying, versions
from api.store.learning import StoredAdapter
from api.web.pages import console
from api.web.pages.cards import tell_age
from api.web.routing import caller, services

PAGE_SIZE = 20
STATES = {
    "waiting": "waits",
    "refused": "refused",
    "promoted": "was in force",
    "withdrawn": "taken back",
    "stale": "knows what is erased",
}
"""What has become of a model, in words."""


def show(trouble: str = "") -> str:
    """Labels, and the models that came of them, newest first."""
    cursor = request.args.get("cursor")
    page = versions.list_versions(services(), caller(), PAGE_SIZE, cursor)
    here = find_in_force()
    taught = surveying.survey(services(), caller().site_id)
    return console.render(
        "learning.html",
        learning=policies.find(services(), caller().site_id).document.learning,
        taught=taught,
        looked_at=surveying.LOOKED_AT,
        believed={one["actor"]: one for one in _list_accounts(taught.last)},
        weighed=taught.last and tell_age(taught.last.created_at, services().now()),
        in_force=taught.model and describe(taught.model, here),
        models=[describe(one, here) for one in page.items],
        next=page.next and url_for("pages.learning", cursor=page.next),
        trouble=trouble,
    )


def act() -> ResponseReturnValue:
    """Put a model in force, or take the one in force back; by admins."""
    acts = {"promote": _promote, "rollback": _roll_back}
    chosen = acts.get(request.form.get("act", ""))
    if chosen is None:
        return show("The form was not filled in as we made it."), 422
    try:
        chosen(request.form.get("model", ""))
    except ConflictError as error:
        return show(str(error)), 409
    return redirect(url_for("pages.learning"), 303)


def find_in_force() -> InForce:
    """What the site's comments are judged by, and what is on trial beside it."""
    return inforce.find(services(), caller().site_id)


def describe(one: StoredAdapter, here: InForce) -> dict[str, Any]:
    """A model in a form to be shown; `errors` are of the shipped model and of this one."""
    report = one.report
    measured = [report[name] for name in ("shipped", "candidate") if name in report]
    return {
        "row": one,
        "age": tell_age(one.created_at, services().now()),
        "why": report.get("why", ""),
        "doubted": report.get("accounts", {}).get("doubted", 0),
        "taught_by": report.get("accounts", {}).get("count", 0),
        "accounts": _list_accounts(one),
        "errors": [_tell(error) for error in measured],
        "in_force": one.id == here.adapter,
        "on_trial": one.id == here.trial,
        "state": STATES[one.state],
        # Of those that the gate refused, or that were taken back, it is not in the page's power.
        "may_judge": one.state in ("waiting", "promoted") and one.id != here.adapter,
    }


def _list_accounts(one: StoredAdapter | None) -> list[dict[str, Any]]:
    """Who has taught it, and how far they were believed, where its report says so."""
    found: list[dict[str, Any]] = (
        [] if one is None else one.report.get("accounts", {}).get("items", [])
    )
    return found


def _tell(error: dict[str, float]) -> tuple[str, str]:
    return f"{error['value']:.1%}", f"{error['low']:.1%} to {error['high']:.1%}"


def _promote(model: str) -> None:
    versions.promote(services(), caller(), model)


def _roll_back(model: str) -> None:
    """Take back what was seen: not what a colleague, or the next training, has put there since."""
    seen = versions.show(services(), caller(), model)
    if find_in_force().adapter != seen.id:
        raise ConflictError("Another model is in force by now, or none.")
    versions.rollback(services(), caller(), only=seen.id)
