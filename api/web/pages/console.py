"""What every page of a signed-in moderator shows."""

from typing import Any

from flask import render_template

from api.moderation import access
from api.web.routing import caller, services

PLACES = (
    ("q", "queue", "/moderate"),
    ("e", "escalated", "/moderate?queue=escalated"),
    ("r", "reported", "/moderate?queue=reported"),
    ("x", "disputed", "/moderate?queue=disputed"),
    ("s", "samples", "/moderate?queue=audit"),
    ("d", "decided", "/moderate/decided"),
    ("c", "campaigns", "/moderate/campaigns"),
    ("b", "dashboard", "/moderate/dashboard"),
    ("p", "policy", "/moderate/policy"),
)
"""Where `g` and a letter lead on every site."""


def render(template: str, **given: Any) -> str:
    """A page with the site's and the moderator's names, and whether the classifier is away."""
    return render_template(
        template,
        site=access.get_site(services(), caller().site_id).name,
        moderator=caller().actor.partition(":")[2],
        administers=caller().may("admin"),
        failure=services().scorer.failure,
        shortcuts=caller().preferences.get("keys", True),
        **{"places": PLACES, **given},
    )
