"""Find the links of a text, with raw offsets: URLs, bare host names and e-mail addresses.

A scanner of our own: `linkify-it-py` finds the same links (the tests compare the two) but takes
0.8 ms a comment, five times what a whole score may cost.
"""

import re
from dataclasses import dataclass
from typing import Final

from classifier.chunks import find_within
from classifier.hosts import ENDINGS, NOT_HOSTS, UNSURE_ENDINGS

# A text with so many links has said what it is.
MOST_LINKS: Final = 200
# No link without one of these: most comments end their scan here.
_HINT: Final = re.compile(r"\.[^\W_]|://")
# Quotes and brackets end a link, so that the wrappers of HTML and BBCode stay outside it.
_CHUNK: Final = re.compile(r"[^\s<>\"'()\[\]{}|\\^`,;*“”«»‘’、。，（）]+")
_SCHEME: Final = re.compile(r"(?:https?|ftp|hxxps?)://", re.IGNORECASE)
_EDGE: Final = ".:!?~_-&=/#…"
_HOST_END: Final = re.compile(r"[/?#]")
_IP: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_LABEL: Final = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?")
_ADDRESS: Final = re.compile(r"[\w.+%-]{1,64}@[\w.-]{1,253}")


@dataclass(frozen=True, slots=True)
class Link:
    """A link in a text, code points `start` to `end` (exclusive).

    `kind` is "url" (it names a scheme), "host" (a bare host name, path or not) or "email".
    `host` is lower-case, without user, port and path; `path` begins with "/", "?" or "#" or
    is empty.
    """

    start: int
    end: int
    kind: str
    host: str
    path: str


def find_links(text: str) -> list[Link]:
    """Return the first `MOST_LINKS` links of `text` from left to right.

    Never raises; linear in the text.
    """
    found: list[Link] = []
    if "." not in text and "://" not in text:
        return found
    for chunk in find_within(_CHUNK, _HINT, text):
        piece = chunk[0]
        if ("." in piece or "://" in piece) and (link := _read(piece, chunk.start())):
            found.append(link)
            if len(found) >= MOST_LINKS:
                break
    return found


def read_url(url: str) -> Link | None:
    """Read one URL or host name that somebody typed into a field; None if it is neither."""
    typed = url.strip()
    if not typed or any(char.isspace() for char in typed):
        return None
    if not _SCHEME.match(typed):
        typed = f"http://{typed.removeprefix('//')}"
    return _read(typed, 0)


def _read(piece: str, offset: int) -> Link | None:
    scheme = _SCHEME.search(piece)
    if scheme:
        return _url(piece, scheme.start(), scheme.end(), offset)
    if "@" in piece:
        return _email(piece, offset)
    return _bare(piece, offset)


def _url(piece: str, begin: int, after: int, offset: int) -> Link | None:
    rest = piece[after:].rstrip(_EDGE.replace("/", ""))
    host, path = _split(rest)
    if "." not in host:
        return None
    return Link(offset + begin, offset + after + len(rest), "url", host, path)


def _email(piece: str, offset: int) -> Link | None:
    found = _ADDRESS.search(piece)
    if not found:
        return None
    address = found[0].rstrip(".-_")
    host = address.rpartition("@")[2].lower()
    if not host or not _is_host(host) or host.rpartition(".")[2] not in ENDINGS:
        return None
    start = offset + found.start()
    return Link(start, start + len(address), "email", host, "")


def _bare(piece: str, offset: int) -> Link | None:
    name = piece.lstrip(_EDGE)
    start = offset + len(piece) - len(name)
    name = name.rstrip(_EDGE.replace("/", "")) if "/" in name else name.rstrip(_EDGE)
    host, path = _split(name)
    if not _is_bare_host(name[: len(name) - len(path)], host, path):
        return None
    return Link(start, start + len(name), "host", host, path)


def _is_bare_host(written: str, host: str, path: str) -> bool:
    """Say whether a name without a scheme is meant as a link."""
    ending = host.rpartition(".")[2]
    if ending not in ENDINGS or host in NOT_HOSTS or not _is_host(host):
        return False
    # `Console.Out`, `end.Next`: nobody writes only a part of an ending in capitals.
    if f".{ending}" not in written and not written.isupper():
        return False
    sure = ending not in UNSURE_ENDINGS or host.startswith("www.") or len(path) > 1
    return sure and (len(host) > len(ending) + 2 or len(path) > 1)


def _is_host(host: str) -> bool:
    labels = host.split(".")
    return 1 < len(labels) <= 20 and all(_LABEL.fullmatch(label) for label in labels)


def _split(name: str) -> tuple[str, str]:
    """Return host and path of a URL without its scheme; user and port are dropped."""
    place = _HOST_END.search(name)
    edge = place.start() if place else len(name)
    host = name[:edge].rpartition("@")[2].partition(":")[0]
    return host.strip(".").lower(), name[edge:]


def is_ip(host: str) -> bool:
    """Say whether `host` is a bare IPv4 address."""
    return _IP.fullmatch(host) is not None
