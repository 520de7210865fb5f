"""What a webhook and its messages look like coming in and going out."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from api.moderation.events.outcomes import ACTS, OUTCOMES
from api.moderation.outgoing.addresses import TargetError, read_url
from api.moderation.webhooks.deliveries import STATUSES, Logged
from api.store.outbox import Attempt, Webhook
from api.web.fields import Flag, PageQuery, Time, show_time, text
from api.web.routing import services

TYPES = (*ACTS, *OUTCOMES)

LONGEST_OVERLAP_HOURS = 168


def _check_url(url: str) -> None:
    try:
        read_url(url, services().webhook_networks)
    except TargetError as error:
        raise ma.ValidationError(str(error)) from error


class _Webhook(ma.Schema):
    url = text(
        2048,
        1,
        also=_check_url,
        required=True,
        metadata={"description": "where messages are posted: https, on the open internet"},
    )
    description = text(200)
    types = ma.fields.List(
        ma.fields.String(validate=validate.OneOf(TYPES)),
        validate=validate.Length(max=len(TYPES)),
        metadata={
            "description": "which events to send; where it is empty, all but those of keys, "
            "moderators and sessions"
        },
    )


class WebhookIn(_Webhook):
    """A webhook to be made."""


class WebhookChange(_Webhook):
    """What is to be otherwise with a webhook."""

    url = text(2048, 1, also=_check_url)
    active = Flag(metadata={"description": "whether it is sent anything"})


class WebhookOut(ma.Schema):
    """A webhook."""

    id = ma.fields.String(required=True)
    url = ma.fields.String(required=True)
    description = ma.fields.String(required=True)
    types = ma.fields.List(ma.fields.String(), required=True)
    active = ma.fields.Boolean(required=True)
    stopped_because = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "why it is not active"}
    )
    failing_since = Time(
        required=True,
        allow_none=True,
        metadata={"description": "when the tries that have failed since one succeeded began"},
    )
    created_at = Time(required=True)
    updated_at = Time(required=True)


class SecretOut(WebhookOut):
    """A webhook with its new secret, shown this once."""

    secret = ma.fields.String(required=True, allow_none=True)


class WebhookList(ma.Schema):
    """All webhooks of the site, oldest first."""

    items = ma.fields.List(ma.fields.Nested(WebhookOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class RotateIn(ma.Schema):
    """How to change over to a new secret."""

    overlap_hours = ma.fields.Integer(
        strict=True,
        load_default=24,
        validate=validate.Range(min=0, max=LONGEST_OVERLAP_HOURS),
        metadata={"description": "how long the old secret goes on signing beside the new one"},
    )


class DeliveriesQuery(PageQuery):
    """Which messages to list."""

    status = ma.fields.String(load_default=None, validate=validate.OneOf(STATUSES))


class AttemptOut(ma.Schema):
    """One try to deliver a message."""

    number = ma.fields.Integer(required=True)
    status = ma.fields.Integer(required=True, allow_none=True)
    error = ma.fields.String(required=True, allow_none=True)
    answer = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "its first 1,024 bytes"}
    )
    milliseconds = ma.fields.Integer(required=True)
    created_at = Time(required=True)


class DeliveryOut(ma.Schema):
    """A message, and what became of it; `id` is its `webhook-id`."""

    id = ma.fields.String(required=True)
    type = ma.fields.String(required=True)
    event = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "the event's number; null for a test"},
    )
    status = ma.fields.String(required=True, validate=validate.OneOf(STATUSES))
    created_at = Time(required=True)
    finished_at = Time(required=True, allow_none=True)
    attempts = ma.fields.List(ma.fields.Nested(AttemptOut), required=True)


class DeliveryPage(ma.Schema):
    """Some messages, and the cursor of the next page."""

    items = ma.fields.List(ma.fields.Nested(DeliveryOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class RedeliverIn(ma.Schema):
    """Which messages to send again."""

    since = Time(required=True, metadata={"description": "those made at this time or later"})


class RedeliverOut(ma.Schema):
    """How many messages are sent again."""

    count = ma.fields.Integer(required=True)


def show_webhook(webhook: Webhook) -> dict[str, Any]:
    """A webhook as `WebhookOut` describes it."""
    return {
        "id": webhook.public_id,
        "url": webhook.url,
        "description": webhook.description,
        "types": webhook.types,
        "active": webhook.active,
        "stopped_because": webhook.stopped_because,
        "failing_since": show_time(webhook.failing_since),
        "created_at": show_time(webhook.created_at),
        "updated_at": show_time(webhook.updated_at),
    }


def show_delivery(logged: Logged) -> dict[str, Any]:
    """A message as `DeliveryOut` describes it."""
    delivery = logged.delivery
    return {
        "id": delivery.public_id,
        "type": delivery.type,
        "event": logged.event,
        "status": delivery.status,
        "created_at": show_time(delivery.created_at),
        "finished_at": show_time(delivery.finished_at),
        "attempts": [_show_attempt(one) for one in logged.attempts],
    }


def _show_attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "status": attempt.status,
        "error": attempt.error,
        "answer": attempt.answer,
        "milliseconds": attempt.milliseconds,
        "created_at": show_time(attempt.created_at),
    }
