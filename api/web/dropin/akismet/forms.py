"""Reads what clients of Akismet send, as PHP would: leniently, and without an error ever."""

import codecs
import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from flask import Request
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

# A set with an end: Python remembers every name that it was ever asked for.
_CHARSETS = re.compile(
    r"utf-?8|(us-)?ascii|(iso-?8859-|latin-?)\d{1,2}|(windows-|cp-?)\d{3,4}|windows-31j|koi8-?[ru]"
    r"|big5(-hkscs)?|euc-(jp|kr)|shift[-_]jis|sjis|gbk|gb2312|gb18030|iso-2022-jp|tis-620"
)

_ABSENT = ("", "undefined", "null")
"""What clients send for nothing, in small letters."""

_OFF = ("0", "false")

Pairs = list[tuple[bytes, bytes]]


class Form:
    """The fields of a call, of its body and else of its query."""

    def __init__(self, fields: dict[str, list[str]]) -> None:
        self._fields = fields

    def has(self, name: str) -> bool:
        """Whether the field was sent, even with nothing in it."""
        return name in self._fields

    def get(self, name: str) -> str | None:
        """The field's last value; None where it was not sent or holds nothing."""
        found = self._fields.get(name, [""])[-1]
        return None if found.strip().lower() in _ABSENT else found

    def list_all(self, name: str) -> list[str]:
        """All values of a field, however its list was written."""
        return [one for one in self._fields.get(name, []) if one.strip().lower() not in _ABSENT]

    def is_on(self, name: str) -> bool:
        """Whether the field holds any of the many spellings of yes."""
        found = self.get(name)
        return found is not None and found.strip().lower() not in _OFF


def read_form(request: Request) -> Form:
    """The fields of a request; the body counts as a form whatever it calls itself."""
    body = request.get_data()
    boundary = request.mimetype_params.get("boundary")
    if request.mimetype == "multipart/form-data" and boundary:
        sent = list(_split_parts(body, boundary))
    else:
        sent = list(_split(body))
    asked = list(_split(request.query_string))
    charset = _find_charset(request.mimetype_params.get("charset"), [*sent, *asked])
    return Form({**_decode(asked, charset), **_decode(sent, charset)})


def _split(given: bytes) -> Iterator[tuple[bytes, bytes]]:
    for pair in given.replace(b"+", b" ").split(b"&"):
        name, _, value = pair.strip(b"\r\n").partition(b"=")
        if name:
            yield unquote_to_bytes(name), unquote_to_bytes(value)


def _split_parts(body: bytes, boundary: str) -> Iterator[tuple[bytes, bytes]]:
    """The fields of a multipart body; of one that is broken, those before the break."""
    decoder = MultipartDecoder(boundary.encode("utf-8", "replace"))
    name, value = "", b""
    try:
        decoder.receive_data(body)
        decoder.receive_data(None)
        event = decoder.next_event()
        while not isinstance(event, (Epilogue, NeedData)):
            if isinstance(event, (Field, File)):
                name, value = event.name or "", b""
            elif isinstance(event, Data):
                value += event.data
                if not event.more_data and name:
                    yield name.encode("utf-8", "replace"), value
            event = decoder.next_event()
    except ValueError:
        return


def _find_charset(declared: str | None, pairs: Pairs) -> str:
    said = dict(reversed(pairs))
    others = [said.get(name, b"").decode("latin-1") for name in (b"blog_charset", b"charset")]
    for one in (declared or "", *others):
        name = one.strip().strip("\"'").lower()
        if _CHARSETS.fullmatch(name):
            try:
                found = codecs.lookup(name).name
            except LookupError:
                continue
            # Browsers send windows-1252 where a page says ISO-8859-1.
            return "cp1252" if found == "iso8859-1" else found
    return "utf-8"


def _decode(pairs: Pairs, charset: str) -> dict[str, list[str]]:
    """Values by name; a list is the same whether its name is repeated, bracketed or numbered."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        plain = name.decode(charset, "replace")
        key = plain.partition("[")[0] or plain
        found.setdefault(key, []).append(value.decode(charset, "replace"))
    return found
