"""Posts to a URL that a stranger gave us, without being led astray, held up or flooded.

The name is looked up once for each try, every address behind it is vetted, and what was vetted
is dialled: a name that answers otherwise a moment later changes nothing. Host, SNI and the
certificate are those of the name. No redirect is followed and no proxy asked. This takes little
more than a socket, so it is Python's own `http.client` on a socket of ours.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address

from api.moderation.outgoing.addresses import Address, Networks, Target, check_address

SECONDS = 15.0
"""How long a try takes at most: looking up, connecting, TLS, headers and body together."""

MOST_BYTES = 64 * 1024
"""How much of an answer is read."""

CONTEXT_SECONDS = 600.0
"""After how long the certificate authorities are read again."""

Resolve = Callable[[str, int], Sequence[str]]
"""All addresses of a name; raises OSError where there are none."""


class NoReplyError(Exception):
    """There was no answer, which says nothing of the next try."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered; `body` is what came of it in time, `MOST_BYTES` at most."""

    status: int
    retry_after: str | None
    body: bytes


def resolve(name: str, port: int) -> list[str]:
    """Ask the system for a name's addresses, each once, in its order."""
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def post(
    target: Target,
    body: bytes,
    headers: Mapping[str, str],
    networks: Networks,
    resolve: Resolve = resolve,
    seconds: float = SECONDS,
    method: str = "POST",
) -> Reply:
    """Post `body` as it is, or send it by another method, and return the answer, of any status.

    Raises NoReplyError, or `addresses.TargetError` where the name leads to an address that is
    refused: then nothing has been sent to anybody.
    """
    deadline = time.monotonic() + seconds
    try:
        addresses = _look_up(target, resolve, deadline)
        for address in addresses:
            check_address(address, target.secure, networks)
        with (
            closing(_connect(addresses, target.port, deadline)) as line,
            _cut_at(deadline, line),
            closing(_secure(target, line)) as wire,
        ):
            return _exchange(target, method, body, headers, wire, deadline)
    except (OSError, http.client.HTTPException) as error:
        late = time.monotonic() >= deadline
        raise NoReplyError(_late(seconds) if late else _explain(error)) from error


def _look_up(target: Target, resolve: Resolve, deadline: float) -> list[Address]:
    """The addresses to dial. The system's own look-up knows no deadline, so it is left behind."""
    if target.address is not None:
        return [target.address]
    found: Future[Sequence[str]] = Future()

    def ask() -> None:
        try:
            found.set_result(resolve(target.host, target.port))
        except BaseException as error:
            found.set_exception(error)

    threading.Thread(target=ask, daemon=True).start()
    return [ip_address(one) for one in found.result(max(0.0, deadline - time.monotonic()))]


def _connect(addresses: Sequence[Address], port: int, deadline: float) -> socket.socket:
    """A line to the first address that takes it; each has its share of the time."""
    failure: OSError = OSError("the name has no address")
    for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
        share = max(0.001, (deadline - time.monotonic()) / left)
        try:
            line = socket.create_connection((str(address), port), share)
        except OSError as error:
            failure = error
        else:
            line.settimeout(max(0.001, deadline - time.monotonic()))
            return line
    raise failure


@contextmanager
def _cut_at(deadline: float, line: socket.socket) -> Iterator[None]:
    """Cut the line at the deadline, whoever holds it and whatever drips through it."""
    # The same line under a number of its own, which nobody closes or wraps meanwhile.
    with line.dup() as same:

        def cut() -> None:
            with suppress(OSError):
                same.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(max(0.0, deadline - time.monotonic()), cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


def _secure(target: Target, line: socket.socket) -> socket.socket:
    if not target.secure:
        return line
    authorities, age = ssl.get_default_verify_paths(), time.monotonic() // CONTEXT_SECONDS
    return _trust(authorities, age).wrap_socket(line, server_hostname=target.host)


@lru_cache(maxsize=1)
def _trust(_authorities: ssl.DefaultVerifyPaths, _age: float) -> ssl.SSLContext:
    """Reading the certificate authorities takes longer than many an answer."""
    return ssl.create_default_context()


def _exchange(
    target: Target,
    method: str,
    body: bytes,
    headers: Mapping[str, str],
    wire: socket.socket,
    deadline: float,
) -> Reply:
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = wire
    sent = {"Host": target.authority, "Connection": "close", **headers}
    connection.request(method, target.path, body or None, sent)
    with connection.getresponse() as answer:
        if time.monotonic() >= deadline:
            # Cut in the middle of the headers, which looks like their end.
            raise TimeoutError
        return Reply(answer.status, answer.getheader("Retry-After"), _read(answer))


def _read(answer: http.client.HTTPResponse) -> bytes:
    """What comes of the body: its status has told all that matters, so a broken one will do."""
    found = b""
    with suppress(OSError, http.client.HTTPException, ValueError):
        while len(found) < MOST_BYTES and (part := answer.read1(MOST_BYTES - len(found))):
            found += part
    return found


def _late(seconds: float) -> str:
    return f"No answer within {seconds:.3g} seconds."


def _explain(error: Exception) -> str:
    """What went wrong, in one sentence that names no address of ours."""
    match error:
        case socket.gaierror():
            return "The name cannot be resolved."
        case ssl.SSLCertVerificationError():
            return f"The certificate is not accepted: {error.verify_message}"
        case ssl.SSLError():
            return f"TLS failed: {error.reason or 'the connection was closed'}."
        case http.client.RemoteDisconnected():
            return "The connection was closed without an answer."
        case http.client.HTTPException():
            return "What was answered is not HTTP."
        case TimeoutError():
            return "The connection timed out."
        case OSError(strerror=str(words)):
            return f"The connection failed: {words}."
        case _:
            return "The connection failed."
