"""The moderators' pages: what waits, what was decided, deciding, and taking back."""

from typing import Any
from urllib.parse import urlencode

import marshmallow as ma
from flask import abort, redirect, request
from flask.typing import ResponseReturnValue
from marshmallow import validate

from api.moderation import comments, review
from api.moderation.comments import State
from api.moderation.errors import ClaimedError, ConflictError, NotFoundError
from api.moderation.filters import Filter
from api.moderation.queues import listing, overview
from api.moderation.queues.listing import Asked
from api.moderation.review import Choice
from api.web.fields import COMMENT_ID, without_blanks
from api.web.pages import console
from api.web.pages.cards import Card, describe
from api.web.pages.highlight import name
from api.web.pages.session import safe_path
from api.web.queue import QueueQuery
from api.web.routing import caller, services
from classifier import LABELS

PAGE_SIZE = 20
REASONS = (
    *(f"{label}_score" for label in LABELS),
    *("word_rule", "near_duplicate", "newcomer", "recent_record", "author_held", "look_alike"),
    *("too_many_links", "new_host", "mode_pre", "mode_first", "outside_hours", "checker"),
    "classifier_unavailable",
    "edited_after_rejection",
)
"""The reasons to filter by."""
CODES = ("spam", "abusive", "off-topic", "other")
"""The reasons a moderator may give for a decision."""


class View(QueueQuery):
    """Which part of the queue a page shows, and the comment that was just dealt with."""

    done = ma.fields.String(load_default=None, validate=validate.Regexp(rf"{COMMENT_ID}\Z"))


def show() -> str:
    """The comments that wait."""
    view = _read_view()
    asked = {field: view[field] for field in ("queue", "reason", "article", "section")}
    wanted = {**asked, "queue": asked["queue"] or "default"}
    picked = {name: value for name, value in wanted.items() if name != "queue"}
    page = listing.list_queue(
        services(),
        caller(),
        Asked(wanted["queue"], Filter(**picked), view["sort"]),
        PAGE_SIZE,
        view["cursor"],
    )
    asked["sort"] = request.args.get("sort")
    waiting = overview.survey(services(), caller())
    return _render(
        "queue.html",
        cards=[_card(one.state) for one in page.items],
        next=page.next and _here(**asked, cursor=page.next),
        onward=_here(**asked, cursor=view["cursor"]),
        chosen={**wanted, "sort": view["sort"]},
        filtered=any(wanted[field] for field in ("reason", "article", "section")),
        waiting=waiting.queues,
        reasons={code: name(code) for code in REASONS},
        sections=_options({one: one for one in waiting.sections}, wanted["section"]),
        articles=_options(waiting.articles, wanted["article"]),
        done=_find(view["done"]),
    )


def show_decided() -> str:
    """The comments decided last."""
    states = review.recently_decided(services(), caller())
    return _render(
        "decided.html",
        cards=[_card(state) for state in states],
        onward=request.path,
        done=_find(_read_view()["done"]),
    )


def decide(comment_id: str) -> ResponseReturnValue:
    """Give a comment its last word."""
    choice = Choice(
        action=_read_choice("action", review.ACTIONS),
        reason=_read_choice("reason", ("", *CODES)) or None,
        version=_read_version(),
    )
    try:
        state = review.decide(services(), caller(), comment_id, choice)
    except ConflictError as error:
        return _show_present(comment_id, error)
    return _show_outcome(state)


def undo(comment_id: str) -> ResponseReturnValue:
    """Take the decision in force back."""
    try:
        state = review.undo(services(), caller(), comment_id, _read_version())
    except ConflictError as error:
        return _show_present(comment_id, error)
    return _show_outcome(state, undone=True)


def _show_outcome(state: State, undone: bool = False) -> ResponseReturnValue:
    if _wants_item():
        return _render("item.html", card=_card(state), whole=undone, onward=_onward())
    path = _onward()
    done = urlencode({"done": state.comment.public_id})
    return redirect(f"{path}{'&' if '?' in path else '?'}{done}", 303)


def _show_present(comment_id: str, error: ConflictError) -> ResponseReturnValue:
    card = _card(comments.find(services(), caller(), comment_id))
    template = "item.html" if _wants_item() else "changed.html"
    holder = error.by.partition(":")[2] if isinstance(error, ClaimedError) else None
    given = {"card": card, "whole": True, "changed": True, "holder": holder}
    return _render(template, onward=_onward(), **given), 409


def _wants_item() -> bool:
    # queue.js asks so; it puts the answer in the place of the comment it acted on.
    return "Winnow-Item" in request.headers


def _render(template: str, **given: Any) -> str:
    return console.render(template, codes=CODES, **given)


def _card(state: State) -> Card:
    return describe(state, services().now())


def _find(comment_id: str | None) -> Card | None:
    if comment_id is None:
        return None
    try:
        return _card(comments.find(services(), caller(), comment_id))
    except NotFoundError:
        return None


def _options(known: dict[str, str], chosen: str | None) -> dict[str, str]:
    # What was chosen stays to be seen when nothing of it waits any more.
    return known if chosen is None or chosen in known else {**known, chosen: chosen}


def _here(**query: str | None) -> str:
    given = urlencode(without_blanks(query))
    return f"{request.path}?{given}" if given else request.path


def _onward() -> str:
    return safe_path(request.form.get("next"))


def _read_view() -> dict[str, Any]:
    try:
        view: dict[str, Any] = View(unknown=ma.EXCLUDE).load(without_blanks(request.args))
    except ma.ValidationError:
        abort(422, "This address asks the queue for something it does not know.")
    return view


def _read_choice(field: str, allowed: tuple[str, ...]) -> str:
    chosen = request.form.get(field, "")
    if chosen not in allowed:
        abort(422, f"The form's {field} is none that we offer.")
    return chosen


def _read_version() -> int:
    version = request.form.get("version", type=int)
    if version is None:
        abort(422, "The form's version is missing.")
    return version
