"""What a webhook is sent: the event, how its comment stands now, and the signatures.

By the Standard Webhooks specification. Nothing that a commenter wrote is in a message: it may be
read years later in somebody's log, long after its author had it erased. Who needs the text has
it, or asks for it by the comment's id.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from api.moderation import comments, webhooks
from api.moderation.comments import State
from api.moderation.events.outcomes import outcome
from api.moderation.outgoing.signing import sign
from api.store.outbox import Delivery, Event, Webhook
from api.store.tables import Comment


@dataclass(frozen=True, slots=True)
class Message:
    """One try's request: `body` is, byte for byte, what the headers sign."""

    url: str
    body: bytes
    headers: dict[str, str]


def compose(session: Session, webhook: Webhook, delivery: Delivery, now: datetime) -> Message:
    """The message of a delivery as it is sent now."""
    content = {"type": delivery.type, **_content(session, delivery)}
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    headers = sign(webhooks.signing_secrets(webhook, now), delivery.public_id, body, now)
    return Message(webhook.url, body.encode(), headers)


def _content(session: Session, delivery: Delivery) -> dict[str, Any]:
    event = delivery.event_id and session.get(Event, delivery.event_id)
    if not event:
        return {"timestamp": _show(delivery.created_at), "data": {"webhook": "It works."}}
    data = {
        "event": event.number,
        "act": event.type,
        "outcome": outcome(event.data),
        "comment_id": event.comment_id,
        "actor": event.actor,
        **event.data,
        "comment": _find_comment(session, event),
    }
    return {"timestamp": _show(event.created_at), "data": data}


def _find_comment(session: Session, event: Event) -> dict[str, Any] | None:
    """The event's comment; None when it is no more, or for an event of the whole site."""
    if event.comment_id is None:
        return None
    here = Comment.site_id == event.site_id, Comment.public_id == event.comment_id
    row = session.execute(comments.states().where(*here)).one_or_none()
    return row and _stand(State(*row))


def _stand(state: State) -> dict[str, Any]:
    """How a comment stands, without a word that somebody wrote."""
    comment, decision = state.comment, state.decision
    return {
        "id": comment.public_id,
        "status": comment.status,
        "version": comment.version,
        "revision": comment.revision,
        "article": {"id": comment.article_id},
        "verdict": {
            "action": state.verdict.action,
            "reasons": [{"code": one["code"]} for one in state.verdict.reasons],
        },
        "decision": decision and {"action": decision.action, "reason": decision.reason},
        "updated_at": _show(comment.updated_at),
    }


def _show(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
