"""Moving in and out: history is taken in without being taken for news, and given out whole.

`arrivals` says what comes in, `runs` how far a file has come, `judging` by what history is
judged, `rows` what is written of it, `taking` does it batch by batch, `leaving` gives out.
"""

from sqlalchemy import ColumnElement

from api.store.tables import Decision

PREFIX = "import:"
"""What the actor of a decision begins with that was made before the comment came here.

The file's format follows, or by whom it was decided there. So nobody here is thought to have
made it: it teaches like any, but says nothing of how people here work or what they overturn.
"""


def made_here() -> ColumnElement[bool]:
    """Whether a decision was made here, in SQL."""
    return Decision.actor.not_like(f"{PREFIX}%")
