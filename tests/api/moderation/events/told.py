"""What the tests of security events are about: who acts, and how the log tells it."""

from collections.abc import Callable
from typing import Any

from api.moderation import people
from api.moderation.access import Caller
from api.moderation.services import Services

BO = "bo@gazette.example"
NEW = "battery staple horse"
SIGNING = "empv1_0f1e2d3c4b5a6978"
TOKEN = {"token": "a" * 32}
SETTINGS = "/moderate/settings"

Said = tuple[str, str, dict[str, Any]]
"""Type, actor and data of an event."""

New = Callable[[], list[Said]]
"""What the log tells since it was asked last, and without any secret."""


def find(services: Services, site: int, email: str) -> str:
    """A moderator's id."""
    everybody = people.list_people(services, Caller(site, "admin", "test"))
    return next(one.id for one in everybody if one.email == email)
