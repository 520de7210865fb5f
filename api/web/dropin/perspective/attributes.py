"""Perspective's attributes: which of our scores each is, and which languages it can be had in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from api.moderation.dropin.rejection import Fit
from api.web.dropin.perspective import languages
from api.web.dropin.perspective.errors import GoogleError, refuse_comment

REJECTION = "LIKELY_TO_REJECT"

_PRODUCTION = {
    "TOXICITY": "toxicity",
    "SEVERE_TOXICITY": "severe_toxicity",
    "IDENTITY_ATTACK": "identity_attack",
    "INSULT": "insult",
    "PROFANITY": "profanity",
    "THREAT": "threat",
}
_LABELS = {**_PRODUCTION, "SPAM": "spam", "OBSCENE": "profanity"}

UNSCORED = (
    *("SEXUALLY_EXPLICIT", "FLIRTATION", "AFFINITY_EXPERIMENTAL", "COMPASSION_EXPERIMENTAL"),
    *("CONSTRUCTIVE_EXPERIMENTAL", "CURIOSITY_EXPERIMENTAL", "NUANCE_EXPERIMENTAL"),
    *("PERSONAL_STORY_EXPERIMENTAL", "REASONING_EXPERIMENTAL", "RESPECT_EXPERIMENTAL"),
    *("ALIENATION_EXPERIMENTAL", "FEARMONGERING_EXPERIMENTAL", "GENERALIZATION_EXPERIMENTAL"),
    *("MORAL_OUTRAGE_EXPERIMENTAL", "POWER_APPEAL_EXPERIMENTAL", "SCAPEGOATING_EXPERIMENTAL"),
    *("ATTACK_ON_AUTHOR", "ATTACK_ON_COMMENTER", "INCOHERENT", "INFLAMMATORY", "UNSUBSTANTIAL"),
    *("ATTACK_ON_PUBLISHER", "OFF_TOPIC"),
)
"""What Perspective has a score for and we have none: no language of theirs is supported."""

MOST = 100
"""How many may be asked for at once: by their versions there are any number of names."""

_VERSIONED = re.compile(r"(.+)@[0-9]{1,9}", re.DOTALL)
_LONGEST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Attribute:
    """What is asked for: `name` as it was asked, `base` whose curve it has, our `label` for it.

    Without a label it is `LIKELY_TO_REJECT`, which is made of all of them, or one of `UNSCORED`.
    """

    name: str
    base: str
    label: str | None = None

    def is_had(self, readable: bool, fit: Fit | None) -> bool:
        """Whether it can be had of a text whose abuse the model can judge, or of another."""
        if self.label is None:
            return readable and self.base == REJECTION and fit is not None
        return readable or self.label == "spam"


_KNOWN = {
    **{name: Attribute(name, name, label) for name, label in _LABELS.items()},
    **{
        f"{name}_EXPERIMENTAL": Attribute(f"{name}_EXPERIMENTAL", name, label)
        for name, label in _PRODUCTION.items()
    },
    "TOXICITY_FAST": Attribute("TOXICITY_FAST", "TOXICITY", "toxicity"),
    **{name: Attribute(name, name) for name in (REJECTION, *UNSCORED)},
}


def find(name: str) -> Attribute | None:
    """The attribute of a name; a version may be pinned with `@`, and is answered by that name."""
    if name in _KNOWN:
        return _KNOWN[name]
    pinned = _VERSIONED.fullmatch(name)
    known = _KNOWN.get(pinned[1]) if pinned else None
    return known and replace(known, name=name)


def read(requested: Mapping[str, Any]) -> list[Attribute]:
    """The attributes that are asked for; raise GoogleError for an unknown one or a score type."""
    if not requested:
        raise refuse_comment("Missing requested_attributes", "NO_REQUESTED_ATTRIBUTES")
    if len(requested) > MOST:
        raise refuse_comment(f"Too many attributes. Exceeded limit ({MOST}).")
    found = [find(name) or _refuse_unknown(name) for name in requested]
    for name, parameters in requested.items():
        kind = parameters.get("scoreType", "PROBABILITY")
        if kind not in ("PROBABILITY", "SCORE_TYPE_UNSPECIFIED"):
            says = f"Requested score type {kind[:_LONGEST_SHOWN]} is not supported by attribute"
            raise refuse_comment(f"{says} {name}")
    return found


def choose(
    asked: Sequence[Attribute],
    requested: Sequence[str],
    detected: Sequence[str],
    fit: Fit | None,
    drop: bool,
) -> list[Attribute]:
    """Those that the languages of a text allow; raise GoogleError for the first of the others.

    Where `drop`, the others are just left out. `requested` counts before `detected`.
    """
    readable = languages.are_readable(requested or detected)
    found = []
    for one in asked:
        if one.is_had(readable, fit):
            found.append(one)
        elif not drop:
            raise _refuse(one.name, requested, detected)
    return found


def _refuse_unknown(name: str) -> NoReturn:
    raise refuse_comment(f"Unknown requested attribute: {name[:_LONGEST_SHOWN]}")


def _refuse(name: str, requested: Sequence[str], detected: Sequence[str]) -> GoogleError:
    if not requested and languages.UNKNOWN in detected:
        return refuse_comment("Unable to detect language", "LANGUAGE_DETECTION_FAILED")
    which = "requestedLanguages" if requested else "detectedLanguages"
    spoken = list(requested or detected)
    return refuse_comment(
        f"Attribute {name} does not support request languages: {', '.join(spoken)}",
        "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        languageNotSupportedByAttributeError={which: spoken, "attribute": name},
    )
