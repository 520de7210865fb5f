"""A comment that was somewhere else before it came here, and how it stood there."""

from dataclasses import dataclass
from datetime import datetime

from api.moderation.policy.subject import Draft


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person had decided, by `actor`; `at` is None where nobody knows when."""

    action: str
    reason: str | None
    actor: str
    at: datetime | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A comment with an id. `status` is None where it is to be judged like a new one.

    `decided` is None where no person had decided; `received_at` is when Winnow had it first,
    where it was Winnow that had it.
    """

    draft: Draft
    status: str | None = None
    decided: Decided | None = None
    received_at: datetime | None = None
