"""The site's webhooks for people who are admins: whether they work, and what came of messages."""

from datetime import timedelta
from typing import Any

import marshmallow as ma
from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from api.moderation import webhooks
from api.moderation.errors import ConflictError
from api.moderation.repeats import RepeatError
from api.moderation.webhooks import deliveries
from api.store.outbox import Webhook
from api.web.pages import console, filled
from api.web.pages.cards import tell_age
from api.web.routing import caller, services
from api.web.webhook_schemas import TYPES, WebhookIn

PAGE_SIZE = 25
AGAIN = timedelta(days=30)
"""Of how long a time failed messages are sent again; older ones are not kept."""


def show_all(made: Webhook | None = None, trouble: str = "") -> str:
    """The webhooks there are."""
    return console.render(
        "webhooks.html",
        webhooks=webhooks.list_webhooks(services(), caller()),
        types=TYPES,
        made=made,
        secret=made and made.secrets[0]["secret"],
        trouble=trouble,
        given=request.form,
        token=filled.make_token(),
    )


def create() -> ResponseReturnValue:
    """Have events sent to an address; the secret is shown this once."""
    given = {
        "url": request.form.get("url", "").strip(),
        "description": request.form.get("description", "").strip(),
        "types": request.form.getlist("type"),
    }
    try:
        wanted: dict[str, Any] = WebhookIn().load(given)
        made = webhooks.create(services(), filled.once(), **wanted)
    except ma.ValidationError as error:
        return show_all(trouble=filled.say(error, {"url": "Address", "types": "Events"})), 422
    except RepeatError:
        return show_all(trouble="This form was sent before; the secret was shown then."), 409
    except ConflictError as error:
        return show_all(trouble=str(error)), 409
    return show_all(made), 201


def show(webhook_id: str, trouble: str = "") -> str:
    """One webhook with the log of its messages."""
    found = webhooks.find(services(), caller(), webhook_id)
    status, cursor = request.args.get("status") or None, request.args.get("cursor")
    if status not in (None, *deliveries.STATUSES):
        abort(422, "This address asks for messages in a state that there is not.")
    page = deliveries.list_deliveries(services(), caller(), webhook_id, status, PAGE_SIZE, cursor)
    now = services().now()
    return console.render(
        "webhook.html",
        webhook=found,
        failing=found.failing_since and tell_age(found.failing_since, now),
        deliveries=[(one, tell_age(one.delivery.created_at, now)) for one in page.items],
        statuses=deliveries.STATUSES,
        status=status,
        next=page.next
        and url_for(
            "pages.settings_webhook", webhook_id=webhook_id, status=status, cursor=page.next
        ),
        trouble=trouble,
    )


def act(webhook_id: str) -> ResponseReturnValue:
    """Switch a webhook on or off, try it, send messages again, or end it."""
    acts = {"on": _switch_on, "off": _switch_off, "test": _test, "again": _again, "end": _end}
    chosen = acts.get(request.form.get("act", ""))
    if chosen is None:
        abort(422, "The form was not filled in as we made it.")
    try:
        chosen(webhook_id)
    except ConflictError as error:
        return show(webhook_id, str(error)), 409
    if chosen is _end:
        return redirect(url_for("pages.settings_webhooks"), 303)
    return redirect(url_for("pages.settings_webhook", webhook_id=webhook_id), 303)


def redeliver(webhook_id: str, message_id: str) -> ResponseReturnValue:
    """Have one message sent again."""
    try:
        deliveries.redeliver(services(), caller(), webhook_id, message_id)
    except ConflictError as error:
        return show(webhook_id, str(error)), 409
    return redirect(url_for("pages.settings_webhook", webhook_id=webhook_id), 303)


def _switch_on(webhook_id: str) -> None:
    webhooks.change(services(), caller(), webhook_id, active=True)


def _switch_off(webhook_id: str) -> None:
    webhooks.change(services(), caller(), webhook_id, active=False)


def _test(webhook_id: str) -> None:
    deliveries.test(services(), caller(), webhook_id)


def _again(webhook_id: str) -> None:
    since = services().now() - AGAIN
    deliveries.redeliver_failed(services(), caller(), webhook_id, since)


def _end(webhook_id: str) -> None:
    webhooks.remove(services(), caller(), webhook_id)
