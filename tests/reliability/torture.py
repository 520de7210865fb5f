"""`make torture`: comments are posted while everything is killed, and then all are counted.

Exits with 1 unless nothing is lost, doubled or unexplained.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import urllib3

from tests import postgresql
from tests.reliability.counting import Count, count_all
from tests.reliability.load import Load
from tests.reliability.receiving import Receiver
from tests.reliability.serving import Server

DELIVERY_SECONDS = 180
"""How long messages may be on their way; what a killed worker had in hand is due after a minute."""

Tell = Callable[[str], None]
Kill = Callable[[], str]
"""Kills something, has it come back, and says what it was."""

SCENES = {
    "sqlite": "servers killed, on SQLite",
    "postgresql": "servers killed, on PostgreSQL",
    "database": "PostgreSQL itself killed, half as often",
    "webhooks": "servers and their workers killed while a webhook is told, a fifth of the posts",
}


def main() -> int:
    """Run the scenes that were asked for and print what each found; the exit status."""
    options = _options()
    seed = options.seed if options.seed is not None else random.randrange(10**6)
    print(f"{options.posts} posts, {options.kills} kills, seed {seed}", flush=True)
    fine = True
    for scene in options.scenes or SCENES:
        print(f"{SCENES[scene]}:", flush=True)
        with tempfile.TemporaryDirectory(prefix="winnow-torture-") as folder:
            count = play(scene, Path(folder), options.posts, options.kills, seed, _say)
        print(f"  {count}", flush=True)
        fine &= count.fine
    print("Nothing was lost." if fine else "SOMETHING WAS LOST, DOUBLED OR BROKEN.", flush=True)
    return 0 if fine else 1


def play(scene: str, home: Path, posts: int, kills: int, seed: int, tell: Tell) -> Count:
    """Post so many comments while so many kills happen; count at the end."""
    chance = random.Random(seed)
    if scene == "webhooks":
        with _serving(Server(home, WINNOW_WEBHOOK_NETWORKS="127.0.0.0/8")) as server:
            return torture_webhook(server, posts // 5, kills, _killer(server, chance), tell)
    if scene == "sqlite":
        with _serving(Server(home)) as server:
            return torture(server, posts, kills, _killer(server, chance), tell)
    with (
        postgresql.Server() as database,
        _serving(Server(home, _make_database(database))) as server,
    ):
        if scene == "postgresql":
            return torture(server, posts, kills, _killer(server, chance), tell)
        fewer = max(1, kills // 2)
        return torture(server, posts, fewer, _database_killer(database, chance), tell)


def torture(server: Server, posts: int, kills: int, kill: Kill, tell: Tell) -> Count:
    """Post against a server while `kill` is called so often, evenly spread."""
    load = Load(server.url, server.make_key("backend"), posts=posts)
    server.start()
    return _kill_under_load(server, load, kills, kill, tell)


def torture_webhook(server: Server, posts: int, kills: int, kill: Kill, tell: Tell) -> Count:
    """The same with a webhook, which must be told of every comment, always by the same id."""
    load = Load(server.url, server.make_key("backend"), posts=posts)
    admin = {"Authorization": f"Bearer {server.make_key('admin')}"}
    server.start()
    with Receiver() as receiver:
        made = urllib3.request(
            "POST", f"{server.url}/v1/webhooks", json={"url": receiver.url}, headers=admin
        )
        assert made.status == 201, made.data
        count = _kill_under_load(server, load, kills, kill, tell)
        kept = [one.id for one in load.acknowledged]
        give_up = time.monotonic() + DELIVERY_SECONDS
        while (untold := receiver.untold(kept)) and time.monotonic() < give_up:
            time.sleep(0.1)
        tell(f"the webhook was told of {len(kept) - len(untold)} of {len(kept)} comments")
        tell(f"{receiver.repeats} messages came twice, {len(receiver.renamed())} by two ids")
        count.untold, count.renamed = untold, receiver.renamed()
    return count


def _kill_under_load(server: Server, load: Load, kills: int, kill: Kill, tell: Tell) -> Count:
    posts = load.posts or 0
    load.start()
    try:
        for number in range(kills):
            load.wait_for(posts // (kills + 1))
            what = kill()
            tell(f"kill {number + 1} of {kills}: {what}; {load.done} of {posts} acknowledged")
        load.wait_for(posts, seconds=posts)
    finally:
        load.stop()
    seconds = load.finish()
    # Once more with nobody there, so that what is counted has been recovered.
    server.kill()
    server.start()
    return count_all(load, server.database_url, seconds)


def _killer(server: Server, chance: random.Random) -> Kill:
    """One process of the server, its master, or all of it."""

    def kill() -> str:
        what = chance.choice(["a process", "a process", "the master", "all"])
        children = [*server.children(), *server.job_workers()]
        if what == "a process" and children:
            os.kill(chance.choice(children), signal.SIGKILL)
            return what
        if what == "the master":
            server.kill_master()
        else:
            server.kill()
        server.start()
        return what

    return kill


def _database_killer(database: postgresql.Server, chance: random.Random) -> Kill:
    """PostgreSQL: stopped at once, or all its processes killed."""

    def kill() -> str:
        what = chance.choice(["immediate shutdown", "kill -9"])
        if what == "kill -9":
            database.kill()
        else:
            database.stop("immediate")
        database.start()
        return f"PostgreSQL, {what}"

    return kill


def _make_database(server: postgresql.Server) -> str:
    """A database of its own: checks of the whole of it meet nobody else's tables."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE torture")
    return server.url.removesuffix("/postgres") + "/torture"


@contextmanager
def _serving(server: Server) -> Iterator[Server]:
    try:
        yield server
    finally:
        server.close()


def _say(line: str) -> None:
    print(f"  {line}", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=5000, help="comments in each scene")
    parser.add_argument("--kills", type=int, default=10, help="kills in each scene")
    parser.add_argument("--seed", type=int, help="what is killed when; default: chance")
    parser.add_argument("scenes", nargs="*", metavar="scene", help=", ".join(SCENES))
    options = parser.parse_args()
    if unknown := set(options.scenes) - set(SCENES):
        parser.error(f"there is no scene {', '.join(sorted(unknown))}")
    return options


if __name__ == "__main__":
    sys.exit(main())
