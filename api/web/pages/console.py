"""What every page of a signed-in moderator shows."""

from typing import Any

from flask import render_template

from api.moderation import access
from api.web.routing import caller, services


def render(template: str, **given: Any) -> str:
    """A page with the site's and the moderator's names, and whether the classifier is away."""
    return render_template(
        template,
        site=access.get_site(services(), caller().site_id).name,
        moderator=caller().actor.partition(":")[2],
        failure=services().scorer.failure,
        **given,
    )
