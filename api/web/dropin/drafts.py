"""From what a foreign caller sends to a comment of ours: cut and cleaned, never refused.

The native API refuses what it cannot keep; clients of other services do not expect that, so here
it is made to fit: texts are cut to what the native API takes, characters that no database can
hold become U+FFFD, and what is no address is left out.
"""

import ipaddress
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.moderation.policy.subject import Draft
from api.web.comment_schemas import MAX_TEXT

_UNKEPT = re.compile("[\x00\ud800-\udfff]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}")

_ARTICLE = {"id": 256, "url": 2048, "title": 1000, "section": 256, "published_at": 40}
_AUTHOR = {"id": 256, "name": 200, "email": 254, "url": 2048, "user_agent": 2048, "role": 10}
_FORM = {"honeypot": 1000}


def clean(given: str, longest: int) -> str:
    """What can be kept of a text."""
    return _UNKEPT.sub("\ufffd", given)[:longest]


def make_draft(
    public_id: str,
    text: str,
    article: Mapping[str, str | None],
    *,
    door: str,
    author: Mapping[str, str | None] | None = None,
    form: Mapping[str, str | None] | None = None,
    language: str | None = None,
    created_at: datetime | None = None,
    html: bool = False,
    parent_id: str | None = None,
    metadata: Mapping[str, str | None] | None = None,
) -> Draft:
    """A draft; `article` needs an `id`, and `metadata` tells by which `door` it came.

    Fields that are empty or None are left out. `author.ip` is kept where it is an address.
    """
    who = _fit(author or {}, _AUTHOR)
    address = _read_address((author or {}).get("ip"))
    extra = _fit(metadata or {}, dict.fromkeys(metadata or {}, 500))
    return Draft(
        text=clean(text, MAX_TEXT),
        article=_fit(article, _ARTICLE),
        id=public_id,
        parent_id=parent_id and clean(parent_id, 128),
        html=html,
        author={**who, "ip": address} if address else who,
        form=_fit(form or {}, _FORM),
        language=language if language and _LANGUAGE.fullmatch(language) else None,
        created_at=created_at,
        metadata={"door": door, **extra},
    )


def _fit(given: Mapping[str, str | None], longest: Mapping[str, int]) -> dict[str, Any]:
    found = {name: clean(given.get(name) or "", most) for name, most in longest.items()}
    return {name: value for name, value in found.items() if value}


def _read_address(given: str | None) -> str | None:
    try:
        found = ipaddress.ip_address((given or "").strip())
    except ValueError:
        return None
    return None if getattr(found, "scope_id", None) else str(found)
