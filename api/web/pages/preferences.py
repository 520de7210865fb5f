"""What the signed-in person wants of the pages, and their own password."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from api.moderation import access, people
from api.moderation.errors import SignInError
from api.web.pages import console
from api.web.pages.highlight import name
from api.web.pages.session import session_token
from api.web.routing import caller, services
from classifier import LABELS

LONGEST_PASSWORD = 1000
LONGEST_REMINDER = people.LONGEST_REMINDER


def show(trouble: str = "") -> str:
    """The preferences as they are kept."""
    return console.render(
        "preferences.html",
        person=people.find_own(services(), caller()),
        labels={label: name(label) for label in LABELS},
        least=access.MIN_PASSWORD,
        most=LONGEST_REMINDER,
        saved=request.args.get("saved"),
        trouble=trouble,
    )


def save() -> ResponseReturnValue:
    """Keep what the form says."""
    given = request.form.get("remind_minutes", "").strip()
    if given and not (given.isascii() and given.isdigit() and 0 < int(given[:9]) <= 600):
        says = f"A reminder comes after 1 to {LONGEST_REMINDER} minutes; leave it empty for none."
        return show(says), 422
    wishes = {
        "blur": "blur" in request.form,
        "keys": "keys" in request.form,
        "remind_minutes": int(given) if given else None,
        "spared": request.form.getlist("spared"),
    }
    people.set_wishes(services(), caller(), wishes)
    return redirect(url_for("pages.preferences", saved="preferences"), 303)


def change_password() -> ResponseReturnValue:
    """Give the signed-in person another password; their other browsers are signed out."""
    new = request.form.get("new", "")
    if len(new) < access.MIN_PASSWORD:
        return show(f"A password has {access.MIN_PASSWORD} characters at least."), 422
    if len(new) > LONGEST_PASSWORD:
        return show(f"A password has {LONGEST_PASSWORD} characters at most."), 422
    if new != request.form.get("again", ""):
        return show("The new password is not the same both times."), 422
    old = request.form.get("old", "")
    try:
        people.change_password(services(), caller(), old, new, session_token())
    except SignInError as error:
        return show(str(error)), 403
    return redirect(url_for("pages.preferences", saved="password"), 303)
