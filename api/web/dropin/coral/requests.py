"""What Coral asks of a moderation phase: a comment that was written or changed, before it is kept.

It comes without an id, for it has none yet. What Coral does say of it makes one, so that a call
sent twice is one comment; another wording is another comment.
"""

import re
from html import unescape
from typing import Any

from api.moderation import dropin
from api.moderation.dropin import CORAL, Check
from api.web.body import read_json
from api.web.dropin.drafts import make_draft
from api.web.problems import BodyError

STAFF = ("STAFF", "MODERATOR", "ADMIN")
"""Coral's roles of those who work for the site."""

_TAG = re.compile(
    r"</?(?:a|b|blockquote|br|div|em|i|li|p|s|span|strong|ul)"
    r'(?: (?:class="[\w-]*"|href="[^"]*"|rel="[a-z ]*"|target="_blank"))*>'
)
"""A tag as Coral lets it stand in a comment and spells it."""

_LINE_END = re.compile(
    r"(?=</(?:ul|li|blockquote)>|</(?:div|p)>\s*<[^/]|<br>(?!\s*</(?:div|p|li|blockquote)))"
)
"""Where Coral's plain text begins another line."""


def read(body: bytes) -> Check:
    """The comment that a phase is asked about; raise BodyError where that cannot be told."""
    found = read_json(body)
    if not isinstance(found, dict):
        raise BodyError("The body is no JSON object.")
    text = _read(found, "comment", "body", needed=True)
    parent = _read(found, "comment", "parentID")
    author, role = _read(found, "author", "id", needed=True), _read(found, "author", "role")
    story, url = _read(found, "story", "id", needed=True), _read(found, "story", "url")
    site, tenant = _read(found, "site", "id"), _read(found, "tenantID")
    parts = tenant, story, author, parent, text
    draft = make_draft(
        dropin.identify(CORAL, *parts),
        text,
        {"id": story, "url": url, "section": site},
        door=CORAL,
        author={"id": author, "role": "staff" if role in STAFF else None},
        html=is_html(text),
        parent_id=parent or None,
        metadata={"action": _read(found, "action"), "tenant": _read(found, "tenantDomain")},
    )
    return Check(CORAL, draft, dropin.fingerprint(show_plain(text)))


def is_html(text: str) -> bool:
    """Whether a text is in HTML: a phase may be set to either format, and does not say which.

    In Coral's HTML a `<` or `>` that belongs to no tag is escaped. What a writer puts into angle
    brackets is seen by readers, so as plain text it is read and not taken for a tag.
    """
    rest = _TAG.sub("", text)
    return "<" not in rest and ">" not in rest


def show_plain(text: str) -> str:
    """The text as Coral's setting for Perspective sends it, which tells us what people decide."""
    if not is_html(text):
        return text
    return unescape(_TAG.sub("", _LINE_END.sub("\n", text))).strip()


def _read(given: dict[str, Any], *path: str, needed: bool = False) -> str:
    """A text in the body; empty where it is missing or null and not needed."""
    found: Any = given
    for at, name in enumerate(path):
        if found is None and not needed:
            return ""
        if not isinstance(found, dict):
            raise BodyError(f"{'.'.join(path[:at])} is no object.")
        found = found.get(name)
    if isinstance(found, str):
        return found
    if found is None and not needed:
        return ""
    raise BodyError(f"{'.'.join(path)} is no text.")
