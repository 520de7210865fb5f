"""Websites that post comments, try again with the same key, and remember what they were told."""

import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field

import urllib3

WAIT_SECONDS = 0.05
"""How long a client waits before it sends the same again."""


@dataclass(slots=True)
class Acknowledged:
    """What the API said it has kept."""

    id: str
    text: str


@dataclass(slots=True)
class Client:
    """One website with one connection; every text it sends is unlike any other."""

    number: int
    sent: set[str] = field(default_factory=set)
    acknowledged: dict[str, Acknowledged] = field(default_factory=dict)
    answers: Counter[int] = field(default_factory=Counter)
    strange: list[str] = field(default_factory=list)
    retries: int = 0
    closes: int = 0
    breaks: list[str] = field(default_factory=list)


class Load:
    """Threads that post `posts` comments in all, or without end, until told to stop.

    Half of the comments have an id of the website's own; of the others only the
    `Idempotency-Key` tells that one sent twice is one. Nothing is given up: what is not
    acknowledged is sent again.
    """

    def __init__(
        self, url: str, key: str, *, clients: int = 8, posts: int | None = None, timeout: float = 10
    ) -> None:
        self.url, self.posts, self.stopping = url, posts, threading.Event()
        self.clients = [Client(number) for number in range(clients)]
        self._headers = {"Authorization": f"Bearer {key}"}
        self._timeout = urllib3.Timeout(timeout)
        self._next, self._counting = 0, threading.Lock()
        self._started = time.monotonic()
        self._threads = [
            threading.Thread(target=self._post, args=[one], daemon=True) for one in self.clients
        ]

    @property
    def sent(self) -> set[str]:
        """The texts of all that was sent."""
        return {text for one in self.clients for text in one.sent}

    @property
    def acknowledged(self) -> list[Acknowledged]:
        """All that was acknowledged."""
        return [kept for one in self.clients for kept in one.acknowledged.values()]

    @property
    def done(self) -> int:
        """How many were acknowledged."""
        return sum(len(one.acknowledged) for one in self.clients)

    @property
    def retries(self) -> int:
        """How often something was sent again."""
        return sum(one.retries for one in self.clients)

    @property
    def strange(self) -> list[str]:
        """Answers that no client can do anything with."""
        return [answer for one in self.clients for answer in one.strange]

    @property
    def breaks(self) -> list[str]:
        """What clients saw of connections that ended without an answer."""
        return [one for client in self.clients for one in client.breaks]

    def start(self) -> None:
        """Begin."""
        self._started = time.monotonic()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Have every client end with what it has; wait until all have."""
        self.stopping.set()
        self.finish()

    def finish(self) -> float:
        """Wait until all is acknowledged; give the seconds it took since the start."""
        for thread in self._threads:
            thread.join()
        return time.monotonic() - self._started

    def wait_for(self, more: int, seconds: float = 120) -> None:
        """Until so many more are acknowledged, or all that there are."""
        wanted = self.done + more
        if self.posts is not None:
            wanted = min(wanted, self.posts)
        give_up = time.monotonic() + seconds
        while self.done < wanted:
            assert time.monotonic() < give_up, self._stuck()
            time.sleep(0.01)

    def _stuck(self) -> str:
        return f"no comment is taken any more: {[*self.strange[-3:], *self.breaks[-3:]]}"

    def _take_number(self) -> int | None:
        with self._counting:
            if self.stopping.is_set() or self._next == self.posts:
                return None
            self._next += 1
            return self._next

    def _post(self, client: Client) -> None:
        with urllib3.PoolManager(
            maxsize=1, block=True, headers=self._headers, timeout=self._timeout, retries=False
        ) as pool:
            while (number := self._take_number()) is not None:
                text = f"Comment {number}, which client {client.number} sends."
                body = {"article": {"id": f"a-{number % 50}"}, "text": text}
                if number % 2:
                    body["id"] = f"c-{number}"
                client.sent.add(text)
                key = str(uuid.uuid4())
                while not self._try(pool, client, body, key):
                    client.retries += 1
                    if self.stopping.wait(WAIT_SECONDS):
                        return

    def _try(
        self, pool: urllib3.PoolManager, client: Client, body: dict[str, object], key: str
    ) -> bool:
        headers = {**self._headers, "Idempotency-Key": key}
        try:
            answer = pool.request("POST", f"{self.url}/v1/comments", json=body, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            client.breaks.append(f"{type(error).__name__}: {error}")
            return False
        client.answers[answer.status] += 1
        client.closes += answer.headers.get("Connection", "").lower() == "close"
        if answer.status in (200, 201):
            shown = answer.json()
            client.acknowledged[shown["text"]] = Acknowledged(shown["id"], shown["text"])
            return True
        if answer.status != 503 and "Retry-After" not in answer.headers:
            client.strange.append(f"{answer.status} {answer.data[:200]!r}")
        return False
