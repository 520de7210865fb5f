"""Disqus's XML export (disqus.xsd 1.0): threads first, then posts that refer to them by `dsq:id`.

A post that is deleted is left where it is: whoever deleted it, perhaps its author, wanted that.
"""

from collections.abc import Iterator
from typing import IO, Any

from api.moving.elements import Record, read_records
from api.moving.items import Content, Item, Read, Skip, approved, filled, read_utc, rejected
from api.moving.shelf import Shelf

_WANTED = {
    "thread": frozenset({"id", "link", "title", "createdAt"}),
    "post": frozenset(
        {
            *("id", "message", "createdAt", "isDeleted", "isSpam", "isApproved"),
            *("ipAddress", "name", "email", "username"),
        }
    ),
}
_YES = ("true", "1")


def read(stream: IO[bytes]) -> Content:
    """The posts of an export."""
    return Content(_read(stream))


def _read(stream: IO[bytes]) -> Iterator[Read]:
    threads = Shelf()
    try:
        for record in _split(stream):
            key = record.ids.get(record.name)
            if record.name == "thread" and key:
                threads.put(key, _describe(record, key))
            elif record.name == "post":
                yield _understand(record, key, threads)
    finally:
        threads.close()


def _split(stream: IO[bytes]) -> Iterator[Record]:
    """Threads and posts; a post refers to its thread by an element of the same name."""
    for record in read_records(stream, _WANTED):
        if record.outer is None:
            yield record
        else:
            # The ended reference `<thread dsq:id="…"/>` in a post.
            record.outer.ids["thread"] = record.ids.get("thread", "")


def _describe(record: Record, key: str) -> dict[str, Any]:
    texts = {name: text.strip() for name, text in record.texts.items()}
    return filled(
        # The website's own identifier, where it gave one.
        id=texts.get("id") or texts.get("link") or key,
        url=texts.get("link"),
        title=texts.get("title"),
        published_at=read_utc(texts.get("createdAt")),
    )


def _understand(record: Record, key: str | None, threads: Shelf) -> Read:
    texts = {name: text.strip() for name, text in record.texts.items()}
    id_ = key or texts.get("id") or None
    if texts.get("isDeleted") in _YES:
        return Skip("deleted there", id_)
    article = threads.get(record.ids.get("thread"))
    if not article:
        return Skip("its thread is not in the file", id_)
    given = filled(
        id=id_,
        article=article,
        parent_id=record.ids.get("parent"),
        text=texts.get("message"),
        html=True,
        created_at=read_utc(texts.get("createdAt")),
        author=filled(
            id=texts.get("username"),
            name=texts.get("name"),
            email=texts.get("email"),
            ip=texts.get("ipAddress"),
        ),
    )
    if texts.get("isSpam") in _YES:
        return Item(given, "rejected", rejected("spam"))
    if texts.get("isApproved") in ("false", "0"):
        return Item(given, "pending")
    return Item(given, "approved", approved())
