"""Webhooks over HTTP: where the site's events go, and what became of each message."""

from datetime import timedelta
from typing import Any

from flask import Response, jsonify

from api.moderation import webhooks
from api.moderation.repeats import Answer
from api.moderation.webhooks import deliveries
from api.moderation.webhooks.deliveries import Logged
from api.store.outbox import Webhook
from api.web.repeats import once, shown
from api.web.routing import Blueprint, caller, services
from api.web.webhook_schemas import (
    DeliveriesQuery,
    DeliveryOut,
    DeliveryPage,
    RedeliverIn,
    RedeliverOut,
    RotateIn,
    SecretOut,
    WebhookChange,
    WebhookIn,
    WebhookList,
    WebhookOut,
    show_delivery,
    show_webhook,
)

blp = Blueprint("webhooks", __name__, url_prefix="/v1/webhooks")


@blp.route("", methods=["GET"])
@blp.response(200, WebhookList)
def list_webhooks() -> Response:
    """The site's webhooks."""
    found = webhooks.list_webhooks(services(), caller())
    return jsonify({"items": [show_webhook(one) for one in found], "next": None})


@blp.route("", methods=["POST"])
@blp.arguments(WebhookIn())
@blp.response(201, SecretOut)
def create(wanted: dict[str, Any]) -> Response:
    """Have the site's events sent to a URL, from now on.

    This answer is the only place where the secret can be read that signs the messages. With an
    `Idempotency-Key`, the answer to the same request again has `secret: null`. 409 when the
    site has 20 webhooks already.
    """
    return once(
        lambda who: webhooks.create(services(), who, **wanted),
        lambda made: _show_secret(made, 201),
        keep=lambda made: _show_secret(made, 201, whole=False),
    )


@blp.route("/<webhook_id:webhook_id>", methods=["GET"])
@blp.response(200, WebhookOut)
def get(webhook_id: str) -> Response:
    """A webhook, and whether it works."""
    return jsonify(show_webhook(webhooks.find(services(), caller(), webhook_id)))


@blp.route("/<webhook_id:webhook_id>", methods=["PATCH"])
@blp.arguments(WebhookChange())
@blp.response(200, WebhookOut)
def change(changes: dict[str, Any], webhook_id: str) -> Response:
    """Change a webhook, or switch it on or off.

    Switched off, it is sent nothing; what is still on its way is cancelled.
    """
    return jsonify(show_webhook(webhooks.change(services(), caller(), webhook_id, **changes)))


@blp.route("/<webhook_id:webhook_id>", methods=["DELETE"])
@blp.response(204)
def delete(webhook_id: str) -> tuple[str, int]:
    """End a webhook, with the log of its messages."""
    webhooks.remove(services(), caller(), webhook_id)
    return "", 204


@blp.route("/<webhook_id:webhook_id>/secret", methods=["POST"])
@blp.arguments(RotateIn())
@blp.response(200, SecretOut)
def rotate(wanted: dict[str, Any], webhook_id: str) -> Response:
    """Make a new secret; it can be read in this answer only, as when the webhook was made.

    Until `overlap_hours` are over, messages carry a signature of the old secret as well.
    """
    overlap = timedelta(hours=wanted["overlap_hours"])
    return once(
        lambda who: webhooks.rotate(services(), who, webhook_id, overlap),
        lambda made: _show_secret(made, 200),
        keep=lambda made: _show_secret(made, 200, whole=False),
    )


@blp.route("/<webhook_id:webhook_id>/test", methods=["POST"])
@blp.response(202, DeliveryOut)
def test(webhook_id: str) -> Response:
    """Have a message of the type `webhook.test` sent, as all messages are.

    It is sent even where the webhook is switched off. The log of messages tells what came of it.
    """
    return once(lambda who: deliveries.test(services(), who, webhook_id), _show_logged)


@blp.route("/<webhook_id:webhook_id>/deliveries", methods=["GET"])
@blp.arguments(DeliveriesQuery(), location="query")
@blp.response(200, DeliveryPage)
def list_deliveries(query: dict[str, Any], webhook_id: str) -> Response:
    """The log of messages, newest first; they are kept for 30 days after their end.

    `pending` messages are still to be sent, `failed` ones were given up, and `cancelled` ones
    were on their way when the webhook was switched off.
    """
    page = deliveries.list_deliveries(services(), caller(), webhook_id, **query)
    return jsonify({"items": [show_delivery(one) for one in page.items], "next": page.next})


@blp.route(
    "/<webhook_id:webhook_id>/deliveries/<message_id:message_id>/redeliver", methods=["POST"]
)
@blp.response(202, DeliveryOut)
def redeliver(webhook_id: str, message_id: str) -> Response:
    """Have a message sent again now: the same id, a fresh time, and all tries anew.

    409 where the webhook is switched off.
    """
    return once(
        lambda who: deliveries.redeliver(services(), who, webhook_id, message_id), _show_logged
    )


@blp.route("/<webhook_id:webhook_id>/redeliver", methods=["POST"])
@blp.arguments(RedeliverIn())
@blp.response(202, RedeliverOut)
def redeliver_failed(wanted: dict[str, Any], webhook_id: str) -> Response:
    """Have all failed and cancelled messages since a time sent again, the oldest first.

    At most 10,000 at once: ask again while `count` is that. 409 where the webhook is switched off.
    """
    return once(
        lambda who: deliveries.redeliver_failed(services(), who, webhook_id, wanted["since"]),
        lambda count: shown({"count": count}, 202),
    )


def _show_secret(made: Webhook, status: int, whole: bool = True) -> Answer:
    secret = made.secrets[0]["secret"] if whole else None
    return shown({**show_webhook(made), "secret": secret}, status)


def _show_logged(logged: Logged) -> Answer:
    return shown(show_delivery(logged), 202)
