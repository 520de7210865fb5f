"""One client that posts to two sites in turns, comment by comment, and measures both."""

import http.client
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import quantiles
from typing import Any
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Turn:
    """A round: the medians and the 99th of a hundred of two sites, in milliseconds."""

    plain: float
    full: float
    plain_p99: float
    full_p99: float

    @property
    def added(self) -> float:
        """How much longer the second takes at the median, in milliseconds."""
        return self.full - self.plain


class Client:
    """A kept-alive connection; both sites' comments go through the same one."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)

    def send(self, key: str, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Send a request and return the answer; raise SystemExit where it was refused."""
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        plain = None if body is None else json.dumps(body).encode()
        self._connection.request(method, path, plain, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status not in (200, 201):
            raise SystemExit(f"{method} {path}: {answer.status} {text[:500].decode()}")
        found: dict[str, Any] = json.loads(text)
        return found

    def post(self, key: str, body: dict[str, Any]) -> float:
        """Post a comment with a form token of its own; return the milliseconds it took."""
        article = quote(body["article"]["id"])
        token = self.send(key, "GET", f"/v1/form-token?article={article}")["token"]
        whole = body | {"form": body["form"] | {"token": token}}
        begin = time.perf_counter()
        self.send(key, "POST", "/v1/comments", whole)
        return (time.perf_counter() - begin) * 1000


def take_turns(client: Client, keys: Mapping[str, str], bodies: Iterable[dict[str, Any]]) -> Turn:
    """Post each comment to both sites, `plain` and `full` by their keys, each first in turn."""
    found: dict[str, list[float]] = {name: [] for name in keys}
    for number, body in enumerate(bodies):
        for name in sorted(keys, reverse=bool(number % 2)):
            found[name].append(client.post(keys[name], body))
    plain, full = (quantiles(found[name], n=100) for name in ("plain", "full"))
    return Turn(plain[49], full[49], plain[98], full[98])
