"""A request on its way in: what has come of it, and where it ends (RFC 9112).

Read by the process's one loop, not by a thread: a client that sends a byte a second costs memory
for what it has sent, and nobody's time. What the request says is left to gunicorn's parser, which
gets it whole; here only its end is looked for. Whatever could be read in two ways is handed to
that parser at once, which refuses it.
"""

import re
from collections.abc import Iterator

LINE_BYTES = 8190
"""The longest request line, and the longest header; nginx takes about as much."""

HEAD_BYTES = 32 * 1024
"""The request line and all headers together."""

PIECE_BYTES = 64 * 1024

_LINE = re.compile(rb"[!-~]+ [!-~]+ HTTP/1\.[01]")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([^\r\n]*?)[ \t]*(?=\r\n)", re.I)
_CODING = re.compile(rb"\r\ntransfer-encoding:[ \t]*([^\r\n]*?)[ \t]*(?=\r\n)", re.I)
_EXPECT = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*(?=\r\n)", re.I)
_CLOSE = re.compile(rb"\r\nconnection:[ \t]*close[ \t]*(?=\r\n)", re.I)
_DIGITS = re.compile(rb"[0-9]{1,18}")
_SIZE = re.compile(rb"[0-9A-Fa-f]{1,8}")


class RefusedError(Exception):
    """The request is answered without being read to its end; `status` is a 4xx."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class Arrival:
    """What has come of one request; `most_body` bytes of body are waited for, `began` is when.

    `ready` says that it can be handed on, `whole` that all of it is there: where it is not, the
    connection must not be used again, for nobody knows where the next request would begin.
    """

    def __init__(self, most_body: int, began: float) -> None:
        self.began = began
        self.data = bytearray()
        self.ready = self.whole = self.watched = self.expects = False
        self.length: int | None = None
        self._most_body = most_body
        self._head = self._end = self._chunk = 0
        self._chunked = False

    def add(self, data: bytes) -> None:
        """Take what has come; raise RefusedError when the head is too large."""
        self.data += data
        if not self._head:
            self._look_for_head()
        if self._head and not self.ready:
            self._look_for_end()

    @property
    def line(self) -> bytes:
        """The request line."""
        return bytes(self.data[: self.data.find(b"\r\n", 2)]).lstrip()

    @property
    def path(self) -> bytes:
        """What is asked for, without a query."""
        return [*self.line.split(b" "), b""][1].partition(b"?")[0]

    @property
    def wants_no_more(self) -> bool:
        """Whether the connection ends after this request, as far as the client is concerned."""
        head = bytes(self.data[: self._head])
        return not self.whole or self.line.endswith(b"1.0") or bool(_CLOSE.search(head))

    def pieces(self) -> Iterator[bytes]:
        """The request and not a byte more: first its head, then its body in pieces."""
        end = self._end or len(self.data)
        head = self._head or end
        yield bytes(self.data[:head])
        for place in range(head, end, PIECE_BYTES):
            yield bytes(self.data[place : min(place + PIECE_BYTES, end)])

    def body(self) -> memoryview:
        """The body of one whose length is told in advance."""
        return memoryview(self.data)[self._head : self._end]

    def rest(self) -> bytes:
        """What has come after it: the begin of the next one."""
        return bytes(self.data[self._end :]) if self.whole else b""

    def _look_for_head(self) -> None:
        # One empty line may come first (RFC 9112, section 2.2).
        start = 2 if self.data.startswith(b"\r\n") else 0
        place = self.data.find(b"\r\n\r\n", start)
        if max(place, len(self.data) if place < 0 else 0) > HEAD_BYTES:
            self._refuse_head(start)
        if place >= 0:
            self._head = place + 4
            self._read_framing(bytes(self.data[start : place + 2]))
        elif self._is_doubtful(bytes(self.data[start:])):
            self._hand_over(0)

    def _refuse_head(self, start: int) -> None:
        if not 0 <= self.data.find(b"\r\n", start) <= LINE_BYTES + start:
            raise RefusedError(414, f"The request line is longer than {LINE_BYTES} bytes.")
        raise RefusedError(431, f"The headers are longer than {HEAD_BYTES} bytes.")

    def _is_doubtful(self, head: bytes) -> bool:
        """Whether no head of a request can come of it any more."""
        if head.count(b"\n") != head.count(b"\r\n"):
            return True
        line, ended, _ = head.partition(b"\r\n")
        return bool(ended) and not _LINE.fullmatch(line)

    def _read_framing(self, head: bytes) -> None:
        lengths, codings = _LENGTH.findall(head), _CODING.findall(head)
        self.expects = bool(_EXPECT.search(head))
        if codings:
            self._chunked = [one.lower() for one in codings] == [b"chunked"] and not lengths
            self._chunk = self._head
            if not self._chunked:
                self._hand_over(self._head)
        elif not lengths:
            self.length, self._end = 0, self._head
        elif len(lengths) > 1 or not _DIGITS.fullmatch(lengths[0]):
            self._hand_over(self._head)
        else:
            self.length = int(lengths[0])
            self._end = self._head + self.length
            self._check_size(self.length)

    def _hand_over(self, end: int) -> None:
        self.ready, self._end = True, end

    def _look_for_end(self) -> None:
        if self._chunked:
            self._walk_chunks()
        elif len(self.data) >= self._end:
            self.ready = self.whole = True

    def _walk_chunks(self) -> None:
        while not self.ready:
            line_end = self.data.find(b"\r\n", self._chunk)
            size = bytes(self.data[self._chunk : max(line_end, 0)]).partition(b";")[0]
            if line_end < 0 and len(self.data) - self._chunk <= LINE_BYTES:
                break
            if not _SIZE.fullmatch(size.rstrip(b" \t")):
                self._hand_over(0)
            elif int(size, 16) == 0:
                self._look_for_trailers(line_end)
                break
            else:
                after = line_end + 2 + int(size, 16) + 2
                # Of their sizes' own lines there may be as much as one piece.
                self._check_size(after - self._head - PIECE_BYTES)
                if after > len(self.data):
                    break
                self._chunk = after

    def _check_size(self, length: int) -> None:
        if length > self._most_body:
            raise RefusedError(413, f"The body is longer than {self._most_body} bytes.")

    def _look_for_trailers(self, line_end: int) -> None:
        place = self.data.find(b"\r\n\r\n", line_end)
        if place >= 0:
            self._end = place + 4
            self.ready = self.whole = True
        elif len(self.data) - line_end > HEAD_BYTES:
            raise RefusedError(431, f"The trailers are longer than {HEAD_BYTES} bytes.")
