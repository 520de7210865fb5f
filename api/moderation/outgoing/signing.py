"""Signs what is sent to others, by the Standard Webhooks specification."""

from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook as Signer

from api.version import VERSION


def sign(secrets: Sequence[str], message: str, body: str, now: datetime) -> dict[str, str]:
    """The headers of a message that is sent now: one signature by each secret."""
    # The signer takes whatever it is given for UTC.
    moment = now.astimezone(UTC)
    return {
        "Content-Type": "application/json",
        "User-Agent": f"Winnow/{VERSION}",
        "webhook-id": message,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(Signer(one).sign(message, moment, body) for one in secrets),
    }
