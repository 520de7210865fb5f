"""What the profiles do, as tables for a terminal and for the model card."""

from collections.abc import Mapping, Sequence
from typing import Any

from classifier.labels import LABELS
from classifier.profiles import PROFILES
from classifier.tables import Table

_TOUCHED = ("held_or_rejected_for_abuse", "held_or_rejected_for_spam", "rejected")
_HEAD = ("profile", "ordinary comments", "number", "touched for abuse", "for spam", "rejected")


def tables(profiles: Mapping[str, Any], ordinary: Mapping[str, Any]) -> list[Table]:
    """Return what becomes of ordinary comments, and each label's thresholds with their precision.

    `profiles` and `ordinary` are as in a manifest: `profiles` and `profiles_ordinary`.
    """
    touched = [
        (name, which, f"{one['comments']:,}", *(f"{one[key]:.2%}" for key in _TOUCHED))
        for name in PROFILES
        for which, one in sorted(ordinary[name].items())
    ]
    found = [
        (label, action, *(_show(profiles[name][label], action) for name in PROFILES))
        for label in LABELS
        for action in ("hold", "reject")
    ]
    return [
        Table("What each profile does to ordinary comments", _HEAD, touched),
        Table("From which score on, and how many truly have the label", _columns(), found),
    ]


def _columns() -> Sequence[str]:
    return ("label", "action", *PROFILES)


def _show(entry: Mapping[str, Any], action: str) -> str:
    at = entry[action]
    if at is None:
        return "never"
    behind = entry[f"at_{action}"]
    return f"{at} ({behind['precision']:.1%} of {behind['support']})"
