"""How likely a site's moderators reject a comment with such scores: Perspective's LIKELY_TO_REJECT.

Learnt from what they have decided; a site without enough decisions has none.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from api.moderation.services import Services


@dataclass(frozen=True, slots=True)
class Fit:
    """What a site's decisions say of scores."""

    def estimate(self, scores: Mapping[str, float]) -> float:
        """The probability, in [0, 1], that a comment with these scores is rejected."""
        return 0.0


def find(services: Services, site_id: int) -> Fit | None:
    """The fit of a site for the model in use; None where its decisions are too few."""
    return None
