"""How many comments a second one bulk decision decides, and takes back, beside single decisions.

In one process, with the API's own routes and the worker's own job: what it costs to decide, without
the time that requests spend on the way. While the bulk decision goes on, somebody else decides
single comments; how long that takes them says whether they get their turn.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from flask.testing import FlaskClient

from api import create_app
from api.moderation import access
from api.moderation.bulk import carrying
from api.moderation.services import Services
from api.store import jobs, schema
from api.store.database import Database
from api.work import handlers
from tests import postgresql
from tests.factories import comment, make_key, plain_settings, words_scorer


def main() -> None:
    """Fill a database, decide some comments one by one and many as one, and print the rates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10_000, help="comments of the bulk decision")
    parser.add_argument("--single", type=int, default=1_000, help="comments decided one by one")
    both = ["sqlite", "postgresql"] if postgresql.find_binaries() else ["sqlite"]
    parser.add_argument("--databases", nargs="+", choices=both, default=both)
    options = parser.parse_args()
    for name in options.databases:
        with ExitStack() as stack:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url = f"sqlite:///{home / 'winnow.sqlite3'}"
            if name == "postgresql":
                url = stack.enter_context(postgresql.Server()).url
            print(f"\n{name}", flush=True)
            _measure(home, url.replace("postgresql://", "postgresql+psycopg://"), options)


def _measure(home: Path, url: str, options: argparse.Namespace) -> None:
    services = Services(Database(url), words_scorer())
    schema.migrate(services.database)
    app = create_app(plain_settings(home, url), services)
    key = make_key(services, access.create_site(services, "bench"), "moderator")
    client, other = app.test_client(), app.test_client()
    for one in (client, other):
        one.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    _fill(client, "single", options.single)
    _fill(client, "many", options.items)
    _fill(client, "beside", options.single)

    seconds = [_decide(client, f"single-{number}") for number in range(options.single)]
    _tell("single decisions, one after another", options.single, sum(seconds), seconds)

    began = time.perf_counter()
    wanted = {"filter": {"author": "many"}, "action": "reject"}
    made = client.post("/v1/decisions", json=wanted).json
    print(f"  answered after {1000 * (time.perf_counter() - began):.0f} ms: {made['state']}")
    waits = _beside(lambda: _work(services), other, options.single)
    found = client.get(f"/v1/decisions/{made['id']}").json
    assert (found["state"], found["done"]) == ("done", options.items), found
    _tell("one bulk decision", options.items, waits.pop(), waits)

    began = time.perf_counter()
    client.post(f"/v1/decisions/{made['id']}/undo")
    _work(services)
    found = client.get(f"/v1/decisions/{made['id']}").json
    assert (found["state"], found["undone"]["taken_back"]) == ("undone", options.items), found
    _tell("the same taken back", options.items, time.perf_counter() - began, [])
    services.database.dispose()


def _fill(client: FlaskClient, author: str, number: int) -> None:
    for start in range(0, number, 500):
        items = [
            comment("spam0.60", id=f"{author}-{one}", author={"id": author})
            for one in range(start, min(start + 500, number))
        ]
        client.post("/v1/comments/batch", json={"items": items})


def _decide(client: FlaskClient, comment_id: str) -> float:
    began = time.perf_counter()
    path = f"/v1/comments/{comment_id}/decision"
    while (answer := client.post(path, json={"action": "reject"})).status_code == 503:
        pass
    assert answer.status_code == 200, answer.text
    return time.perf_counter() - began


def _work(services: Services) -> None:
    """Do what a worker does until nothing is left of the bulk decision."""
    while True:
        taken = jobs.take(services.database, services.now(), "bench", 10)
        mine = [job for job in taken if job.kind == carrying.JOB]
        if not mine:
            return
        for job in mine:
            try:
                handlers.HANDLERS[job.kind].run(services, job)
            except jobs.LaterError as later:
                due_at = services.now() + later.after
                jobs.put_off(services.database, job, due_at, counts=later.counts)
            else:
                jobs.finish(services.database, job)


def _beside(work: Callable[[], Any], client: FlaskClient, most: int) -> list[float]:
    """Decide one comment after another while it works; how long each took, and last the work."""
    waits: list[float] = []
    thread = threading.Thread(target=work)
    began = time.perf_counter()
    thread.start()
    while thread.is_alive() and len(waits) < most:
        waits.append(_decide(client, f"beside-{len(waits)}"))
        # A person does not decide twenty times a second.
        thread.join(0.05)
    thread.join()
    return [*waits, time.perf_counter() - began]


def _tell(what: str, number: int, seconds: float, each: list[float]) -> None:
    print(f"{what}: {number / seconds:,.0f}/s ({number:,} in {seconds:.1f} s)", flush=True)
    if each:
        ordered = sorted(1000 * one for one in each)
        last = ordered[int(0.99 * (len(ordered) - 1))]
        print(f"  a single decision: median {median(ordered):.1f} ms, p99 {last:.0f} ms")


if __name__ == "__main__":
    main()
