"""409s about a comment: whoever came too late is shown what there is now."""

from typing import Any

from flask import Flask, Response

from api.moderation import blindness
from api.moderation.errors import (
    ClaimedError,
    LapsedClaimError,
    NotFoundError,
    StaleVersionError,
    UnclaimedError,
)
from api.web.answers import show_blind, show_comment
from api.web.fields import show_time
from api.web.problems import answer, problem
from api.web.routing import caller, services

Conflict = StaleVersionError | ClaimedError | LapsedClaimError | UnclaimedError

_KINDS: dict[type[Conflict], str] = {
    StaleVersionError: "stale-version",
    ClaimedError: "claimed",
    LapsedClaimError: "claim-lapsed",
    UnclaimedError: "claim-required",
}


def register(app: Flask) -> None:
    """Answer these conflicts with a problem document that holds the whole comment."""
    for kind in _KINDS:
        app.register_error_handler(kind, _show)


def _show(error: Conflict) -> Response:
    more: dict[str, Any] = {"version": error.version}
    if isinstance(error, ClaimedError):
        more["claim"] = {"by": error.by, "expires_at": show_time(error.until)}
    document = problem(409, str(error), _KINDS[type(error)], **more)
    return answer(document | _find_present(error.comment_id))


def _find_present(comment_id: str) -> dict[str, Any]:
    """The comment as it is now; nothing where it has been deleted since."""
    try:
        state, blind = blindness.find_present(services(), caller(), comment_id)
    except NotFoundError:
        return {}
    shown = show_blind(state) if blind else show_comment(state)
    return {"version": shown["version"], "comment": shown}
