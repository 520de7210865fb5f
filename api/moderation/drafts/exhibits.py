"""Examples of what a draft changes, shown as the comments stand today: no text is copied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.moderation import comments
from api.moderation.comments import State
from api.moderation.drafts.tallies import Example
from api.moderation.services import Services
from api.store.tables import Comment


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A comment, and what a draft makes of it."""

    state: State
    example: Example


def show(
    services: Services, site_id: int, examples: Mapping[str, Sequence[Example]]
) -> dict[str, list[Exhibit]]:
    """The examples of each kind, newest first, but for comments that are deleted since."""
    numbers = {one.comment for some in examples.values() for one in some}
    wanted = comments.states().where(Comment.site_id == site_id, Comment.id.in_(numbers))
    with services.database.reading() as session:
        found = {row[0].id: State(*row) for row in session.execute(wanted)} if numbers else {}
    return {
        kind: [
            Exhibit(found[one.comment], one)
            for one in sorted(some, reverse=True)
            if one.comment in found
        ]
        for kind, some in examples.items()
    }
