"""What every page of a signed-in moderator shows."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from flask import g, render_template

from api.moderation import access
from api.moderation.queues import BUILT_IN, saved
from api.store.review import SavedQueue
from api.web.routing import caller, services

PAGES = (
    ("q", "queue", "/moderate"),
    ("h", "decided", "/moderate/decided"),
    ("c", "campaigns", "/moderate/campaigns"),
    ("b", "dashboard", "/moderate/dashboard"),
    ("p", "policy", "/moderate/policy"),
    ("w", "preferences", "/moderate/preferences"),
)
"""Where `g` and a letter lead on every site, unless a queue of its own has the letter."""


def list_saved() -> Sequence[SavedQueue]:
    """The queues that the site has saved; asked for once in a request."""
    if "saved_queues" not in g:
        g.saved_queues = saved.list_saved(services(), caller().site_id)
    found: Sequence[SavedQueue] = g.saved_queues
    return found


def render(template: str, **given: Any) -> str:
    """A page with the site's and the moderator's names, and whether the classifier is away."""
    return render_template(
        template,
        site=access.get_site(services(), caller().site_id).name,
        moderator=caller().actor.partition(":")[2],
        administers=caller().may("admin"),
        failure=services().scorer.failure,
        shortcuts=caller().preferences.get("keys", True),
        places=_list_places(),
        **given,
    )


def _list_places() -> list[tuple[str, str, str]]:
    """The letter, the title and the address of each place that `g` leads to."""
    queues = [(key, BUILT_IN[one].lower(), one) for one, key in saved.KEYS.items()]
    queues += [(one.key, one.title, one.name) for one in list_saved() if one.key]
    found = [(key, title, f"/moderate?queue={quote(one)}") for key, title, one in queues]
    taken = {key for key, *_ in found}
    return [*found, *(page for page in PAGES if page[0] not in taken)]
