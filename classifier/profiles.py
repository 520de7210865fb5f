"""What a model file says about its scores: thresholds by profile and label, and curves."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Protocol

from classifier import curves
from classifier.labels import LABELS
from classifier.modelfile import ModelError

PROFILES: Final = ("relaxed", "balanced", "strict")
"""What they are to achieve is in `classifier.thresholds`."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which score on a comment is held, and from which it is rejected.

    Both are probabilities, `hold` <= `reject`. `reject` is None where no score is certain
    enough to reject on; compare with `score >= threshold.hold`.
    """

    hold: float
    reject: float | None


class Measured(Protocol):
    """What knows from which score on its labels mean what: a model, or two stages as one."""

    @property
    def labels(self) -> tuple[str, ...]:
        """What its scores are of."""

    @property
    def profiles(self) -> Mapping[str, Mapping[str, Threshold]]:
        """Thresholds by profile and label."""

    def find_threshold(self, label: str, kind: str, value: float) -> float | None:
        """Return the score from which on a target is met; see `Model.find_threshold`."""


def read_thresholds(given: Any) -> Mapping[str, Threshold]:
    """Return the thresholds by label; raise `ModelError` where they are not all there."""
    try:
        found = {label: _threshold(given[label]) for label in LABELS}
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError("The model's manifest has no usable thresholds.") from error
    return MappingProxyType(found)


def _threshold(entry: Any) -> Threshold:
    reject = entry["reject"]
    return Threshold(float(entry["hold"]), None if reject is None else float(reject))


def read_profiles(
    given: Any, usual: Mapping[str, Threshold]
) -> Mapping[str, Mapping[str, Threshold]]:
    """Return the thresholds by profile and label; `balanced` is `usual`.

    A model made before there were profiles has `usual` for all. Raises `ModelError` where a
    profile is not whole.
    """
    if given is None:
        return MappingProxyType(dict.fromkeys(PROFILES, usual))
    try:
        found = {name: read_thresholds(given[name]) for name in PROFILES}
    except (KeyError, TypeError) as error:
        raise ModelError("The model's manifest has no usable profiles.") from error
    return MappingProxyType(found | {"balanced": usual})


def read_curves(given: Any) -> Mapping[str, curves.Curve]:
    """Return the curves by label: none for a model made before there were any.

    Raises `ModelError` where one is missing or is no curve.
    """
    if given is None:
        return MappingProxyType({})
    try:
        curves.check(given)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError("The model's manifest has no usable curves.") from error
    return MappingProxyType(dict(given))
