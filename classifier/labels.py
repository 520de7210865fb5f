"""The names of the scores, in the order of every score array."""

from typing import Final

LABELS: Final = (
    "spam",
    "toxicity",
    "severe_toxicity",
    "profanity",
    "threat",
    "insult",
    "identity_attack",
)
