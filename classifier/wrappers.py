"""What is wrapped around words and links: markup, entities, and links made unclickable.

Every function is pure, reads the text once and returns edits in rising order: the place, and
what stands there to a reader, never longer than what it replaces.
"""

import html
import re
from typing import Final, NamedTuple

from classifier.spellings import BLOCKS, DOMAINS, INLINE


class Edit(NamedTuple):
    """Code points `start` to `end` (exclusive) become `plain`, hardly ever longer."""

    start: int
    end: int
    plain: str


# Attributes end at the next bracket and after 500 characters, so no tag is read twice.
_TAG: Final = re.compile(
    r"<(?:!--[^<>]{0,500}--|/?([a-z][a-z0-9]{0,9})(?:[\s/][^<>]{0,500})?)>", re.I
)
_ADDRESS: Final = re.compile(r"(?:href|src)\s{0,9}=\s{0,9}[\"']?([^\s\"'>]{1,400})", re.I)
_ENTITY: Final = re.compile(r"&(?:amp;)*(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,23});", re.I)
_CODE: Final = re.compile(
    r"\[/?(b|i|u|s|url|img|color|colour|size|quote|code|center|font|left|right|list|spoiler|email)"
    r"(?:=[\"']?([^\[\]\"'\s]{0,400})[^\[\]]{0,50})?\]",
    re.I,
)
# "h t t p : / /" and "hxxp": what people write to keep a filter from seeing a link.
_SCHEME: Final = re.compile(r"\b(h) ?([tx*+_]) ?([tx*+_]) ?p ?(s?) ?\[?(:) ?\]? ?(/) ?(/) ?", re.I)
_HOST: Final = re.compile(r"\bw ?w ?w ?(?:\.|\[\.\]) ?(?=\w)", re.I)
_BRACKETED: Final = re.compile(
    r"(?<=\w)[ ]?[\[({<] ?(\.|,|dot|d0t|:|@|at|/|slash) ?[\])}>] ?(?=[\w/])", re.I
)
# The look behind stands after the first character, by which the engine finds where to begin.
_SPOKEN: Final = re.compile(
    r"(?-i:[\s,dD])(?<=\w[\s,d])(?:(?<=\s)\s{0,2}(?:(?:dot|d0t|\.|,)\s{1,3}|\.)|(?<=,)"
    r"|(?<=[a-z0-9]{3}d)ot)"
    rf"(?=(?:[\w-]{{1,40}}+(?:\s{{1,3}}(?:dot|\.)\s{{1,3}}|\.)){{0,3}}(?:{DOMAINS})\b)",
    re.I,
)
_SPOKEN_SIGNS: Final = {"dot": ".", "d0t": ".", ",": ".", "at": "@", "slash": "/"}


def unwrap_markup(text: str) -> list[Edit]:
    """Take out HTML tags and comments; keep the target of a link or picture as a word."""
    edits: list[Edit] = []
    for tag in _TAG.finditer(text):
        name = (tag[1] or "").lower()
        address = _ADDRESS.search(text, tag.start(), tag.end()) if name in ("a", "img") else None
        if address:
            edits.append(Edit(tag.start(), address.start(1), " "))
            edits.append(Edit(address.end(1), tag.end(), " "))
        elif name in BLOCKS:
            edits.append(Edit(tag.start(), tag.end(), " "))
        elif not name or name in INLINE:
            edits.append(Edit(tag.start(), tag.end(), ""))
    return edits


def unwrap_codes(text: str) -> list[Edit]:
    """Take out BBCode whose name is also closed somewhere: "a[i]" alone is an index."""
    edits: list[Edit] = []
    lower = text.lower()
    closed: dict[str, bool] = {}
    for tag in _CODE.finditer(text):
        name = tag[1].lower()
        if name not in closed:
            closed[name] = f"[/{name}]" in lower
        if not closed[name]:
            continue
        if tag[2] and name in ("url", "img", "email"):
            edits.append(Edit(tag.start(), tag.start(2), " "))
            edits.append(Edit(tag.end(2), tag.end(), " "))
        else:
            parts = name in ("url", "img", "email", "quote", "code", "list", "center")
            edits.append(Edit(tag.start(), tag.end(), " " if parts else ""))
    return edits


def decode_entities(text: str) -> list[Edit]:
    """Turn entities into their characters, also "&amp;amp;#105;", which some sites pile up."""
    edits = []
    for entity in _ENTITY.finditer(text):
        plain = html.unescape("&" + entity[0].rpartition("amp;")[2]) if "amp;" in entity[0] else ""
        plain = plain if plain not in ("", "&") else html.unescape(entity[0])
        if plain != entity[0]:
            edits.append(Edit(entity.start(), entity.end(), plain))
    return edits


def refang_schemes(text: str) -> list[Edit]:
    """Turn "hxxp://" and "h t t p : / /" into "http://", and "w w w ." into "www."."""
    edits = []
    for link in _SCHEME.finditer(text):
        plain = f"http{link[4].lower()}://"
        if link[0].lower() != plain:
            edits.append(Edit(link.start(), link.end(), plain))
    return edits


def refang_hosts(text: str) -> list[Edit]:
    """Turn "w w w ." into "www."."""
    hosts = _HOST.finditer(text)
    return [Edit(h.start(), h.end(), "www.") for h in hosts if len(h[0]) > 4]


def refang_brackets(text: str) -> list[Edit]:
    """Turn "[.]", "(dot)", "{at}" and their kind between words into the sign they say."""
    return [
        Edit(sign.start(), sign.end(), _SPOKEN_SIGNS.get(sign[1].lower(), sign[1]))
        for sign in _BRACKETED.finditer(text)
    ]


def refang_spoken(text: str) -> list[Edit]:
    """Turn "example dot com", "example . com" and "example,com" into "example.com"."""
    return [Edit(dot.start(), dot.end(), ".") for dot in _SPOKEN.finditer(text)]
