"""Reason codes: which of them a decision may have, and which decisions may not do without."""

from api.moderation.errors import FieldError
from api.moderation.policy.document import Review


def check(rules: Review, action: str, reason: str | None) -> None:
    """Raise FieldError where the site's policy refuses such a decision for its reason."""
    if reason is None:
        if action in rules.reason_required:
            raise FieldError("/reason", f"To {action} takes a reason here: {_list(rules)}.")
    elif rules.only_these_reasons and reason not in {one.code for one in rules.reasons}:
        raise FieldError("/reason", f"This site has no such reason, only these: {_list(rules)}.")


def _list(rules: Review) -> str:
    return ", ".join(one.code for one in rules.reasons) or "none at all"
