"""One article for people: how comments are taken there, what waits, and its comments in pages."""

from urllib.parse import urlencode

from flask import abort, request, url_for

from api.moderation import articles, comments
from api.moderation.filters import Filter
from api.moderation.policy import opening
from api.moderation.queues import BUILT_IN
from api.web.comment_schemas import STATUSES
from api.web.pages import console, rows
from api.web.pages.cards import tell_age
from api.web.routing import caller, services

PAGE_SIZE = 25

MODES = {
    "post": "published unless something holds them",
    "pre": "held until a person has looked",
    "first": "held until their author has some that were approved",
    "closed": "not taken",
}
"""What becomes of comments in each mode, in words."""


def show() -> str:
    """An article with a page of its comments, newest first."""
    article = request.args.get("id", "")
    if not 0 < len(article) <= 256 or "\x00" in article:
        abort(422, "This address names no article.")
    status, cursor = request.args.get("status") or None, request.args.get("cursor")
    if status not in (None, *STATUSES):
        abort(422, "This address asks for comments in a state that there is not.")
    found = articles.find(services(), caller(), article)
    wanted = Filter(article=article, status=status)
    page = comments.list_comments(services(), caller(), wanted, PAGE_SIZE, cursor)
    now, here = services().now(), url_for("pages.article", id=article)
    more = {"status": status, "cursor": page.next} if status else {"cursor": page.next}
    hours = found.taking.mode.hours
    return console.render(
        "article.html",
        it=found,
        ages={"first": tell_age(found.first_at, now), "last": tell_age(found.last_at, now)},
        mode=MODES[found.taking.mode.mode or "post"],
        hours=hours and opening.tell(hours),
        queues=BUILT_IN,
        rows=rows.describe(page.items, told=status is not None),
        statuses=STATUSES,
        status=status,
        here=here,
        next=page.next and f"{here}&{urlencode(more)}",
    )
