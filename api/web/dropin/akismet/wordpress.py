"""What Akismet's WordPress plugin asks beside what is documented: of an account, and of counts.

Here an account is a key of Winnow's: good until somebody revokes it, without a plan or a limit.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import Response

from api.moderation.dropin import usage
from api.moderation.dropin.usage import COUNTS, Counts
from api.web.dropin.akismet.answers import say
from api.web.dropin.akismet.blogs import read_blog
from api.web.dropin.akismet.door import Call, serve
from api.web.routing import services

_ACCOUNT = {
    "account_id": 0,
    "status": "active",
    "account_name": "Winnow",
    "account_type": "free-api-key",
    "next_billing_date": False,
    "limit_reached": False,
}


@serve("/1.1/deactivate", verifying=True)
def deactivate(_call: Call) -> Response:
    """Say good-bye to a site; its key stays as it is, for other sites may use it."""
    return say("deactivated")


@serve("/1.1/get-subscription", verifying=True)
def get_subscription(_call: Call) -> Response:
    """Say that all is well with the account."""
    return _show(_ACCOUNT)


@serve("/1.1/verify-wpcom-key")
def verify_wpcom_key(call: Call) -> Response:
    """The same of an account that is named by its user; the site keeps the key it is told."""
    return _show({**_ACCOUNT, "api_key": call.key})


@serve("/1.1/token")
def token(call: Call) -> Response:
    """A word that opens nothing: the plugin shows it to a page of Akismet's own."""
    secret = b"winnow akismet token\0" + services().secret_key.encode()
    return say(hmac.new(secret, call.key.lower().encode(), hashlib.sha256).hexdigest())


@serve("/1.1/get-stats", verifying=True)
def get_stats(call: Call) -> Response:
    """Count a site's spam and ham, month by month; nothing where it has never asked."""
    blog = read_blog(call.form.get("blog") or "")
    months = usage.by_month(services(), call.caller, blog.name if blog else None)
    if not months:
        return say("")
    first = _find_first(call.form.get("from") or "", months)
    by_name = {one.of: one for one in months if one.of >= first}
    found = [by_name.get(name, Counts(name, 0, 0, 0, 0)) for name in _list_months(first)]
    sums = {name: sum(getattr(one, name) for one in found) for name in COUNTS}
    breakdown = {one.of: {name: getattr(one, name) for name in COUNTS} for one in found}
    # How long somebody would have taken for it, nobody has measured.
    return _show(
        {**sums, "accuracy": _find_accuracy(sums), "time_saved": 0, "breakdown": breakdown}
    )


def _find_first(period: str, months: Sequence[Counts]) -> str:
    """The first month of a period: what is not known as one is all there is."""
    now = services().now()
    match period:
        case "60-days":
            return usage.name_month(now - timedelta(days=60))
        case "6-months":
            earlier = now.year * 12 + now.month - 6
            return f"{earlier // 12:04}-{earlier % 12 + 1:02}"
        case _:
            return months[0].of


def _list_months(first: str) -> list[str]:
    """All months from this one to the present one: the plugin's command needs one at least."""
    now = services().now()
    year, month = int(first[:4]), int(first[5:])
    span = range(year * 12 + month - 1, now.year * 12 + now.month)
    return [f"{one // 12:04}-{one % 12 + 1:02}" for one in span]


def _find_accuracy(sums: dict[str, int]) -> str:
    """How many of a hundred answers nobody has called wrong, with two decimals."""
    asked, wrong = sums["spam"] + sums["ham"], sums["missed_spam"] + sums["false_positives"]
    return f"{100 * max(0, asked - wrong) / asked if asked else 100:.2f}"


def _show(content: dict[str, Any]) -> Response:
    return Response(json.dumps(content), content_type="application/json")
