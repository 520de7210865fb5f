"""Has a site taught by what its people have decided about the town's comments."""

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from api.moderation.learning import labels
from api.moderation.learning.imports import Row
from api.moderation.services import Services
from tests.api.moderation.learning import town

ACTOR = "moderator:mo@example.org"


def teach(
    services: Services,
    site: int,
    count: int,
    start: int = 0,
    said: NDArray[np.bool_] | None = None,
    actor: str = ACTOR,
) -> None:
    """Keep that somebody has decided about the town's next so many comments, a minute ago each.

    `said` is what to reject, in place of what is right there.
    """
    there = town.build()
    places = range(start, start + count)
    bad = there.right[start : start + count] if said is None else said
    begin = services.now() - timedelta(minutes=len(places))
    rows = [
        Row(
            there.items[place].text,
            "reject" if bad[number] else "approve",
            begin + timedelta(minutes=number),
        )
        for number, place in enumerate(places)
    ]
    labels.import_labels(services, site, actor, rows)


def find_unseen(kind: str, start: int) -> str:
    """A comment of this kind that nobody has decided about."""
    there = town.build()
    place = next(at for at in range(start, len(there.items)) if there.kinds[at] == kind)
    return there.items[place].text
