"""The moderators' pages take decisions: each act once, answered with where the comment stands.

A form is answered with a redirect. The script asks for a few words of JSON instead, and of a
comment that has changed since for the piece of a page that shows it anew.
"""

from collections.abc import Callable
from typing import Any

from flask import abort, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from api.moderation import claims, comments, notes, policies, review, skips
from api.moderation.access import Caller
from api.moderation.comments import State
from api.moderation.errors import ClaimedError, ConflictError, RunningError
from api.moderation.notes import LONGEST
from api.moderation.review import Choice, Outcome
from api.web.pages import console, queue, views
from api.web.pages.cards import OUTCOMES
from api.web.pages.session import safe_path
from api.web.repeats import once, shown
from api.web.routing import caller, services

_SAYS = {**OUTCOMES, "undo": "Undone", "skip": "Skipped"}


def decide(comment_id: str) -> ResponseReturnValue:
    """Give a comment its last word."""
    _keep_body()
    choice = Choice(
        action=_read_choice("action", (*review.ACTIONS, review.SKIP)),
        reason=_read("reason", 100),
        note=_read("note", LONGEST),
        queue=_read("queue", 50),
        version=_read_version(),
    )

    def act(who: Caller) -> State:
        _claim_if_required(comment_id, choice)
        return review.decide(services(), who, comment_id, choice)

    return _perform(comment_id, choice.action, act)


def undo(comment_id: str) -> ResponseReturnValue:
    """Take the decision in force back, or that the comment was skipped."""
    _keep_body()
    version = _read_version()

    def act(who: Caller) -> State:
        if "skipped" in request.form:
            return skips.take_back(services(), who, comment_id)
        return review.undo(services(), who, comment_id, version, "whole" in request.form)

    return _perform(comment_id, "undo", act)


def claim(comment_id: str) -> ResponseReturnValue:
    """Have a comment that a page shows for oneself, or for as long again."""
    try:
        claims.claim_one(services(), caller(), comment_id)
    except ClaimedError as error:
        return jsonify({"id": comment_id, "by": error.by.partition(":")[2]}), 409
    except ConflictError:
        return jsonify({"id": comment_id, "by": None}), 409
    return jsonify({"id": comment_id})


def _claim_if_required(comment_id: str, choice: Choice) -> None:
    """Have the comment claimed where the site's policy wants that and no script has done it."""
    rules = policies.find(services(), caller().site_id).document.review
    if rules.claims != "required" or choice.action == review.SKIP:
        return
    try:
        claims.claim_one(services(), caller(), comment_id)
    except ClaimedError:
        raise
    except ConflictError:
        # What does not wait needs no claim.
        return


def note(comment_id: str) -> ResponseReturnValue:
    """Tell colleagues something of a comment."""
    _keep_body()
    said = _read("text", LONGEST)
    if said is None:
        abort(422, "The note says nothing.")
    once(
        lambda who: notes.note_comment(services(), who, comment_id, said),
        lambda _: shown({"id": comment_id}, comments=[comment_id]),
    )
    if _is_script():
        return jsonify({"id": comment_id})
    return _go_on(comment_id)


def _perform(comment_id: str, action: str, act: Callable[[Caller], State]) -> ResponseReturnValue:
    """Do an act once for each Idempotency-Key; where it cannot be, show how things stand."""
    try:
        answer = once(act, lambda state: shown(_sum_up(state, action), comments=[comment_id]))
    except RunningError:
        raise
    except ConflictError as error:
        return _show_present(comment_id, error)
    return answer if _is_script() else _go_on(comment_id)


def _sum_up(state: State, action: str) -> dict[str, Any]:
    """What the script is told of an act that was done."""
    says = _SAYS[action]
    if isinstance(state, Outcome) and state.awaits_second:
        says = "Noted; a colleague is asked too"
    return {"id": state.comment.public_id, "version": state.comment.version, "says": says}


def _show_present(comment_id: str, error: ConflictError) -> ResponseReturnValue:
    card = queue.describe_one(comments.find(services(), caller(), comment_id))
    holder = error.by.partition(":")[2] if isinstance(error, ClaimedError) else None
    given = {"card": card, "whole": True, "changed": True, "holder": holder}
    given |= {"codes": queue.find_reasons(), "onward": _onward()}
    given["targets"] = queue.find_targets()
    if _is_script():
        return render_template("item.html", **given), 409
    return console.render("changed.html", **given), 409


def _go_on(comment_id: str) -> ResponseReturnValue:
    base, _, query = _onward().partition("?")
    return redirect(views.path(base, query, done=comment_id), 303)


def _keep_body() -> None:
    """Keep what was sent as it is: what is read as a form is gone, and tells repeats apart."""
    request.get_data()


def _is_script() -> bool:
    return "Winnow-Item" in request.headers


def _onward() -> str:
    return safe_path(request.form.get("next"))


def _read(field: str, longest: int) -> str | None:
    given = request.form.get(field, "").replace("\r\n", "\n")
    if len(given) > longest or "\x00" in given:
        abort(422, f"The form's {field} is longer than {longest} characters.")
    return given or None


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
