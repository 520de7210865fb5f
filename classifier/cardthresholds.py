"""The model card's sections on thresholds and profiles."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from classifier import thresholds
from classifier.cardtables import between, table
from classifier.curves import MIN_SUPPORT
from classifier.labels import LABELS
from classifier.profiletables import tables

_PROFILES: Final = """\
A profile is what its thresholds are to achieve on the sets above, so that it means the same for
another model: at most so much of any set of ordinary comments held, at most so much rejected by
a label, and at least so much of what is rejected truly so.
"""

_CURVES: Final = """\
A target of a site's own (`precision:0.95`, `share:0.01`) is looked up in a curve of each label,
measured on the same sets. Between its points the upper one counts. Where chance has a higher
score look less certain than a lower one, the lower one is taken to be no better; on fewer than 30
comments no precision is believed. A precision is that of these sets' mixture, where abuse is far
more frequent than on most sites: expect less.
"""


def write_thresholds(manifest: Mapping[str, Any]) -> str:
    """Return the section on the thresholds of `balanced`."""
    rows = []
    for label in LABELS:
        one = manifest["thresholds"][label]
        for action in ("hold", "reject"):
            rows.append((label, action, *_figures(one[action], one.get(f"at_{action}"))))
    usual = thresholds.PROFILES["balanced"]
    rule = (
        f"Those of the profile `balanced`, chosen by rule on the development sets and the\n"
        f"Wikipedia and video comments kept out of training. *Reject* at the lowest score with a\n"
        f"precision of at least {usual.precision} over at least {MIN_SUPPORT} comments, while no "
        f"set of ordinary\ncomments loses more than {usual.rejected:.1%}; otherwise never. *Hold* "
        f"so that all abuse labels together\nhold at most {usual.held_abuse:.1%} of any set of "
        f"ordinary comments, and spam at most {usual.held_spam:.1%}. Ordinary:\ncomments a blog's "
        f"author let stand, and Wikipedia comments without any label. The\nfalse-positive rate is "
        f"that of the worst of these sets. In brackets Wilson's 95 % intervals.\n"
        f"{_kept(manifest)}"
    )
    head = ("label", "action", "at", "precision", "comments", "recall", "false positives")
    return f"## Thresholds\n\n{rule}\n{table(head, rows)}\n{_ordinary(manifest)}"


def _kept(manifest: Mapping[str, Any]) -> str:
    """Say which thresholds are not what the rule gives today."""
    others = [
        f"{label}: hold {one['by_rule']['hold']}, reject {one['by_rule']['reject'] or 'never'}"
        for label, one in manifest["thresholds"].items()
        if "by_rule" in one
    ]
    if not others:
        return ""
    return (
        "\nThe thresholds are those that the model was first shipped with, so that no site's "
        "decisions\nchange; the figures are of this version, which reads more disguises. By the "
        f"rule it would have\n{'; '.join(others)}.\n"
    )


def write_profiles(manifest: Mapping[str, Any]) -> str:
    """Return the section on all profiles, empty for a model without them."""
    if "profiles" not in manifest:
        return ""
    rows = [
        (name, *map(_per_cent, (one.held_abuse, one.held_spam, one.precision, one.rejected)))
        for name, one in thresholds.PROFILES.items()
    ]
    head = ("profile", "held for abuse", "held for spam", "precision of rejecting", "rejected")
    found = tables(manifest["profiles"], manifest["profiles_ordinary"])
    return (
        f"## Profiles\n\n{_PROFILES}\n{table(head, rows)}\n"
        + "\n".join(one.markdown() for one in found)
        + f"\n{_CURVES}"
    )


def _per_cent(share: float) -> str:
    return f"{share:.1%}"


def _ordinary(manifest: Mapping[str, Any]) -> str:
    keys = ("held_or_rejected_for_abuse", "held_or_rejected_for_spam", "rejected")
    rows = [
        (name, f"{one['comments']:,}", *(f"{one[key]:.2%}" for key in keys))
        for name, one in manifest["ordinary"].items()
    ]
    head = ("ordinary comments", "number", "touched for abuse", "touched for spam", "rejected")
    return f"What all thresholds together do to ordinary comments:\n\n{table(head, rows)}"


def _figures(at: float | None, found: Mapping[str, Any] | None) -> Sequence[object]:
    if at is None:
        return ("never", "-", "-", "-", "-")
    if found is None:
        return (at, "-", "-", "-", "-")
    return (
        at,
        f"{found['precision']:.3f}{between(found['precision_interval'], 3)}",
        found["support"],
        f"{found['recall']:.3f}{between(found['recall_interval'], 3)}",
        f"{found['false_positive_rate']:.2%}{between(found['false_positive_interval'], None)}",
    )
