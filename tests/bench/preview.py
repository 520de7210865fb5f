"""How many stored comments a second a preview judges, by three drafts, on one core.

Processor time of the one process that judges counts, beside the time on the clock: a preview
neither scores nor waits for others, so on a machine to itself the two are nearly the same.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from api.moderation import access
from api.moderation.access import Caller
from api.moderation.drafts import RUNNING, previews
from api.moderation.policy.reading import read_plain
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store.database import Database
from tests import postgresql
from tests.bench.crowds import Crowd
from tests.bench.fullpolicy import PATTERNS, WORDS, make_policy
from tests.bench.multiplying import find_posted, multiply
from tests.bench.policy import POSTED, post_first
from tests.bench.servers import Winnow


def main() -> None:
    """Fill a database, judge its newest comments by each draft in turns, and print the rates."""
    options = _options()
    for name in options.databases:
        print(f"\n{name}: {options.stored:,} comments stored, of which {options.last:,} are judged")
        with ExitStack() as stack:
            url = None
            if name == "postgresql":
                url = stack.enter_context(postgresql.Server()).url
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            _measure(Winnow(folder / "home", url), options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--stored", type=int, default=100_000, help="comments stored before")
    parser.add_argument("--last", type=int, default=10_000, help="comments a preview judges")
    both = ["sqlite", "postgresql"] if postgresql.find_binaries() else ["sqlite"]
    parser.add_argument("--databases", nargs="+", choices=both, default=both)
    return parser.parse_args()


def _measure(server: Winnow, options: argparse.Namespace) -> None:
    crowd = Crowd()
    post_first(server, crowd)
    posted = find_posted(server.url, "bench")
    multiply(server.url, posted, range(1, options.stored // posted.count), crowd.writer)
    services = Services(Database(server.url), Scorer())
    caller = Caller(access.find_site(services, "bench"), "moderator", "bench")
    rates: dict[str, list[tuple[float, float]]] = {}
    for _ in range(options.rounds):
        for name, document in _drafts(crowd):
            rates.setdefault(name, []).append(_run(services, caller, document, options.last))
    for name, found in rates.items():
        cpu, clock = (sorted(each) for each in zip(*found, strict=True))
        print(
            f"{name:<46} {median(cpu):6,.0f}/s of one core ({cpu[0]:,.0f} to {cpu[-1]:,.0f}),"
            f" {median(clock):6,.0f}/s by the clock, {len(found)} rounds",
            flush=True,
        )
    services.database.dispose()


def _drafts(crowd: Crowd) -> Iterator[tuple[str, dict[str, Any]]]:
    whole = make_policy(crowd.writer.write(POSTED))
    yield "the defaults", {}
    yield f"{WORDS:,} words and {PATTERNS} patterns", {"rules": whole["rules"]}
    yield "the same, and every check that reads a past", whole


def _run(
    services: Services, caller: Caller, document: dict[str, Any], last: int
) -> tuple[float, float]:
    """Comments a second: of processor time, and by the clock."""
    preview = previews.begin(services, caller, read_plain(document), last, by_job=False)
    # The first piece prepares the draft and counts what there is.
    preview = previews.advance(services, preview)
    before, cpu, clock = preview.seen, time.process_time(), time.perf_counter()
    while preview.draft.state == RUNNING:
        preview = previews.advance(services, preview)
    judged = preview.seen - before
    return judged / (time.process_time() - cpu), judged / (time.perf_counter() - clock)


if __name__ == "__main__":
    main()
