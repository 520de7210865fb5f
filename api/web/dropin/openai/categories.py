"""The service's categories, and which of our labels speak for each.

A label is a probability, so a category that one label means has that label's score. Where any of
several labels will do it is the largest of theirs, and where all are needed the smallest, which is
what they can have in common at most:

- `harassment` is `insult` or `toxicity`. Insult is the nearer, but what is rude to somebody
  without calling them names ("you people make me sick") only toxicity sees.
- `violence` is `threat`, and `hate` is `identity_attack`.
- `harassment/threatening` and `hate/threatening` are those, and `threat` at once.

The others are not judged: no label means them, so they have a score that never matters and are
never true. Spam and profanity are no categories of the service.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from api.moderation.policy.scores import act
from classifier import Threshold

FLOOR = 1e-6
"""The score of what is not judged, and of a text with nothing in it."""

_RUDE = ("insult", "toxicity")
_HATEFUL = ("identity_attack",)
_THREATENING = ("threat",)

CATEGORIES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "harassment": (_RUDE,),
    "harassment/threatening": (_RUDE, _THREATENING),
    "hate": (_HATEFUL,),
    "hate/threatening": (_HATEFUL, _THREATENING),
    "illicit": (),
    "illicit/violent": (),
    "self-harm": (),
    "self-harm/intent": (),
    "self-harm/instructions": (),
    "sexual": (),
    "sexual/minors": (),
    "violence": (_THREATENING,),
    "violence/graphic": (),
}
"""Groups of labels: of each group one must be found. Without any group it is not judged."""

NEWER = ("illicit", "illicit/violent")
"""Categories that text models do not have."""

Found = Mapping[str, tuple[float, bool]]
"""A score for each category, and whether the policy does something about it."""


def find(scores: Mapping[str, float], thresholds: Mapping[str, Threshold]) -> Found:
    """What the scores of a text say, by the thresholds of the site's policy."""
    return {
        name: (
            min(
                (max(scores.get(label, FLOOR) for label in group) for group in groups),
                default=FLOOR,
            ),
            bool(groups) and all(_is_any_reached(group, scores, thresholds) for group in groups),
        )
        for name, groups in CATEGORIES.items()
    }


def _is_any_reached(
    group: Sequence[str], scores: Mapping[str, float], thresholds: Mapping[str, Threshold]
) -> bool:
    return any(act(scores.get(label, FLOOR), thresholds[label]) != "approve" for label in group)


def merge(found: Sequence[Found]) -> Found:
    """What the parts of a text say of it: in each category the worst of them."""
    return {
        name: (max(one[name][0] for one in found), any(one[name][1] for one in found))
        for name in CATEGORIES
    }


def show(found: Found, text_only: bool) -> dict[str, Any]:
    """A result as the service shows it."""
    shown = {name: one for name, one in found.items() if not (text_only and name in NEWER)}
    result: dict[str, Any] = {
        "flagged": any(is_true for _, is_true in shown.values()),
        "categories": {name: is_true for name, (_, is_true) in shown.items()},
        "category_scores": {name: score for name, (score, _) in shown.items()},
    }
    if not text_only:
        result["category_applied_input_types"] = {name: ["text"] for name in shown}
    return result
