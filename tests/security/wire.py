"""Clients that write HTTP by hand, and not always well."""

import socket
from contextlib import suppress
from dataclasses import dataclass

SECONDS = 30.0
"""How long an answer may take before a test gives up; nothing is measured by it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `statuses` of all answers in order, and everything as it came."""

    statuses: tuple[int, ...]
    said: bytes
    reset: bool

    @property
    def status(self) -> int | None:
        """The first answer's status, if there was one."""
        return self.statuses[0] if self.statuses else None


def connect(port: int) -> socket.socket:
    """A connection to a server on this machine."""
    return socket.create_connection(("127.0.0.1", port), timeout=SECONDS)


def ask(port: int, sent: bytes) -> Answer:
    """Send this, and read until the server closes the connection."""
    with connect(port) as connection:
        # Where the server has closed before it had all, what it said is still there.
        with suppress(OSError):
            connection.sendall(sent)
        return listen(connection)


def listen(connection: socket.socket) -> Answer:
    """All that comes until the connection ends."""
    said, reset = b"", False
    try:
        while more := connection.recv(65536):
            said += more
    except ConnectionError:
        reset = True
    lines = [one for one in said.split(b"HTTP/1.1 ")[1:] if one[:3].isdigit()]
    return Answer(tuple(int(one[:3]) for one in lines), said, reset)


def resident(pids: list[int]) -> int:
    """The memory of these processes that is theirs alone, in bytes."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup") as found:  # noqa: PTH123
            total += sum(
                int(line.split()[1]) * 1024
                for line in found
                if line.startswith(("Private_Dirty", "Private_Clean"))
            )
    return total
