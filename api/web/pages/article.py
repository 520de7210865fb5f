"""One article for people: how comments are taken there, what waits, and its comments in pages."""

from urllib.parse import urlencode

from flask import abort, request, url_for

from api.moderation import comments
from api.moderation.filters import Filter
from api.web.comment_schemas import STATUSES
from api.web.pages import console, rows
from api.web.routing import caller, services

PAGE_SIZE = 25


def show() -> str:
    """An article with a page of its comments, newest first."""
    article = request.args.get("id", "")
    if not 0 < len(article) <= 256 or "\x00" in article:
        abort(422, "This address names no article.")
    status, cursor = request.args.get("status") or None, request.args.get("cursor")
    if status not in (None, *STATUSES):
        abort(422, "This address asks for comments in a state that there is not.")
    wanted = Filter(article=article, status=status)
    page = comments.list_comments(services(), caller(), wanted, PAGE_SIZE, cursor)
    here = url_for("pages.article", id=article)
    more = {"status": status, "cursor": page.next} if status else {"cursor": page.next}
    return console.render(
        "article.html",
        id=article,
        newest=page.items[0].comment.article if page.items else {},
        rows=rows.describe(page.items, told=status is not None),
        statuses=STATUSES,
        status=status,
        here=here,
        next=page.next and f"{here}&{urlencode(more)}",
    )
