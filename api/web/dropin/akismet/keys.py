"""Where clients of Akismet put their key: in a field, or as the first label of the host's name."""

import ipaddress
from urllib.parse import urlsplit

from flask import Request

from api.moderation import foreignkeys
from api.moderation.access import Caller
from api.moderation.services import Services
from api.web.dropin.akismet.forms import Form


def find_caller(
    services: Services, request: Request, form: Form, *, verifying: bool = False
) -> tuple[Caller, str] | None:
    """Who calls, and the key as they said it; None where it is nobody's or missing.

    While a key is `verifying`, the field `key` names it, and `api_key` perhaps the one before.
    """
    key = (form.get("key") if verifying else None) or form.get("api_key") or _read_host(request)
    if key is None:
        return None
    key = key.strip()
    found = foreignkeys.find_akismet(services, key)
    return (found, key) if found else None


def _read_host(request: Request) -> str | None:
    """The first label of the host, whatever the rest of its name is."""
    target = request.environ.get("RAW_URI", "")
    try:
        # The address in a request line's absolute form counts for more than the header.
        host = urlsplit(target).netloc if "://" in target[:8] else ""
    except ValueError:
        return None
    host = (host or request.environ.get("HTTP_HOST", "")).rpartition("@")[2]
    label, dot, _ = host.partition(":")[0].partition(".")
    return label if dot and label and not _is_address(host) else None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition(":")[0])
    except ValueError:
        return host.startswith("[")
    return True
