"""The site's moderators for people who are admins: let in, changed, let go."""

from typing import Any

import marshmallow as ma
from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from api.moderation import people, sessions
from api.moderation.errors import ConflictError, FieldError
from api.moderation.people import Made, Newcomer
from api.moderation.repeats import RepeatError
from api.web.moderators import ModeratorChange, ModeratorIn
from api.web.pages import console, filled
from api.web.routing import caller, services

NAMES = {"email": "E-mail address"}


def show_all(made: Made | None = None, trouble: str = "") -> str:
    """Who may sign in."""
    return console.render(
        "moderators.html",
        people=people.list_people(services(), caller()),
        roles=people.ROLES,
        made=made,
        trouble=trouble,
        given=request.form,
        token=filled.make_token(),
    )


def create() -> ResponseReturnValue:
    """Let somebody sign in, with a password that is shown this once."""
    given = {"email": request.form.get("email", "").strip(), **_read()}
    try:
        wanted: dict[str, Any] = ModeratorIn().load(given)
    except ma.ValidationError as error:
        return show_all(trouble=filled.say(error, NAMES)), 422
    newcomer = Newcomer(**{**wanted, "sections": tuple(wanted["sections"])})
    try:
        return show_all(people.create(services(), filled.once(), newcomer)), 201
    except FieldError as error:
        return show_all(trouble=f"Password: {error}"), 422
    except RepeatError:
        return show_all(trouble="This form was sent before; the password was shown then."), 409
    except ConflictError as error:
        return show_all(trouble=str(error)), 409


def show(moderator_id: str, trouble: str = "") -> str:
    """One person, ready to be changed."""
    return console.render(
        "moderator.html",
        person=people.find(services(), caller(), moderator_id),
        roles=people.ROLES,
        trouble=trouble,
    )


def change(moderator_id: str) -> ResponseReturnValue:
    """Give somebody another role or other sections."""
    try:
        wanted: dict[str, Any] = ModeratorChange().load(_read())
        people.change(services(), caller(), moderator_id, **wanted)
    except ma.ValidationError as error:
        return show(moderator_id, filled.say(error)), 422
    except ConflictError as error:
        return show(moderator_id, str(error)), 409
    return redirect(url_for("pages.settings_moderators"), 303)


def sign_out(moderator_id: str) -> ResponseReturnValue:
    """Sign somebody out everywhere; they may sign in again."""
    sessions.end_all(services(), caller(), moderator_id)
    return redirect(url_for("pages.settings_moderators"), 303)


def remove(moderator_id: str) -> ResponseReturnValue:
    """Let somebody in no longer."""
    try:
        people.remove(services(), caller(), moderator_id)
    except ConflictError as error:
        return show(moderator_id, str(error)), 409
    return redirect(url_for("pages.settings_moderators"), 303)


def _read() -> dict[str, Any]:
    return {"role": request.form.get("role", ""), "sections": filled.lines("sections")}
