"""The site that a call is about, which every call of Akismet names by its URL."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from api.moderation.dropin.usage import LONGEST_BLOG
from api.web.dropin.drafts import clean

_HOST = re.compile(r"[^\s\x00-\x20\"'<>\\^`{|}%/?#@]+")


@dataclass(frozen=True, slots=True)
class Blog:
    """A site: its URL as it was sent, its host, and what people call it: host and path."""

    url: str
    host: str
    name: str


def read_blog(given: str) -> Blog | None:
    """The site of a full URL; None where it is none."""
    url = given.strip()
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        return None
    shown = f"[{host}]" if ":" in host else host
    shown += "" if port in (None, 80, 443) else f":{port}"
    return Blog(url, host, clean(shown + parts.path.rstrip("/"), LONGEST_BLOG))
