"""How a site's events are chained: each one's hash covers the hash of the one before.

Where a comment stood is hashed as it is. Who acted, and what else is known of the act, is hashed
by way of a salted digest: to erase a person, `actor` becomes `erased`, `data` keeps `STANDING`
alone, and the digest takes the salt's place. The chain stays whole, and without the salt nobody
can find out by trying whom the digest meant.
"""

import hashlib
import json
import secrets
from typing import Any

from api.store.outbox import Event

STANDING = ("article", "status", "version", "was")
"""The part of an event's data that stays when a person is erased: ids, numbers and statuses."""

ERASED = "erased"
"""The actor of an event whose own was erased."""

START = "0" * 64
"""What stands in the place of the hash before the first event's."""


def make_salt() -> str:
    """A salt: 128 random bits in hexadecimal digits."""
    return secrets.token_hex(16)


def digest(event: Event) -> Any:
    """What the chain keeps of who acted, and of the details of the act."""
    if is_erased(event):
        return event.salt
    return _sha256([event.salt, event.actor, _details(event.data)])


def is_erased(event: Event) -> bool:
    """Whether nothing but the digest is left of who acted, and of the details of the act."""
    emptied = event.actor == ERASED and not _details(event.data)
    return emptied and event.salt is not None and len(event.salt) == len(START)


def link(event: Event, number: int, before: str) -> str:
    """The hash of an event as that number of its site, after the event whose hash is `before`."""
    when = event.created_at.isoformat(timespec="microseconds")
    what = [event.site_id, number, event.comment_id, event.type, when, _standing(event.data)]
    return _sha256([before, *what, digest(event)])


# What somebody has tampered with need not be of the type that its column promises.
def _standing(data: Any) -> dict[str, Any]:
    return {name: data[name] for name in STANDING if name in data} if _is_dict(data) else {}


def _details(data: Any) -> Any:
    if not _is_dict(data):
        return data
    return {name: value for name, value in data.items() if name not in STANDING}


def _is_dict(data: Any) -> bool:
    return isinstance(data, dict)


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=repr).encode


def _sha256(content: list[Any]) -> str:
    return hashlib.sha256(_encode(content).encode()).hexdigest()
