"""Answers one request that is wholly there, in a thread."""

import io
import logging
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from gunicorn.http import RequestParser
from gunicorn.http.body import LengthReader
from gunicorn.http.errors import InvalidHeader, NoMoreData
from gunicorn.workers.gthread import TConn

from api.serving import refusing
from api.serving.arriving import Arrival
from api.serving.balancing import BalancedWorker
from api.telemetry import counters

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a request may take to come, and to wait; how large a body may be."""

    request_seconds: float
    patience_seconds: float
    body_bytes: int


class AnsweringWorker(BalancedWorker):
    """Gunicorn's threaded worker, whose threads read from memory alone."""

    limits: Limits

    def answer(self, conn: TConn, arrival: Arrival) -> bool:
        """Answer one request; give whether the connection can be used for another."""
        req = None
        # What the client does not read in this time, it does not get.
        conn.sock.settimeout(self.limits.request_seconds)
        try:
            parser = RequestParser(self.cfg, arrival.pieces(), conn.client)
            req = next(parser)
            _give_body(req, arrival)
            kept: bool = self.handle_request(req, conn)
        except (NoMoreData, StopIteration):
            return False
        except OSError as error:
            log.debug("a client has gone: %s", error)
            return False
        except Exception as error:
            self.handle_error(req, conn.sock, conn.client, error)
            return False
        return kept

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answer what the app cannot; nothing of it is logged, for it may be secret."""
        status, detail = refusing.judge(exc)
        if status == 500:
            log.error("a request failed outside the app", exc_info=exc)
        count(status)
        with suppress(OSError):
            client.sendall(refusing.write(status, detail, close=True))


def _give_body(req: Any, arrival: Arrival) -> None:
    """Hand the app a body that is wholly in memory; raise ParseException where there is none.

    The parser must have found the same end of it as the loop has: where two readers of one
    request differ, its rest could be taken for another request.
    """
    # The loop has said so already, when it waited for the body.
    req._expected_100_continue = False
    reader = req.body.reader
    found = reader.length if isinstance(reader, LengthReader) else 0
    if not arrival.whole or (arrival.length is not None and arrival.length != found):
        raise InvalidHeader("CONTENT-LENGTH")
    body = arrival.body() if arrival.length is not None else req.body.read()
    req.body = io.BytesIO(body)


def count(status: int) -> None:
    """Count an answer that the app knows nothing of."""
    # Where it cannot be counted, it is answered all the same.
    with suppress(OSError):
        counters.REQUESTS.labels("none", "other", status).inc()
