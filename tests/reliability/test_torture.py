"""Everything is killed under load: no comment that was acknowledged is missing.

`make torture` does the same for as long as one likes.
"""

import os
import sqlite3
import sys
from pathlib import Path

import pytest

from tests.postgresql import find_binaries
from tests.reliability.counting import count_all
from tests.reliability.load import Load
from tests.reliability.serving import Server
from tests.reliability.torture import SCENES, play

POSTS = int(os.environ.get("WINNOW_TEST_POSTS", "5000"))
KILLS = int(os.environ.get("WINNOW_TEST_KILLS", "10"))

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


# A killed worker's messages are due a minute later: `make torture` waits for that, CI does not.
@pytest.mark.parametrize("scene", [one for one in SCENES if one != "webhooks"])
def test_nothing_that_was_acknowledged_is_lost(scene: str, tmp_path: Path) -> None:
    if scene != "sqlite" and find_binaries() is None:
        pytest.skip("PostgreSQL is not installed")

    count = play(scene, tmp_path, POSTS, KILLS, seed=7, tell=print)

    print(count)
    assert count.fine, str(count)
    assert count.acknowledged == count.found == count.sent == POSTS
    assert count.retries > 0


def test_the_count_sees_what_is_lost_doubled_and_unexplained(tmp_path: Path) -> None:
    server = Server(tmp_path)
    load = Load(server.url, server.make_key("backend"), clients=2, posts=20)
    server.start()
    load.start()
    seconds = load.finish()
    server.kill()
    assert count_all(load, server.database_url, seconds).fine

    database = sqlite3.connect(tmp_path / "winnow.sqlite3")
    with database:
        database.execute("UPDATE revisions SET text = 'Nobody sent this.' WHERE comment_id = 3")
        database.execute(
            "UPDATE revisions SET text = (SELECT text FROM revisions WHERE comment_id = 5) "
            "WHERE comment_id = 4"
        )
        database.execute("DELETE FROM events WHERE id = 6")
        database.execute("DELETE FROM verdicts WHERE comment_id IN (7, 8)")
    database.close()

    count = count_all(load, server.database_url, seconds)
    server.close()
    assert (len(count.lost), len(count.duplicated), len(count.unexplained)) == (2, 1, 1)
    assert len(count.events_lost) == 1
    assert {one.rpartition(":")[0] for one in count.integrity} == {
        "comment without its event",
        "comment without its verdict",
        "other verdicts than the log tells of",
    }
    assert not count.fine
