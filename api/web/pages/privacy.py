"""How long the site keeps what, for people who are admins."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from api.moderation.errors import FieldError
from api.moderation.privacy import due, settings
from api.moderation.privacy.settings import Keep
from api.web.pages import console
from api.web.routing import caller, services

KINDS = {
    due.SPAM: ("Rejected as spam", "The whole comment goes, with all that hangs on it."),
    due.REJECTED: ("Rejected for whatever reason", "The whole comment goes as well."),
    due.TEXT: (
        "Texts",
        "Of comments that are approved or rejected. Status and decisions stay, and are counted.",
    ),
    due.ADDRESS: ("Network addresses", "And with them what browser it was."),
    due.EMAIL: ("E-mail addresses", "Of commenters; those of moderators stay."),
}
"""What each kind is called here, and what goes."""

ADDRESSES = {
    "whole": ("as they are", "203.0.113.57"),
    "truncated": ("their network alone", "203.0.113.0"),
    "hashed": ("as digests: known again, never read", "h:5ab0…"),
}
"""The same of how addresses are kept."""


def show() -> str:
    """What holds now."""
    with services().database.reading() as session:
        found = settings.read(session, caller().site_id)
    given = {kind: str(days or "") for kind, days in found.keep.items()}
    return _render(given, found.addresses)


def save() -> ResponseReturnValue:
    """Keep what the form says; where something would go, only once its sender has seen how much."""
    given = {kind: request.form.get(kind, "").strip() for kind in KINDS}
    addresses = request.form.get("addresses", "")
    try:
        keep = {kind: _read_days(kind, value) for kind, value in given.items()}
        affected = settings.count(services(), caller().site_id, keep, addresses)
    except FieldError as error:
        return _render(given, addresses, trouble=str(error)), 422
    seen = _spell(keep, addresses)
    if any(affected.values()) and request.form.get("seen") != seen:
        return _render(given, addresses, affected=affected, seen=seen)
    settings.change(services(), caller(), keep, addresses)
    return redirect(url_for("pages.settings_privacy", saved="yes"), 303)


def _read_days(kind: str, given: str) -> int | None:
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= settings.LONGEST):
        title, _ = KINDS[kind]
        says = f"whole days from 1 to {settings.LONGEST}; leave it empty for ever."
        raise FieldError(f"/keep/{kind}", f"{title}: {says}")
    return int(given)


def _spell(keep: Keep, addresses: str) -> str:
    return " ".join(f"{kind}={keep[kind] or ''}" for kind in KINDS) + f" {addresses}"


def _render(
    given: dict[str, str],
    addresses: str,
    *,
    trouble: str = "",
    affected: dict[str, int] | None = None,
    seen: str = "",
) -> str:
    return console.render(
        "privacy.html",
        kinds=KINDS,
        ways=ADDRESSES,
        most=settings.LONGEST,
        given=given,
        addresses=addresses,
        affected=affected,
        rewritten=due.REWRITTEN,
        seen=seen,
        saved=request.args.get("saved"),
        trouble=trouble,
    )
