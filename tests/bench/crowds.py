"""Comments of a large site's readers: 100,000 authors, varied texts, links and copies."""

import random
from collections.abc import Iterator
from typing import Any

from tests.bench.wording import Writer

AUTHORS = 100_000
ARTICLES = 20_000
_HOSTS = 2_000
_LINKING, _COPYING = 0.15, 0.03


class Crowd:
    """Readers who write in one language; the same comments in the same order each time."""

    def __init__(self, seed: int = 7) -> None:
        self._chance = random.Random(seed)
        self.writer = Writer(seed)

    def write(self, count: int, name: str) -> Iterator[dict[str, Any]]:
        """Yield bodies of `POST /v1/comments` with ids that begin with `name`."""
        for number, text in enumerate(self._vary(self.writer.write(count))):
            yield {
                "id": f"{name}-{number}",
                "article": {"id": f"a-{self._chance.randrange(ARTICLES)}"},
                "text": text,
                "author": make_author(self._chance.randrange(AUTHORS)),
                "form": {"elapsed_ms": 20_000},
            }

    def _vary(self, texts: list[str]) -> Iterator[str]:
        """Have some link to a page, and some be nearly the same as one before."""
        for number, text in enumerate(texts):
            if number and self._chance.random() < _COPYING:
                yield self.writer.change(texts[self._chance.randrange(number)], 0.05)
            elif self._chance.random() < _LINKING:
                # The smaller of two: some hosts are linked to often, most hardly ever.
                host = min(self._chance.randrange(_HOSTS), self._chance.randrange(_HOSTS))
                yield f"{text} See https://site{host}.example/p/{number}."
            else:
                yield text


def make_author(number: int) -> dict[str, Any]:
    """An author as a website sends them: 256 share a network, 200 a series of mailboxes."""
    return {
        "id": f"u-{number}",
        "name": f"Reader {number}",
        "email": f"reader{number}@mail{number % 500}.example",
        "ip": f"10.{number // 65536}.{number // 256 % 256}.{number % 256}",
    }
