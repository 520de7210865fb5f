"""Articles over HTTP: their comments in figures, and how comments are taken there."""

from typing import Any

import marshmallow as ma
from flask import Response, jsonify

from api.moderation import articles
from api.moderation.articles import Article, Taking
from api.moderation.policy import opening
from api.web.authors import CountsOut
from api.web.comment_schemas import STATUSES, ArticleSchema
from api.web.fields import Time, show_time, text
from api.web.routing import Blueprint, caller, services

blp = Blueprint("articles", __name__, url_prefix="/v1/articles")


class ArticleQuery(ma.Schema):
    """Which article to show."""

    # No part of the path: a site's ids may hold slashes and dots, which proxies take apart.
    id = text(256, 1, required=True, metadata={"description": "the article.id of its comments"})


class ReportedOut(ma.Schema):
    """A comment that is reported."""

    id = ma.fields.String(required=True)
    open_reports = ma.fields.Integer(required=True)


class TakingOut(ma.Schema):
    """How comments are taken, as the policy in force says: see the guide to authors."""

    mode = ma.fields.String(
        required=True, metadata={"description": "`post`, `pre`, `first` or `closed`"}
    )
    approvals = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "after how many approved comments `first` holds no more"},
    )
    hours = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "the hours in words"}
    )
    open = ma.fields.Boolean(
        required=True, metadata={"description": "false where comments are rejected at present"}
    )
    closes_at = Time(required=True, allow_none=True)


class ArticleOut(ma.Schema):
    """An article."""

    id = ma.fields.String(required=True)
    article = ma.fields.Nested(
        ArticleSchema,
        required=True,
        metadata={"description": "what was said of it with its last comment"},
    )
    comments = ma.fields.Nested(CountsOut, required=True)
    all_counted = ma.fields.Boolean(
        required=True,
        metadata={
            "description": "false where only the newest 10,000 comments, and their reports, were"
            " counted"
        },
    )
    waiting = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Integer(),
        required=True,
        metadata={"description": "how many comments wait, by queue"},
    )
    open_reports = ma.fields.Integer(required=True)
    most_reported = ma.fields.List(ma.fields.Nested(ReportedOut), required=True)
    first_at = Time(required=True)
    last_at = Time(required=True)
    last_hour = ma.fields.Integer(required=True)
    last_day = ma.fields.Integer(required=True)
    taking = ma.fields.Nested(TakingOut, required=True)


@blp.route("", methods=["GET"])
@blp.arguments(ArticleQuery(), location="query")
@blp.response(200, ArticleOut)
def get(query: dict[str, Any]) -> Response:
    """An article by the site's own id: its comments in figures, and how comments are taken there.

    404 where no comment is under it.
    """
    return jsonify(_show(articles.find(services(), caller(), query["id"])))


def _show(article: Article) -> dict[str, Any]:
    return {
        "id": article.id,
        "article": article.told,
        "comments": {status: article.counts.get(status, 0) for status in STATUSES},
        "all_counted": article.whole,
        "waiting": dict(article.waiting),
        "open_reports": article.open_reports,
        "most_reported": [
            {"id": name, "open_reports": number} for name, number in article.most_reported
        ],
        "first_at": show_time(article.first_at),
        "last_at": show_time(article.last_at),
        "last_hour": article.pace.hour,
        "last_day": article.pace.day,
        "taking": _show_taking(article.taking),
    }


def _show_taking(taking: Taking) -> dict[str, Any]:
    mode = taking.mode
    return {
        "mode": mode.mode,
        "approvals": mode.approvals if mode.mode == "first" else None,
        "hours": mode.hours and opening.tell(mode.hours),
        "open": taking.open,
        "closes_at": show_time(taking.closes_at),
    }
