"""Forms that the website is about to show: each gets a token of its own."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.moderation import policies
from api.moderation.access import Caller
from api.moderation.policy import tokens
from api.moderation.services import Services


@dataclass(frozen=True, slots=True)
class Issued:
    """A token, until when a comment may come with it, and the name of its form's hidden field."""

    token: str
    expires_at: datetime
    honeypot: str


def issue(services: Services, caller: Caller, article_id: str) -> Issued:
    """Make a token for a form below an article; nothing is kept of it."""
    now, nonce = services.now(), secrets.token_bytes(tokens.NONCE_BYTES)
    form = policies.find(services, caller.site_id).document.form
    token = tokens.write(services.secret_key, caller.site_id, article_id, now, nonce)
    return Issued(
        token,
        now + timedelta(minutes=form.token_minutes),
        tokens.name_honeypot(services.secret_key, token),
    )
