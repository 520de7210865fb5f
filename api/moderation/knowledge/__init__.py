"""What the database knows of the authors and texts that are to be judged, as `Facts`."""

from collections.abc import Callable, Sequence
from typing import Any

from api.moderation.knowledge import authors, forms, hosts, near
from api.moderation.knowledge.query import ALL, Query
from api.moderation.policy.facts import NONE_KNOWN, Facts
from api.moderation.policy.inforce import Policy
from api.moderation.policy.subject import Subject
from api.moderation.privacy.addressing import WHOLE
from api.moderation.services import Services

Ask = Callable[[Query], dict[str, Any]]
"""The members of `Facts` that one room of this package finds; none that are not needed."""

_ASKED: tuple[Ask, ...] = (authors.ask, forms.ask, hosts.ask, near.ask)


def gather(
    services: Services,
    site_id: int,
    policy: Policy,
    subjects: Sequence[Subject],
    before: int = ALL,
    addresses: str = WHOLE,
) -> None:
    """Fill in the facts of each subject that the policy asks for.

    Only comments with a number below `before` count: that of a comment which is judged again.
    Who was banned since it came is banned all the same. `addresses` is how the site keeps them.
    """
    now = services.now()
    with services.database.looking() as connection:
        for subject in subjects:
            about = connection, site_id, policy, subject, before, services.secret_key
            query = Query(*about, asked_at=now, addresses=addresses)
            subject.facts = find(query)
    forms.use_once(subjects)


def find(query: Query) -> Facts:
    """The facts about one comment."""
    found: dict[str, Any] = {}
    for ask in _ASKED:
        found |= ask(query)
    return Facts(**found) if found else NONE_KNOWN
