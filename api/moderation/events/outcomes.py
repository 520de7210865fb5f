"""What may happen, and what it may come to for a comment: the types events can be asked for by."""

from typing import Any

SECURITY = (
    "key.created",
    "key.revoked",
    "key.secret_set",
    "moderator.created",
    "moderator.changed",
    "moderator.removed",
    "moderator.password_changed",
    "session.started",
    "session.ended_all",
    "session.refused",
)
"""Acts about who may come in; webhooks are sent these only where they name them."""

ACTS = (
    "comment.created",
    "comment.edited",
    "comment.decided",
    "comment.undone",
    "comment.rejudged",
    "comment.reported",
    "comment.noted",
    "comment.suggested",
    "comment.deleted",
    "author.standing",
    "author.noted",
    "policy.changed",
    "queue.changed",
    "label.forgotten",
    "label.remembered",
    "label.imported",
    "label.erased",
    "model.trained",
    "model.refused",
    "model.promoted",
    "model.rolled_back",
    "trial.started",
    "trial.stopped",
    "drift.noticed",
    "drift.ended",
    "import.started",
    "import.finished",
    "privacy.changed",
    "privacy.swept",
    "person.exported",
    "person.erased",
    *SECURITY,
)
"""The types of events: what somebody did."""

OUTCOMES = {
    "comment.held": "pending",
    "comment.approved": "approved",
    "comment.rejected": "rejected",
}
"""What an act may come to, and the status the comment then has."""

_BY_STATUS = {status: outcome for outcome, status in OUTCOMES.items()}


def outcome(data: dict[str, Any]) -> str | None:
    """What an event with this `data` came to; None when the comment's status stayed as it was."""
    # Events of the first release do not say what was before.
    if "was" not in data or data["was"] == data["status"]:
        return None
    return _BY_STATUS.get(data["status"])
