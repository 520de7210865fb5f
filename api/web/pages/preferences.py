"""What the signed-in person wants of the pages, and their own password."""

from flask import current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from api.moderation import credentials, passwords, people, sessions
from api.moderation.errors import FieldError, SignInError
from api.moderation.throttling import ThrottledError
from api.web.pages import console
from api.web.pages.highlight import name
from api.web.pages.session import idle_limit, refuse_try, session_token
from api.web.routing import caller, services
from classifier import LABELS

LONGEST_REMINDER = people.LONGEST_REMINDER


def show(trouble: str = "") -> str:
    """The preferences as they are kept."""
    return console.render(
        "preferences.html",
        person=people.find_own(services(), caller()),
        labels={label: name(label) for label in LABELS},
        passwords=current_app.config["PASSWORDS"],
        least=passwords.SHORTEST,
        sessions=sessions.list_own(services(), caller(), session_token(), idle_limit()),
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
    if not current_app.config["PASSWORDS"]:
        return show("Nobody signs in with a password here."), 403
    new = request.form.get("new", "")
    if new != request.form.get("again", ""):
        return show("The new password is not the same both times."), 422
    old = request.form.get("old", "")
    try:
        credentials.change_own(services(), caller(), old, new, session_token())
    except FieldError as error:
        return show(str(error)), 422
    except SignInError as error:
        return show(str(error)), 403
    except ThrottledError as error:
        return refuse_try(show(str(error)), error)
    return redirect(url_for("pages.preferences", saved="password"), 303)


def end_other_sessions() -> ResponseReturnValue:
    """Sign the signed-in person out everywhere but here."""
    sessions.end_others(services(), caller(), session_token())
    return redirect(url_for("pages.preferences", saved="sessions"), 303)
