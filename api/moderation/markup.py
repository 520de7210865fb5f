"""Reads what a comment in HTML says, without moving a character."""

import re
from html import unescape
from html.parser import HTMLParser

_UNREAD = {"script", "style"}
_ADDRESSES = {"href", "src"}


def blank_markup(html: str) -> str:
    """Replace tags by spaces, keep text and link addresses: same length, same offsets.

    >>> blank_markup('a <b>fat</b> cat')
    'a    fat     cat'
    """
    reader = _Reader(html)
    reader.feed(_defuse(html))
    reader.close()
    return "".join(reader.kept)


def _defuse(html: str) -> str:
    """The same for a reader, of the same length, without what the parser cannot bear.

    It raises at some marked sections, which HTML calls comments; and where a tag is never
    closed it begins again at each `<`, which takes seconds.
    """
    end = html.rfind(">") + 1
    return (html[:end] + html[end:].replace("<", " ")).replace("<![", "<!?")


class _Reader(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.kept = [c if c == "\n" else " " for c in html]
        self._line_starts = [0, *(m.end() for m in re.finditer("\n", html))]
        self._unread = 0

    def _keep(self, text: str, start: int) -> None:
        self.kept[start : start + len(text)] = text

    def _start(self) -> int:
        line, column = self.getpos()
        return self._line_starts[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the addresses a tag points to; links are what spam is about."""
        self._unread += tag in _UNREAD
        raw = self.get_starttag_text() or ""
        for name, value in attrs:
            at = raw.find(value) if name in _ADDRESSES and value else -1
            if at >= 0:
                self._keep(value or "", self._start() + at)

    def handle_endtag(self, tag: str) -> None:
        """Read again after a script or style ends."""
        self._unread -= tag in _UNREAD and self._unread > 0

    def handle_data(self, data: str) -> None:
        """Keep what a reader sees."""
        if not self._unread:
            self._keep(data, self._start())

    def handle_entityref(self, name: str) -> None:
        """Keep a named character at the place of its ampersand."""
        self._keep_reference(f"&{name}")

    def handle_charref(self, name: str) -> None:
        """Keep a numbered character at the place of its ampersand."""
        self._keep_reference(f"&#{name}")

    def _keep_reference(self, reference: str) -> None:
        character = unescape(f"{reference};")
        if self._unread:
            return
        if len(character) > 1:
            # No character's name, or more than one: readers see the letters of it.
            self._keep(reference, self._start())
        elif character.isprintable():
            self._keep(character, self._start())
