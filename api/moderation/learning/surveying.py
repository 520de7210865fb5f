"""What a site has taught so far, for whoever wants to see it: labels by who and why."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.moderation import inforce
from api.moderation.learning import keepingup, labels, stored
from api.moderation.services import Services
from api.store.learning import StoredAdapter

LOOKED_AT = 5_000
"""Of so many of the newest labels is told who made them, and why."""


@dataclass(frozen=True, slots=True)
class Part:
    """Labels of one account, or for one reason."""

    name: str
    approved: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Taught:
    """A site's labels, and how many are news since the last training, of so many it takes.

    `model` is what is in force of it; None where the shipped model judges alone. `last` is what
    was trained last, whatever became of it.
    """

    model: StoredAdapter | None
    last: StoredAdapter | None
    count: int
    news: int
    needed: int
    actors: Sequence[Part]
    reasons: Sequence[Part]


def survey(services: Services, site_id: int) -> Taught:
    """Count what a site has taught."""
    number = inforce.find(services, site_id).adapter
    with services.database.reading() as session:
        model = number and session.get(StoredAdapter, number, options=[stored.LIGHT])
        last = stored.find_last(session, site_id)
    count = labels.count_since(services, site_id, None)
    found = labels.gather(services, site_id, LOOKED_AT)
    return Taught(
        model=model or None,
        last=last,
        count=count,
        news=count if last is None else labels.count_since(services, site_id, last.created_at),
        needed=keepingup.count_needed(last),
        actors=_add_up((one.actor, one.rejected) for one in found),
        reasons=_add_up((one.reason or "", one.rejected) for one in found),
    )


def _add_up(found: Iterable[tuple[str, bool]]) -> list[Part]:
    counts = Counter(found)
    parts = [Part(name, counts[name, False], counts[name, True]) for name in {n for n, _ in counts}]
    return sorted(parts, key=lambda part: (-part.approved - part.rejected, part.name))
