"""What models are called: those of the service, whose clients name one, and our own."""

from api.moderation.services import Services

USUAL = "omni-moderation-latest"

_TEXT = "text-moderation-007"

ALIASES = {
    USUAL: USUAL,
    "omni-moderation-2024-09-26": "omni-moderation-2024-09-26",
    "text-moderation-latest": _TEXT,
    "text-moderation-stable": _TEXT,
    _TEXT: _TEXT,
}
"""Names that a call may ask for, each with the name that its answer gives; one model is behind."""


def own_name(services: Services) -> str | None:
    """The version of the model in use; None while there is none."""
    model = services.scorer.model
    return None if model is None else model.version


def is_text_only(name: str) -> bool:
    """Whether a model's answers are those of the older kind, with fewer categories."""
    return ALIASES.get(name) == _TEXT
