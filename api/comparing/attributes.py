"""Which of our scores stands for which of Perspective's attributes."""

from collections.abc import Mapping
from typing import Final

LABELS_OF: Final[Mapping[str, str]] = {
    "TOXICITY": "toxicity",
    "SEVERE_TOXICITY": "severe_toxicity",
    "IDENTITY_ATTACK": "identity_attack",
    "INSULT": "insult",
    "PROFANITY": "profanity",
    "THREAT": "threat",
    "OBSCENE": "profanity",
    "SPAM": "spam",
}
_TWIN: Final = "_EXPERIMENTAL"

OTHERS: Final = frozenset(
    {
        *("TOXICITY_FAST", "SEXUALLY_EXPLICIT", "FLIRTATION", "LIKELY_TO_REJECT"),
        *("ATTACK_ON_AUTHOR", "ATTACK_ON_COMMENTER", "ATTACK_ON_PUBLISHER", "OFF_TOPIC"),
        *("INCOHERENT", "INFLAMMATORY", "UNSUBSTANTIAL", "AFFINITY", "COMPASSION"),
        *("CONSTRUCTIVE", "CURIOSITY", "NUANCE", "PERSONAL_STORY", "REASONING", "RESPECT"),
        *("ALIENATION", "FEARMONGERING", "GENERALIZATION", "MORAL_OUTRAGE", "POWER_APPEAL"),
        "SCAPEGOATING",
    }
)
"""Attributes that Winnow does not score, or not without a site's own decisions."""


def name_base(attribute: str) -> str:
    """The attribute without a pinned version, and of experimental twins the other one."""
    return attribute.partition("@")[0].removesuffix(_TWIN)


def find_label(attribute: str) -> str | None:
    """Our score for an attribute; None where we have none that means the same."""
    return LABELS_OF.get(name_base(attribute))


def is_attribute(name: str) -> bool:
    """Whether a column of that name holds an attribute's scores, and not something else."""
    base = name_base(name)
    return base in LABELS_OF or base in OTHERS
