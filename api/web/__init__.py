"""The door for now: HTTP in, HTTP out."""

from json import JSONEncoder

from flask import Flask, request
from flask.json.provider import DefaultJSONProvider

from api.telemetry import requestids
from api.web import (
    advice,
    articles,
    auth,
    authors,
    bulk,
    campaigns,
    checker,
    claims,
    comments,
    conflicts,
    decisions,
    drift,
    dropin,
    events,
    forms,
    headers,
    health,
    jobs,
    labels,
    limits,
    metrics,
    models,
    moderators,
    notes,
    openapi,
    pages,
    people,
    policy,
    policy_rules,
    previews,
    privacy,
    problems,
    queue,
    queues,
    reporters,
    reports,
    shadow,
    site,
    standings,
    stats,
    webhooks,
)
from api.web.routing import (
    BulkId,
    CampaignId,
    ClaimId,
    CommentId,
    ErasureId,
    JobId,
    KeyId,
    MessageId,
    ModelId,
    ModeratorId,
    NoteId,
    PreviewId,
    QueueName,
    SheetName,
    StandingId,
    Version,
    WebhookId,
)

_encode = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Json(DefaultJSONProvider):
    """JSON as we send it: in the order written, in UTF-8, by an encoder made once."""

    def dumps(self, obj: object, **_: object) -> str:
        """Write plain values; others have been made plain before they come here."""
        return _encode(obj)


RESOURCES = (
    comments.blp,
    forms.blp,
    checker.blp,
    queue.blp,
    queues.blp,
    claims.blp,
    campaigns.blp,
    decisions.blp,
    bulk.blp,
    reports.blp,
    reporters.blp,
    articles.blp,
    notes.blp,
    policy.blp,
    policy_rules.blp,
    previews.blp,
    shadow.blp,
    advice.blp,
    stats.blp,
    drift.blp,
    labels.blp,
    models.blp,
    events.blp,
    authors.blp,
    standings.blp,
    webhooks.blp,
    jobs.blp,
    moderators.blp,
    privacy.blp,
    people.blp,
    site.blp,
    health.blp,
    metrics.blp,
)

LARGE = (
    *("bulk.decide", "comments.submit_batch", "previews.begin", "shadow.put"),
    *("policy.check", "policy.put", "perspective.batch", "openai.moderate"),
    # The context of a comment may be much longer than the comment.
    "perspective.analyze",
)
"""Endpoints whose bodies may be as large as a batch."""


def register(app: Flask) -> None:
    """Give the app its routes, its errors, its headers and its lock."""
    app.json = Json(app)
    app.url_map.converters.update(
        bulk_id=BulkId,
        campaign_id=CampaignId,
        claim_id=ClaimId,
        comment_id=CommentId,
        erasure_id=ErasureId,
        job_id=JobId,
        key_id=KeyId,
        message_id=MessageId,
        model_id=ModelId,
        moderator_id=ModeratorId,
        note_id=NoteId,
        preview_id=PreviewId,
        queue_name=QueueName,
        sheet_name=SheetName,
        standing_id=StandingId,
        version=Version,
        webhook_id=WebhookId,
    )
    # A client of an API that doubles a slash is told so, not sent elsewhere.
    app.url_map.merge_slashes = False
    api = openapi.create_api(app)
    for blueprint in RESOURCES:
        api.register_blueprint(blueprint)
    app.register_blueprint(openapi.blp)
    app.register_blueprint(pages.blp)
    app.extensions["winnow-openapi"] = openapi.describe(app, api)
    metrics.register(app)
    requestids.register(app)
    problems.register(app)
    dropin.register(app)
    conflicts.register(app)
    headers.register(app)
    limits.register(app)
    app.before_request(_allow_large_bodies)
    auth.register(app)


def _allow_large_bodies() -> None:
    from flask import current_app

    if request.endpoint in LARGE:
        request.max_content_length = current_app.config["MAX_BATCH_LENGTH"]
