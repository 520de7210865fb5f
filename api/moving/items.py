"""What a file of another system holds, before it is known whether it can be kept."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from api.errors import StartupError

TEXT_KEPT = 100_000
"""Characters of one value that are kept: of what is longer no comment is made anyway."""


class FileError(StartupError):
    """The file cannot be read any further; says why, and where."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was decided about a comment, as far as the file says; without a time, when it came."""

    action: str
    reason: str | None = None
    actor: str | None = None
    at: Any = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A comment as `POST /v1/comments` takes it, not checked yet, and how it stood.

    `status` is None where the file does not say. `said` is what a person decided; None where the
    status is nobody's word. `received_at` is when this very software had received it.
    """

    given: dict[str, Any]
    status: str | None = None
    said: Said | None = None
    received_at: Any = None


@dataclass(frozen=True, slots=True)
class Skip:
    """What is no comment for us, and why in a few words; `id` is the file's own."""

    why: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Ban:
    """What was said of an author: one of `api.moderation.policy.facts.STANDINGS`."""

    author_id: str
    standing: str
    until: datetime | None = None


Read = Item | Skip


@dataclass(slots=True)
class Content:
    """A file's comments in its order, and whom it bans; `bans` is complete before the first."""

    items: Iterator[Read]
    bans: list[Ban] = field(default_factory=list)


def approved(reason: str | None = None) -> Said:
    """Somebody let it stand."""
    return Said("approve", reason)


def rejected(reason: str | None = None) -> Said:
    """Somebody took it away."""
    return Said("reject", reason)


def filled(**values: Any) -> dict[str, Any]:
    """The values that there are."""
    return {name: value for name, value in values.items() if value not in (None, "", {})}


def read_utc(given: str | None) -> str | None:
    """A time of another system, which is in UTC where it names no zone, as RFC 3339.

    None where there is none: WordPress writes `0000-00-00 00:00:00` for that.
    """
    text = (given or "").strip()
    if not text or text.startswith("0000"):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        # Whoever checks it says what is wrong.
        return text
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    return aware.isoformat()


def read_epoch(seconds: Any) -> str | None:
    """Seconds since 1970 as RFC 3339; None for what is no time."""
    try:
        return datetime.fromtimestamp(float(seconds), UTC).isoformat()
    except (TypeError, ValueError, OverflowError, OSError):
        return None
