"""The site's keys for people who are admins: made, shown once, revoked."""

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from api.moderation import access, foreignkeys, keys
from api.moderation.errors import FieldError
from api.moderation.repeats import RepeatError
from api.web.pages import console, filled
from api.web.pages.cards import tell_age
from api.web.routing import caller, services

MAY = {
    "backend": "a website's backend: submits, reads, reports",
    "moderator": "a moderator's tool: the queue and decisions besides",
    "admin": "everything of the site",
}
"""What a key of each role is for."""

STYLES = {
    foreignkeys.WINNOW: "for everything: its own API, and as the key of other protocols",
    foreignkeys.AKISMET: "12 digits, for Akismet's calls only; WordPress takes no other",
    foreignkeys.CORAL: "a moderation phase of Coral's; set its signing secret once it is made",
}
"""What a key of each style is for."""


def show(made: str = "", trouble: str = "") -> str:
    """The keys, those in use first."""
    now = services().now()
    found = access.list_keys(services(), caller().site_id)
    return console.render(
        "keys.html",
        keys=[
            (one, tell_age(one.created_at, now))
            for one in sorted(found, key=lambda one: (one.revoked_at is not None, -one.id))
        ],
        may=MAY,
        styles=STYLES,
        made=made,
        trouble=trouble,
        token=filled.make_token(),
    )


def create() -> ResponseReturnValue:
    """Make a key and show it, this once."""
    role, style = request.form.get("role", ""), request.form.get("style", foreignkeys.WINNOW)
    if role not in access.ROLES:
        abort(422, "The form names no role that a key may have.")
    if style not in STYLES:
        abort(422, "The form names no style that a key may have.")
    if style != foreignkeys.WINNOW and role != foreignkeys.ROLE:
        return show(trouble=f"A key of this style has the role {foreignkeys.ROLE}."), 422
    who = filled.once()
    try:
        made = foreignkeys.create(services(), who, style, role)
    except RepeatError:
        return show(trouble="This form was sent before, and its key was shown then."), 409
    return show(made.key), 201


def keep_secret(key_id: str) -> ResponseReturnValue:
    """Keep the secret with which Coral signs for a phase."""
    secret = request.form.get("secret", "").strip()
    try:
        foreignkeys.set_secret(services(), caller(), key_id, secret)
    except FieldError as wrong:
        return show(trouble=str(wrong)), 422
    return redirect(url_for("pages.settings_keys"), 303)


def revoke(key_id: str) -> ResponseReturnValue:
    """End a key's power."""
    keys.revoke(services(), caller(), key_id)
    return redirect(url_for("pages.settings_keys"), 303)
