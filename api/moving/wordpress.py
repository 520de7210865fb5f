"""WordPress eXtended RSS (WXR 1.0 to 1.2), as Tools, Export writes it: comments in their posts.

The elements are those of `export_wp` in WordPress's `wp-admin/includes/export.php`. WordPress
leaves out what it calls spam; plugins that export everything write it the same way.
"""

from collections.abc import Iterator
from typing import IO, Any

from api.moving.elements import Record, read_records
from api.moving.items import (
    Content,
    Item,
    Read,
    Said,
    Skip,
    approved,
    filled,
    read_utc,
    rejected,
)

_WANTED = {
    "item": frozenset({"title", "link", "post_id", "post_date_gmt"}),
    "comment": frozenset(
        {
            *("comment_id", "comment_author", "comment_author_email", "comment_author_url"),
            *("comment_author_IP", "comment_date_gmt", "comment_content", "comment_approved"),
            *("comment_type", "comment_parent", "comment_user_id"),
        }
    ),
}

_TYPES = ("", "comment", "review")
"""What people wrote; the others are made by machines."""

_MACHINES = {"pingback": "a pingback", "trackback": "a trackback"}

_STATES: dict[str, tuple[str, Said | None]] = {
    "1": ("approved", approved()),
    "approve": ("approved", approved()),
    "0": ("pending", None),
    "hold": ("pending", None),
    "spam": ("rejected", rejected("spam")),
    # For whatever reason: that teaches nothing, see `learning.ignore`.
    "trash": ("rejected", rejected("other")),
}


def read(stream: IO[bytes]) -> Content:
    """The comments of an export."""
    return Content(_read(stream))


def _read(stream: IO[bytes]) -> Iterator[Read]:
    for record in read_records(stream, _WANTED):
        if record.name == "comment":
            yield _understand(record)


def _understand(record: Record) -> Read:
    texts = {name: text.strip() for name, text in record.texts.items()}
    id_ = texts.get("comment_id") or None
    kind, state = texts.get("comment_type", ""), texts.get("comment_approved", "")
    if kind not in _TYPES:
        return Skip(_MACHINES.get(kind, "of a type that is no comment"), id_)
    if state == "post-trashed":
        return Skip("its post is in the trash", id_)
    if state not in _STATES:
        return Skip("a status that WordPress does not have", id_)
    status, said = _STATES[state]
    return Item(_give(texts, id_, _find_article(record.outer)), status, said)


def _find_article(item: Record | None) -> dict[str, Any]:
    texts = {name: text.strip() for name, text in item.texts.items()} if item else {}
    return filled(
        id=texts.get("post_id") or texts.get("link"),
        url=texts.get("link"),
        title=texts.get("title"),
        published_at=read_utc(texts.get("post_date_gmt")),
    )


def _give(texts: dict[str, str], id_: str | None, article: dict[str, Any]) -> dict[str, Any]:
    return filled(
        id=id_,
        article=article,
        parent_id=_unless_none(texts.get("comment_parent")),
        text=texts.get("comment_content"),
        html=True,
        created_at=read_utc(texts.get("comment_date_gmt")),
        author=filled(
            id=_unless_none(texts.get("comment_user_id")),
            name=texts.get("comment_author"),
            email=texts.get("comment_author_email"),
            url=texts.get("comment_author_url"),
            ip=texts.get("comment_author_IP"),
        ),
    )


def _unless_none(number: str | None) -> str | None:
    return None if number == "0" else number
