"""Tells what a file is, and opens it: its comments, how far it is read, and by what it is known."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from api.moving import coral, disqus, isso, lines, tables, wordpress
from api.moving.items import Content, FileError
from api.moving.opening import Opened, open_plain

FORMATS: Final = ("wordpress", "disqus", "coral", "isso", "csv", "jsonl")

_HEAD: Final = 64 * 1024
_AT_ONCE: Final = 1024 * 1024
_STREAMED: Final[dict[str, Callable[..., Content]]] = {
    "wordpress": wordpress.read,
    "disqus": disqus.read,
    "csv": tables.read,
    "jsonl": lines.read,
}


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is open. `tell` says how many of its `size` bytes are read, None if unknown."""

    form: str
    content: Content
    size: int | None
    tell: Callable[[], int | None]


def find_form(path: Path) -> str:
    """Which of `FORMATS` a file has, or a folder, by what it begins with."""
    if path.is_dir():
        return "coral"
    with open_plain(path) as opened:
        start = opened.stream.read(_HEAD)
    form = _tell(start.removeprefix(b"\xef\xbb\xbf").replace(b"\x00", b""), start)
    if form is None:
        known = ", ".join(FORMATS)
        raise FileError(f"It looks like none of the known formats: {known}. See --format.")
    return form


@contextmanager
def open_source(path: Path, form: str, now: datetime) -> Iterator[Source]:
    """The comments of a file in that format; raises FileError for what cannot be read."""
    if form == "isso":
        with open_plain(path) as opened:
            if opened.stream.read(len(isso.START)) != isso.START or not _is_bare(path):
                raise FileError("It is no database of Isso's; where it is packed, unpack it first.")
        yield Source(form, isso.read(path), None, lambda: None)
        return
    file = coral.check_folder(path) if path.is_dir() else path
    with open_plain(file) as opened:
        yield Source(form, _open(form, opened, file.parent, now), opened.size, opened.tell)


def digest(path: Path, form: str, prefix: str) -> str:
    """By what a file is known again: its content, and what is made of it."""
    found = hashlib.sha256(f"{form}\n{prefix}\n".encode())
    for one in sorted(path.iterdir()) if path.is_dir() else [path]:
        if one.is_file():
            with one.open("rb") as file:
                while some := file.read(_AT_ONCE):
                    found.update(some)
    return found.hexdigest()


def _open(form: str, opened: Opened, folder: Path, now: datetime) -> Content:
    if form == "coral":
        return coral.read(opened.stream, folder, now)
    return _STREAMED[form](opened.stream)


def _is_bare(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(isso.START)) == isso.START


def _tell(start: bytes, raw: bytes) -> str | None:
    if raw.startswith(isso.START):
        return "isso"
    text = start.lstrip()
    if text.startswith(b"<"):
        return _tell_xml(text)
    if text[:1] in (b"{", b"["):
        return _tell_json(text)
    # Of a table with texts it is then said which column is missing.
    names = re.split(rb'[\s",;]+', text.partition(b"\n")[0])
    return "csv" if b"text" in names or b"article_id" in names else None


def _tell_xml(text: bytes) -> str | None:
    places = {"disqus": text.find(b"<disqus"), "wordpress": text.find(b"<rss")}
    found = {name: at for name, at in places.items() if at >= 0}
    return min(found, key=lambda name: found[name]) if found else None


def _tell_json(text: bytes) -> str:
    first = text.lstrip(b"[ \r\n").partition(b"\n")[0].rstrip(b",] \r")
    try:
        found = json.loads(first)
    except (ValueError, RecursionError):
        found = None
    # A first line that is too long to be seen whole tells by its names all the same.
    names = found.keys() if isinstance(found, dict) else [n for n in _CORAL if n.encode() in first]
    return "coral" if all(name in names for name in _CORAL) else "jsonl"


_CORAL: Final = ("storyID", "revisions")
